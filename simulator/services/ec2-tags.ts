/** CreateTags and DeleteTags on instances, volumes, snapshots and addresses, with EC2's limits. */
import type { CreateTagsRequest, DeleteTagsRequest } from '@aws-sdk/client-ec2';
import { publish } from '../world/bus.ts';
import { isNetwork } from '../world/network.ts';
import { labelsOf } from '../world/storage.ts';
import type { Region } from '../world/world.ts';
import { machinesOf } from './ec2-find.ts';
import { dryRun } from './ec2-states.ts';
import { isThere, noVolume } from './ec2-storage.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, writes } from './operation.ts';

/** Tags of AWS's own do not count. */
const TAGS_MAX = 50;
const KEY_MAX = 128;
const VALUE_MAX = 256;
const RESOURCES_MAX = 1_000;

export const changeTags: Readonly<Record<string, Operation>> = {
  CreateTags: writes(createTags, trail),
  DeleteTags: writes(deleteTags, trail),
};

interface Carrier {
  readonly id: string;
  /** As ARNs and events call it. */
  readonly type: string;
  readonly tags: Map<string, string>;
}

function createTags(input: CreateTagsRequest, call: Call): Record<string, never> {
  const carriers = carriersOf(call.region, input.Resources ?? []);
  const tags = (input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  refuseReserved(tags.map(([key]) => key));
  for (const [key, value] of tags) refuseLong(key, value);
  for (const carrier of carriers)
    refuseTooMany(
      carrier,
      tags.map(([key]) => key),
    );
  dryRun(input.DryRun);
  for (const carrier of carriers) {
    const changed = tags.filter(([key, value]) => carrier.tags.get(key) !== value);
    for (const [key, value] of changed) carrier.tags.set(key, value);
    tell(
      call,
      carrier,
      changed.map(([key]) => key),
    );
  }
  return {};
}

function deleteTags(input: DeleteTagsRequest, call: Call): Record<string, never> {
  const carriers = carriersOf(call.region, input.Resources ?? []);
  refuseReserved((input.Tags ?? []).map(({ Key = '' }) => Key));
  dryRun(input.DryRun);
  for (const carrier of carriers) {
    // Without a value the key goes whatever it holds; with one it goes only if it holds just that. Without any tags, all of one's own go.
    const asked = input.Tags ?? [...carrier.tags.keys()].filter(key => !key.startsWith('aws:')).map(Key => ({ Key, Value: undefined }));
    const gone = asked.flatMap(({ Key = '', Value }) =>
      carrier.tags.has(Key) && (Value === undefined || carrier.tags.get(Key) === Value) ? [Key] : [],
    );
    for (const key of gone) carrier.tags.delete(key);
    tell(call, carrier, gone);
  }
  return {};
}

/** @throws ServiceError of EC2's own for the first kind of thing that is not there. */
function carriersOf(region: Region, ids: readonly string[]): Carrier[] {
  if (ids.length > RESOURCES_MAX) {
    throw new ServiceError('InvalidParameterValue', `The maximum number of resources for a call is ${RESOURCES_MAX}.`);
  }
  const odd = ids.find(id => !/^(i|vol|snap|eipalloc|subnet|vpc)-/.test(id));
  if (odd !== undefined) throw new ServiceError('InvalidID', `The ID '${odd}' is not valid`);
  const machines = machinesOf(
    region,
    ids.filter(id => id.startsWith('i-')),
  );
  const others = [...new Set(ids)].filter(id => !id.startsWith('i-')).map(id => labelled(region, id));
  return [...machines.map(({ id, tags }) => ({ id, type: 'instance', tags })), ...others];
}

function labelled(region: Region, id: string): Carrier {
  const tags = labelsOf(region, id);
  if (id.startsWith('vol-')) {
    if (!isThere.volume(region, id)) throw noVolume(id);
    return { id, type: 'volume', tags };
  }
  if (id.startsWith('snap-')) {
    if (!isThere.snapshot(region, id)) throw new ServiceError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
    return { id, type: 'snapshot', tags };
  }
  if (isNetwork(id)) return { id, type: id.slice(0, id.indexOf('-')), tags };
  if (!isThere.address(region, id)) throw new ServiceError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`);
  return { id, type: 'elastic-ip', tags };
}

function refuseReserved(keys: readonly string[]): void {
  const reserved = keys.find(key => key.toLowerCase().startsWith('aws:'));
  if (reserved !== undefined) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value ( ${reserved} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
    );
  }
}

/** Counted in characters, of which an emoji is one. */
function refuseLong(key: string, value: string): void {
  if ([...key].length > KEY_MAX || [...value].length > VALUE_MAX) {
    const [part, most] = [...key].length > KEY_MAX ? ['key', KEY_MAX] : ['value', VALUE_MAX];
    throw new ServiceError('InvalidParameterValue', `Tag ${part} exceeds the maximum length of ${most} characters`);
  }
}

function refuseTooMany(carrier: Carrier, keys: readonly string[]): void {
  const own = new Set([...carrier.tags.keys(), ...keys].filter(key => !key.startsWith('aws:')));
  if (own.size > TAGS_MAX) throw new ServiceError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

function tell({ world, region, changed }: Call, { id, type, tags }: Carrier, keys: readonly string[]): void {
  if (keys.length === 0) return;
  changed.push(id);
  publish(world, region.name, {
    detailType: 'Tag Change on Resource',
    source: 'aws.tag',
    resources: [`arn:aws:ec2:${region.name}:${world.account}:${type}/${id}`],
    detail: { 'changed-tag-keys': keys, service: 'ec2', 'resource-type': type, version: 1, tags: Object.fromEntries(tags) },
  });
}

function trail(
  input: { Resources?: string[] | undefined; Tags?: { Key?: string | undefined; Value?: string | undefined }[] | undefined },
  output: unknown,
) {
  return {
    requestParameters: {
      resourcesSet: { items: (input.Resources ?? []).map(resourceId => ({ resourceId })) },
      tagSet: { items: (input.Tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value })) },
    },
    responseElements: output === null ? null : { _return: true },
  };
}
