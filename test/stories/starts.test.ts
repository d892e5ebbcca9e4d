/** A start is over when the machine can be used: followed to its status checks, its cause named, and made early where that is learned. */
import { describe, expect, test } from '@jest/globals';
import { devTest } from '../support/policies.ts';
import { day } from '../support/story.ts';

const MONDAY = '2025-05-12';

/** A box that is put to sleep in the evening; it is five to seven the next morning. */
async function asleep(options: Parameters<typeof day>[2] = {}) {
  const story = day(MONDAY, 'UTC', options);
  const box = story.box({ tags: { Name: 'payroll', 'ebb:owner': 'payroll@example.com' } });
  await story.at('18:58');
  await story.ticksUntil('19:05');
  expect(box).toBeStopped();
  await story.at('tomorrow 06:54');
  return { ...story, box };
}

const startedAt = ({ writes }: Awaited<ReturnType<typeof asleep>>) =>
  writes()
    .filter(w => w.action === 'StartInstances' && w.error === null)
    .map(w => w.at.slice(11, 16));

describe('status checks after a start', () => {
  test('are asked about until they pass, and of nobody else; how long it took is remembered', async () => {
    const story = await asleep();
    const other = story.cloud.launch({ tags: { environment: 'dev' } });
    await story.ticksUntil('tomorrow 07:00');
    expect(story.box).toBeRunning();
    await story.at('tomorrow 07:01');
    expect(await story.why(story.box)).toBe('Left alone: started by us Tue 13 May 07:00 UTC, and its status checks have yet to pass.');
    const before = story.calls.filter(c => c === 'DescribeInstanceStatus').length;
    await story.ticksUntil('tomorrow 08:30');
    // One tick saw them pass; the look of the test itself asked once as well.
    expect(story.calls.filter(c => c === 'DescribeInstanceStatus').length - before).toBe(1);
    expect((await story.remembered()).instances.get(story.box)?.value).toMatchObject({ boot: null, boots: [300] });
    expect(await story.why(story.box)).toContain('office-hours says on until');
    expect(other).toBeRunning();
  });

  test('that fail are told to the owner once, and by name; that they pass at last is learned', async () => {
    const story = await asleep();
    await story.at('tomorrow 07:00');
    await story.tick();
    await story.at('tomorrow 07:03');
    story.aws.impairs(story.box, 1800);
    await story.ticksUntil('tomorrow 07:20');
    expect(await story.why(story.box)).toContain('its status checks do not pass (impaired): it runs, and probably cannot be used');
    expect((await story.notices()).filter(n => n.kind === 'checks-failing')).toMatchObject([
      { resource: { id: story.box }, owner: 'payroll@example.com', failing: 'impaired' },
    ]);
    await story.ticksUntil('tomorrow 07:45');
    expect((await story.notices()).filter(n => n.kind === 'checks-failing')).toHaveLength(1);
    expect((await story.remembered()).instances.get(story.box)?.value).toMatchObject({ boot: null, boots: [2100] });
  });

  test('that cannot be read are said to be unread, and asked again', async () => {
    const story = await asleep();
    await story.ticksUntil('tomorrow 07:00');
    story.cloud.faults.next('ec2:DescribeInstanceStatus', { name: 'UnauthorizedOperation', message: 'no', status: 403 });
    await story.at('tomorrow 07:05');
    expect((await story.plan()).unread).toEqual([{ what: 'status checks of 1 started', why: 'UnauthorizedOperation: no' }]);
    await story.ticksUntil('tomorrow 07:10');
    expect((await story.remembered()).instances.get(story.box)?.value).toMatchObject({ boot: null, boots: [600] });
  });
});

describe('a start that falls back names its cause', () => {
  test('a KMS key, from the state reason of the instance', async () => {
    const story = await asleep();
    story.troubleStarts(story.box, { kind: 'kms', times: 2 });
    await story.ticksUntil('tomorrow 07:02');
    expect(await story.why(story.box)).toContain(
      'the instance fell back to stopped: Client.InternalError: Client error on launch (mostly a KMS key that may not be used)',
    );
    await story.ticksUntil('tomorrow 07:30');
    expect(story.box).toBeRunning();
    expect((await story.notices()).filter(n => n.kind === 'start-failing')).toMatchObject([
      { why: expect.stringContaining('Client.InternalError'), owner: 'payroll@example.com' },
    ]);
  });
});

describe('early starts', () => {
  const early = { policies: [devTest({ start: { early: true } })] };
  const night = async (story: Awaited<ReturnType<typeof asleep>>, evening: string, morning: string) => {
    await story.at(`${evening} 18:58`);
    await story.ticksUntil(`${evening} 19:05`);
    await story.at(`${morning} 06:35`);
    await story.ticksUntil(`${morning} 07:20`);
  };

  test('go ahead once two boots have been seen, by what they took; the transition stays the cause', async () => {
    const story = await asleep(early);
    await story.ticksUntil('tomorrow 07:20');
    await night(story, 'tomorrow', 'Wed');
    expect(startedAt(story)).toEqual(['07:00', '07:00']);
    await story.at('Wed 18:58');
    await story.ticksUntil('Wed 19:05');
    await story.at('Thu 06:35');
    await story.ticksUntil('Thu 06:57');
    expect(startedAt(story)).toEqual(['07:00', '07:00', '06:55']);
    const [claimed] = (await story.ledger()).filter(r => r.kind === 'claimed' && r.change.action.kind === 'start-instance').slice(-1);
    expect(claimed).toMatchObject({ change: { causeAt: '2025-05-15T07:00:00Z', because: { code: 'on-hours', takes: 300 } } });
    expect(await story.why(story.box)).toBe('Left alone: started by us ahead of office-hours, to be ready Thu 15 May 07:00 UTC.');
    await story.ticksUntil('Thu 19:05');
    expect(story.box).toBeStopped();
    await story.ticksUntil('Thu 19:30');
    expect(story.box).toBeStopped();
  });

  test('are not made where nobody asked for them', async () => {
    const story = await asleep();
    await story.ticksUntil('tomorrow 07:20');
    await night(story, 'tomorrow', 'Wed');
    await night(story, 'Wed', 'Thu');
    expect(startedAt(story)).toEqual(['07:00', '07:00', '07:00']);
  });
});
