/** Tags of volumes, snapshots, addresses and groups, as the house sees and writes them. */
import { perform } from '../../shared/execute/perform.ts';
import { reread } from '../../shared/execute/reread.ts';
import { isSo } from '../../shared/execute/verify.ts';
import { fingerprint, kindOfId } from '../../shared/model/ids.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import { observeNetworks } from '../../shared/observe/tagged/networks.ts';
import { observeTagged } from '../../shared/observe/tagged/tagged.ts';
import { type Answers, listenTo } from './answers.ts';
import type { Stage } from './stages.ts';

const KINDS = new Set(['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group'] as const);
const STRANGE = '🚀 \u202Eevil <!channel> `x`';

export async function playCarriers({ clients, scope, launch, group, at }: Stage): Promise<Answers> {
  const { note, answers } = await listenTo(clients);
  const ec2 = await clients.ec2();
  const sdk = await import('@aws-sdk/client-ec2');
  const tags = (ResourceType: 'volume' | 'snapshot' | 'elastic-ip', Value: string) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'owner', Value }] }],
  });
  const box = await launch({ name: 'box', tags: { owner: 'ann' } });
  const { VolumeId: volume = '' } = await ec2.send(
    new sdk.CreateVolumeCommand({ AvailabilityZone: `${scope.region}a`, Size: 30, ...tags('volume', 'bob') }),
  );
  const { SnapshotId: snapshot = '' } = await ec2.send(new sdk.CreateSnapshotCommand({ VolumeId: volume, ...tags('snapshot', '') }));
  const { AllocationId: address = '' } = await ec2.send(new sdk.AllocateAddressCommand({ Domain: 'vpc', ...tags('elastic-ip', 'cy') }));
  await group({ name: 'web', minSize: 0, maxSize: 2, desiredCapacity: 0 });

  const names = new Map([box, volume, snapshot, address].map((id, i) => [id, ['box', 'volume', 'snapshot', 'address'][i] ?? '']));
  const look = async (ids?: readonly string[]) => {
    const { resources, sources, blind } = await observeTagged(clients, scope, { kinds: KINDS, sources: true, ...(ids && { ids }) });
    const ours = resources.filter(r => names.has(r.ref.id) || r.ref.id === 'web');
    const shown = ours.map(({ ref, tags: worn, state, source, unpropagated, createdAt }) => [
      names.get(ref.id) ?? ref.id,
      { kind: ref.kind, tags: worn, state, source: names.get(source ?? '') ?? null, unpropagated, born: createdAt !== null },
    ]);
    return { ...Object.fromEntries(shown), sources: [...sources.keys()].map(id => names.get(id)), blind: [...blind] };
  };
  const act = async (question: string, action: Action, ids: readonly string[]) => {
    const changes = ids.map(
      (id): Change => ({
        ...{
          id: `chg-${fingerprint({ id, action })}`,
          pen: 'enforce-tags',
          resource: { kind: kindOfId(id), id, name: null, scope },
          action,
        },
        ...{ because: { code: 'tags-fixed', fixes: [] }, causeAt: at, expects: {}, attempt: 1, policy: 'owners', mode: 'act' },
        ...{ saving: null, losing: [], owner: null },
      }),
    );
    const performed = await perform(clients, changes);
    const fresh = await reread(
      clients,
      changes.map(c => c.resource),
      'enforce-tags',
    );
    const came = changes.map(change => {
      const seen = fresh.get(change.resource.id);
      return [performed.get(change.id)?.outcome, seen === undefined ? 'gone' : isSo(change, seen)];
    });
    note(question, came);
  };

  note('seen', await look());
  note(
    'seen by id',
    await look([snapshot, address, 'vol-0aaaaaaaaaaaaaaaa', 'snap-0aaaaaaaaaaaaaaaa', 'eipalloc-0aaaaaaaaaaaaaaaa', 'nobody']),
  );
  const withVolumes = await observeTagged(clients, scope, { kinds: KINDS, sources: true, ids: [box] });
  note('an instance stands for its volumes', withVolumes.resources.map(r => [r.ref.kind, names.get(r.source ?? '') ?? null]).sort());
  note('its network', await networkOf(box, { clients, scope }));
  const all = await ec2.send(new sdk.CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: box } }));
  note(
    'snapshots of all its volumes',
    (all.Snapshots ?? []).map(s => [s.SnapshotId?.startsWith('snap-'), s.VolumeId?.startsWith('vol-')]),
  );
  const copy = await ec2.send(new sdk.CopySnapshotCommand({ SourceRegion: scope.region, SourceSnapshotId: snapshot }));
  note('a copy', copy.SnapshotId?.startsWith('snap-') && copy.SnapshotId !== snapshot);
  await act('one call for four kinds', { kind: 'create-tags', tags: { team: STRANGE, centre: 'v'.repeat(256) } }, [
    box,
    volume,
    snapshot,
    address,
  ]);
  await act('another spelling', { kind: 'replace-tags', tags: { Owner: 'bob' }, keys: ['owner'] }, [volume, snapshot]);
  await act('a group', { kind: 'tag-group', propagated: { owner: 'ann' }, tags: { 'ebb:mark': 'due' }, keys: ['environment'] }, ['web']);
  await act('its mark', { kind: 'tag-group', propagated: {}, tags: {}, keys: ['ebb:mark'] }, ['web']);
  const fifty = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, 'x']));
  await act('more than fifty', { kind: 'create-tags', tags: fifty }, [volume, address]);
  await act('a group that is not there', { kind: 'tag-group', propagated: { a: 'b' }, tags: {}, keys: [] }, ['nobody']);
  await ec2.send(new sdk.DeleteTagsCommand({ Resources: [address], Tags: [{ Key: 'team' }] }));
  note('in the end', await look());
  await act('what is too long', { kind: 'create-tags', tags: { k: 'v'.repeat(257) } }, [volume]);
  return answers();
}

/** Tags of the subnet that an instance stands in, and of its VPC. */
async function networkOf(box: string, { clients, scope }: Pick<Stage, 'clients' | 'scope'>): Promise<unknown> {
  const [ec2, sdk] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const seen = (await observeTagged(clients, scope, { kinds: new Set(['instance'] as const), sources: false, ids: [box] })).resources[0];
  const subnet = seen?.subnet ?? '';
  const { Subnets = [] } = await ec2.send(new sdk.DescribeSubnetsCommand({ SubnetIds: [subnet] }));
  const vpc = Subnets[0]?.VpcId ?? '';
  await ec2.send(new sdk.CreateTagsCommand({ Resources: [subnet], Tags: [{ Key: 'environment', Value: 'dev' }] }));
  await ec2.send(new sdk.CreateTagsCommand({ Resources: [vpc], Tags: [{ Key: 'team', Value: 'net' }] }));
  const { network, unread } = await observeNetworks(clients, new Set([subnet, 'subnet-0aaaaaaaaaaaaaaaa']));
  return [[...network.values()].map(all => all.map(({ tags }) => tags)), unread];
}
