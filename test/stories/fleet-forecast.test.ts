/** A fleet that follows signals: what it learns, minute by minute, through the handlers and the tables. */
import { describe, expect, test } from '@jest/globals';
import { marginHint } from '../../cli/margin-hint.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import type { GroupOptions } from '../../simulator/world/found-group.ts';
import { webFleet } from '../support/policies.ts';
import { day, REGION, type StoryOptions } from '../support/story.ts';

const pens = ['resize-fleets'] as const;

const following = (signals: FleetPolicy['signals'], other: Partial<FleetPolicy> = {}): FleetPolicy => {
  const { target: _, ...policy } = webFleet(other);
  return { ...policy, ...(signals === undefined ? {} : { signals }) };
};

function fleet(group: Partial<GroupOptions> = { demand: () => 1.8 }, policy = following([{ kind: 'cpu' }]), options: StoryOptions = {}) {
  const story = day('2025-05-14', 'UTC', { policies: [policy], from: '06:00', ...options });
  story.createGroup({
    name: 'web',
    minSize: 2,
    maxSize: 20,
    desiredCapacity: 4,
    instanceWarmup: 180,
    cooldown: 300,
    ...group,
  });
  return {
    ...story,
    sizes: () => story.writes().map(w => [w.at.slice(11, 16), (w.params as { DesiredCapacity: number }).DesiredCapacity] as const),
    ticksUntil: (wall: string) => story.ticksUntil(wall, { pens }),
    why: () => story.why('web', 'resize-fleets'),
    desired: () => story.group('web').desired,
  };
}

describe('CPU alone', () => {
  test('has a plain margin on its first day, and says so', async () => {
    const { ticksUntil, desired, why } = fleet();
    await ticksUntil('06:30');
    expect(desired()).toBe(4); // 1.6 × 1.8 ÷ 0.9, rounded up
    expect(await why()).toMatch(
      /^Left alone: work for 1\.8 at 100 % now, 1\.8 expected in 5 minutes; with \d+ minutes of experience a plain margin/,
    );
  });

  test('that grows is answered at the next look, and once saturated by more than can be seen', async () => {
    const { ticksUntil, setDemand, sizes, desired } = fleet();
    await ticksUntil('06:10');
    setDemand('web', () => 9);
    await ticksUntil('06:14');
    expect(sizes()[0]?.[0]).toBe('06:12'); // the first full minute, and one in which it may still be published
    expect(desired()).toBeGreaterThanOrEqual(8); // what can be seen is at least four
    await ticksUntil('06:25');
    expect(desired()).toBeGreaterThanOrEqual(10); // work for nine
  });

  test('a steady morning teaches a smaller margin than the plain one', async () => {
    const { ticksUntil, sizes, desired, why } = fleet({ demand: () => 7.2, desiredCapacity: 13 });
    await ticksUntil('09:00');
    expect(desired()).toBeLessThan(13);
    expect(desired()).toBeGreaterThanOrEqual(8);
    expect(sizes().length).toBeLessThan(8);
    expect(await why()).toMatch(/% kept spare, as \d/);
  });

  test('that falls silent holds, and never scales in', async () => {
    const { ticksUntil, desired, sizes, why, setDemand } = fleet({ demand: () => 7.2, desiredCapacity: 9 });
    await ticksUntil('07:30');
    const before = desired();
    setDemand('web', () => Number.NaN);
    await ticksUntil('08:30');
    expect(desired()).toBe(before);
    expect(sizes().filter(([wall]) => wall > '07:40')).toEqual([]);
    expect(await why()).toMatch(/CPU has been silent since/);
  });
});

describe('requests', () => {
  test('learn from CPU what an instance carries, and ask beyond what CPU can show', async () => {
    const signals = [
      { kind: 'cpu' } as const,
      { kind: 'requests', loadBalancer: 'app/web/50dc6c495c0c9188', targetGroup: 'targetgroup/web/943f017f100becff' } as const,
    ];
    const load = { value: 3000 };
    const { ticksUntil, desired } = fleet({ requests: { perMinute: () => load.value, perInstance: 1000 } }, following(signals));
    await ticksUntil('06:30');
    load.value = 12_000; // twelve instances' worth, which six cannot show
    await ticksUntil('06:33');
    expect(desired()).toBeGreaterThanOrEqual(14);
  });
});

describe('what a margin costs', () => {
  const foresight = { demand: 4, forecast: 4.5, ahead: 5, margin: 0.5, utilization: 90, minutes: 1, learned: 9000, saturated: false };
  const hint = (name: string, account: string) =>
    marginHint(
      clientsFor({ region: REGION }),
      { kind: 'auto-scaling-group', id: name, name, scope: { account, region: REGION } },
      foresight,
    );

  test('is told by the price of a member, an hour and a month', async () => {
    const { scope, ticksUntil } = fleet({ demand: () => 1.8, type: 'm5.large' });
    await ticksUntil('06:05');
    // Half of the five that the forecast alone needs.
    expect(await hint('web', scope.account)).toMatch(
      /^The margin keeps 2\.5 instances spare: \$0\.2675\/h, \$195\.28 in a month of 730 hours, by list price of /,
    );
  });

  test('is unknown where no price is known, and never a guess', async () => {
    const { scope } = fleet({ demand: () => 1.8, desiredCapacity: 2, type: 'x9.huge' });
    expect(await hint('web', scope.account)).toMatch(/^The margin keeps 2\.5 instances spare; what they cost is unknown/);
  });
});
