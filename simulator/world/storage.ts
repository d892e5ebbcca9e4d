/** What is kept apart from instances: volumes and addresses without one, snapshots, and the tags of all of these. */

import { firstRegion } from './launch.ts';
import type { Machine } from './machine.ts';
import { unit } from './random.ts';
import { type Region, regionOf, type World } from './world.ts';

/** A volume that hangs on no instance. */
export interface LooseVolume {
  readonly id: string;
  readonly availabilityZone: string;
  readonly createdAt: number;
}

export interface LooseAddress {
  /** The allocation. */
  readonly id: string;
  readonly publicIp: string;
}

export interface Snapshot {
  readonly id: string;
  /** That volume may be gone. */
  readonly volumeId: string;
  readonly startedAt: number;
}

export interface Made {
  readonly region?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export const allocationOf = ({ id }: Pick<Machine, 'id'>): string => `eipalloc-0${id.slice(3)}`;

/** Tags of what is no instance and no group; those of a thing without any are an empty map. */
export function labelsOf(region: Region, id: string): Map<string, string> {
  const labels = region.labels.get(id) ?? new Map<string, string>();
  region.labels.set(id, labels);
  return labels;
}

export function makeVolume(world: World, { region: name, tags, zone = 'a' }: Made & { readonly zone?: string }): LooseVolume {
  const region = regionIn(world, name);
  const volume = { id: world.ids.resource('vol'), availabilityZone: `${region.name}${zone}`, createdAt: world.clock.second() };
  region.orphans.volumes.push(volume);
  wear(region, volume.id, tags);
  return volume;
}

export function makeAddress(world: World, { region: name, tags }: Made): LooseAddress {
  const region = regionIn(world, name);
  const id = world.ids.resource('eipalloc');
  const part = (n: number) => Math.floor(unit(world.seed, Number.parseInt(id.slice(-8), 16), n) * 254) + 1;
  const address = { id, publicIp: `52.${part(1)}.${part(2)}.${part(3)}` };
  region.orphans.addresses.push(address);
  wear(region, id, tags);
  return address;
}

export function makeSnapshot(world: World, volumeId: string, { region: name, tags }: Made): Snapshot {
  const region = regionIn(world, name);
  const snapshot = { id: world.ids.resource('snap'), volumeId, startedAt: world.clock.second() };
  region.snapshots.push(snapshot);
  wear(region, snapshot.id, tags);
  return snapshot;
}

const regionIn = (world: World, name: string | undefined): Region => (name === undefined ? firstRegion(world) : regionOf(world, name));

function wear(region: Region, id: string, tags: Made['tags'] = {}): void {
  const labels = labelsOf(region, id);
  for (const [key, value] of Object.entries(tags)) labels.set(key, value);
}
