/** Tags while things go wrong: limits, throttles, what is gone, what is not shown yet, copies of events, and words that bite. */
import { describe, expect, test } from '@jest/globals';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { requiredTags } from '../support/policies.ts';
import { day } from '../support/story.ts';

const STRANGE = '🚀 \u202Egnp.exe <!channel> `*_~`';

function office(other: Partial<TagPolicy> = {}) {
  const match = { resources: ['instance', 'volume'] as TagPolicy['match']['resources'], except: {} };
  const story = day('2025-05-14', 'UTC', { policies: [requiredTags({ match, inherit: ['owner', 'note'], ...other })] });
  return {
    ...story,
    tick: (look: 'all' | 'due' | readonly string[] = 'all') => story.tick('enforce-tags', look),
    mark: async (id: string) => (await story.remembered('enforce-tags')).tags.get(id)?.value.mark ?? null,
  };
}

const MACHINES: Partial<TagPolicy> = { match: { resources: ['instance'], except: {} } };

const full = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key-${i}`, 'x']));

describe('one bad resource spoils only itself', () => {
  test('whatever is full or gone by the time of the write', async () => {
    const { cloud, at, tick, instance, mark, human } = office(MACHINES);
    const boxes = Array.from({ length: 4 }, () => cloud.launch());
    const [crowded = '', leaving = '', ...well] = boxes;
    human.tags(crowded, full(50));
    await at('12:00');
    // Gone between the look and the write: the call that names it fails, and the others are sent without it.
    let met = 0;
    cloud.faults.next(
      'ec2:CreateTags',
      { name: 'InvalidInstanceID.NotFound', message: `The instance ID '${leaving}' does not exist` },
      {
        when: input => (input as { Resources: string[] }).Resources.includes(leaving) && ++met > 0,
      },
    );
    await tick();
    expect(met).toBe(1);
    for (const id of well) expect(instance(id).tags.get('ebb:mark')).toContain('missing owner');
    expect(await mark(leaving)).toBeNull();
    expect(instance(crowded).tags.size).toBe(50);
  });

  test('a throttle is no bad id: what was throttled is sent again, once, and nobody is blamed', async () => {
    const { cloud, at, tick, writes, faults, instance } = office(MACHINES);
    const boxes = Array.from({ length: 3 }, () => cloud.launch());
    await at('12:00');
    faults.next('ec2:CreateTags', { name: 'RequestLimitExceeded', status: 503 }, { times: 4 });
    await tick();
    expect(boxes.every(id => instance(id).tags.has('ebb:mark'))).toBe(true);
    expect(writes().filter(w => w.changed.length > 0)).toHaveLength(1);
    expect(writes().every(w => (w.params as { Resources: string[] }).Resources.length === 3)).toBe(true);
  });

  test('an answer that got lost is looked up, and the mark keeps its deadline', async () => {
    const { cloud, at, tick, writes, faults, mark } = office(MACHINES);
    const box = cloud.launch();
    await at('12:00');
    faults.next('ec2:CreateTags', { name: 'InternalError', status: 500 }, { after: true, times: 3 });
    await tick();
    await at('12:10');
    await tick('due');
    expect((await mark(box))?.deadline).toBe('2025-05-21T12:00:00Z');
    expect(writes().filter(w => w.changed.length > 0)).toHaveLength(1);
  });
});

describe('what is not shown yet', () => {
  test('is waited for: tags of a launch that EC2 shows a minute later are no missing tags', async () => {
    const { at, human, tick, writes } = office(MACHINES);
    await at('11:00');
    const box = human.launches({ tags: { owner: 'ann' }, tagsAfter: 60 });
    await tick([box]);
    await at('11:10');
    await tick('due');
    expect(writes()).toEqual([]);
  });

  test('copies of an event, and events that overtake each other, come to one write', async () => {
    const { at, human, tick, writes, mark } = office(MACHINES);
    await at('11:00');
    const box = human.launches();
    for (let i = 0; i < 3; i++) await tick([box, box]);
    await at('11:10');
    await tick([box]);
    await tick([box]);
    await tick('due');
    expect(writes()).toHaveLength(1);
    const before = await mark(box);
    human.tags(box, { owner: 'ann' });
    human.untags(box, ['owner']);
    await tick([box]);
    expect(await mark(box)).toEqual(before);
  });
});

describe('words', () => {
  test('are copied as they are where AWS takes them: emoji, marks of direction, Slack’s own, 256 characters', async () => {
    const { cloud, at, tick, instance, tagsOf, notices } = office();
    const long = '🚀'.repeat(256);
    const box = cloud.launch({ tags: { owner: STRANGE, note: long } });
    const [root = ''] = instance(box).volumes;
    await at('12:00');
    await tick();
    expect(tagsOf(root)).toEqual({ owner: STRANGE, note: long });
    await tick();
    expect((await notices()).filter(n => n.kind === 'changes')).toHaveLength(1);
  });
});

describe('who is exempt', () => {
  test('is never marked, and loses the mark that it had', async () => {
    const { cloud, at, tick, human, instance, mark, writes } = office({
      match: { resources: ['instance'], except: { tagging: ['exempt'] } },
    });
    const [exempt, leaving, opting] = [cloud.launch({ tags: { tagging: 'exempt' } }), cloud.launch(), cloud.launch()];
    await at('12:00');
    await tick();
    expect([exempt, leaving, opting].map(id => instance(id).tags.has('ebb:mark'))).toEqual([false, true, true]);
    human.tags(leaving, { tagging: 'exempt' });
    human.tags(opting, { 'ebb:policy': 'off' });
    await at('18:00');
    await tick();
    expect([leaving, opting].map(id => instance(id).tags.has('ebb:mark'))).toEqual([false, false]);
    expect(await mark(leaving)).toBeNull();
    const before = writes().length;
    await tick();
    expect(writes()).toHaveLength(before);
  });
});
