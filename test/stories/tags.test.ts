import { describe, expect, test } from '@jest/globals';
import { carryOut } from '../../shared/runtime/reconcile.ts';
import { requiredTags } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';

function office(options: StoryOptions = {}) {
  const story = day(WEDNESDAY, 'UTC', { policies: [requiredTags()], ...options });
  const tick = () => story.tick('enforce-tags');
  return {
    ...story,
    tick,
    why: (id: string) => story.why(id, 'enforce-tags'),
    mark: (id: string) => story.instance(id).tags.get('ebb:mark'),
    marked: async (id: string) => (await story.remembered('enforce-tags')).tags.get(id)?.value.mark ?? null,
  };
}

const MARK = 'missing owner - due 2025-05-21T12:00:00Z';

describe('a box without its tags', () => {
  test('is given ten minutes to settle, then marked with a deadline, once', async () => {
    const { human, at, tick, why, mark, writes } = office();
    await at('11:55');
    const box = human.launches({ tags: { Name: 'nobody' } });
    await at('12:00');
    await tick();
    expect(await why(box)).toBe('Left alone: just born; its tags count from Wed 14 May 12:05 UTC.');
    await at('12:05');
    await tick();
    expect(mark(box)).toBe('missing owner - due 2025-05-21T12:05:00Z');
    await at('18:00');
    await tick();
    expect(writes()).toHaveLength(1);
    expect(await why(box)).toContain('already marked for missing owner, to be added by Wed 21 May 12:05');
  });

  test('loses the mark when the tags are there', async () => {
    const { launch, at, tick, human, mark, marked, why } = office();
    const box = launch();
    await at('12:00');
    await tick();
    expect(mark(box)).toBe(MARK);
    human.tags(box, { owner: 'payroll' });
    await at('18:00');
    await tick();
    expect(mark(box)).toBeUndefined();
    expect(await marked(box)).toBeNull();
    expect(await why(box)).toBe('Left alone: it carries every required tag.');
  });

  test('whose mark somebody edits keeps its deadline: neither disarmed nor triggered', async () => {
    const { launch, at, tick, human, mark, marked } = office();
    const box = launch();
    await at('12:00');
    await tick();
    const before = await marked(box);
    for (const edited of ['missing owner - due 2099-01-01T00:00:00Z', 'missing owner - due 2020-01-01T00:00:00Z', '']) {
      human.tags(box, { 'ebb:mark': edited });
      await at('18:00');
      await tick();
      expect(mark(box)).toBe(MARK);
      expect(await marked(box)).toEqual(before);
    }
    human.untags(box, ['ebb:mark']);
    await at('23:00');
    await tick();
    expect(mark(box)).toBe(MARK);
    expect(await marked(box)).toEqual(before);
  });

  test('with a mark that somebody typed in by hand is marked by its own deadline; one that complies is left alone', async () => {
    const { launch, at, tick, mark, writes } = office();
    const typed = 'missing owner - due 2020-01-01T00:00:00Z';
    const lacking = launch({ tags: { 'ebb:mark': typed } });
    const complete = launch({ tags: { 'ebb:mark': typed, owner: 'payroll' } });
    await at('12:00');
    await tick();
    expect(mark(lacking)).toBe(MARK);
    expect(mark(complete)).toBe(typed);
    expect(writes()).toHaveLength(1);
  });

  test('gets the default where there is one, and is not marked for it', async () => {
    const { launch, at, tick, instance, mark, notices } = office({
      policies: [requiredTags({ required: [{ key: 'cost-centre', default: 'unassigned' }, { key: 'owner' }] })],
    });
    const box = launch({ tags: { owner: 'payroll' } });
    await at('12:00');
    await tick();
    expect(instance(box).tags.get('cost-centre')).toBe('unassigned');
    expect(mark(box)).toBeUndefined();
    expect(await notices()).toHaveLength(1);
  });

  test('needs a value that is allowed, and an empty one is none', async () => {
    const { launch, at, tick, mark } = office({ policies: [requiredTags({ required: [{ key: 'stage', values: ['dev', 'test'] }] })] });
    const [wrong, empty, right] = [
      launch({ tags: { stage: 'Dev' } }),
      launch({ tags: { stage: '' } }),
      launch({ tags: { stage: 'test' } }),
    ];
    await at('12:00');
    await tick();
    expect([wrong, empty, right].map(id => mark(id) !== undefined)).toEqual([true, true, false]);
  });

  test('with fifty tags has no room for a mark, nor for a default', async () => {
    const full = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`tag-${i}`, 'x']));
    const { launch, at, tick, why, writes } = office();
    const box = launch({ tags: full });
    await at('12:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(box)).toContain('AWS takes no more than 50');

    const other = office({
      policies: [
        requiredTags({
          required: [
            { key: 'a', default: '1' },
            { key: 'b', default: '2' },
          ],
        }),
      ],
    });
    const { 'tag-49': _, ...nearly } = full;
    const crowded = other.launch({ tags: nearly });
    await other.at('12:00');
    await other.tick();
    expect(other.writes()).toEqual([]);
    expect(await other.why(crowded)).toContain('AWS takes no more than 50');
  });

  test('that a group made is left to the group', async () => {
    const { cloud, at, tick, why, writes } = office();
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 1, desiredCapacity: 1, demand: () => 0.1 });
    const [member = ''] = cloud.group('web').members.keys();
    await at('12:00');
    await tick();
    expect(writes()).toEqual([]);
    expect(await why(member)).toBe('Left alone: its tags come from auto-scaling-group web.');
  });

  test('is marked by twenties, best first and every one at last', async () => {
    const { launch, at, tick, mark } = office();
    const boxes = Array.from({ length: 45 }, () => launch());
    for (const [clock, count] of [
      ['12:00', 20],
      ['18:00', 40],
      ['23:59', 45],
    ] as const) {
      await at(clock);
      await tick();
      expect(boxes.filter(id => mark(id) !== undefined)).toHaveLength(count);
    }
  });

  test('whose owner adds the tag in the very last moment is not marked', async () => {
    const { launch, at, mark, human, writes, run, plan, ledger } = office();
    const box = launch();
    await at('12:00');
    const { changes } = await plan('enforce-tags');
    expect(changes.map(c => c.resource.id)).toEqual([box]);

    human.tags(box, { owner: 'payroll' });
    expect(await carryOut(await run('enforce-tags'), changes)).toMatchObject([{ outcome: 'stale', detail: 'its tag owner was changed' }]);
    expect(mark(box)).toBeUndefined();
    expect(writes()).toEqual([]);
    expect((await ledger()).map(r => r.kind)).toEqual(['claimed', 'settled']);
  });
});
