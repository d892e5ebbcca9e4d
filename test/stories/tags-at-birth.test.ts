/** What has just been made, and who made it: from CloudTrail's event through the rules of serverless.yml to the tag, the mark, the offer. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { handler as dispatch } from '../../functions/dispatch.ts';
import { handler as enforceTags } from '../../functions/enforce-tags.ts';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import { shelfOf, sortShelf } from '../../shared/memory/shelves.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { addSeconds, type Instant, instant, secondsBetween } from '../../shared/model/time.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { waiting } from '../../shared/runtime/outbox.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { Handler } from '../../simulator/stage/lambda.ts';
import { readWiring } from '../../simulator/stage/wiring.ts';
import { openStage } from '../../simulator/stage.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { configOf, requiredTags } from '../support/policies.ts';
import { REGION } from '../support/story.ts';

const SERVERLESS = join(import.meta.dirname, '../../serverless.yml');
const HANDLERS: Readonly<Record<string, unknown>> = { dispatch, 'enforce-tags': enforceTags };
const idle: Handler = async () => ({});

let tables: Tables | null = null;
afterEach(async () => {
  await tables?.close();
  tables = null;
});

const ALL_KINDS: TagPolicy['match'] = {
  resources: ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'],
  except: {},
};

/** A house that is rung by events and, unless it is to be without, by the ticks of the tag pen. */
async function house(rules: Partial<TagPolicy>, { ticks = false, from = '2025-05-14T12:00:30Z' } = {}) {
  tables = await openTables();
  const cloud = createCloud({ seed: 5, at: instant(from) });
  const config = configOf({ policies: [requiredTags({ match: ALL_KINDS, settle: 0, ...rules })] });
  const wiring = await readWiring(SERVERLESS, cloud.account);
  const functions = wiring.functions.map(f => ({
    ...f,
    schedules: ticks ? f.schedules.filter(({ input }) => (input as { tick?: string }).tick === 'enforce-tags') : [],
  }));
  const load = async (name: string) => (HANDLERS[name] ?? idle) as Handler;
  const stage = await openStage({ cloud, tables, config, serverless: { ...wiring, functions }, region: REGION, load });
  const told: { readonly at: Instant; readonly detail: Readonly<Record<string, unknown>> }[] = [];
  cloud.onEvent(event => void told.push({ at: cloud.now(), detail: event.detail as Record<string, unknown> }));
  const opened = tables;
  const memory = async () => {
    const leave = useOutside(cloud.outside({ config, tables: opened, environment: { AWS_REGION: REGION } }));
    const client = await clientsFor({ region: REGION }).dynamoDb();
    leave();
    return createMemory(client, opened.memory);
  };
  return {
    cloud,
    stage,
    after: (seconds: number) => cloud.advanceTo(addSeconds(cloud.now(), seconds)),
    /** When EventBridge brought the record of this call. */
    toldOf: (call: string) => told.findLast(({ detail }) => detail['eventName'] === call)?.at,
    tags: (id: string) => tagsOf(cloud, id),
    offers: async () =>
      (await waiting(await memory(), cloud.now())).flatMap(({ value: { notice } }) => (notice.kind === 'tag-offer' ? [notice] : [])),
    warned: async (id: string) =>
      (await waiting(await memory(), cloud.now())).flatMap(({ value: { notice } }) =>
        notice.kind === 'tag-warning' && notice.resource.id === id ? [`${notice.stage} ${notice.owner}`] : [],
      ),
    shelf: async () =>
      sortShelf(await (await memory()).readShelf(shelfOf('enforce-tags', { account: cloud.account, region: REGION }), cloud.now())),
    looks: () => stage.invocations.filter(i => i.function === 'enforce-tags'),
  };
}

type Offered = Extract<Notice, { kind: 'tag-offer' }>;
const said = ({ offers, owner }: Offered) => [
  owner,
  ...offers.map(({ key, value, because }) => `${key}=${value} ${because.split(':')[0]}`),
];

function tagsOf(cloud: Cloud, id: string): Readonly<Record<string, string>> {
  if (id.startsWith('i-')) return Object.fromEntries(cloud.instance(id).tags);
  return cloud.tagsOf(id);
}

describe('within a minute of its event', () => {
  test('what somebody launches is marked, and its volumes with it, though no event names them', async () => {
    const { cloud, after, tags, toldOf } = await house({});
    const box = cloud.human.as('anna@example.com').launches({ volumes: 2 });
    await after(200);
    const told = toldOf('RunInstances');
    const marks = cloud.record.writes.filter(w => w.action === 'CreateTags' && w.userAgent.includes('ebbtide/'));
    expect(marks.flatMap(w => w.changed).sort()).toEqual([box, ...cloud.instance(box).volumes].sort());
    for (const { at } of marks) expect(secondsBetween(told ?? at, at)).toBeLessThanOrEqual(60);
    expect(tags(box)['ebb:mark']).toContain('missing owner - due 2025-05-21T');
  });

  test.each<[string, object, (answer: Record<string, unknown>) => unknown]>([
    ['CreateVolume', { AvailabilityZone: `${REGION}a`, Size: 30 }, a => a['VolumeId']],
    ['AllocateAddress', { Domain: 'vpc' }, a => a['AllocationId']],
  ])('%s is heard of', async (call, input, idOf) => {
    const { cloud, after, tags } = await house({});
    const id = String(idOf(cloud.human.calls('ec2', call, input) as Record<string, unknown>));
    await after(200);
    expect(tags(id)['ebb:mark']).toContain('missing owner');
  });

  test('so are snapshots, one by one, of a whole instance, and copied', async () => {
    const { cloud, after, tags } = await house({ match: { resources: ['snapshot'], except: {} } });
    const box = cloud.launch({ volumes: 2 });
    const [volume = ''] = cloud.instance(box).volumes;
    const one = cloud.human.calls('ec2', 'CreateSnapshot', { VolumeId: volume }) as { SnapshotId: string };
    const all = cloud.human.calls('ec2', 'CreateSnapshots', { InstanceSpecification: { InstanceId: box } }) as {
      Snapshots: { SnapshotId: string }[];
    };
    const copy = cloud.human.calls('ec2', 'CopySnapshot', { SourceRegion: REGION, SourceSnapshotId: one.SnapshotId }) as {
      SnapshotId: string;
    };
    await after(200);
    for (const id of [one.SnapshotId, ...all.Snapshots.map(s => s.SnapshotId), copy.SnapshotId])
      expect(tags(id)).toHaveProperty('ebb:mark');
  });

  test('so is a group, and what its owner writes is heard as soon', async () => {
    const { cloud, after } = await house({});
    const launch = { LaunchTemplateData: { InstanceType: 't3.micro', ImageId: 'ami-1' }, LaunchTemplateName: 'box' };
    cloud.human.calls('ec2', 'CreateLaunchTemplate', launch);
    const group = {
      AutoScalingGroupName: 'web',
      MinSize: 0,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: 'box' },
      AvailabilityZones: [`${REGION}a`],
    };
    cloud.human.calls('autoscaling', 'CreateAutoScalingGroup', group);
    await after(200);
    const keys = () => [...cloud.group('web').tags].map(([key]) => key);
    expect(keys()).toEqual(['ebb:mark']);
    const tag = { ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'owner', Value: 'shop', PropagateAtLaunch: true };
    cloud.human.calls('autoscaling', 'CreateOrUpdateTags', { Tags: [tag] });
    await after(200);
    expect(keys()).toEqual(['owner']);
    cloud.human.calls('autoscaling', 'DeleteTags', { Tags: [tag] });
    await after(200);
    expect(keys()).toEqual(['ebb:mark']);
  });

  test('a call that failed wakes nobody', async () => {
    const { cloud, after, stage } = await house({});
    expect(() => cloud.human.calls('ec2', 'CreateSnapshot', { VolumeId: 'vol-0123456789abcdef0' })).toThrow('does not exist');
    await after(200);
    expect(stage.invocations).toEqual([]);
  });

  test('an event that comes twice marks once', async () => {
    const { cloud, after, stage, looks } = await house({});
    cloud.onEvent(async event => {
      if (event['detail-type'].includes('CloudTrail')) await stage.invoke('dispatch', event);
    });
    cloud.human.launches();
    await after(200);
    expect(looks().length).toBeGreaterThan(0);
    expect(cloud.record.writes.filter(w => w.action === 'CreateTags' && w.error === null)).toHaveLength(1);
  });

  test('what was never told of is found by the sweep', async () => {
    const { cloud, after, tags } = await house({}, { ticks: true, from: '2025-05-14T11:50:00Z' });
    const box = cloud.launch();
    const id = cloud.createVolume();
    await after(11 * 60);
    for (const one of [box, id]) expect(tags(one)).toHaveProperty('ebb:mark');
  });
});

test('what settles is left for ten minutes, and marked by the tick after them', async () => {
  const { cloud, after, tags, looks } = await house({ settle: 600, match: { resources: ['instance'], except: {} } }, { ticks: true });
  const box = cloud.human.launches();
  const born = cloud.now();
  await after(9 * 60);
  expect(tags(box)).toEqual({});
  expect(looks().length).toBeGreaterThan(0);
  await after(6 * 60 + 30);
  expect(tags(box)['ebb:mark']).toContain(`due ${addSeconds(born, 7 * 86_400).slice(0, 13)}`);
});

describe('who made it', () => {
  const owners: TagPolicy['required'] = [{ key: 'owner', from: ['creator'] }];

  test('is written at once where the policy says so, on the box and on what came with it', async () => {
    const { cloud, after, tags, offers } = await house({ required: owners });
    const box = cloud.human.as('anna@example.com').launches({ volumes: 2 });
    await after(200);
    expect(tags(box)).toEqual({ owner: 'anna@example.com' });
    for (const volume of cloud.instance(box).volumes) expect(tags(volume)).toEqual({ owner: 'anna@example.com' });
    expect(await offers()).toEqual([]);
  });

  test('is only offered where the policy does not, to whoever made it, once', async () => {
    const { cloud, after, offers, looks } = await house({ match: { resources: ['instance'], except: {} } }, { ticks: true });
    const box = cloud.human.as('anna@example.com').launches();
    await after(3 * 60);
    const [offer, ...more] = await offers();
    expect(more).toEqual([]);
    expect(offer && [offer.resource.id, ...said(offer)]).toEqual([box, 'anna@example.com', 'owner=anna@example.com certain']);
    expect(offer?.offers[0]?.because).toBe(
      `certain: made by anna@example.com (RunInstances, Wed 14 May 12:00 UTC; signed in through IAM Identity Center)`,
    );
    const before = looks().length;
    await after(7 * 3600);
    expect(looks().length).toBeGreaterThan(before);
    expect(await offers()).toHaveLength(1);
  });

  test('hears every warning of the mark where its tags name nobody, and the owner where they do', async () => {
    const { cloud, after, warned } = await house({ required: [{ key: 'cost-centre' }], grace: { days: 4 } }, { ticks: true });
    await after(600); // the first sweep is over
    const box = cloud.human.as('anna@example.com').launches({ volumes: 1 });
    const owned = cloud.human.as('anna@example.com').launches({ tags: { 'ebb:owner': 'bob@example.com' }, volumes: 0 });
    await after(4 * 86_400);
    const [volume = ''] = cloud.instance(box).volumes;
    for (const [id, who] of Object.entries({ [box]: 'anna@example.com', [volume]: 'anna@example.com', [owned]: 'bob@example.com' }))
      expect(await warned(id)).toEqual(['birth', 'half-time', 'last-day'].map(stage => `${stage} ${who}`));
  });

  test('is remembered until the grace is over, for the sweep that finds what the event’s look did not', async () => {
    const { cloud, after, shelf, tags } = await house({ required: owners, settle: 3600, grace: { days: 2 } }, { ticks: true });
    const box = cloud.human.as('anna@example.com').launches();
    await after(300);
    expect(tags(box)).toEqual({});
    expect((await shelf()).births.get(box)).toMatchObject({ call: 'RunInstances', by: { person: { who: 'anna@example.com' } } });
    await after(2 * 3600);
    expect(tags(box)).toEqual({ owner: 'anna@example.com' });
    await after(3 * 86_400);
    expect((await shelf()).births.size).toBe(0);
  });

  test('is nobody where Auto Scaling launched it, and nothing is kept of that', async () => {
    const { cloud, after, shelf } = await house({ required: owners });
    cloud.createGroup({ name: 'web', minSize: 0, maxSize: 3, desiredCapacity: 0, demand: () => 0, tags: { owner: 'shop' } });
    cloud.human.setsDesiredCapacity('web', 2);
    await after(300);
    expect((await shelf()).births.size).toBe(0);
  });
});

test('the subnet’s tag is offered as a guess, and written where the policy takes it', async () => {
  const subnet = 'subnet-0a1b2c3d4e5f60718';
  const required = (from?: 'network'): TagPolicy['required'] => [
    { key: 'environment', values: ['dev', 'prod'], ...(from && { from: [from] }) },
  ];
  for (const from of [undefined, 'network'] as const) {
    const { cloud, after, tags, offers } = await house({ required: required(from), match: { resources: ['instance'], except: {} } });
    cloud.human.calls('ec2', 'CreateTags', { Resources: [subnet], Tags: [{ Key: 'environment', Value: 'dev' }] });
    const box = cloud.human.launches({ zone: 'a' });
    await after(200);
    expect(tags(box)['environment']).toBe(from === undefined ? undefined : 'dev');
    const offered = (await offers()).map(({ offers: [first] }) => first && [first.value, first.because]);
    expect(offered).toEqual(from === undefined ? [['dev', `guess: ${subnet} carries it`]] : []);
    await tables?.close();
    tables = null;
  }
});
