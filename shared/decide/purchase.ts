/** A part of a fleet bought as Spot: proposed with what it saves, what it risks and the exact change. Never written by us. */
import { type MicroUsd, microUsd } from '../model/money.ts';
import type { Fleet, Price } from '../model/observation.ts';
import type { PurchaseProposal } from '../model/purchase.ts';

export interface PurchaseFacts {
  readonly fleet: Fleet;
  /** What always runs: MinSize as its people set it. */
  readonly floor: number;
  readonly launchTemplate: { readonly id: string; readonly version: string } | null;
  /** The type that the group runs first. */
  readonly types: readonly string[];
  readonly spotPercent: number;
  readonly zones: readonly string[];
  readonly list: ReadonlyMap<string, Price>;
  readonly spot: readonly { readonly type: string; readonly zone: string; readonly perHour: MicroUsd }[];
  readonly commitments: 'none' | 'unknown';
}

export type NoProposal = 'single-size' | 'already-spot' | 'launch-configuration' | 'weighted' | 'unknown-type' | 'nothing-above-the-floor';

/** Half of what is above the floor: what is taken back with two minutes' notice must not be most of what serves. */
const ON_DEMAND_PERCENT = 50;

/** Spot asks for several types: one alone is taken back everywhere at once. A group that has more keeps them. */
const TYPES = 4;

/** Families of one architecture with as much memory for a size: what runs on one runs on the others. */
const ALIKE: readonly (readonly string[])[] = [
  ['m5', 'm5a', 'm6i', 'm6a', 'm7i'],
  ['c5', 'c6i', 'c6a', 'c7i'],
  ['r5', 'r5a', 'r6i', 'r6a', 'r7i'],
  ['t3', 't3a'],
  ['m6g', 'm7g'],
  ['c6g', 'c7g'],
  ['r6g', 'r7g'],
];

/** Types that may stand in for one another, the given one first. */
export function alike(type: string): string[] {
  const [family, size] = [type.slice(0, type.indexOf('.')), type.slice(type.indexOf('.'))];
  const others = (ALIKE.find(families => families.includes(family)) ?? []).filter(f => f !== family);
  return [type, ...others.map(f => `${f}${size}`)];
}

export function proposePurchase(facts: PurchaseFacts): PurchaseProposal | NoProposal {
  const { fleet, floor, types, spotPercent, zones, list } = facts;
  const [type] = types;
  if (fleet.weighted) return 'weighted';
  if (spotPercent > 0) return 'already-spot';
  if (type === undefined) return 'unknown-type';
  if (floor >= fleet.maxSize) return 'single-size';
  const chosen = [...new Set([...types, ...alike(type).filter(t => list.has(t))])].slice(0, Math.max(TYPES, types.length));
  const change = changeOf(facts, chosen);
  if (change === null) return 'launch-configuration';
  const spotInstances = Math.floor(((fleet.desiredCapacity - floor) * (100 - ON_DEMAND_PERCENT)) / 100);
  if (spotInstances < 1) return 'nothing-above-the-floor';

  const onDemandPerHour = list.get(type)?.perHour ?? null;
  const spotPerHour = dearest(facts, chosen);
  return {
    ...{ base: floor, onDemandPercent: ON_DEMAND_PERCENT, spotInstances, types: chosen, pools: chosen.length * zones.length },
    ...{ onDemandPerHour, spotPerHour, saves: savesOf(facts, onDemandPerHour, spotPerHour, spotInstances) },
    change,
  };
}

/** What is promised must hold wherever the capacity comes from; a type without a price makes that unknown. */
function dearest({ spot }: PurchaseFacts, types: readonly string[]): MicroUsd | null {
  const prices = types.map(type => spot.filter(s => s.type === type).map(s => s.perHour));
  return prices.some(of => of.length === 0) ? null : microUsd(Math.max(...prices.flat()));
}

function savesOf({ commitments }: PurchaseFacts, onDemand: MicroUsd | null, spot: MicroUsd | null, instances: number) {
  if (onDemand === null || spot === null) return null;
  const high = microUsd((onDemand - spot) * instances);
  // A commitment may have paid for the hours on demand already; Spot is paid on top of it.
  return { low: commitments === 'unknown' ? microUsd(-spot * instances) : high, high };
}

/** `null`: a launch configuration has no place for it. */
function changeOf({ fleet, floor, launchTemplate }: PurchaseFacts, types: readonly string[]): PurchaseProposal['change'] | null {
  if (fleet.ref.kind === 'beanstalk-environment') return changeOfEnvironment(fleet, floor, types);
  return launchTemplate === null ? null : changeOfGroup(fleet, floor, types, launchTemplate);
}

const changeOfGroup = (
  { group }: Fleet,
  base: number,
  types: readonly string[],
  template: NonNullable<PurchaseFacts['launchTemplate']>,
) => ({
  command: 'aws autoscaling update-auto-scaling-group --cli-input-json',
  input: {
    AutoScalingGroupName: group,
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: template.id, Version: template.version },
        Overrides: types.map(InstanceType => ({ InstanceType })),
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: base,
        OnDemandPercentageAboveBaseCapacity: ON_DEMAND_PERCENT,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    },
  },
});

/** Beanstalk's own names for the same; a first `EnableSpot` replaces the launch configuration, and with it the instances. */
const changeOfEnvironment = ({ ref }: Fleet, base: number, types: readonly string[]) => ({
  command: 'aws elasticbeanstalk update-environment --cli-input-json',
  input: {
    EnvironmentId: ref.id,
    OptionSettings: Object.entries({
      EnableSpot: 'true',
      InstanceTypes: types.join(','),
      SpotFleetOnDemandBase: String(base),
      SpotFleetOnDemandAboveBasePercentage: String(ON_DEMAND_PERCENT),
    }).map(([OptionName, Value]) => ({ Namespace: 'aws:ec2:instances', OptionName, Value })),
  },
});
