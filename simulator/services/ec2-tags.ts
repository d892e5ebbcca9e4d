/** CreateTags and DeleteTags on instances, with EC2's limits. */
import type { CreateTagsRequest, DeleteTagsRequest } from '@aws-sdk/client-ec2';
import { publish } from '../world/bus.ts';
import type { Machine } from '../world/machine.ts';
import { machinesOf } from './ec2-find.ts';
import { dryRun } from './ec2-states.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, writes } from './operation.ts';

/** Tags of AWS's own do not count. */
const TAGS_MAX = 50;

export const changeTags: Readonly<Record<string, Operation>> = {
  CreateTags: writes(createTags, trail),
  DeleteTags: writes(deleteTags, trail),
};

function createTags(input: CreateTagsRequest, call: Call): Record<string, never> {
  const machines = machinesOf(call.region, input.Resources ?? []);
  const tags = (input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  refuseReserved(tags.map(([key]) => key));
  for (const machine of machines)
    refuseTooMany(
      machine,
      tags.map(([key]) => key),
    );
  dryRun(input.DryRun);
  for (const machine of machines) {
    const changed = tags.filter(([key, value]) => machine.tags.get(key) !== value);
    for (const [key, value] of changed) machine.tags.set(key, value);
    tell(
      call,
      machine,
      changed.map(([key]) => key),
    );
  }
  return {};
}

function deleteTags(input: DeleteTagsRequest, call: Call): Record<string, never> {
  const machines = machinesOf(call.region, input.Resources ?? []);
  refuseReserved((input.Tags ?? []).map(({ Key = '' }) => Key));
  dryRun(input.DryRun);
  for (const machine of machines) {
    // Without a value the key goes whatever it holds; with one it goes only if it holds just that. Without any tags, all of one's own go.
    const asked = input.Tags ?? [...machine.tags.keys()].filter(key => !key.startsWith('aws:')).map(Key => ({ Key, Value: undefined }));
    const gone = asked.flatMap(({ Key = '', Value }) =>
      machine.tags.has(Key) && (Value === undefined || machine.tags.get(Key) === Value) ? [Key] : [],
    );
    for (const key of gone) machine.tags.delete(key);
    tell(call, machine, gone);
  }
  return {};
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

function refuseTooMany(machine: Machine, keys: readonly string[]): void {
  const own = new Set([...machine.tags.keys(), ...keys].filter(key => !key.startsWith('aws:')));
  if (own.size > TAGS_MAX) throw new ServiceError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}

function tell({ world, changed }: Call, machine: Machine, keys: readonly string[]): void {
  if (keys.length === 0) return;
  changed.push(machine.id);
  publish(world, machine.region, {
    detailType: 'Tag Change on Resource',
    source: 'aws.tag',
    resources: [`arn:aws:ec2:${machine.region}:${world.account}:instance/${machine.id}`],
    detail: { 'changed-tag-keys': keys, service: 'ec2', 'resource-type': 'instance', version: 1, tags: Object.fromEntries(machine.tags) },
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
