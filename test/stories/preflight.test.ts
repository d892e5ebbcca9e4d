/** What keeps a stop from being tried, asked of EC2 only when a stop is argued for. */
import { describe, expect, test } from '@jest/globals';
import { addSeconds, DAY, instant } from '../../shared/model/time.ts';
import { doorbells } from '../../shared/runtime/doorbells.ts';
import { type HouseEvent, parseEvent } from '../../shared/runtime/events.ts';
import { configOf, devTest } from '../support/policies.ts';
import { day } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const dueAt = (wall: string) => instant(`2025-05-15T${wall}Z`);

describe('maintenance that AWS has announced', () => {
  test('leaves a box alone the evening before its own stop; one that is days off is no reason', async () => {
    const story = day(WEDNESDAY);
    const [retired, later] = [story.box({ tags: { Name: 'retired' } }), story.box({ tags: { Name: 'later' } })];
    story.aws.announces(retired, { code: 'instance-retirement', notBefore: dueAt('03:00:00') });
    story.aws.announces(later, { code: 'system-reboot', notBefore: addSeconds(dueAt('03:00:00'), 4 * DAY) });
    await story.at('19:00');
    await story.tick();
    expect(later).toBeStopped();
    expect(retired).toBeRunning();
    expect(await story.why(retired)).toBe(
      'Left alone: AWS has scheduled instance-retirement for it Thu 15 May 03:00 UTC to 05:00, and a stop could collide with that.',
    );
  });

  test('is asked anew when AWS Health rings for it, though the answer of an hour ago still holds', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ mode: 'plan' })] });
    const box = story.box();
    const heard: HouseEvent[] = [];
    story.cloud.onEvent(event => {
      const read = parseEvent(event);
      if (read.kind !== 'unreadable') heard.push(read);
    });
    await story.at('19:00');
    await story.tick();
    expect(await story.plan()).toMatchObject({ changes: [{ because: { code: 'off-hours' } }] });
    story.aws.announces(box, { code: 'instance-stop', notBefore: dueAt('01:00:00') });
    await story.at('19:10');
    expect(await story.plan()).toMatchObject({ changes: [{ because: { code: 'off-hours' } }] });

    const [event] = heard.filter(e => e.kind === 'health');
    if (event === undefined) throw new Error('AWS Health was silent');
    const rung = doorbells(event, configOf(), story.scope.account);
    expect(rung.doorbells).toMatchObject([
      { pen: 'stop-start-instances', look: [box], cause: 'AWS_EC2_INSTANCE_STOP_SCHEDULED', scope: story.scope },
    ]);
    await story.tick('stop-start-instances', rung.doorbells[0]?.look);
    expect(await story.plan()).toMatchObject({ changes: [], left: [{ because: { code: 'scheduled-event', event: 'instance-stop' } }] });
  });

  test('that cannot be read is said, and keeps nobody from a stop', async () => {
    const story = day(WEDNESDAY);
    const box = story.box();
    story.cloud.faults.next('ec2:DescribeInstanceStatus', { name: 'UnauthorizedOperation', message: 'no', status: 403 }, { times: 9 });
    await story.at('19:00');
    expect((await story.plan()).unread).toEqual([{ what: 'scheduled events', why: 'UnauthorizedOperation: no' }]);
    await story.tick();
    expect(box).toBeStopped();
  });
});

describe('CPU credits that a stop would bill', () => {
  const busyUntilSeven = { type: 't3.medium', cpu: () => 100 };

  test('are taken from what it saves', async () => {
    const story = day(WEDNESDAY);
    const box = story.box(busyUntilSeven);
    await story.at('19:00');
    const [change] = (await story.plan()).changes;
    // 576 credits are 9.6 vCPU-hours at $0.05; twelve hours of t3.medium in eu-west-1 are 12 × $0.0456 = $0.5472.
    expect(change?.saving).toMatchObject({ hours: 12, charge: 480_000, money: { low: 67_200, high: 67_200 } });
    await story.tick();
    expect(box).toBeStopped();
  });

  test('keep it running where they cost as much as the night', async () => {
    const story = day(WEDNESDAY);
    const box = story.box({ ...busyUntilSeven, platform: 'windows' });
    await story.at('19:00');
    await story.tick();
    expect(box).toBeRunning();
    // … and with Windows $0.096 a vCPU-hour, against 12 × $0.064.
    expect(await story.why(box)).toBe(
      'Left alone: a stop would bill the 576 CPU credits that it has borrowed ($0.92), as much as it saves ($0.77); running on earns them back.',
    );
  });
});

test('answers are remembered for a day: a plan that stands still asks EC2 once, and again a day later', async () => {
  const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ mode: 'plan' })] });
  for (let i = 0; i < 3; i++) story.box();
  const asked = () => story.calls.filter(c => c === 'DescribeInstanceAttribute' || c === 'DescribeInstanceStatus').length;
  await story.ticksUntil('19:00');
  expect(asked()).toBe(4);
  await story.ticksUntil('tomorrow 06:00');
  expect(asked()).toBe(4);
  await story.ticksUntil('tomorrow 19:00');
  expect(asked()).toBe(8);
});
