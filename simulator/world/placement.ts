/** What a group launches next: which type, in which zone, on which market. */
import { capacityOf, counted, type Group, memberTags, weightOf } from './group.ts';
import { hasNoKey } from './launch-troubles.ts';
import type { Machine } from './machine.ts';
import { memberChanged } from './members.ts';
import { isShort } from './shortage.ts';
import type { World } from './world.ts';

export interface Place {
  readonly type: string;
  readonly zone?: string;
  readonly market: Machine['market'];
}

/** The first of the group's types that has capacity, in the emptiest of the zones that have it; any zone where none is short. */
export function placeFor(world: World, group: Group): Place | null {
  const market = nextMarket(group);
  for (const type of [group.template.type, ...group.moreTypes]) {
    const open = ['a', 'b', 'c'].filter(letter => !isShort(world, type, `${group.region}${letter}`));
    if (open.length === 3) return { type, market };
    const load = (letter: string) => [...group.members.values()].filter(m => m.machine.availabilityZone.endsWith(letter)).length;
    const [zone] = open.toSorted((a, b) => load(a) - load(b));
    if (zone !== undefined) return { type, zone, market };
  }
  return null;
}

/** Above its base a mixed group keeps its share of Spot. */
export function nextMarket(group: Group): Machine['market'] {
  const { spot } = group;
  if (spot === null) return 'on-demand';
  const there = counted(group);
  const onDemand = capacityOf(
    group,
    there.filter(m => m.machine.market === 'on-demand'),
  );
  const next = weightOf(group, group.template);
  if (onDemand < spot.onDemandBase) return 'on-demand';
  const wanted = Math.ceil(((capacityOf(group, there) + next - spot.onDemandBase) * spot.onDemandPercentAboveBase) / 100);
  return onDemand - spot.onDemandBase < wanted ? 'on-demand' : 'spot-one-time';
}

export const launchOptions = (world: World, group: Group) => ({
  region: group.region,
  monitoring: group.template.monitoring,
  hibernation: group.template.hibernation,
  tags: memberTags(group),
  group: group.name,
  watch: (changed: Machine) => memberChanged(world, group, changed),
  ...(hasNoKey(world, group) && { startTrouble: { kind: 'kms' as const, times: 1 } }),
});
