import { describe, expect, test } from '@jest/globals';
import { instant } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';
import { webFleet } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const pens = ['resize-fleets'] as const;
const CPU50 = { name: 'cpu50', type: 'TargetTrackingScaling', target: 50 } as const;

function fleet(policy: Partial<FleetPolicy> = {}, group: Partial<GroupOptions> = {}, options: StoryOptions = {}) {
  let policies: readonly FleetPolicy[] = options.policies?.filter(p => p.kind === 'fleets') ?? [webFleet(policy)];
  const outside: StoryOptions['outside'] = world => ({ ...world, config: () => ({ ...world.config(), policies }) });
  const story = day(WEDNESDAY, 'UTC', { from: '08:00', outside, ...options });
  story.createGroup({
    ...{ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 1.8, instanceWarmup: 180, cooldown: 300 },
    ...group,
  });
  const sizes = () => {
    const { minSize, maxSize, desired } = story.group('web');
    return [minSize, maxSize, desired];
  };
  return {
    ...story,
    sizes,
    wrote: () => story.writes().map((w): Written => [w.at.slice(11, 16), w.action, sizesIn(w.params as Record<string, number>)]),
    ticksUntil: (wall: string) => story.ticksUntil(wall, { pens }),
    /** The minutes around 19:00, and around 07:00 of another day. */
    evening: async (when = 'today') => {
      await story.at(`${when} 18:58`);
      await story.ticksUntil(`${when} 19:05`, { pens });
    },
    morning: async (when = 'tomorrow') => {
      await story.at(`${when} 06:58`);
      await story.ticksUntil(`${when} 07:01`, { pens });
    },
    why: () => story.why('web', 'resize-fleets'),
    memory: async () => (await story.remembered('resize-fleets')).fleets.get('web')?.value,
    /** A deploy: other policies from now on. */
    deploys: (next: readonly FleetPolicy[]) => {
      policies = next;
    },
  };
}

type Written = readonly [at: string, action: string, sizes: readonly (number | undefined)[]];
const sizesIn = ({ MinSize, MaxSize, DesiredCapacity }: Record<string, number>) => [MinSize, MaxSize, DesiredCapacity];

describe('a floor under the scaling policies of AWS', () => {
  const group = { awsPolicies: [CPU50] };

  test('sets MinSize and nothing else, seldom; the reaction stays theirs', async () => {
    const { ticksUntil, setDemand, at, wrote, why, sizes } = fleet({ capacity: 'floor' }, group);
    await at('08:10');
    setDemand('web', () => 4);
    await ticksUntil('08:40');
    expect(wrote().every(([, action]) => action === 'UpdateAutoScalingGroup')).toBe(true);
    expect(wrote().every(([, , [min, max, desired]]) => (min ?? 0) > 2 && max === undefined && desired === undefined)).toBe(true);
    expect(wrote().length).toBeLessThanOrEqual(3);
    expect(sizes()).toEqual([8, 20, 8]);
    expect(await why()).toContain('a MinSize of 8 suits the 8 instances that would do');
    setDemand('web', () => 1);
    await ticksUntil('09:05');
    expect(sizes()[0]).toBe(8);
    expect(await why()).toContain('MinSize stays 8 until');
    await ticksUntil('12:00');
    expect(sizes()[0]).toBeLessThanOrEqual(3);
  });

  test('is never above MaxSize or the bounds of the policy, nor below what was there before', async () => {
    const { ticksUntil, setDemand, at, sizes } = fleet({ capacity: 'floor', minSize: 0, maxSize: 6 }, { ...group, minSize: 3 });
    await at('08:10');
    setDemand('web', () => 9);
    await ticksUntil('09:00');
    expect(sizes()[0]).toBe(6);
    setDemand('web', () => 0.1);
    await ticksUntil('13:00');
    expect(sizes()[0]).toBe(3);
  });

  test.each([
    ['the policy is gone', []],
    ['it only plans', [webFleet({ capacity: 'floor', mode: 'plan' })]],
    ['it keeps no floor any more', [webFleet()]],
  ] as const)('goes back to what was there when %s', async (_, policies) => {
    const { ticksUntil, setDemand, at, sizes, deploys, memory } = fleet({ capacity: 'floor' }, group);
    await at('08:10');
    setDemand('web', () => 4);
    await ticksUntil('09:00');
    expect(sizes()[0]).toBe(8);
    deploys(policies);
    await ticksUntil('09:02');
    expect(sizes()[0]).toBe(2);
    expect((await memory())?.floor).toMatchObject({ was: 2, is: 2 }); // nothing is owed
  });

  test('that somebody has moved is theirs: it is not given back, and nothing goes below it', async () => {
    const { ticksUntil, setDemand, at, sizes, deploys, cloud } = fleet({ capacity: 'floor' }, group);
    await at('08:10');
    setDemand('web', () => 4);
    await ticksUntil('09:00');
    const there = cloud.world.regions.get('eu-west-1')?.groups.get('web');
    if (there !== undefined) there.minSize = 5;
    setDemand('web', () => 0.5);
    await ticksUntil('12:00');
    expect(sizes()[0]).toBe(5);
    deploys([]);
    await ticksUntil('12:02');
    expect(sizes()[0]).toBe(5);
  });

  test('follows the forecast where the policy follows signals, though AWS keeps more in service than that', async () => {
    const { target: _, ...rest } = webFleet({ capacity: 'floor', signals: [{ kind: 'cpu' }] });
    const busy = (t: number) => 3 + 5 * Math.max(0, Math.sin(((t % 86_400) / 86_400 - 0.25) * 2 * Math.PI));
    const { ticksUntil, sizes, wrote } = fleet(
      {},
      { ...group, desiredCapacity: 12, demand: busy, sizeBefore: t => Math.ceil(busy(t) * 2) },
      { policies: [rest], from: '07:30' },
    );
    await ticksUntil('08:30');
    expect(sizes()[0]).toBeGreaterThanOrEqual(8); // 6 and a half busy ones at 07:30, seven at 08:30
    expect(sizes()[2]).toBeGreaterThan(sizes()[0] ?? 0);
    expect(wrote().length).toBeLessThanOrEqual(5);
  });

  test('is what a policy is told to keep that would set capacity against them', async () => {
    const seen = { name: 'cpu50', type: 'TargetTrackingScaling' } as const; // it is there, and its alarms are quiet
    const { ticksUntil, why, wrote } = fleet({}, { awsPolicies: [seen], demand: () => 30 });
    await ticksUntil('08:20');
    expect(wrote()).toEqual([]);
    expect(await why()).toContain('write `capacity: floor` to set MinSize alone, or `takeOver: true`');
  });
});

describe('off-hours', () => {
  const asleep = { schedule: 'office-hours', offHours: { minSize: 0 }, minSize: 2 } as const;

  test('to zero in the evening, and in the morning exactly what was there', async () => {
    const { evening, morning, wrote, sizes, why, notices, memory } = fleet(asleep, { minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await evening();
    expect(wrote()).toEqual([['19:00', 'UpdateAutoScalingGroup', [0, 9, 0]]]);
    expect(sizes()).toEqual([0, 9, 0]);
    expect(await why()).toContain('back Thu 07:00; it was 3 to 9, desired 4');
    expect(await notices()).toMatchObject([{ kind: 'changes', lines: [{ action: 'resize to 0 to 9, desired 0', outcome: 'done' }] }]);
    await morning();
    expect(sizes()).toEqual([3, 9, 4]);
    expect(wrote().at(-1)).toEqual(['07:00', 'UpdateAutoScalingGroup', [3, 9, 4]]);
    expect((await memory())?.asleep).toBeNull();
    await evening('tomorrow');
    expect(sizes()).toEqual([0, 9, 0]); // and the second evening as the first
    await morning('Fri');
    expect(sizes()).toEqual([3, 9, 4]);
  });

  test('what sleeps at zero is worth what it cost before, over midnight too, though no member is left to ask', async () => {
    const { evening, morning, ledger } = fleet(asleep, { minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await evening();
    await morning();
    const meters = (await ledger()).filter(row => row.kind === 'meter-opened').toSorted((a, b) => (a.at < b.at ? -1 : 1));
    const [first, ...later] = meters;
    expect(first).toMatchObject({ running: 4, perHour: expect.any(Number), priceSource: expect.any(String) });
    expect(later.filter(row => row.running === 0).map(row => row.at.slice(0, 10))).toEqual([WEDNESDAY, '2025-05-15']);
    for (const { perHour, priceSource, billedAs } of later)
      expect({ perHour, priceSource, billedAs }).toEqual({
        perHour: first?.perHour,
        priceSource: first?.priceSource,
        billedAs: first?.billedAs,
      });
  });

  test('a second run, a copy, or a crash before it is settled does not put the zeros in their place', async () => {
    const { morning, at, ticksUntil, tick, sizes, memory, faults } = fleet(asleep, { minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await at('18:58');
    await ticksUntil('18:59');
    // AWS carries it out, and nobody ever hears of it.
    faults.next('autoscaling:UpdateAutoScalingGroup', { name: 'InternalFailure', status: 500 }, { after: true, times: 3 });
    await ticksUntil('19:01');
    await tick('resize-fleets');
    await tick('resize-fleets', ['web']);
    await ticksUntil('19:10');
    expect((await memory())?.asleep?.was).toEqual({ minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await morning();
    expect(sizes()).toEqual([3, 9, 4]);
  });

  test('what somebody has changed meanwhile stands', async () => {
    const { evening, morning, ticksUntil, human, sizes, why, cloud } = fleet(asleep, { minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await evening();
    human.setsDesiredCapacity('web', 6);
    await ticksUntil('19:30');
    expect(sizes()).toEqual([0, 9, 6]);
    expect(await why()).toContain('what somebody has changed since stands');
    const there = cloud.world.regions.get('eu-west-1')?.groups.get('web');
    if (there !== undefined) there.maxSize = 12;
    await morning();
    expect(sizes()).toEqual([3, 12, 6]);
  });

  test('who brings it back by night, whole, keeps it: it is not put to sleep again before the next evening', async () => {
    const { at, evening, morning, ticksUntil, cloud, human, sizes, wrote } = fleet(asleep, { minSize: 3, maxSize: 9, desiredCapacity: 4 });
    await evening();
    const there = cloud.world.regions.get('eu-west-1')?.groups.get('web');
    if (there !== undefined) there.minSize = 2;
    human.setsDesiredCapacity('web', 4);
    await ticksUntil('19:40');
    await at('23:00');
    await ticksUntil('23:03');
    expect(sizes()).toEqual([2, 9, 4]);
    await morning();
    expect(sizes()).toEqual([2, 9, 4]);
    expect(wrote()).toHaveLength(1);
    await evening('tomorrow');
    expect(sizes()).toEqual([0, 9, 0]);
  });

  test('down to a floor, above which demand still decides; capacity that it added is not taken away at once', async () => {
    const { evening, morning, ticksUntil, setDemand, at, sizes } = fleet(
      { ...asleep, offHours: { minSize: 1 } },
      { demand: () => 0.4, desiredCapacity: 3 },
    );
    await evening();
    expect(sizes()).toEqual([1, 20, 1]);
    await at('19:30');
    setDemand('web', () => 2.4);
    await ticksUntil('20:10');
    expect(sizes()).toEqual([1, 20, 5]);
    await morning();
    expect(sizes()).toEqual([2, 20, 5]);
  });

  test('what sleeps comes back when no schedule speaks for it any more, in mode plan too, and though people paused us', async () => {
    const { evening, ticksUntil, sizes, deploys, setParameter } = fleet(asleep);
    await evening();
    setParameter('/ebbtide/dev/pause', 'release week');
    deploys([webFleet({ mode: 'plan' })]);
    await ticksUntil('19:10');
    expect(sizes()).toEqual([2, 20, 4]);
  });

  test('a return that AWS refuses is told, and tried again until it succeeds', async () => {
    const { evening, at, ticksUntil, sizes, why, notices, faults } = fleet(asleep);
    await evening();
    faults.next('autoscaling:UpdateAutoScalingGroup', { name: 'ResourceContentionFault', message: 'busy', status: 400 }, { times: 2 });
    await at('tomorrow 06:58');
    await ticksUntil('tomorrow 07:02');
    expect(await why()).toContain('does not come back after 1 start (ResourceContentionFault: busy); the next try is');
    expect((await notices()).at(-1)).toMatchObject({ kind: 'start-failing', attempts: 1, why: 'ResourceContentionFault: busy' });
    await ticksUntil('tomorrow 07:20');
    expect(sizes()).toEqual([2, 20, 4]);
  });

  test('the way down is tried again while something is going on in the group', async () => {
    const { at, ticksUntil, sizes, faults } = fleet(asleep);
    await at('18:58');
    await ticksUntil('18:59');
    faults.next('autoscaling:UpdateAutoScalingGroup', { name: 'ScalingActivityInProgress', status: 400 }, { times: 2 });
    await ticksUntil('19:12');
    expect(sizes()).toEqual([0, 20, 0]);
  });

  test('in mode plan they are one thought, and nothing is written', async () => {
    const { at, ticksUntil, wrote, ledger } = fleet({ ...asleep, mode: 'plan' });
    await at('18:55');
    await ticksUntil('19:20');
    expect(wrote()).toEqual([]);
    expect((await ledger()).map(r => r.kind)).toEqual(['proposed']);
  });

  test('wait for a dated override, and begin when it is over', async () => {
    const overrides = [{ from: '2025-05-14T12:00Z', to: '2025-05-14T22:00Z', timeZone: 'UTC', minSize: 6, why: 'sale' }];
    const { morning, at, ticksUntil, sizes } = fleet({ ...asleep, overrides }, { demand: () => 0.5 });
    await at('11:40');
    await ticksUntil('11:59');
    expect(sizes()[2]).toBeLessThan(6);
    await ticksUntil('12:01');
    expect(sizes()[2]).toBe(6);
    await at('21:40');
    await ticksUntil('21:59');
    expect(sizes()[2]).toBe(6);
    await ticksUntil('22:01');
    expect(sizes()).toEqual([0, 20, 0]);
    await morning();
    expect(sizes()[0]).toBe(2);
  });
});

describe('what a group cannot do is not asked of it', () => {
  test('members that are protected stay', async () => {
    const { ticksUntil, at, setDemand, sizes, group, why } = fleet({}, { desiredCapacity: 6, demand: () => 2.8 });
    await at('08:05');
    for (const member of [...group('web').members.values()].slice(0, 5)) (member as { scaleInProtected: boolean }).scaleInProtected = true;
    setDemand('web', () => 0.5);
    await ticksUntil('09:00');
    expect(sizes()[2]).toBe(5);
    expect(await why()).toBe('Left alone: 5 of 5 instances are protected from scale-in; 2 would do.');
  });

  test('nothing is removed while its instances are being refreshed', async () => {
    const { ticksUntil, at, setDemand, sizes, why, run } = fleet({}, { desiredCapacity: 8, demand: () => 3.8 });
    await at('08:20');
    const { clients } = await run('resize-fleets');
    const { StartInstanceRefreshCommand } = await import('@aws-sdk/client-auto-scaling');
    await (await clients.autoScaling()).send(new StartInstanceRefreshCommand({ AutoScalingGroupName: 'web' }));
    setDemand('web', () => 0.5);
    await ticksUntil('08:45');
    expect(sizes()[2]).toBe(8);
    expect(await why()).toContain('an instance refresh is under way');
  });

  test('launches that fail are told with their cause, once; no more is asked for but seldom; and that they succeed is told', async () => {
    const { ticksUntil, at, setDemand, aws, sizes, why, notices, wrote, memory } = fleet({ maxSize: 20 });
    await at('08:10');
    aws.lacks({ type: 'm5.large', from: instant('2025-05-14T08:10:00Z'), to: instant('2025-05-14T09:30:00Z') });
    setDemand('web', () => 3.2);
    await ticksUntil('08:14');
    expect(sizes()[2]).toBe(7);
    await ticksUntil('08:25');
    setDemand('web', () => 12);
    await ticksUntil('08:40');
    expect(await why()).toMatch(/cannot be launched since .*sufficient m5.large capacity.*no more is asked for until/);
    const failing = (await notices()).filter(n => n.kind === 'launch-failing');
    expect(failing).toMatchObject([{ missing: 3, desiredCapacity: 7, why: expect.stringContaining('sufficient m5.large capacity') }]);
    await ticksUntil('09:29');
    expect(wrote().length).toBeLessThanOrEqual(5);
    expect((await notices()).filter(n => n.kind === 'launch-failing')).toHaveLength(1);
    await ticksUntil('10:30');
    expect((await notices()).filter(n => n.kind === 'launch-recovered')).toHaveLength(1);
    expect((await memory())?.launch ?? null).toBeNull();
    expect(sizes()[2]).toBe(20);
  });
});

describe('faults', () => {
  test('two alarms at once are two workers, and one write', async () => {
    const { at, setDemand, ring, wrote, ledger } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2);
    await at('08:16');
    const took = await Promise.all([ring('resize-fleets', ['web']), ring('resize-fleets', ['web'])]);
    expect(took).toEqual([true, true]);
    expect(wrote().map(([, , [, , desired]]) => desired)).toEqual([7]);
    expect((await ledger()).filter(r => r.kind === 'claimed')).toHaveLength(1);
  });

  test('a group that is deleted between the look and the write is found to be gone', async () => {
    const { at, setDemand, plan, cloud, ledger, tick, run } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2);
    await at('08:16');
    const { changes } = await plan('resize-fleets');
    cloud.world.regions.get('eu-west-1')?.groups.delete('web');
    const { carryOut } = await import('../../shared/runtime/reconcile.ts');
    const receipts = await carryOut(await run('resize-fleets'), changes);
    expect(receipts).toMatchObject([{ outcome: 'stale', detail: 'it is gone' }]);
    await tick('resize-fleets');
    expect((await ledger()).filter(r => r.kind === 'settled')).toMatchObject([{ outcome: 'stale', detail: 'it is gone' }]);
  });

  test('a group that is deleted between two reads of one look spoils nobody else', async () => {
    const { at, setDemand, createGroup, faults, tick, group } = fleet();
    createGroup({ name: 'web-2', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 3.2, instanceWarmup: 180 });
    await at('08:10');
    setDemand('web', () => 0.4);
    faults.next('autoscaling:DescribePolicies', { name: 'ValidationError', message: 'Group not found' });
    await at('08:30');
    await tick('resize-fleets');
    expect(group('web-2').desired).toBe(7);
  });

  test.each(['ScalingActivityInProgress', 'Throttling', 'ResourceContention'])(
    '%s is passed over, and the next tick succeeds',
    async name => {
      const { at, setDemand, ticksUntil, faults, sizes } = fleet();
      await at('08:10');
      setDemand('web', () => 3.2);
      faults.next('autoscaling:SetDesiredCapacity', { name, status: 400 }, { times: 3 });
      await ticksUntil('08:20');
      expect(sizes()[2]).toBe(7);
    },
  );
});
