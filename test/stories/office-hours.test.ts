import { describe, expect, test } from '@jest/globals';
import { devTest, idleOnly } from '../support/policies.ts';
import { day } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const FRIDAY = '2025-05-16';
const BERLIN = 'Europe/Berlin';

describe('a working day', () => {
  test('a box is stopped when the office hours end, not a tick earlier, and comes back in the morning', async () => {
    const { box, at, tick, why } = day(WEDNESDAY, BERLIN);
    const payroll = box();

    await at('18:55');
    await tick();
    expect(payroll).toBeRunning();
    expect(await why(payroll)).toBe('Left alone: office-hours says on until Wed 14 May 19:00 (Europe/Berlin).');

    await at('19:00');
    await tick();
    expect(payroll).toBeStopped();
    await at('19:05');
    expect(await why(payroll)).toBe(
      'Left alone: stopped by us (off-hours) since Wed 14 May 19:00 (Europe/Berlin), starts again Thu 07:00.',
    );

    await at('tomorrow 06:55');
    await tick();
    expect(payroll).toBeStopped();
    await at('tomorrow 07:00');
    await tick();
    expect(payroll).toBeRunning();
  });

  test('a person who restarts a box keeps it for the evening', async () => {
    const { box, at, tick, human, why, writes } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    await tick();
    expect(payroll).toBeStopped();

    await at('19:30');
    human.starts(payroll);
    await at('20:00');
    await tick();
    expect(payroll).toBeRunning();
    expect(await why(payroll)).toBe('Left alone: started by hand Wed 14 May 19:30 (Europe/Berlin), kept until Thu 07:00.');

    await at('tomorrow 19:00');
    await tick();
    expect(payroll).toBeStopped();
    expect(writes().map(w => w.action)).toEqual(['StopInstances', 'StopInstances']);
  });

  test('a weekend is slept through, and what nobody enrolled sleeps with nobody', async () => {
    const { box, launch, at, ticksUntil, writes } = day(FRIDAY, BERLIN);
    const payroll = box();
    const production = launch({ tags: { environment: 'prod' } });
    const untagged = launch();

    await at('18:58');
    await ticksUntil('Sun 23:00');
    expect(payroll).toBeStopped();
    await ticksUntil('Mon 07:05');
    expect(payroll).toBeRunning();
    expect(production).toBeRunning();
    expect(untagged).toBeRunning();
    expect(writes().map(w => w.action)).toEqual(['StopInstances', 'StartInstances']);
  });

  test('what people stopped stays stopped', async () => {
    const { box, at, tick, human, why, writes } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('08:00');
    await tick();
    await at('15:00');
    human.stops(payroll);
    await at('tomorrow 07:00');
    await tick();
    expect(payroll).toBeStopped();
    expect(await why(payroll)).toBe('Left alone: stopped by someone else on 14 May 2025, so not ours to start.');
    expect(writes()).toEqual([]);
  });

  test('a box that a person stopped after our stop is theirs', async () => {
    const { box, at, tick, human, why, deafen } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    await tick();
    deafen();
    await at('20:00');
    human.starts(payroll);
    await at('21:00');
    human.stops(payroll);

    await at('tomorrow 07:00');
    await tick();
    expect(payroll).toBeStopped();
    expect(await why(payroll)).toBe('Left alone: stopped by someone else on 14 May 2025, so not ours to start.');
  });

  test('a box that a person put to sleep before the boundary is not brought back', async () => {
    const { box, at, tick, human, writes } = day(WEDNESDAY, BERLIN);
    const [ours, theirs] = [box(), box()];
    await at('18:50');
    human.stops(theirs);
    await at('19:00');
    await tick();
    await at('tomorrow 07:00');
    await tick();
    expect(ours).toBeRunning();
    expect(theirs).toBeStopped();
    expect(writes()).toHaveLength(2);
  });

  test('missed ticks catch up, in the evening and in the morning', async () => {
    const { box, at, tick } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('18:00');
    await tick();
    await at('23:10');
    await tick();
    expect(payroll).toBeStopped();
    await at('tomorrow 11:40');
    await tick();
    expect(payroll).toBeRunning();
  });

  test('a whole night without ticks changes nothing', async () => {
    const { box, at, tick, writes } = day(WEDNESDAY, BERLIN);
    box();
    await at('18:55');
    await tick();
    await at('tomorrow 07:30');
    await tick();
    expect(writes()).toEqual([]);
  });

  test('a stop that was late by seconds does not cost the morning', async () => {
    const { box, at, tick, faults } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('tomorrow 06:59:59');
    // A throttled call sleeps a second before it is tried again, so the stop lands in the new day's hours.
    faults.next('ec2:StopInstances', { name: 'RequestLimitExceeded', status: 503 });
    await tick();
    expect(payroll).toBeStopped();
    await at('tomorrow 07:05');
    await tick();
    expect(payroll).toBeRunning();
  });
});

describe('wishes in tags', () => {
  test('keep-until keeps a box through the evening, and no longer', async () => {
    const { box, at, ticksUntil, why } = day(WEDNESDAY, BERLIN);
    const demo = box({ tags: { 'ebb:keep-until': '2025-05-14T21:30' } });
    await at('18:58');
    await ticksUntil('19:30');
    expect(demo).toBeRunning();
    expect(await why(demo)).toBe('Left alone: kept until Wed 14 May 21:30 (Europe/Berlin) by its tag ebb:keep-until.');
    await ticksUntil('21:25');
    expect(demo).toBeRunning();
    await ticksUntil('21:30');
    expect(demo).toBeStopped();
  });

  test('opting out while asleep gives the box back at once', async () => {
    const { box, at, tick, human, why } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    await tick();
    await at('20:00');
    human.tags(payroll, { 'ebb:policy': 'off' });
    await tick();
    expect(payroll).toBeRunning();
    await at('20:05');
    await tick();
    expect(await why(payroll)).toBe('Left alone: its tag ebb:policy opts out.');
  });

  test('opting out gives back an idle box, too', async () => {
    const { box, at, tick, human } = day(WEDNESDAY, BERLIN, {
      policies: [devTest({ idle: { cpuBelow: 5, hours: 2, coverage: 0.9 } })],
    });
    const payroll = box();
    await at('11:00');
    await tick();
    expect(payroll).toBeStopped();
    await at('12:00');
    human.tags(payroll, { 'ebb:policy': 'off' });
    await tick();
    expect(payroll).toBeRunning();
  });

  test('a tag with a typo stops nothing, and says how to write it', async () => {
    const { box, at, tick, why, writes } = day(WEDNESDAY, BERLIN);
    const payroll = box({ tags: { 'ebb:schedule': 'office-hour' } });
    const other = box({ tags: { 'ebb:keepuntil': 'tomorrow' } });
    await at('19:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(payroll)).toMatch(/^Left alone: its tag ebb:schedule says “office-hour”, which cannot be read; .*office-hours/);
    expect(await why(other)).toMatch(/^Left alone: its tag ebb:keepuntil .*ebb:keep-until/);
  });

  test('a policy that lost its match while the box slept gives it back', async () => {
    const { box, at, tick, human } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    await tick();
    human.untags(payroll, ['environment']);
    await at('19:10');
    await tick();
    expect(payroll).toBeRunning();
  });
});

describe('protection', () => {
  test('what may not be stopped is not even tried, and each says why', async () => {
    const { box, createGroup, at, tick, why, writes, cloud } = day(WEDNESDAY, BERLIN);
    const spot = box({ market: 'spot-persistent' });
    const root = box({ rootDevice: 'instance-store' });
    const disks = box({ type: 'm5d.large' });
    const guarded = box({ stopProtection: true });
    createGroup({ name: 'web', minSize: 1, maxSize: 1, desiredCapacity: 1, demand: () => 0.1, tags: { environment: 'dev' } });
    const [member = ''] = cloud.group('web').members.keys();

    await at('19:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(spot)).toBe('Left alone: it is a Spot Instance.');
    expect(await why(root)).toBe('Left alone: its root device is instance store, so it cannot be stopped.');
    expect(await why(disks)).toBe('Left alone: a stop would erase the instance store volumes of its m5d.large.');
    expect(await why(guarded)).toBe('Left alone: its stop protection is on.');
    expect(await why(member)).toBe('Left alone: it belongs to web (auto-scaling-group), which would replace it.');
  });

  test('stop protection is asked of candidates only: for the plan, and once more when the pen is lifted', async () => {
    const { box, at, tick, calls } = day(WEDNESDAY, BERLIN);
    box();
    box({ market: 'spot-persistent' });
    box({ tags: { 'ebb:policy': 'off' } });
    await at('12:00');
    await tick();
    expect(calls.filter(c => c === 'DescribeInstanceAttribute')).toHaveLength(0);
    await at('19:00');
    await tick();
    expect(calls.filter(c => c === 'DescribeInstanceAttribute')).toHaveLength(2);
  });

  test('a guard that was set since EC2 was asked is met once, when the pen is lifted; from then on the plan knows of it', async () => {
    const { box, at, tick, human, faults, plan, answers, calls, ledger } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    faults.next('ec2:StopInstances', { name: 'InternalError', status: 400 });
    await tick(); // asked, and not stopped
    expect(payroll).toBeRunning();
    human.calls('ec2', 'ModifyInstanceAttribute', { InstanceId: payroll, DisableApiStop: { Value: true } });
    await at('19:05');
    await tick();
    await at('19:10');
    await tick();
    expect(answers(await plan(), payroll)).toMatchObject([{ because: { code: 'stop-protected' } }]);
    const asked = calls.filter(c => c === 'DescribeInstanceAttribute').length;
    await at('19:15');
    await tick();
    expect(calls.filter(c => c === 'DescribeInstanceAttribute')).toHaveLength(asked);
    expect((await ledger()).filter(r => r.kind === 'claimed')).toHaveLength(1);
  });

  test('guarded boxes give their place in the budget to others that were asked, too', async () => {
    const { box, at, tick, writes, answers, plan } = day(WEDNESDAY, BERLIN, {
      policies: [devTest({ budget: { perRun: 3, perDay: 200, perOwner: 10 } })],
    });
    const guarded = Array.from({ length: 7 }, () => box({ stopProtection: true, type: 'm5.large' }));
    const free = Array.from({ length: 2 }, () => box({ type: 't3.micro' }));
    await at('19:00');
    const { left, changes } = await plan();
    for (const id of guarded) expect(answers({ changes, left } as never, id)).toMatchObject([{ because: { code: 'stop-protected' } }]);
    await tick();
    expect(
      writes()
        .flatMap(w => w.changed)
        .toSorted(),
    ).toEqual(free.toSorted());
    expect(writes().filter(w => w.error !== null)).toEqual([]);
  });

  test('a plan asks in ten rounds; whoever it has not asked by then is asked when the pen is lifted', async () => {
    const { box, at, tick, plan, ledger, writes } = day(WEDNESDAY, BERLIN, {
      policies: [devTest({ budget: { perRun: 1, perDay: 200, perOwner: 200 } })],
    });
    for (let i = 0; i < 10; i++) box({ stopProtection: true, type: 'm5.large' });
    const last = box({ stopProtection: true, type: 't3.micro' }); // it saves least, so it is asked last
    await at('19:00');
    const { changes, unread } = await plan();
    expect(changes.map(c => c.resource.id)).toEqual([last]);
    expect(unread.map(u => u.what)).toEqual(['stop protection of 1 more']);
    await tick();
    expect(writes()).toEqual([]);
    expect((await ledger()).filter(r => r.kind === 'claimed')).toEqual([]);
  });

  test('protection that cannot be read counts as protection', async () => {
    const { box, at, tick, why, faults, writes } = day(WEDNESDAY, BERLIN);
    const payroll = box();
    await at('19:00');
    faults.next('ec2:DescribeInstanceAttribute', { name: 'UnauthorizedOperation', status: 403 }, { times: 2 });
    expect(await why(payroll)).toContain('its stop protection could not be read (UnauthorizedOperation');
    await tick();
    expect(writes()).toEqual([]);
    await at('19:05');
    await tick();
    expect(payroll).toBeStopped();
  });
});

describe('idleness', () => {
  const policies = [idleOnly(4)];
  const busyAt = (hour: number) => (at: number) => (new Date(at * 1000).getUTCHours() === hour ? 80 : 2);

  test('an idle box is stopped once two ticks agree', async () => {
    const { box, at, tick, setCpu, now } = day(WEDNESDAY, 'UTC', { policies, from: '00:00' });
    const payroll = box({ cpu: () => 60 });
    await at('08:00');
    setCpu(payroll, () => 2);
    expect(now()).toBe('2025-05-14T08:00:00Z');
    for (const clock of ['09:00', '10:00', '11:00', '12:00']) {
      await at(clock);
      await tick();
      expect(payroll).toBeRunning();
    }
    await at('13:00');
    await tick();
    expect(payroll).toBeStopped();
  });

  test('one busy hour keeps it for as long as it is in the window', async () => {
    const { box, at, tick, why } = day(WEDNESDAY, 'UTC', { policies });
    const payroll = box({ cpu: busyAt(9) });
    for (const clock of ['10:00', '12:00', '14:00']) {
      await at(clock);
      await tick();
      expect(payroll).toBeRunning();
    }
    expect(await why(payroll)).toBe('Left alone: CPU reached 80 % in 4 hours, and idle is under 5 %.');
    await at('15:00');
    await tick();
    expect(payroll).toBeStopped();
  });

  test('in mode plan is on record once, though ticks come that measure nothing', async () => {
    const idlers = idleOnly(4, { name: 'idlers', mode: 'plan', match: { tags: { environment: ['test'] } } });
    const { box, at, tick, ledger } = day(WEDNESDAY, BERLIN, { policies: [idlers, devTest()] });
    const idler = box({ cpu: () => 2, tags: { environment: 'test' } });
    box(); // at 19:00 its schedule makes the pen look, between the hours
    for (const time of ['18:00', '19:00', '20:00']) {
      await at(time);
      await tick('stop-start-instances', 'due');
      await tick('stop-start-instances', 'all');
    }
    const proposals = (await ledger()).filter(r => r.kind === 'proposed');
    expect(proposals.map(r => r.change.resource.id)).toEqual([idler]);
  });

  test('silence is not idleness', async () => {
    const { box, at, plan, answers, tick, faults } = day(WEDNESDAY, 'UTC', { policies });
    const payroll = box();
    await at('12:00');
    faults.next('cloudwatch:GetMetricData', { name: 'AccessDenied', status: 403 }, { times: 2 });
    const unread = await plan();
    expect(answers(unread, payroll)).toMatchObject([{ because: { code: 'not-measured' } }]);
    expect(unread.unread).toMatchObject([{ why: expect.stringContaining('AccessDenied') }, {}]);
    await tick();
    expect(payroll).toBeStopped();
  });

  test('a box that just started has nothing to be judged by', async () => {
    const { box, at, tick, human, why } = day(WEDNESDAY, 'UTC', { policies });
    const payroll = box({ state: 'stopped' });
    await at('06:30');
    human.starts(payroll);
    for (const clock of ['08:00', '10:00', '11:00']) {
      await at(clock);
      await tick();
      expect(payroll).toBeRunning();
    }
    expect(await why(payroll)).toContain('it started Wed 14 May 06:30');
    await at('12:00');
    await tick();
    expect(payroll).toBeStopped();
  });

  test('an idle box sleeps until the next on-hours, not until the present ones are noticed', async () => {
    const { box, at, ticksUntil, why } = day(WEDNESDAY, BERLIN, {
      policies: [devTest({ idle: { cpuBelow: 5, hours: 4, coverage: 0.9 } })],
    });
    const payroll = box();
    await at('11:58');
    await ticksUntil('12:30');
    expect(payroll).toBeStopped();
    expect(await why(payroll)).toContain('stopped by us (idle)');
    await ticksUntil('tomorrow 06:55');
    expect(payroll).toBeStopped();
    await ticksUntil('tomorrow 07:05');
    expect(payroll).toBeRunning();
  });

  test('the breaker refuses what is measured, and not what was announced', async () => {
    const { box, at, tick, why, notices, plan } = day(WEDNESDAY, 'UTC', {
      policies: [devTest({ idle: { cpuBelow: 5, hours: 4, coverage: 0.9 } })],
    });
    const boxes = Array.from({ length: 8 }, () => box());
    await at('12:00');
    await tick();
    for (const id of boxes) expect(id).toBeRunning();
    expect(await why(boxes[0] ?? '')).not.toContain('breaker'); // one box alone is below the breaker's `atLeast`
    expect((await plan()).left.filter(l => l.because.code === 'breaker')).toHaveLength(8);
    expect(await notices()).toMatchObject([{ kind: 'breaker', touched: 8, of: 8, share: 0.5 }]);

    await at('19:00');
    await tick();
    for (const id of boxes) expect(id).toBeStopped();
  });
});
