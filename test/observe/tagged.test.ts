/** Carriers of tags as AWS describes them: all pages or an error, kinds that may not be read, and whose tags are inherited. */
import { describe, expect, test } from '@jest/globals';
import type { ResourceKind } from '../../shared/model/ids.ts';
import { observeTagged } from '../../shared/observe/tagged/tagged.ts';
import { answering, awsError, type Call } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const KINDS: readonly ResourceKind[] = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'];
const [BOX, VOLUME, SNAPSHOT, ADDRESS] = [
  'i-0aaaaaaaaaaaaaaaa',
  'vol-0aaaaaaaaaaaaaaaa',
  'snap-0aaaaaaaaaaaaaaaa',
  'eipalloc-0aaaaaaaaaaaaaaaa',
];
const born = new Date('2025-05-14T12:00:00Z');
const Tags = [{ Key: 'Name', Value: 'it' }];

/** One of each, each thing in its own plain shape. */
const world: Readonly<Record<string, object>> = {
  DescribeInstances: { Reservations: [{ Instances: [{ InstanceId: BOX, State: { Name: 'running' }, Tags }] }] },
  DescribeVolumes: { Volumes: [{ VolumeId: VOLUME, State: 'in-use', CreateTime: born, Attachments: [{ InstanceId: BOX }] }] },
  DescribeSnapshots: {
    Snapshots: [{ SnapshotId: SNAPSHOT, OwnerId: scope.account, State: 'completed', StartTime: born, VolumeId: VOLUME }],
  },
  DescribeAddresses: { Addresses: [{ AllocationId: ADDRESS, PublicIp: '192.0.2.1' }, { PublicIp: '192.0.2.2' }] },
  DescribeAutoScalingGroups: {
    AutoScalingGroups: [
      { AutoScalingGroupName: 'web', CreatedTime: born, Tags: [{ Key: 'owner', Value: 'ann', PropagateAtLaunch: false }] },
    ],
  },
  DescribeEnvironments: {
    Environments: [
      { EnvironmentId: 'e-abcdefghij', EnvironmentName: 'shop', EnvironmentArn: 'arn:shop', Status: 'Ready', DateCreated: born },
    ],
  },
  ListTagsForResource: { ResourceTags: [{ Key: 'elasticbeanstalk:environment-name', Value: 'shop' }] },
};

const look = (answer: (call: Call) => object, kinds: readonly ResourceKind[] = KINDS, ids?: readonly string[]) => {
  const { clients, calls } = answering(answer);
  const seen = observeTagged(clients, scope, { kinds: new Set(kinds), sources: true, ...(ids && { ids }) });
  return { seen, calls };
};
const asIs = ({ operation }: Call) => world[operation] ?? {};

describe('every kind', () => {
  test('is read as its service tells it', async () => {
    const { resources, sources, blind, unread } = await look(asIs).seen;
    expect(resources.map(({ ref, state, source, createdAt }) => [ref.kind, ref.id, ref.name, state, source, createdAt])).toEqual([
      ['instance', BOX, 'it', 'running', null, null],
      ['volume', VOLUME, null, 'in-use', BOX, '2025-05-14T12:00:00Z'],
      ['snapshot', SNAPSHOT, null, 'completed', VOLUME, '2025-05-14T12:00:00Z'],
      ['elastic-ip', ADDRESS, '192.0.2.1', '', null, null],
      ['auto-scaling-group', 'web', 'web', '', null, '2025-05-14T12:00:00Z'],
      ['beanstalk-environment', 'e-abcdefghij', 'shop', 'Ready', null, '2025-05-14T12:00:00Z'],
    ]);
    expect(resources.find(r => r.ref.kind === 'auto-scaling-group')?.unpropagated).toEqual(['owner']);
    expect([sources.size, blind.size, unread]).toEqual([0, 0, []]);
  });

  test('comes in all its pages, or not at all', async () => {
    const paged = ({ operation, input }: Call) =>
      operation === 'DescribeVolumes' && input.NextToken === undefined
        ? { ...world['DescribeVolumes'], NextToken: 'more' }
        : { Volumes: [{ VolumeId: 'vol-0b', State: 'available' }] };
    expect((await look(paged, ['volume']).seen).resources.map(r => r.ref.id)).toEqual([VOLUME, 'vol-0b']);
    const broken = ({ operation, input }: Call) => {
      if (operation === 'DescribeVolumes' && input.NextToken !== undefined) throw awsError('InternalError', 'x', 500);
      return paged({ operation, input, userAgent: '' });
    };
    await expect(look(broken, ['volume']).seen).rejects.toThrow('x');
    await expect(look(() => ({ Volumes: [{ State: 'available' }] }), ['volume']).seen).rejects.toThrow(
      'EC2 described a volume without its id or state',
    );
  });

  test('that may not be read is named, and leaves the others be', async () => {
    const { resources, blind, unread } = await look(call => {
      if (call.operation === 'DescribeSnapshots') throw awsError('UnauthorizedOperation', 'not allowed', 403);
      return asIs(call);
    }).seen;
    expect([...blind]).toEqual([['snapshot', 'UnauthorizedOperation: not allowed']]);
    expect(unread).toEqual([{ what: 'tags of every snapshot', why: 'UnauthorizedOperation: not allowed' }]);
    expect(resources.map(r => r.ref.kind)).toEqual(KINDS.filter(kind => kind !== 'snapshot'));
  });

  test('an environment whose tags are not told is there, and unread', async () => {
    const untold = ({ operation }: Call) => (operation === 'ListTagsForResource' ? {} : (world[operation] ?? {}));
    const { resources, unread } = await look(untold, ['beanstalk-environment']).seen;
    expect(resources).toMatchObject([{ tags: {}, unread: 'Elastic Beanstalk did not tell' }]);
    expect(unread).toEqual([{ what: 'tags of shop', why: 'Elastic Beanstalk did not tell' }]);
  });
});

describe('looked for by name', () => {
  test('each kind is asked for its own, two hundred at a time, and an event knows an environment by the end of its ARN', async () => {
    const volumes = Array.from({ length: 201 }, (_, i) => `vol-0${String(i).padStart(16, '0')}`);
    const { seen, calls } = look(() => ({}), KINDS, [
      BOX,
      ...volumes,
      SNAPSHOT,
      ADDRESS,
      'web',
      'e-abcdefghij',
      'environment/shop/shop-prod',
    ]);
    await seen;
    expect(
      calls.map(({ operation, input }) => [
        operation,
        input.Filters?.[0]?.Values.length ?? input.AutoScalingGroupNames ?? input.EnvironmentIds ?? input.EnvironmentNames,
      ]),
    ).toEqual([
      ['DescribeInstances', 1],
      ['DescribeVolumes', 200],
      ['DescribeVolumes', 1],
      ['DescribeSnapshots', 1],
      ['DescribeAddresses', 1],
      ['DescribeAutoScalingGroups', ['web']],
      ['DescribeEnvironments', ['e-abcdefghij']],
      ['DescribeEnvironments', ['shop-prod']],
      ['DescribeVolumes', 1], // those that hang on the instance
    ]);
  });

  test('kinds of which no policy speaks are not asked about', async () => {
    const { seen, calls } = look(asIs, ['instance'], [VOLUME, 'web']);
    expect((await seen).resources).toEqual([]);
    expect(calls).toEqual([]);
  });

  test('a snapshot is told whose volume it is of, and that volume whose instance: in two rounds', async () => {
    const { seen, calls } = look(asIs, KINDS, [SNAPSHOT]);
    const { resources, sources } = await seen;
    expect(resources.map(r => r.ref.id)).toEqual([SNAPSHOT]);
    expect([...sources.keys()]).toEqual([VOLUME, BOX]);
    expect(calls.map(c => c.operation)).toEqual(['DescribeSnapshots', 'DescribeVolumes', 'DescribeInstances']);
  });

  test('nobody in particular owns what several share, nor a copy from elsewhere', async () => {
    const shared = { Volumes: [{ VolumeId: VOLUME, State: 'in-use', Attachments: [{ InstanceId: BOX }, { InstanceId: 'i-0b' }] }] };
    expect((await look(() => shared, ['volume']).seen).resources[0]?.source).toBeNull();
    const copied = { Snapshots: [{ SnapshotId: SNAPSHOT, OwnerId: scope.account, State: 'completed', VolumeId: 'vol-ffffffff' }] };
    expect((await look(() => copied, ['snapshot']).seen).resources[0]?.source).toBeNull();
  });
});

test.each([
  ['that ECS scales is its owner’s', 'AmazonECSManaged', 'true', null],
  ['that a cluster made is the cluster’s', 'eks:cluster-name', 'north', { kind: 'eks', name: 'north' }],
])('a group %s', async (_, Key, Value, parent) => {
  const groups = { AutoScalingGroups: [{ AutoScalingGroupName: 'web', Tags: [{ Key, Value, PropagateAtLaunch: true }] }] };
  expect((await look(() => groups, ['auto-scaling-group']).seen).resources).toMatchObject([{ tags: { [Key]: Value }, parent }]);
});

test.each<readonly [string, string, string, object | null]>([
  ['a stack', 'aws:cloudformation:stack-name', 'payroll', { kind: 'cloudformation-stack', name: 'payroll' }],
  ['a group', 'aws:autoscaling:groupName', 'web', { kind: 'auto-scaling-group', name: 'web' }],
  ['a cluster', 'eks:cluster-name', 'north', { kind: 'eks', name: 'north' }],
  ['nobody', 'team', 'x', null],
])('what %s made is known by its tags', async (_, Key, Value, parent) => {
  const made = { Volumes: [{ VolumeId: VOLUME, State: 'available', Tags: [{ Key, Value }] }] };
  expect((await look(() => made, ['volume']).seen).resources[0]?.parent).toEqual(parent);
});
