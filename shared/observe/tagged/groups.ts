/** Auto Scaling groups as carriers of tags, some of which their members get. */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Scope } from '../../model/ids.ts';
import { microUsd } from '../../model/money.ts';
import type { MonthlyCost, Tagged } from '../../model/observation.ts';
import { instant } from '../../model/time.ts';
import { tagsOf } from '../describe.ts';
import { ECS_SCALES, parentOf, stackOf } from '../parent.ts';
import type { Eye } from './ec2.ts';

/** Auto Scaling's limit for names in one call, and for groups on one page. */
const GROUPS_MAX = 100;

export async function* readGroups(...[clients, scope, names]: Parameters<Eye>): AsyncGenerator<Tagged[]> {
  const [client, { paginateDescribeAutoScalingGroups }] = await Promise.all([
    clients.autoScaling(),
    import('@aws-sdk/client-auto-scaling'),
  ]);
  const slices =
    names === undefined
      ? [undefined]
      : Array.from({ length: Math.ceil(names.length / GROUPS_MAX) }, (_, i) => names.slice(i * GROUPS_MAX, (i + 1) * GROUPS_MAX));
  for (const slice of slices) {
    const input = slice === undefined ? {} : { AutoScalingGroupNames: [...slice] };
    for await (const page of paginateDescribeAutoScalingGroups({ client, pageSize: GROUPS_MAX }, input)) {
      yield (page.AutoScalingGroups ?? []).map(group => factsOf(group, scope));
    }
  }
}

/** A group, or an environment, is billed as its members, which are seen by themselves. */
export const MEMBERS_ALONE: MonthlyCost = { perMonth: microUsd(0), source: 'billed as its members' };

function factsOf({ AutoScalingGroupName: name, Tags: list, CreatedTime, Status }: AutoScalingGroup, scope: Scope): Tagged {
  if (name === undefined) throw new Error('Auto Scaling described a group without AutoScalingGroupName');
  const tags = tagsOf(list);
  const { [ECS_SCALES]: _scaled, ...others } = tags;
  return {
    ref: { kind: 'auto-scaling-group', id: name, name, scope },
    tags,
    unread: null,
    unpropagated: (list ?? []).flatMap(tag => (tag.PropagateAtLaunch || tag.Key === undefined ? [] : tag.Key)),
    createdAt: CreatedTime === undefined ? null : instant(CreatedTime),
    // A status means that it is being deleted.
    state: Status === undefined ? '' : 'deleting',
    parent: parentOf(others) ?? stackOf(tags),
    source: null,
    subnet: null,
    price: MEMBERS_ALONE,
  };
}
