/** Whole answers about tags, to the last field, and the edges of budgets and ranks. */
import { describe, expect, test } from '@jest/globals';
import { isDisruptive, leftBy, rank, trim } from '../../shared/decide/budget.ts';
import { decideTags, type TagFacts } from '../../shared/decide/decide-tags.ts';
import { markText } from '../../shared/decide/rules/tags/marks.ts';
import type { PendingChange, TagMemory } from '../../shared/model/memory.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { type Change, changeId } from '../../shared/model/plan.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant, instant } from '../../shared/model/time.ts';
import { missingKeys } from '../../shared/policy/tag-rules.ts';
import { configOf, requiredTags } from '../support/policies.ts';
import { answer, lastWeek, noon, scope, tagged, taggeds } from './facts.ts';

const policy = requiredTags({ required: [{ key: 'owner' }, { key: 'stage', values: ['dev', 'test'] }] });
const withDefault = requiredTags({ required: [{ key: 'owner' }, { key: 'centre', default: 'none' }, { key: 'stage' }] });
const at = instant('2025-05-14T12:34:56Z');
const deadline = addSeconds(at, 7 * DAY);

interface Asked {
  readonly mark?: TagMemory['mark'];
  readonly policies?: readonly ReturnType<typeof requiredTags>[];
  readonly facts?: Partial<TagFacts>;
}
const decided = (one: Tagged, { mark, policies = [policy], facts = {} }: Asked = {}) => {
  const memory = new Map(mark === undefined ? [] : [[one.ref.id, { mark }]]);
  return decideTags(taggeds(at, [one], { memory, ...facts }), configOf({ policies }));
};
const because = (one: Tagged, asked: Asked = {}) => answer(decided(one, asked).plan, one.ref.id);

const change = (one: Tagged, other: Pick<Change, 'action' | 'because' | 'expects'>): Change => ({
  id: changeId({ resource: one.ref, action: other.action, expects: other.expects, causeAt: floorTo(at, HOUR), attempt: 1 }),
  ...{
    pen: 'enforce-tags',
    resource: one.ref,
    causeAt: floorTo(at, HOUR),
    attempt: 1,
    policy: 'owners',
    mode: 'act',
    saving: null,
    losing: [],
  },
  owner: null,
  ...other,
});

describe('a mark', () => {
  test('is set as a whole change, which is stale when any of what it argued from has changed', () => {
    const one = tagged('i-1', { stage: 'prod', Name: 'x' });
    const text = `missing owner stage - due ${deadline}`;
    expect(markText(['owner', 'stage'], deadline)).toBe(text);
    const { plan, next, nextAt } = decided(one);
    expect(plan).toEqual({
      ...{ version: 1, at, scopes: [scope], left: [], unread: [] },
      changes: [
        change(one, {
          action: { kind: 'create-tags', tags: { 'ebb:mark': text } },
          because: { code: 'tags-missing', missing: ['owner', 'stage'], deadline },
          expects: { tags: { 'ebb:mark': null, 'ebb:policy': null, owner: null, stage: 'prod' } },
        }),
      ],
    });
    expect([next.size, nextAt]).toEqual([0, addSeconds(at, 3.5 * DAY)]); // the warning at half-time
  });

  test('is cleared as a whole change', () => {
    const mark = { missing: ['owner'], markedAt: lastWeek, deadline };
    const one = tagged('i-1', { owner: 'ann', stage: 'dev', 'ebb:mark': 'anything' });
    expect(decided(one, { mark }).plan.changes).toEqual([
      change(one, {
        action: { kind: 'delete-tags', keys: ['ebb:mark'] },
        because: { code: 'tags-completed', markedAt: lastWeek },
        expects: { tags: { 'ebb:mark': 'anything', 'ebb:policy': null } },
      }),
    ]);
    expect(because(one, { mark: null })).toEqual({ code: 'compliant' });
  });

  test('stands while it says what is missing, and is written anew when it does not', () => {
    const of = (missing: string[], tag: string, tags: Tagged['tags']) =>
      because(tagged('i-1', { ...tags, 'ebb:mark': tag }), { mark: { missing, markedAt: lastWeek, deadline } });
    const both = markText(['owner', 'stage'], deadline);
    expect(of(['owner', 'stage'], both, {})).toEqual({ code: 'marked', missing: ['owner', 'stage'], deadline });
    expect(of(['stage', 'owner'], markText(['stage', 'owner'], deadline), {})).toMatchObject({ code: 'marked' });
    expect(of(['owner', 'stage'], 'by hand', {})).toMatchObject({ code: 'tags-missing' });
    expect(of(['owner', 'stage'], both, { owner: 'ann' })).toEqual({ code: 'tags-missing', missing: ['stage'], deadline });
    expect(of(['owner', 'centre'], markText(['owner', 'centre'], deadline), {})).toMatchObject({ missing: ['owner', 'stage'] });
    expect(of(['owner'], markText(['owner'], deadline), {})).toMatchObject({ missing: ['owner', 'stage'] });
  });

  test('is cut where a tag ends', () => {
    const long = Array.from({ length: 30 }, (_, i) => `key-number-${i}`);
    expect(markText(long, deadline)).toBe(`missing ${long.join(' ').slice(0, 200)} - due ${deadline}`);
    expect(markText(long, deadline).length).toBeLessThanOrEqual(256);
  });
});

describe('a default', () => {
  test('is written as a whole change together with the mark of what no default fills', () => {
    const one = tagged('i-1', { owner: 'ann' });
    expect(decided(one, { policies: [withDefault] }).plan.changes).toEqual([
      change(one, {
        action: { kind: 'create-tags', tags: { centre: 'none', 'ebb:mark': markText(['stage'], deadline) } },
        because: { code: 'tags-missing', missing: ['stage'], deadline },
        expects: { tags: { centre: null, 'ebb:mark': null, 'ebb:policy': null, stage: null } },
      }),
    ]);
  });

  test('is written alone where nothing else is missing, and over no value but an empty one', () => {
    const one = tagged('i-1', { owner: 'ann', stage: 'dev' });
    expect(decided(one, { policies: [withDefault] }).plan.changes).toEqual([
      change(one, {
        action: { kind: 'create-tags', tags: { centre: 'none' } },
        because: { code: 'tags-fixed', fixes: [{ key: 'centre', how: 'default', from: null }] },
        expects: { tags: { centre: null, 'ebb:policy': null } },
      }),
    ]);
    const [empty] = decided(tagged('i-1', { owner: 'ann', centre: '' }), { policies: [withDefault] }).plan.changes;
    expect(empty).toMatchObject({
      action: { tags: { centre: 'none' } },
      because: { missing: ['stage'] },
      expects: { tags: { centre: '', 'ebb:policy': null } },
    });
    expect(because(tagged('i-1', { owner: 'ann', centre: 'x', stage: 'dev' }), { policies: [withDefault] })).toEqual({ code: 'compliant' });
  });
});

describe('hands off', () => {
  const left = (one: Tagged, asked: Asked = {}) => decided(one, asked).plan.left;
  const full = (own: number, more: Tagged['tags'] = {}) =>
    tagged('i-1', { ...Object.fromEntries(Array.from({ length: own }, (_, i) => [`key-${i}`, 'x'])), ...more });

  test('of what is gone, has a parent or has just been born', () => {
    expect(because({ ...tagged('i-1'), state: 'shutting-down' })).toEqual({ code: 'gone', state: 'shutting-down' });
    const parent = { kind: 'auto-scaling-group', name: 'web' } as const;
    expect(because({ ...tagged('i-1'), parent })).toEqual({ code: 'parent-owns-tags', parent: 'auto-scaling-group web' });
    const born = (seconds: number) => because({ ...tagged('i-1'), createdAt: addSeconds(at, -seconds) });
    expect(born(599)).toEqual({ code: 'just-born', until: addSeconds(at, 1) });
    expect(born(600)).toMatchObject({ code: 'tags-missing' });
    // Where nobody tells its birth, it begins when it is first seen.
    const unborn = { ...tagged('i-1'), createdAt: null };
    expect(because(unborn)).toEqual({ code: 'just-born', until: addSeconds(at, 600) });
    const seen = (settlesAt: Instant) => because(unborn, { facts: { memory: new Map([['i-1', { mark: null, settlesAt }]]) } });
    expect(seen(addSeconds(at, 1))).toEqual({ code: 'just-born', until: addSeconds(at, 1) });
    expect(seen(at)).toMatchObject({ code: 'tags-missing' });
  });

  test('of what is exempt, opted out or misspelt, and says by whom it is left', () => {
    const resource = tagged('i-1').ref;
    const exempt = requiredTags({ match: { resources: ['instance'], except: { team: ['infra'] } } });
    expect(left(tagged('i-1', { team: 'infra' }), { policies: [exempt] })).toEqual([
      { resource, pen: 'enforce-tags', because: { code: 'no-policy' }, policy: null },
    ]);
    expect(left(tagged('i-1', { 'ebb:policy': 'off' }))).toEqual([
      { resource, pen: 'enforce-tags', because: { code: 'opted-out', tag: 'ebb:policy' }, policy: null },
    ]);
    expect(left(tagged('i-1', { 'ebb:policy': 'onwers' }))).toMatchObject([{ because: { code: 'bad-tag', value: 'onwers' } }]);
    expect(left(tagged('i-1', { owner: 'ann', stage: 'dev' }))).toEqual([
      { resource, pen: 'enforce-tags', because: { code: 'compliant' }, policy: 'owners' },
    ]);
  });

  test('where a question is open', () => {
    const [asked] = decided(tagged('i-1')).plan.changes;
    if (asked === undefined) throw new Error('no change to ask about');
    const pending = new Map<string, PendingChange>([['i-1', { change: asked, claimedAt: noon }]]);
    expect(because(tagged('i-1'), { facts: { pending } })).toEqual({ code: 'unsettled', changeId: asked.id, claimedAt: noon });
  });

  test("where there is no room: fifty of one's own, AWS's not counted, what is there already not added", () => {
    expect(because(full(50))).toEqual({ code: 'tag-limit', count: 50 });
    expect(because(full(49))).toMatchObject({ code: 'tags-missing' });
    expect(because(full(49, { 'aws:autoscaling:x': 'y', 'aws:cloudformation:z': 'y' }))).toMatchObject({ code: 'tags-missing' });
    expect(because(full(49, { 'not-aws:': 'y' }))).toEqual({ code: 'tag-limit', count: 50 });
    expect(because(full(49, { 'ebb:mark': 'old' }))).toMatchObject({ code: 'tags-missing' });
    expect(because(full(50), { policies: [withDefault] })).toEqual({ code: 'tag-limit', count: 50 });
    expect(because(full(49), { policies: [withDefault] })).toMatchObject({ code: 'tags-fixed', fixes: [{ key: 'centre' }] });
  });
});

describe('several policies', () => {
  test('spend their own budgets, and what is cut says so', () => {
    const strict = requiredTags({ budget: { perRun: 1, perDay: 9, perOwner: 9 } });
    const other = requiredTags({ name: 'others', required: [{ key: 'stage' }] });
    const resources = [tagged('i-1'), tagged('i-2'), tagged('i-3', { 'ebb:policy': 'others' })];
    const { plan } = decideTags(taggeds(at, resources), configOf({ policies: [strict, other] }));
    expect(plan.changes.map(c => c.policy).toSorted()).toEqual(['others', 'owners']);
    expect(plan.left).toMatchObject([{ because: { code: 'over-budget', per: 'run', limit: 1 }, policy: 'owners', pen: 'enforce-tags' }]);
  });

  test('keys are missing that are absent, empty or hold what is not allowed', () => {
    expect(missingKeys({ owner: '', stage: 'prod' }, policy, tagged('i-1').ref)).toEqual(['owner', 'stage']);
    expect(missingKeys({ owner: 'ann', stage: 'test' }, policy, tagged('i-1').ref)).toEqual([]);
  });
});

describe('budgets and ranks', () => {
  const stop = (id: string, other: Partial<Change> = {}): Change => ({
    ...change(tagged(id), { action: { kind: 'stop-instance', hibernate: false }, because: { code: 'compliant' } as never, expects: {} }),
    id,
    ...other,
  });
  const ids = (changes: readonly Change[]) => changes.map(c => c.id);

  test('equal worlds rank equally: by the older cause, then by id', () => {
    expect(ids(rank([stop('b'), stop('a'), stop('c', { causeAt: lastWeek })]))).toEqual(['c', 'a', 'b']);
    expect(ids(rank([stop('a'), stop('b'), stop('c')]))).toEqual(['a', 'b', 'c']);
    expect(ids(rank([stop('c'), stop('b'), stop('a')]))).toEqual(['a', 'b', 'c']);
    expect(ids(rank([stop('x', { causeAt: at }), stop('a', { causeAt: addSeconds(at, 1) })]))).toEqual(['x', 'a']);
  });

  test('the narrower of run and day says that it was it; a tie is the run', () => {
    const two = [stop('a'), stop('b')];
    const cut = (perRun: number, perDay: number, spent = 0) =>
      trim(two, { perRun, perDay, perOwner: 9 }, spent).left.map(l => l.because)[0];
    const would = stop('a').because;
    expect(cut(1, 5)).toEqual({ code: 'over-budget', per: 'run', limit: 1, would });
    expect(cut(1, 1)).toEqual({ code: 'over-budget', per: 'run', limit: 1, would });
    expect(cut(2, 5, 4)).toEqual({ code: 'over-budget', per: 'day', limit: 5, would });
  });

  test('an owner is disturbed so often and no more; who has no owner is nobody in particular', () => {
    const owned = ['a', 'b', 'c'].map(id => stop(id, { owner: 'ann' }));
    const trimmed = trim([...owned, stop('d'), stop('e')], { perRun: 9, perDay: 9, perOwner: 2 }, 0);
    expect(ids(trimmed.changes)).toEqual(['a', 'b', 'd', 'e']);
    expect(trimmed.left).toEqual([leftBy(stop('c'), { code: 'over-budget', per: 'owner', limit: 2, would: stop('c').because })]);
    expect(ids(trim([stop('a'), stop('b')], { perRun: 9, perDay: 9, perOwner: 1 }, 0).changes)).toEqual(['a', 'b']);
  });

  test('stops and marks disturb; starts, clean-ups and capacity do not', () => {
    const kinds = [
      { kind: 'stop-instance', hibernate: false },
      { kind: 'create-tags', tags: { 'ebb:mark': 'missing owner' } },
      { kind: 'create-tags', tags: { owner: 'ann' } },
      { kind: 'start-instance' },
      { kind: 'delete-tags', keys: [] },
      { kind: 'set-desired-capacity', desiredCapacity: 1 },
    ] as const;
    expect(kinds.map(action => isDisruptive(stop('a', { action })))).toEqual([true, true, false, false, false, false]);
    // Whoever asked for a stop is not disturbed by it.
    const asked = { code: 'asked', by: 'U1', via: 'slack', at, why: null, lastFailure: null } as const;
    expect(isDisruptive(stop('a', { because: asked }))).toBe(false);
  });
});
