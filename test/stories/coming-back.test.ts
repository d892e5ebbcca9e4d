import { describe, expect, test } from '@jest/globals';
import { devTest } from '../support/policies.ts';
import { day } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const BERLIN = 'Europe/Berlin';

/** A box that was stopped by us yesterday evening; it is five to seven. */
async function asleep(options: Parameters<typeof day>[2] = {}) {
  const story = day(WEDNESDAY, BERLIN, options);
  const payroll = story.box({ tags: { Name: 'payroll', 'ebb:owner': 'payroll@example.com' } });
  await story.at('18:58');
  await story.ticksUntil('19:05');
  await story.at('tomorrow 06:58');
  return { ...story, payroll };
}

const starts = (writes: readonly { action: string }[]) => writes.filter(w => w.action === 'StartInstances').length;

describe('a start that fails', () => {
  test('for want of capacity is tried again, less and less often, until it arrives; its owner is told', async () => {
    const { payroll, ticksUntil, why, troubleStarts, cloud, notices, ledger } = await asleep();
    troubleStarts(payroll, { kind: 'capacity', times: 4 });

    await ticksUntil('tomorrow 07:02');
    expect(payroll).toBeStopped();
    expect(await why(payroll)).toMatch(
      /^Left alone: it does not come back after 1 start \(InsufficientInstanceCapacity: .*\); the next try is Thu 15 May 07:05 \(Europe\/Berlin\)\.$/,
    );
    await ticksUntil('tomorrow 07:38');
    expect(payroll).toBeRunning();

    const tried = cloud.record.writes.filter(w => w.action === 'StartInstances' && w.error !== null).map(w => w.at.slice(11, 16));
    expect([...new Set(tried)]).toEqual(['05:00', '05:05', '05:10', '05:20']);
    expect((await ledger()).filter(r => r.kind === 'settled').map(r => r.outcome)).toEqual(
      expect.arrayContaining(['failed', 'failed', 'failed', 'failed', 'done']),
    );
    const failing = (await notices()).filter(n => n.kind === 'start-failing');
    expect(failing.map(n => [n.attempts, n.owner])).toEqual([
      [1, 'payroll@example.com'],
      [3, 'payroll@example.com'],
    ]);
    expect(await why(payroll)).toContain('office-hours says on until');
  });

  test('because its key may not be used falls back to stopped, is noticed by the event, and tried again', async () => {
    const { payroll, ticksUntil, why, troubleStarts, notices, ledger } = await asleep();
    troubleStarts(payroll, { kind: 'kms', times: 2 });
    await ticksUntil('tomorrow 07:02');
    expect(payroll).toBeStopped();
    expect(await why(payroll)).toContain('it does not come back after 1 start (EC2 took the start, and the instance fell back to stopped');
    await ticksUntil('tomorrow 07:15');
    expect(payroll).toBeRunning();
    expect((await notices()).filter(n => n.kind === 'start-failing')).toMatchObject([{ attempts: 1 }]);
    expect((await ledger()).filter(r => r.kind === 'noted' && r.what === 'start-failed')).toHaveLength(2);
    expect((await ledger()).filter(r => r.kind === 'meter-closed')).toMatchObject([{ why: 'started-by-us' }]);
  });

  test('… and is noticed without the event, too', async () => {
    const { payroll, ticksUntil, troubleStarts, deafen } = await asleep();
    deafen();
    troubleStarts(payroll, { kind: 'kms', times: 3 });
    await ticksUntil('tomorrow 07:45');
    expect(payroll).toBeRunning();
  });

  test("is still owed when it was a person's: what fell back never ran, so the morning brings it", async () => {
    const { payroll, at, tick, ticksUntil, human, troubleStarts, ledger } = await asleep();
    troubleStarts(payroll, { kind: 'kms', times: 1 });
    human.starts(payroll);
    await at('tomorrow 06:59');
    await tick();
    expect(payroll).toBeStopped();
    await ticksUntil('tomorrow 07:05');
    expect(payroll).toBeRunning();
    expect((await ledger()).filter(r => r.kind === 'meter-closed')).toMatchObject([{ why: 'started-by-us' }]);
  });

  test('is not tried again when a person stopped what had arrived, though no event told of it', async () => {
    const { payroll, ticksUntil, at, tick, deafen, human, why } = await asleep();
    deafen();
    await ticksUntil('tomorrow 07:01');
    expect(payroll).toBeRunning();
    await at('tomorrow 07:02');
    human.stops(payroll);
    for (const clock of ['tomorrow 07:05', 'tomorrow 07:10', 'tomorrow 07:20']) {
      await at(clock);
      await tick();
      expect(payroll).toBeStopped();
    }
    expect(await why(payroll)).toContain('stopped by someone else');
  });

  test('a box that was given back and does not start is tried again as well', async () => {
    const { payroll, ticksUntil, at, tick, human, troubleStarts } = await asleep();
    human.tags(payroll, { 'ebb:policy': 'off' });
    troubleStarts(payroll, { kind: 'capacity', times: 2 });
    await at('tomorrow 06:59');
    await tick();
    expect(payroll).toBeStopped();
    await ticksUntil('tomorrow 07:16');
    expect(payroll).toBeRunning();
  });

  test('a person who starts it between two tries is not answered with another start', async () => {
    const { payroll, ticksUntil, at, human, troubleStarts, writes, ledger } = await asleep();
    troubleStarts(payroll, { kind: 'capacity', times: 1 });
    await ticksUntil('tomorrow 07:02');
    await at('tomorrow 07:03');
    human.starts(payroll);
    await ticksUntil('tomorrow 08:00');
    expect(payroll).toBeRunning();
    expect(starts(writes().filter(w => w.error === null))).toBe(0);
    expect((await ledger()).filter(r => r.kind === 'meter-closed')).toMatchObject([{ why: 'started-by-someone' }]);
  });
});

test('what lacks capacity is asked for once, and costs the others of its call nothing but a call of their own', async () => {
  const story = day(WEDNESDAY, BERLIN);
  const [scarce, plenty] = [story.box({ type: 'm5.large' }), story.box({ type: 'c5.large' })];
  await story.at('19:00');
  await story.tick();
  story.aws.lacks({ type: 'm5.large', from: story.timeOf('tomorrow 06:59'), to: story.timeOf('tomorrow 07:04') });
  await story.at('tomorrow 07:00');
  await story.tick();
  const tried = story.writes().filter(w => w.action === 'StartInstances');
  expect(tried.map(w => [(w.params as { InstanceIds: string[] }).InstanceIds.length, w.error])).toEqual([
    [2, 'InsufficientInstanceCapacity'],
    [1, 'InsufficientInstanceCapacity'],
    [1, null],
  ]);
  await story.at('tomorrow 07:02');
  expect(plenty).toBeRunning();
  await story.at('tomorrow 07:05');
  await story.tick();
  await story.at('tomorrow 07:07');
  expect(scarce).toBeRunning();
});

describe('events that never come', () => {
  test('a meter closes all the same, at the launch that EC2 shows', async () => {
    const story = day(WEDNESDAY, BERLIN);
    story.deafen();
    const payroll = story.box();
    await story.at('18:58');
    await story.ticksUntil('tomorrow 08:00');
    expect(payroll).toBeRunning();
    const rows = await story.ledger();
    const [opened] = rows.filter(r => r.kind === 'meter-opened');
    const [closed] = rows.filter(r => r.kind === 'meter-closed');
    expect(opened).toMatchObject({ at: '2025-05-14T17:00:00Z', running: 0, class: 'schedule' });
    expect(closed).toMatchObject({ at: '2025-05-15T05:00:00Z', why: 'started-by-us', meterId: opened?.meterId });
    const { instances } = await story.remembered();
    expect(instances.get(payroll)?.value).toMatchObject({ stop: null, start: null });
  });

  test('a box that was terminated in its sleep saves nothing from then on, and is forgotten', async () => {
    const story = day(WEDNESDAY, BERLIN);
    story.deafen();
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    await story.at('20:10');
    story.human.terminates(payroll);
    await story.at('20:30');
    await story.tick();
    expect((await story.ledger()).filter(r => r.kind === 'meter-closed')).toMatchObject([{ why: 'terminated' }]);
    expect((await story.remembered()).instances.has(payroll)).toBe(false);
  });

  test('a box that somebody had started before it was terminated saved nothing from that start on, though only its end was heard', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    story.deafen();
    await story.at('19:30');
    story.human.starts(payroll);
    await story.at('19:40');
    story.human.terminates(payroll);
    await story.at('19:45');
    await story.tick();
    expect((await story.ledger()).filter(r => r.kind === 'meter-closed')).toMatchObject([
      { why: 'started-by-someone', at: '2025-05-14T17:30:00Z' },
    ]);
    await story.at('19:50');
    await story.tick();
    expect((await story.remembered()).instances.has(payroll)).toBe(false);
  });
});

describe('the agenda', () => {
  test('a tick that has nothing to do is one read of memory; what we used ourselves is written down once an hour', async () => {
    const { box, at, tick, calls } = day(WEDNESDAY, BERLIN);
    box();
    await at('08:00');
    await tick();
    const said = async (clock: string) => {
      await at(clock);
      const before = calls.length;
      await tick('stop-start-instances', 'due');
      return calls.slice(before);
    };
    expect(await said('08:05')).toEqual(['GetItem']);
    expect(await said('08:55')).toEqual(['GetItem']);
    expect(await said('12:00')).toEqual(['GetItem', 'GetItem', 'PutItem']);
    expect(await said('12:05')).toEqual(['GetItem']);
  });

  test('… all night, too, while a box is asleep, and after a start that failed in the evening before', async () => {
    const { payroll, ticksUntil, at, tick, calls, troubleStarts, why } = await asleep();
    troubleStarts(payroll, { kind: 'capacity', times: 1_000 });
    await ticksUntil('tomorrow 19:05');
    expect(await why(payroll)).toContain('stopped by us (off-hours)');
    await at('tomorrow 19:10');
    const before = calls.length;
    await tick('stop-start-instances', 'due');
    expect(calls.slice(before)).toEqual(['GetItem']);
  });

  test('what the budget trimmed comes at the ticks that follow', async () => {
    const { box, at, ticksUntil, writes } = day(WEDNESDAY, BERLIN);
    const boxes = Array.from({ length: 45 }, () => box());
    await at('18:58');
    await ticksUntil('19:02');
    expect(boxes.filter(id => stopped(writes(), id))).toHaveLength(20);
    await ticksUntil('19:12');
    for (const id of boxes) expect(id).toBeStopped();
    await ticksUntil('tomorrow 07:01');
    for (const id of boxes) expect(id).toBeRunning(); // starts know no budget
  });

  test("the day's budget holds until the day is over", async () => {
    const { box, at, ticksUntil, writes, why } = day(WEDNESDAY, BERLIN, {
      policies: [devTest({ budget: { perRun: 5, perDay: 8, perOwner: 10 } })],
    });
    const boxes = Array.from({ length: 10 }, () => box());
    await at('18:58');
    await ticksUntil('20:10');
    const awake = boxes.filter(id => !stopped(writes(), id));
    expect(awake).toHaveLength(2);
    expect(await why(awake[0] ?? '')).toContain('the budget of 8 changes in one day is spent; otherwise: outside office-hours');
    await ticksUntil('tomorrow 02:10'); // midnight of UTC
    for (const id of boxes) expect(id).toBeStopped();
  });

  test('a stop whose answer was lost counts as spent', async () => {
    const budget = { perRun: 1, perDay: 1, perOwner: 1 };
    const { box, at, ticksUntil, faults, writes } = day(WEDNESDAY, BERLIN, { policies: [devTest({ budget })] });
    for (let i = 0; i < 3; i++) box();
    await at('18:58');
    faults.next('ec2:StopInstances', { name: 'InternalError', status: 500 }, { times: 3, after: true });
    await ticksUntil('19:30');
    expect(writes().filter(w => w.action === 'StopInstances' && w.changed.length > 0)).toHaveLength(1);
  });

  test('a box that is booting at the boundary is stopped a tick or two later', async () => {
    const { box, at, ticksUntil, human } = day(WEDNESDAY, BERLIN);
    const payroll = box({ state: 'stopped' });
    await at('18:59:50');
    human.starts(payroll);
    await ticksUntil('19:00');
    expect(payroll).toBeRunning();
    await ticksUntil('19:10');
    expect(payroll).toBeStopped();
  });
});

const stopped = (writes: readonly { action: string; changed: readonly string[] }[], id: string) =>
  writes.some(w => w.action === 'StopInstances' && w.changed.includes(id));

describe('a pause', () => {
  const PAUSE = '/ebbtide/dev/pause';

  test('holds back stops, never starts', async () => {
    const { box, at, tick, setParameter, payroll, why } = await asleep();
    const other = box();
    setParameter(PAUSE, 'release week');
    await at('tomorrow 07:00');
    await tick();
    expect(payroll).toBeRunning();
    await at('tomorrow 19:00');
    await tick();
    expect(payroll).toBeRunning();
    expect(other).toBeRunning();
    expect(await why(other)).toContain('Outside office-hours since');
    setParameter(PAUSE, null);
    await at('tomorrow 19:05');
    await tick();
    expect(other).toBeStopped();
  });

  test('a paused evening is told once, not at every tick', async () => {
    const { box, at, ticksUntil, setParameter, notices } = day(WEDNESDAY, BERLIN);
    box();
    setParameter(PAUSE, 'release week');
    await at('18:58');
    await ticksUntil('20:30');
    expect((await notices()).length).toBeLessThanOrEqual(1);
  });

  test('a pause that cannot be read is one', async () => {
    const { box, at, tick, faults } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    faults.next('ssm:GetParameter', { name: 'AccessDeniedException' });
    await tick();
    expect(payroll).toBeRunning();
    await at('19:05');
    await tick();
    expect(payroll).toBeStopped();
  });
});
