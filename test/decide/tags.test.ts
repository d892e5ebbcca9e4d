import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideTags } from '../../shared/decide/decide-tags.ts';
import { markText } from '../../shared/decide/rules/tags/marks.ts';
import { rememberTags } from '../../shared/memory/remember.ts';
import type { TagMemory } from '../../shared/model/memory.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR } from '../../shared/model/time.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { configOf, requiredTags } from '../support/policies.ts';
import { answer, noon, tagged, taggeds } from './facts.ts';

const policy = requiredTags({
  required: [{ key: 'owner' }, { key: 'stage', values: ['dev', 'test'] }, { key: 'centre', default: 'none' }],
});
const config = configOf({ policies: [policy] });

const decide = (one: Tagged, memory: TagMemory | null = null, at = noon) =>
  decideTags(taggeds(at, [one], { memory: memory === null ? new Map() : new Map([[one.ref.id, memory]]) }), config).plan;

describe('required tags', () => {
  test('what is marked has its deadline from the first mark, whatever is missing later', () => {
    const one = tagged('i-1', { centre: 'x' });
    const deadline = addSeconds(noon, 7 * DAY);
    expect(answer(decide(one), 'i-1')).toEqual({ code: 'tags-missing', missing: ['owner', 'stage'], deadline });
    const memory = { mark: { missing: ['owner', 'stage'], markedAt: noon, deadline } };
    const half = tagged('i-1', { centre: 'x', owner: 'ann', 'ebb:mark': markText(['owner', 'stage'], deadline) });
    expect(answer(decide(half, memory, addSeconds(noon, DAY)), 'i-1')).toEqual({ code: 'tags-missing', missing: ['stage'], deadline });
    expect(answer(decide({ ...half, state: 'terminated' }, memory), 'i-1')).toEqual({ code: 'gone', state: 'terminated' });
  });

  test('defaults and the mark are one write: looked at again, there is no more to say', () => {
    const deadline = addSeconds(noon, 7 * DAY);
    const [change] = decide(tagged('i-1', {})).changes;
    const mark = markText(['owner', 'stage'], deadline);
    expect(change?.action).toEqual({ kind: 'create-tags', tags: { centre: 'none', 'ebb:mark': mark } });
    expect(change?.because).toEqual({ code: 'tags-missing', missing: ['owner', 'stage'], deadline });
    const memory = { mark: { missing: ['owner', 'stage'], markedAt: noon, deadline } };
    expect(decide(tagged('i-1', { centre: 'none', 'ebb:mark': mark }), memory).changes).toEqual([]);
    // A mark that stands is left standing.
    expect(decide(tagged('i-1', { 'ebb:mark': mark }), memory).changes[0]?.action).toEqual({
      kind: 'create-tags',
      tags: { centre: 'none' },
    });
  });

  test('a mark that names other keys than are missing now is written anew, and keeps its deadline', () => {
    const deadline = addSeconds(noon, 7 * DAY);
    const marked = (missing: readonly string[]) => {
      const memory = { mark: { missing, markedAt: noon, deadline } };
      const seen = tagged('i-1', { centre: 'x', 'ebb:mark': markText(missing, deadline) });
      return decide(seen, memory).changes.map(c => c.action);
    };
    const renewed = [{ kind: 'create-tags', tags: { 'ebb:mark': markText(['owner', 'stage'], deadline) } }];
    expect(marked(['owner', 'stage'])).toEqual([]);
    expect(marked(['owner', 'stage', 'centre'])).toEqual(renewed); // one fewer is missing
    expect(marked(['owner'])).toEqual(renewed); // one more
    expect(marked(['owner', 'centre'])).toEqual(renewed); // as many, and others
  });

  test('the mark fits into a tag, however long the keys are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 128 }), { minLength: 1, maxLength: 20 }), keys => {
        expect(markText(keys, noon).length).toBeLessThanOrEqual(256);
      }),
    );
    expect(markText(['cost#center', 'owner'], noon)).toBe(`missing cost_center owner - due ${noon}`); // # is not for every service
  });
});

describe('over any tags', () => {
  const tags = fc.record(
    {
      owner: fc.constantFrom('ann', ''),
      stage: fc.constantFrom('dev', 'prod', ''),
      centre: fc.constantFrom('x', ''),
      'ebb:mark': fc.constantFrom('by hand', '', markText(['owner'], addSeconds(noon, DAY))),
      'ebb:policy': fc.constantFrom('off', 'owners'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>;
  const memory: fc.Arbitrary<TagMemory | null> = fc.option(
    fc.record({
      mark: fc.option(
        fc.record({
          missing: fc.subarray(['owner', 'stage', 'centre']),
          markedAt: fc.constant(noon),
          deadline: fc.constant(addSeconds(noon, DAY)),
        }),
      ),
    }),
  );

  /** The world and memory after AWS took the change. */
  const after = (one: Tagged, held: TagMemory | null, plan: ReturnType<typeof decide>): [Tagged, TagMemory | null] => {
    const [change] = plan.changes;
    if (change === undefined) return [one, held];
    const next = rememberTags(held, { change, outcome: 'done', at: noon, requestId: 'r', detail: null });
    if (change.action.kind === 'create-tags') return [{ ...one, tags: { ...one.tags, ...change.action.tags } }, next];
    const keys = change.action.kind === 'delete-tags' ? change.action.keys : [];
    return [{ ...one, tags: Object.fromEntries(Object.entries(one.tags).filter(([key]) => !keys.includes(key))) }, next];
  };

  test('quiescent: defaults, then a mark, then silence; each answer is a sentence', () => {
    fc.assert(
      fc.property(tags, memory, (first, held) => {
        let [one, remembered] = [tagged('i-1', first), held];
        for (let round = 0; round < 2; round++) [one, remembered] = after(one, remembered, decide(one, remembered));
        const plan = decide(one, remembered, addSeconds(noon, HOUR));
        expect(plan.changes).toEqual([]);
        expect(sentence(answer(plan, 'i-1'))).toMatch(/^Left alone: /);
      }),
    );
  });

  test('no hand-written mark moves a deadline, and only complete tags clear it', () => {
    fc.assert(
      fc.property(tags, memory, (first, held) => {
        const plan = decide(tagged('i-1', first), held);
        for (const { because, action } of plan.changes) {
          if (because.code === 'tags-missing' && action.kind === 'create-tags' && 'ebb:mark' in action.tags)
            expect(because.deadline).toBe(held?.mark?.deadline ?? addSeconds(noon, 7 * DAY));
          if (because.code === 'tags-completed')
            expect([first['owner'], first['stage'] !== 'prod', first['centre']]).toEqual(['ann', true, 'x']);
        }
      }),
    );
  });
});
