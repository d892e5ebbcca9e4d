/** Tags of everything that carries some: who inherits from whom, what is put right, and where the parent has to be. */
import { describe, expect, test } from '@jest/globals';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { requiredTags } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const KINDS = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'] as const;

const everyKind = (other: Partial<TagPolicy> = {}) => requiredTags({ match: { resources: [...KINDS], except: {} }, ...other });

function office(policy: TagPolicy = everyKind(), options: StoryOptions = {}) {
  const story = day('2025-05-14', 'UTC', { policies: [policy], ...options });
  return {
    ...story,
    tick: (look: 'all' | 'due' | readonly string[] = 'all') => story.tick('enforce-tags', look),
    why: (id: string) => story.why(id, 'enforce-tags'),
    groupTags: (name: string) => Object.fromEntries([...story.group(name).tags].map(([key, tag]) => [key, tag])),
  };
}

describe('a volume and its snapshots', () => {
  const inheriting = everyKind({ inherit: ['owner', 'environment'], required: [{ key: 'owner' }, { key: 'centre', default: 'none' }] });

  test('take from their instance what they lack, in one sweep, and keep what they have', async () => {
    const { cloud, at, tick, tagsOf, instance, writes } = office(inheriting);
    const box = cloud.launch({ tags: { owner: 'ann', environment: 'dev' }, volumes: 2 });
    const [root = '', data = ''] = instance(box).volumes;
    const snapshot = cloud.createSnapshot(data, { tags: { environment: 'prod' } });
    await at('12:00');
    await tick();
    expect(tagsOf(root)).toEqual({ owner: 'ann', environment: 'dev', centre: 'none' });
    expect(tagsOf(snapshot)).toEqual({ owner: 'ann', environment: 'prod', centre: 'none' });
    const before = writes().length;
    await tick();
    expect(writes()).toHaveLength(before);
  });

  test('of a group’s member inherit too, and are not marked: they go with it', async () => {
    const { cloud, at, tick, tagsOf, why } = office(everyKind({ inherit: ['environment'] }));
    cloud.createGroup({
      name: 'web',
      minSize: 1,
      maxSize: 1,
      desiredCapacity: 1,
      demand: () => 0.1,
      tags: { environment: 'dev', owner: 'ann' },
    });
    const [member = ''] = cloud.group('web').members.keys();
    const [volume = ''] = cloud.instance(member).volumes;
    await at('12:00');
    await tick();
    expect(tagsOf(volume)).toEqual({ environment: 'dev' });
    expect(await why(volume)).toBe('Left alone: its tags come from auto-scaling-group web.');
  });

  test('on their own are marked like everything else, and looked at by their ids when an event names them', async () => {
    const { cloud, at, tick, tagsOf, calls } = office();
    await at('11:00');
    const volume = cloud.createVolume();
    const address = cloud.createAddress();
    const snapshot = cloud.createSnapshot(volume, { tags: { owner: 'ann' } });
    await tick([volume, address, snapshot]);
    expect([volume, address, snapshot].map(id => tagsOf(id)['ebb:mark'])).toEqual([undefined, undefined, undefined]);
    await at('11:09');
    await tick('due');
    expect(tagsOf(volume)).toEqual({});
    await at('11:10');
    const before = calls.length;
    await tick('due');
    const mark = { 'ebb:mark': 'missing owner - due 2025-05-21T11:10:00Z' };
    expect([volume, address, snapshot].map(tagsOf)).toEqual([mark, mark, { owner: 'ann' }]);
    expect(calls.slice(before).filter(c => c.startsWith('Describe'))).not.toContain('DescribeInstances'); // what is due, and no more
  });
});

describe('a group', () => {
  test('is put right where its members are not, and its tags reach them; the mark does not', async () => {
    const { cloud, at, tick, groupTags, why, human } = office(
      everyKind({ required: [{ key: 'owner' }, { key: 'centre', default: 'none' }] }),
    );
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 2, desiredCapacity: 1, demand: () => 0.1 });
    await at('12:00');
    await tick();
    const mark = { value: 'missing owner - due 2025-05-21T12:00:00Z', propagate: false };
    expect(groupTags('web')).toMatchObject({ centre: { value: 'none', propagate: true }, 'ebb:mark': mark });
    human.setsDesiredCapacity('web', 2);
    await at('12:30');
    const fresh = [...cloud.group('web').members.values()].map(m => Object.fromEntries(m.machine.tags)).find(tags => 'centre' in tags);
    expect(fresh).toMatchObject({ centre: 'none' });
    expect(fresh).not.toHaveProperty('ebb:mark');
    expect(await why('web')).toContain('already marked for missing owner');
  });

  test('whose tag its members do not get is told to pass it on', async () => {
    const { cloud, at, tick, groupTags, writes } = office();
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 2, desiredCapacity: 1, demand: () => 0.1, tags: { owner: 'ann' } });
    cloud.group('web').tags.set('owner', { value: 'ann', propagate: false });
    await at('12:00');
    await tick();
    expect(groupTags('web')['owner']).toEqual({ value: 'ann', propagate: true });
    await tick();
    expect(writes()).toHaveLength(1);
  });
});

describe('an environment', () => {
  test('is tagged itself, its group and instances are not, and what Beanstalk writes is Beanstalk’s', async () => {
    const { cloud, at, tick, why, writes, groupTags } = office(
      everyKind({ required: [{ key: 'owner', default: 'ann' }, { key: 'Name' }] }),
    );
    const group = cloud.createEnvironment({ name: 'shop', minSize: 1, maxSize: 1, desiredCapacity: 1, demand: () => 0.1 });
    await at('12:00');
    await tick();
    expect(writes().map(w => [w.service, w.action])).toEqual([['elasticbeanstalk', 'UpdateTagsForResource']]);
    expect(groupTags(group)).toMatchObject({ owner: { value: 'ann' }, Name: { value: 'shop' } });
    expect(await why(group)).toBe('Left alone: its tags come from beanstalk shop.');
    await at('18:00');
    await tick();
    expect(writes()).toHaveLength(1);
  });

  test('whose tags reach its launch template is left alone: a tag would replace all of its instances', async () => {
    const { cloud, at, tick, why, writes, faults, remembered } = office();
    cloud.createEnvironment({ name: 'shop', minSize: 1, maxSize: 1, desiredCapacity: 1, demand: () => 0.1 });
    const id = [...cloud.world.regions.values()].flatMap(r => [...r.environments.values()])[0]?.id ?? '';
    const propagates = (Value: string) =>
      cloud.human.calls('elasticbeanstalk', 'UpdateEnvironment', {
        EnvironmentId: id,
        OptionSettings: [{ Namespace: 'aws:autoscaling:launchconfiguration', OptionName: 'LaunchTemplateTagPropagationEnabled', Value }],
      });
    propagates('true');
    await at('12:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(id)).toContain('writing one would replace all of its instances');
    faults.next('elasticbeanstalk:DescribeConfigurationSettings', { name: 'AccessDenied' }, { times: 2 });
    await tick();
    expect(await why(id)).toContain('its environment could not be read (AccessDenied');
    propagates('false');
    await at('18:00');
    await tick();
    expect((await remembered('enforce-tags')).tags.get(id)?.value.mark?.missing).toEqual(['owner']);
  });

  test('whose tags cannot be read is left alone: unknown is not absent', async () => {
    const { cloud, at, tick, why, writes, faults, remembered } = office();
    cloud.createEnvironment({ name: 'shop', minSize: 1, maxSize: 1, desiredCapacity: 1, demand: () => 0.1 });
    const id = [...cloud.world.regions.values()].flatMap(r => [...r.environments.values()])[0]?.id ?? '';
    faults.next('elasticbeanstalk:ListTagsForResource', { name: 'AccessDenied' }, { times: 2 });
    await at('12:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(id)).toContain('its tags could not be read');
    await tick();
    expect((await remembered('enforce-tags')).tags.get(id)?.value.mark?.missing).toEqual(['owner']);
  });
});

describe('spellings', () => {
  const tidy = requiredTags({
    required: [{ key: 'environment', values: ['dev', 'prod'], case: 'ignore' }],
    normalise: { keys: { environment: ['Env', 'env'] }, values: { environment: { prod: ['production'] } } },
  });

  test('of keys and values are put right, the new tag before the old one goes, and contradictions are left to people', async () => {
    const { cloud, at, tick, instance, writes } = office(tidy);
    const box = cloud.launch({ tags: { Env: 'production' } });
    const loud = cloud.launch({ tags: { environment: 'DEV', env: 'dev' } });
    const torn = cloud.launch({ tags: { Env: 'dev', env: 'prod' } });
    await at('12:00');
    await tick();
    const tags = (id: string) => Object.fromEntries(instance(id).tags);
    expect(tags(box)).toEqual({ environment: 'prod' });
    expect(tags(loud)).toEqual({ environment: 'dev' });
    expect(tags(torn)).toMatchObject({ Env: 'dev', env: 'prod', 'ebb:mark': expect.stringContaining('missing environment') });
    const of = (id: string) =>
      writes()
        .filter(w => w.changed.includes(id))
        .map(w => w.action);
    expect(of(box)).toEqual(['CreateTags', 'DeleteTags']);
  });

  test('whose old key could not be removed are finished at the next look, and nothing is lost in between', async () => {
    const { cloud, at, tick, instance, faults } = office(tidy);
    const box = cloud.launch({ tags: { Env: 'production' } });
    faults.next('ec2:DeleteTags', { name: 'UnauthorizedOperation' });
    await at('12:00');
    await tick();
    expect(Object.fromEntries(instance(box).tags)).toEqual({ Env: 'production', environment: 'prod' });
    await at('18:00');
    await tick();
    expect(Object.fromEntries(instance(box).tags)).toEqual({ environment: 'prod' });
  });
});
