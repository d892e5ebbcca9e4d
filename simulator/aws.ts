/** What AWS does by itself, and nobody asked for: takes Spot capacity back, runs short, announces maintenance, loses a host. */
import { epochSeconds, type Instant } from '../shared/model/time.ts';
import type { Commitment } from './world/commitment.ts';
import type { Group } from './world/group.ts';
import type { LaunchTroubleKind } from './world/launch-troubles.ts';
import type { Machine } from './world/machine.ts';
import { type Interruption, interrupt, recommendRebalance } from './world/spot.ts';
import { announceMaintenance, impair, type Maintenance } from './world/status.ts';
import type { World } from './world/world.ts';

export interface Aws {
  /** Warns, and two minutes later stops or terminates; gives a stopped one back after `backAfter` seconds. */
  interrupts(id: string, interruption?: Interruption): void;
  /** Recommends to rebalance: the instance is likelier to be interrupted than before. */
  recommends(id: string): void;
  /** No instance of the type starts or launches in the zone (`eu-west-1a`; all of them unless told) in `[from, to)`. */
  lacks(shortage: { readonly type: string; readonly zone?: string; readonly from: Instant; readonly to: Instant }): void;
  /** What a group launches in `[from, to)` is refused, or dies on its way, for this reason. */
  spoilsLaunches(group: string, trouble: { readonly kind: LaunchTroubleKind; readonly from: Instant; readonly to: Instant }): void;
  /** Its bill has shown these shares of hours paid for by commitments. */
  bills(commitment: Commitment): void;
  announces(id: string, maintenance: { readonly code: Maintenance['code']; readonly notBefore: Instant }): void;
  /** Its status checks fail for so many seconds; for good unless told. */
  impairs(id: string, seconds?: number): void;
}

export const awsOf = (world: World, instance: (id: string) => Machine, group: (name: string) => Group): Aws => ({
  interrupts: (id, interruption) => interrupt(world, instance(id), interruption),
  recommends: id => recommendRebalance(world, instance(id)),
  lacks: ({ type, zone, from, to }) => {
    world.shortages.push({ type, zone: zone ?? null, from: epochSeconds(from), to: epochSeconds(to) });
  },
  spoilsLaunches: (name, { kind, from, to }) => {
    group(name).troubles.push({ kind, from: epochSeconds(from), to: epochSeconds(to) });
  },
  bills: commitment => void world.commitments.push(commitment),
  announces: (id, { code, notBefore }) => {
    announceMaintenance(world, instance(id), { code, notBefore: epochSeconds(notBefore) });
  },
  impairs: (id, seconds) => impair(world, instance(id), seconds ?? null),
});
