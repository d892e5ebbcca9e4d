/** Puts what a plot says into the cloud: instances with a past, and groups with a demand. */
import { epochSeconds, HOUR, type Instant, WEEK } from '../../shared/model/time.ts';
import type { Cloud } from '../cloud.ts';
import { shield } from '../people/shield.ts';
import { busy, idle, officeHoursOfWeek, officeUse, type Workload, webDemand } from '../workloads.ts';
import { putValues } from '../world/custom-metrics.ts';
import { regionOf } from '../world/world.ts';
import { hangAlarm } from './furnish-alarms.ts';
import { type Box, FLEET_TAGS, type Fleet, type Plot, type Thing } from './plot.ts';

/**
 * @param topic ARN of the topic that alarms are told to.
 * @returns ids of instances, volumes, snapshots and addresses by the names of the plot
 */
export function furnish(cloud: Cloud, { boxes, fleets, things = [], timeZone, seed, from }: Plot, topic: string): Map<string, string> {
  for (const fleet of fleets) if (fleet.kind !== 'environment') foundFleet(cloud, fleet, seed, timeZone);
  const ids = new Map<string, string>(boxes.map((box, i) => [box.id, furnishBox(cloud, box, { seed: seed + i, timeZone, from })]));
  for (const thing of things) ids.set(thing.id, furnishThing(cloud, thing, ids));
  for (const fleet of fleets) if (fleet.kind === 'environment') ids.set(fleet.id, foundEnvironment(cloud, fleet, seed, timeZone));
  for (const { id, alarm } of fleets) if (alarm !== undefined) hangAlarm(cloud, id, alarm, topic);
  return ids;
}

function furnishThing(cloud: Cloud, { kind, box, tags }: Thing, ids: ReadonlyMap<string, string>): string {
  const [volume = ''] = box === null ? [] : cloud.instance(ids.get(box) ?? '').volumes;
  switch (kind) {
    case 'volume':
      return cloud.createVolume({ tags });
    case 'elastic-ip':
      return cloud.createAddress({ tags });
    case 'snapshot':
      return cloud.createSnapshot(volume, { tags });
    case 'root-volume':
      cloud.wears(volume, tags);
      return volume;
  }
}

function furnishBox(cloud: Cloud, box: Box, { seed, timeZone, from }: { seed: number; timeZone: string; from: Instant }): string {
  const { kind, type, tags, load, history, memory } = box;
  const id = cloud.launch({
    ...{ type, tags, cpu: cpuOf(load, seed, timeZone) },
    platform: kind === 'windows' ? 'windows' : 'linux',
    hibernation: kind === 'hibernating',
    stopProtection: kind === 'stop-protected',
    market: kind === 'spot' ? 'spot-one-time' : 'on-demand',
    publicIpv4: kind === 'public-address' ? 'auto' : 'none',
    state: kind === 'asleep' ? 'stopped' : 'running',
    ...(history === 'office' && { ranInHour: officeHoursOfWeek(from, { timeZone, from: 0, to: 24 }) }),
  });
  if (memory !== undefined) publishMemory(cloud, id, { memory, from });
  return id;
}

/** Of the weeks before, which is what a size is judged by. */
function publishMemory(cloud: Cloud, id: string, { memory, from }: { readonly memory: number; readonly from: Instant }): void {
  const now = epochSeconds(from);
  const metric = { namespace: 'CWAgent', name: 'mem_used_percent', dimensions: [{ Name: 'InstanceId', Value: id }] };
  const region = regionOf(cloud.world, cloud.instance(id).region);
  for (let at = now - 2 * WEEK; at < now; at += HOUR) putValues(region, metric, at, [memory]);
}

function cpuOf(load: Box['load'], seed: number, timeZone: string): Workload {
  if (load === 'office') return officeUse({ seed, timeZone, from: 6, to: 22 });
  return load === 'idle' ? idle({ seed }) : busy({ seed });
}

/** It sets its group right within minutes, whoever has changed it: harsher than AWS. @returns its id */
function foundEnvironment(
  cloud: Cloud,
  { id, minSize, maxSize, desiredCapacity, night, day, tags = FLEET_TAGS }: Fleet,
  seed: number,
  timeZone: string,
): string {
  const demand = webDemand({ seed, timeZone, night, day });
  cloud.createEnvironment({
    ...{ name: id, minSize, maxSize, desiredCapacity, type: 't3.medium', monitoring: 'detailed', demand, tags, repairsAfter: 300 },
  });
  return [...cloud.world.regions.values()].flatMap(r => r.environments.get(id)?.id ?? [])[0] ?? '';
}

function foundFleet(
  cloud: Cloud,
  { id, kind, minSize, maxSize, desiredCapacity, night, day, target, shielded = 0, tags = FLEET_TAGS }: Fleet,
  seed: number,
  timeZone: string,
): void {
  cloud.createGroup({
    ...{ name: id, minSize, maxSize, desiredCapacity, type: 't3.medium', monitoring: 'detailed', instanceWarmup: 180 },
    demand: webDemand({ seed, timeZone, night, day }),
    tags,
    ...(kind === 'beanstalk' && { beanstalk: id }),
    ...(kind === 'aws-policies' && {
      awsPolicies: [{ name: 'tracking', type: 'TargetTrackingScaling', ...(target !== undefined && { target }) }],
    }),
    ...(kind === 'suspended' && { suspended: ['Terminate'] }),
  });
  shield(cloud, id, shielded);
}
