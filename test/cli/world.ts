/** What there is, asked of the emulator itself, next to what `ebb` says of it. */
import { type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { type Instance, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { DescribeParametersCommand } from '@aws-sdk/client-ssm';
import type { ResourceKind } from '../../shared/model/ids.ts';
import type { Change, Plan } from '../../shared/model/plan.ts';
import { type Clients, clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import type { Moto } from '../support/moto.ts';

export interface Seen {
  readonly instances: readonly Instance[];
  readonly groups: readonly AutoScalingGroup[];
  /** The tables' items and the parameters of the home region: whatever else a write could have changed. */
  readonly kept: unknown;
}

/** @param regions the home region first. @param tables those that exist by now. */
export async function seen(server: Moto, regions: readonly string[], tables: readonly string[]): Promise<Seen> {
  const restore = useOutside(server.outside());
  const clients = regions.map(region => clientsFor({ region }));
  restore();
  const instances = await Promise.all(clients.map(instancesOf));
  const groups = await Promise.all(
    clients.map(async c => (await (await c.autoScaling()).send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? []),
  );
  return { instances: instances.flat(), groups: groups.flat(), kept: await keptBy(clients[0] as Clients, tables) };
}

async function instancesOf(clients: Clients): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: await clients.ec2() }, {})) {
    found.push(...(page.Reservations ?? []).flatMap(r => r.Instances ?? []));
  }
  return found;
}

async function keptBy(clients: Clients, tables: readonly string[]): Promise<unknown> {
  const [dynamo, ssm] = [await clients.dynamoDb(), await clients.ssm()];
  const items = await Promise.all(tables.map(async TableName => (await dynamo.send(new ScanCommand({ TableName }))).Items));
  return [items, (await ssm.send(new DescribeParametersCommand({}))).Parameters];
}

export const stateOf = ({ instances }: Seen, id: string | undefined): string | undefined =>
  instances.find(i => i.InstanceId === id)?.State?.Name;
export const tagOf = ({ Tags }: Instance, key: string): string | undefined => Tags?.find(t => t.Key === key)?.Value;

/** `instance i-0abc stop-start-instances`, once for each answer that there should be and for each that a plan gives. */
export function expectedAnswers({ instances, groups }: Seen): string[] {
  const pens = ['stop-start-instances', 'enforce-tags'] as const;
  return [
    ...instances.flatMap(({ InstanceId }) => pens.map(pen => answerOf('instance', InstanceId, pen))),
    ...groups.map(({ AutoScalingGroupName }) => answerOf('auto-scaling-group', AutoScalingGroupName, 'resize-fleets')),
  ].sort();
}

export const answersOf = ({ changes, left }: Plan): string[] =>
  [...changes, ...left].map(({ resource, pen }) => answerOf(resource.kind, resource.id, pen)).sort();

const answerOf = (kind: ResourceKind, id: string | undefined, pen: string): string => `${kind} ${id} ${pen}`;

/** What a plan says of these, by a pen: the codes, sorted. */
export const codesOf = ({ changes, left }: Plan, ids: readonly string[], pen: Change['pen'] = 'stop-start-instances'): string[] =>
  [...changes, ...left]
    .filter(answer => answer.pen === pen && ids.includes(answer.resource.id))
    .map(answer => answer.because.code)
    .sort();
