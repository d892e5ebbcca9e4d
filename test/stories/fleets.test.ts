import { describe, expect, test } from '@jest/globals';
import { epochSeconds, HOUR, MINUTE } from '../../shared/model/time.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';
import { webFleet } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const pens = ['resize-fleets'] as const;

function fleet(options: StoryOptions = {}, group: Partial<GroupOptions> = {}) {
  const story = day(WEDNESDAY, 'UTC', { policies: [webFleet()], from: '08:00', ...options });
  // DefaultCooldown and warm-up are the group's own; three minutes, like the policy's.
  story.createGroup({
    name: 'web',
    minSize: 2,
    maxSize: 20,
    desiredCapacity: 4,
    demand: () => 1.8,
    instanceWarmup: 180,
    cooldown: 300,
    ...group,
  });
  const sizes = () => story.writes().map(w => [w.at.slice(11, 16), (w.params as { DesiredCapacity: number }).DesiredCapacity]);
  return {
    ...story,
    sizes,
    ticksUntil: (wall: string) => story.ticksUntil(wall, { pens }),
    why: () => story.why('web', 'resize-fleets'),
    desired: () => story.group('web').desired,
  };
}

describe('demand', () => {
  test('on target, nothing happens', async () => {
    const { ticksUntil, sizes, why } = fleet();
    await ticksUntil('08:30');
    expect(sizes()).toEqual([]);
    expect(await why()).toBe('Left alone: 45 % on 4 instances suits the target of 50 %.');
  });

  test('is believed after three datapoints, and answered in one step', async () => {
    const { ticksUntil, setDemand, sizes, why, at } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2); // 80 % of four
    await ticksUntil('08:12');
    expect(await why()).toContain('80 % is off the target of 50 % for 1 of the 3 datapoints it takes');
    await ticksUntil('08:14');
    expect(sizes()).toEqual([['08:14', 7]]);
    await ticksUntil('08:15');
    expect(await why()).toMatch(/^Left alone: \d instances? still warming up on the way to 7\.$/);
    await ticksUntil('08:40');
    expect(sizes()).toEqual([['08:14', 7]]);
  });

  test('that grows while instances warm up is answered by what carries it, without overshooting', async () => {
    const { ticksUntil, setDemand, at, desired } = fleet();
    await at('08:10');
    setDemand('web', () => 2.4); // 60 %: five would do
    await ticksUntil('08:14');
    expect(desired()).toBe(5);
    setDemand('web', () => 12); // 100 % of four, and more cannot be seen
    await ticksUntil('08:20');
    expect(desired()).toBe(8); // 4 carriers × 100 ÷ 50, and no more for the same hundred percent
    await ticksUntil('08:45');
    expect(desired()).toBe(20);
  });

  test('that falls is believed after fifteen datapoints below nine tenths of the target, and then one cooldown apart', async () => {
    const { ticksUntil, setDemand, sizes, at } = fleet({}, { desiredCapacity: 10, demand: () => 4.6 });
    await at('08:10');
    setDemand('web', () => 3); // 30 % of ten: six would do
    await ticksUntil('08:24');
    expect(sizes()).toEqual([]);
    await ticksUntil('08:26');
    expect(sizes().map(([, to]) => to)).toEqual([6]);
    setDemand('web', () => 1.5);
    await ticksUntil('08:29');
    expect(sizes()).toHaveLength(1);
    await ticksUntil('09:00');
    expect(sizes().map(([, to]) => to)).toEqual([6, 4, 3]); // the window still remembers three busy ones, then no longer
  });

  test('of a moment ago is never scaled in under: the peak of the window argues', async () => {
    const { ticksUntil, setDemand, sizes, at } = fleet({}, { desiredCapacity: 10, demand: () => 4.4 });
    await at('08:20');
    setDemand('web', () => 0.5);
    await ticksUntil('08:25');
    expect(sizes()).toEqual([['08:21', 9]]);
  });

  test('at the maximum says so, at the minimum too', async () => {
    const { ticksUntil, setDemand, at, why, desired } = fleet({ policies: [webFleet({ minSize: 3, maxSize: 6 })] });
    await at('08:10');
    setDemand('web', () => 12);
    await ticksUntil('08:30');
    expect(desired()).toBe(6);
    expect(await why()).toBe('Left alone: 100 % is above the target of 50 %, but 6 instances is the maximum.');
    setDemand('web', () => 0.1);
    await ticksUntil('09:30');
    expect(desired()).toBe(3);
    expect(await why()).toContain('but 3 instances is the minimum');
  });

  test('that nobody measures holds the fleet where it is', async () => {
    const { ticksUntil, at, sizes, why } = fleet({}, { monitoring: 'basic', demand: () => 0.2 });
    await at('08:10');
    await ticksUntil('09:00');
    expect(sizes()).toEqual([]); // every fifth minute has a datapoint, so no row is ever unbroken
    expect(await why()).toMatch(/^Left alone: /);
  });

  test('with no instance to measure there is silence, and silence holds', async () => {
    const { ticksUntil, why, sizes } = fleet({ policies: [webFleet({ minSize: 0 })] }, { minSize: 0, desiredCapacity: 0 });
    await ticksUntil('08:20');
    expect(sizes()).toEqual([]);
    expect(await why()).toContain('CPUUtilization has been silent since');
  });
});

test('a quiet minute reads its shelf, its groups and their demand, and no more', async () => {
  const { ticksUntil, setDemand, at, calls } = fleet();
  await at('08:10');
  setDemand('web', () => 3.2);
  await ticksUntil('08:40');
  const before = calls.length;
  await ticksUntil('08:41');
  expect(calls.slice(before)).toEqual(['Query', 'DescribeAutoScalingGroups', 'GetMetricData']);
});

describe('basic monitoring, five minutes a datapoint', () => {
  const policies = [
    webFleet({ target: { metric: 'CPUUtilization', value: 50, period: 300 }, scaleOutDatapoints: 1, scaleInDatapoints: 2, cooldown: 60 }),
  ];

  test('a scale-in is not argued twice from what was measured before the first one', async () => {
    const { ticksUntil, setDemand, at, sizes, desired } = fleet(
      { policies },
      { monitoring: 'basic', desiredCapacity: 12, demand: () => 5.7 },
    );
    await at('08:10');
    setDemand('web', () => 3);
    await ticksUntil('08:50');
    expect(desired()).toBe(6);
    expect(sizes().map(([, to]) => to)).toEqual([6]);
  });
});

describe('whose fleet it is', () => {
  test.each([
    [
      'a policy of AWS acts on it',
      { awsPolicies: [{ name: 'cpu50', type: 'TargetTrackingScaling' }] },
      'scaling policies of AWS act on it (cpu50)',
    ],
    ['Beanstalk owns it', { beanstalk: 'web-prod' }, 'it belongs to the Elastic Beanstalk environment web-prod'],
    ['people suspended Launch', { suspended: ['Launch'] }, 'people suspended Launch'],
    [
      'the bounds have nothing in common',
      { minSize: 30, maxSize: 40, desiredCapacity: 30 },
      "the policy's 2 to 20 and the group's 30 to 40",
    ],
  ] as const)('%s: left alone', async (_, group, words) => {
    const { ticksUntil, sizes, why } = fleet({}, { demand: () => 30, ...(group as Partial<GroupOptions>) });
    await ticksUntil('08:20');
    expect(sizes()).toEqual([]);
    expect(await why()).toContain(words);
  });

  test('a floor is restored at once, without waiting for demand', async () => {
    const { ticksUntil, human, at, sizes } = fleet({ policies: [webFleet({ minSize: 4, maxSize: 6 })] }, { minSize: 1, demand: () => 0.4 });
    await at('08:10');
    human.setsDesiredCapacity('web', 2);
    await ticksUntil('08:11');
    expect(sizes()).toEqual([['08:11', 4]]);
    human.setsDesiredCapacity('web', 9);
    await ticksUntil('08:12');
    expect(sizes().at(-1)).toEqual(['08:12', 6]);
  });

  test('in mode plan the same thought is on record once, and nothing is written', async () => {
    const { ticksUntil, setDemand, at, sizes, ledger, notices } = fleet({ policies: [webFleet({ mode: 'plan' })] });
    await at('08:10');
    setDemand('web', () => 3.2);
    await ticksUntil('08:40');
    expect(sizes()).toEqual([]);
    expect((await ledger()).map(r => r.kind)).toEqual(['proposed']);
    expect(await notices()).toEqual([]);
  });
});

describe("a fleet's meter", () => {
  test('opens with the first resize, turns over with the size, and tells the numbers that the world has', async () => {
    const { ticksUntil, setDemand, at, ledger, cloud } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2);
    await ticksUntil('08:40');
    const rows = await ledger();
    const opened = rows.filter(r => r.kind === 'meter-opened').toSorted((a, b) => (a.at < b.at ? -1 : 1));
    const closed = rows.filter(r => r.kind === 'meter-closed');
    expect(opened.map(r => r.running)).toEqual([4, expect.any(Number), 7].slice(0, opened.length - 1).concat(7) as number[]);
    expect(opened).toHaveLength(closed.length + 1);
    expect(opened.at(-1)?.running).toBe(cloud.group('web').members.size);
  });

  test('counts the instance-seconds that the world bills, but for the minute in which a change is seen', async () => {
    const { ticksUntil, ledger, cloud, timeOf } = fleet({}, { demand: second => 3 + 2 * Math.sin((second / HOUR) * 2) });
    await ticksUntil('13:00');
    const rows = await ledger();
    const opened = rows.filter(r => r.kind === 'meter-opened');
    const closed = new Map(rows.flatMap(r => (r.kind === 'meter-closed' ? [[r.meterId, r.at] as const] : [])));
    const [begin, end] = [Math.min(...opened.map(r => epochSeconds(r.at))), epochSeconds(timeOf('13:00'))];
    const counted = opened.reduce(
      (sum, r) => sum + r.running * (epochSeconds(closed.get(r.meterId) ?? timeOf('13:00')) - epochSeconds(r.at)),
      0,
    );
    const members = cloud.record.instances().map(({ id }) => cloud.record.billed(id));
    const billed = cloud.record.instances().reduce((sum, { id }) => sum + cloud.record.billedSeconds(id, begin, end), 0);
    const changes = members
      .flat()
      .flatMap(({ from, to }) => [from, to ?? end])
      .filter(second => begin <= second && second < end).length;
    expect(changes).toBeGreaterThan(20);
    expect(Math.abs(counted - billed)).toBeLessThanOrEqual(changes * MINUTE);
  });

  test('of a group that people deleted is closed', async () => {
    const { ticksUntil, setDemand, at, ledger, cloud, remembered } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2);
    await ticksUntil('08:30');
    cloud.world.regions.get('eu-west-1')?.groups.delete('web');
    await ticksUntil('08:32');
    const rows = await ledger();
    expect(rows.filter(r => r.kind === 'meter-closed')).toHaveLength(rows.filter(r => r.kind === 'meter-opened').length);
    expect((await remembered('resize-fleets')).fleets.has('web')).toBe(false);
  });

  test('of a group that opted out is closed: what runs from then on is theirs', async () => {
    const { ticksUntil, setDemand, at, ledger, cloud } = fleet();
    await at('08:10');
    setDemand('web', () => 3.2);
    await ticksUntil('08:30');
    cloud.world.regions.get('eu-west-1')?.groups.get('web')?.tags.set('ebb:policy', { value: 'off', propagate: false });
    await ticksUntil('08:40');
    const rows = await ledger();
    const closed = rows.filter(r => r.kind === 'meter-closed');
    expect(closed).toHaveLength(rows.filter(r => r.kind === 'meter-opened').length);
    expect(closed.some(r => r.why === 'released')).toBe(true);
  });
});
