/** Where the pen of tags keeps its hands off, what it takes back whatever its policy says, how much it writes at once, and when it looks again. */
import { describe, expect, test } from '@jest/globals';
import { decideTags, type TagFacts } from '../../shared/decide/decide-tags.ts';
import { markText } from '../../shared/decide/rules/tags/marks.ts';
import type { ResourceKind, Tags } from '../../shared/model/ids.ts';
import type { TagMark, TagMemory, Wish } from '../../shared/model/memory.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { configOf, requiredTags } from '../support/policies.ts';
import { answer, lastWeek, noon, scope, tagged, taggeds } from './facts.ts';

const KINDS: readonly ResourceKind[] = ['instance', 'volume', 'snapshot', 'auto-scaling-group', 'beanstalk-environment'];
const everything = { resources: [...KINDS], except: { tagging: ['exempt'] } };
const policyOf = (other: Partial<TagPolicy> = {}): TagPolicy => requiredTags({ match: everything, ...other });

const deadline = addSeconds(noon, 2 * DAY);
const mark: TagMark = { missing: ['owner'], markedAt: lastWeek, deadline };
const marked = (...ids: string[]): Partial<TagFacts> => ({ memory: new Map(ids.map(id => [id, { mark }])) });
const stack = { kind: 'cloudformation-stack', name: 'payroll' } as const;
const as = (kind: ResourceKind, id: string, tags: Tags = {}): Tagged => ({ ...tagged(id, tags), ref: { kind, id, name: id, scope } });

const decide = (resources: readonly Tagged[], facts: Partial<TagFacts> = {}, ...policies: TagPolicy[]) =>
  decideTags(taggeds(noon, resources, facts), configOf({ policies: policies.length === 0 ? [policyOf()] : policies }));
const because = (one: Tagged, facts: Partial<TagFacts> = {}, ...policies: TagPolicy[]) =>
  answer(decide([one], facts, ...policies).plan, one.ref.id);

describe('a mark of ours is taken back', () => {
  const by = (why: string) => ({ code: 'mark-lifted', markedAt: lastWeek, why });
  const complete = { code: 'tags-completed', markedAt: lastWeek };

  test.each<readonly [string, Tagged, object, string]>([
    ['when no policy speaks any more', tagged('i-1', { tagging: 'exempt' }), by('no-policy'), 'none'],
    ['when its owner opts out', tagged('i-1', { 'ebb:policy': 'off' }), by('opted-out'), 'none'],
    ['when somebody else turns out to write its tags', { ...tagged('i-1'), parent: stack }, by('parent-owns-tags'), 'owners'],
    ['when all is there', tagged('i-1', { owner: 'ann' }), complete, 'owners'],
  ])('%s, whatever the mode of its policy, and by itself', (_when, one, because, policy) => {
    for (const mode of ['act', 'plan'] as const) {
      const { plan } = decide([one], marked('i-1'), policyOf({ mode }));
      expect(plan.left).toEqual([]);
      expect(plan.changes).toMatchObject([{ mode: 'act', policy, because, action: { kind: 'delete-tags', keys: ['ebb:mark'] } }]);
    }
  });

  test.each<readonly [string, Tagged, Partial<TagFacts>, object]>([
    ['a word that cannot be read says nothing', tagged('i-1', { 'ebb:policy': 'onwers' }), marked('i-1'), { code: 'bad-tag' }],
    ['there is none', tagged('i-1', { tagging: 'exempt' }), {}, { code: 'no-policy' }],
    ['there is none, and somebody opts out', tagged('i-1', { 'ebb:policy': 'off' }), {}, { code: 'opted-out', tag: 'ebb:policy' }],
    ['it is gone', { ...tagged('i-1', { tagging: 'exempt' }), state: 'deleting' }, marked('i-1'), { code: 'gone', state: 'deleting' }],
    ['nobody could read it', { ...tagged('i-1'), unread: 'AccessDenied' }, marked('i-1'), { code: 'tags-unread', why: 'AccessDenied' }],
  ])('but not where %s', (_where, one, facts, reason) => {
    expect(because(one, facts)).toMatchObject(reason);
    expect(decide([one], facts).plan.changes).toEqual([]);
  });

  test('wherever there are no policies left to speak, whatever its tags say, and as long as it carries it', () => {
    for (const word of ['off', 'onwers', 'owners']) {
      const one = tagged('i-1', { 'ebb:policy': word, 'ebb:mark': 'x' });
      const { plan } = decideTags(taggeds(noon, [one], marked('i-1')), configOf({ policies: [] }));
      expect(plan.changes.map(c => [c.because, c.expects])).toEqual([[by('no-policy'), { tags: { 'ebb:mark': 'x' } }]]);
    }
  });

  test('with what is put right, where its policy acts', () => {
    const fixes = [{ key: 'owner', how: 'default', from: null }];
    for (const mode of ['act', 'plan'] as const) {
      const { changes } = decide([tagged('i-1')], marked('i-1'), policyOf({ mode, required: [{ key: 'owner', default: 'ann' }] })).plan;
      const action = { kind: 'replace-tags', tags: { owner: 'ann' }, keys: ['ebb:mark'] };
      expect(changes).toMatchObject([{ mode, because: { code: 'tags-fixed', fixes }, action }]);
    }
  });
});

test('what is on its way out is left alone, in the words of each service', () => {
  const left = (state: string) => because({ ...tagged('i-1'), state });
  for (const state of ['terminated', 'shutting-down', 'deleting', 'deleted', 'Terminating', 'Terminated'])
    expect(left(state)).toEqual({ code: 'gone', state });
  for (const state of ['running', 'stopped', 'in-use', 'completed', 'Ready', ''])
    expect(left(state)).toMatchObject({ code: 'tags-missing' });
});

describe('what hangs on a member of a group', () => {
  const instance = { ...tagged('i-0aaaaaaaaaaaaaaaa'), parent: { kind: 'auto-scaling-group', name: 'web' } as const };
  const volume = { ...as('volume', 'vol-1'), source: instance.ref.id };
  const sources = new Map([[instance.ref.id, instance]]);

  test('is not held to account for what it lacks', () => {
    expect(because(volume, { sources })).toEqual({ code: 'parent-owns-tags', parent: 'auto-scaling-group web' });
    const reason = because(volume, { sources, ...marked('vol-1') });
    expect(reason).toEqual({ code: 'mark-lifted', markedAt: lastWeek, why: 'parent-owns-tags' });
  });

  test('complies where it lacks nothing', () => {
    expect(because({ ...volume, tags: { owner: 'ann' } }, { sources })).toEqual({ code: 'compliant' });
  });
});

describe('a mode', () => {
  const yes: Wish = { id: 'w-1', at: noon, by: 'U1', via: 'slack', why: null, want: 'tags', tags: { owner: 'ann' } };
  const wishes = new Map([['i-1', yes]]);
  const planned = policyOf({ mode: 'plan' });

  test('of planning proposes a mark', () => {
    expect(decide([tagged('i-1')], {}, planned).plan.changes).toMatchObject([{ mode: 'plan', because: { code: 'tags-missing' } }]);
  });

  test('is not asked about what a person has said yes to', () => {
    const because = { code: 'tags-accepted', keys: ['owner'], by: 'U1' };
    expect(decide([tagged('i-1')], { wishes }, planned).plan.changes).toMatchObject([{ mode: 'act', because }]);
  });

  test('is asked about what is put right beside a yes that changes nothing', () => {
    const asked = policyOf({ mode: 'plan', required: [{ key: 'owner' }, { key: 'stage', default: 'dev' }] });
    const one = tagged('i-1', { owner: 'ann' });
    expect(decide([one], { wishes }, asked).plan.changes).toMatchObject([{ mode: 'plan', because: { code: 'tags-fixed' } }]);
  });

  test('a yes does not wait until what was just born has settled', () => {
    const born = { ...tagged('i-1'), createdAt: noon };
    expect(because(born)).toMatchObject({ code: 'just-born' });
    expect(because(born, { wishes })).toMatchObject({ code: 'tags-accepted' });
  });

  test('nor does what has been marked already, if its policy gives more time by now', () => {
    const born = { ...tagged('i-1'), createdAt: noon };
    expect(because(born, marked('i-1'))).toEqual({ code: 'tags-missing', missing: ['owner'], deadline });
  });

  test('a yes is taken up once', () => {
    const spent = new Map([['i-1', { ...yes, spentAt: noon }]]);
    expect(because(tagged('i-1'), { wishes: spent })).toMatchObject({ code: 'tags-missing' });
    const other: Wish = { ...yes, want: 'approve', action: 'create-tags' };
    expect(because(tagged('i-1'), { wishes: new Map([['i-1', other]]) })).toMatchObject({ code: 'tags-missing' });
  });
});

describe('an environment that may not be written to', () => {
  const busy = { code: 'environment-busy', status: 'Updating' } as const;
  const untouchable = new Map([['shop', busy]]);

  test('is left for that reason where something would be written', () => {
    expect(because(as('beanstalk-environment', 'shop'), { untouchable })).toEqual(busy);
    expect(because(as('beanstalk-environment', 'other'), { untouchable })).toMatchObject({ code: 'tags-missing' });
  });

  test('is left for its own reason where nothing would be', () => {
    expect(because(as('beanstalk-environment', 'shop', { owner: 'ann' }), { untouchable })).toEqual({ code: 'compliant' });
    const born = { ...as('beanstalk-environment', 'shop'), createdAt: noon };
    expect(because(born, { untouchable })).toMatchObject({ code: 'just-born' });
  });
});

describe('it looks again', () => {
  const nextAt = (resources: readonly Tagged[], facts: Partial<TagFacts> = {}, other: Partial<TagPolicy> = {}) =>
    decide(resources, facts, policyOf(other)).nextAt;
  const remembered = (memory: Record<string, TagMemory>) => ({ memory: new Map(Object.entries(memory)) });
  const whole = tagged('i-1', { owner: 'ann' });
  const settling = (settlesAt: Instant): TagMemory => ({ mark: null, settlesAt });
  const until = (markedAt: Instant, deadline: Instant): TagMemory => ({ mark: { missing: ['owner'], markedAt, deadline } });
  const soon = addSeconds(noon, 10 * MINUTE);
  const pending = new Map([['i-9', { change: {} as never, claimedAt: noon }]]);

  test.each<readonly [string, readonly Tagged[], Partial<TagFacts>, Instant | null]>([
    ['at no time of its own where nothing is foreseen', [whole], {}, null],
    ['when what was just born has settled', [{ ...tagged('i-1'), createdAt: noon }], {}, soon],
    ['when what has no date of birth has settled', [{ ...tagged('i-1'), createdAt: null }], {}, soon],
    ['when what was born earlier has', [whole], remembered({ 'i-2': settling(addSeconds(noon, 60)) }), addSeconds(noon, 60)],
    ['not for what has settled by now', [whole], remembered({ 'i-2': settling(noon), 'i-3': settling(addSeconds(noon, -1)) }), null],
    ['at half-time of a mark that it sets', [tagged('i-1')], {}, addSeconds(noon, 3.5 * DAY)],
    ['a day before a deadline', [whole], remembered({ 'i-2': until(lastWeek, deadline) }), addSeconds(noon, DAY)],
    ['no more once the last warning is due', [whole], remembered({ 'i-2': until(lastWeek, addSeconds(noon, DAY)) }), null],
    [
      'at the first of several',
      [whole, { ...tagged('i-2'), createdAt: noon }],
      remembered({ 'i-3': until(lastWeek, deadline), 'i-4': settling(addSeconds(noon, HOUR)) }),
      soon,
    ],
    ['at once while a question is open', [whole], { pending }, noon],
  ])('%s', (_when, resources, facts, expected) => {
    expect(nextAt(resources, facts)).toBe(expected);
  });

  test('not for a mark that is only proposed', () => {
    expect(nextAt([tagged('i-1')], {}, { mode: 'plan' })).toBeNull();
  });

  test('and remembers until when what has no date of birth settles, and of nothing else', () => {
    const unborn = { ...tagged('i-1'), createdAt: null };
    const { next } = decide([unborn, tagged('i-2'), tagged('i-3', { owner: 'ann' })]);
    expect([...next]).toEqual([['i-1', { mark: null, settlesAt: soon }]]);
  });
});

describe('in one look', () => {
  const many = (count: number, tags: Tags = {}) => Array.from({ length: count }, (_, i) => tagged(`i-${i}`, tags));
  const defaults = { required: [{ key: 'owner', default: 'ann' }] };
  const would = { code: 'tags-fixed', fixes: [{ key: 'owner', how: 'default', from: null }] };
  const told = (resources: readonly Tagged[], other: Partial<TagPolicy>, facts: Partial<TagFacts> = {}) => {
    const { plan, nextAt } = decide(resources, facts, policyOf(other));
    return { written: plan.changes.map(c => c.resource.id).toSorted(), left: plan.left.map(l => [l.resource.id, l.because]), nextAt };
  };

  test('so many are put right, by their ids, and the others at once after that, where the policy acts', () => {
    const cut = (mode: 'act' | 'plan', fixesPerRun: number) => told(many(3).toReversed(), { ...defaults, mode, fixesPerRun });
    const beyond = { code: 'over-budget', per: 'run', limit: 2, would };
    expect(cut('act', 2)).toEqual({ written: ['i-0', 'i-1'], left: [['i-2', beyond]], nextAt: noon });
    expect(cut('plan', 2)).toEqual({ written: ['i-0', 'i-1'], left: [['i-2', beyond]], nextAt: null });
    expect(cut('act', 3)).toEqual({ written: ['i-0', 'i-1', 'i-2'], left: [], nextAt: null });
  });

  test('a thousand are, unless the policy says otherwise', () => {
    const { written, left } = told(many(1_001), defaults);
    expect([written.length, left]).toEqual([1_000, [['i-999', expect.objectContaining({ per: 'run', limit: 1_000 })]]]);
  });

  test('what one policy puts off is looked at again at once, though another does not', () => {
    const [strict, other] = [policyOf({ ...defaults, fixesPerRun: 1 }), policyOf({ ...defaults, name: 'others' })];
    const resources = [...many(2), tagged('i-5', { 'ebb:policy': 'others' })];
    expect(decide(resources, {}, strict, other).nextAt).toBe(noon);
  });

  test('marks are of the budget, and what is put right or taken back is not', () => {
    const budget = { perRun: 1, perDay: 9, perOwner: 9 };
    const over = (limit: object) => ({
      code: 'over-budget',
      ...limit,
      would: { code: 'tags-missing', missing: ['owner'], deadline: addSeconds(noon, 7 * DAY) },
    });
    const cut = told(many(2), { budget });
    expect(cut).toEqual({ written: ['i-0'], left: [['i-1', over({ per: 'run', limit: 1 })]], nextAt: addSeconds(noon, 3.5 * DAY) });
    expect(told(many(2), { budget: { ...budget, perDay: 3 } }, { disruptionsToday: 3 }).left).toEqual([
      ['i-0', over({ per: 'day', limit: 3 })],
      ['i-1', over({ per: 'day', limit: 3 })],
    ]);
    expect(told(many(2), { budget, ...defaults }).written).toEqual(['i-0', 'i-1']);
    const lifting = told(many(2, { tagging: 'exempt' }), { budget }, marked('i-0', 'i-1'));
    expect(lifting).toEqual({ written: ['i-0', 'i-1'], left: [], nextAt: addSeconds(noon, DAY) });
  });

  test('an owner is marked so often and no more', () => {
    const ann = { 'ebb:owner': 'ann' };
    const { written, left } = told([...many(3, ann), tagged('i-7'), tagged('i-8')], { budget: { perRun: 9, perDay: 9, perOwner: 2 } });
    expect(written).toEqual(['i-0', 'i-1', 'i-7', 'i-8']);
    expect(left).toMatchObject([['i-2', { code: 'over-budget', per: 'owner', limit: 2 }]]);
  });
});

describe('what is inherited', () => {
  const instance = (tags: Tags, other: Partial<Tagged> = {}): Tagged => ({ ...tagged('i-0aaaaaaaaaaaaaaaa', tags), ...other });
  const volume = { ...as('volume', 'vol-0aaaaaaaaaaaaaaaa'), source: 'i-0aaaaaaaaaaaaaaaa' };
  const snapshot = { ...as('snapshot', 'snap-0aaaaaaaaaaaaaaaa'), source: volume.ref.id };
  const inherit = ['owner', 'team'];
  const required = [{ key: 'owner' }];
  const spelt = { normalise: { keys: { owner: ['Owner'] }, values: {} } };

  /** What is written to the last of these; the others are there to be inherited from. */
  const heir = (
    chain: readonly Tagged[],
    { facts = {}, policies = [policyOf({ inherit, required })] }: { facts?: Partial<TagFacts>; policies?: TagPolicy[] } = {},
  ) => {
    const last = chain.at(-1);
    if (last === undefined) throw new Error('nobody to ask about');
    const { changes, left } = decide(chain, facts, ...policies).plan;
    const { because } = [...changes, ...left].find(one => one.resource.id === last.ref.id) ?? {};
    const change = changes.find(one => one.resource.id === last.ref.id);
    return [because?.code, change?.action];
  };
  const takes = (tags: Tags) => ['tags-fixed', { kind: 'create-tags', tags }];

  test('is what the source will have once it is put right itself, by whichever policy does', () => {
    const policies = [
      policyOf({ name: 'instances', match: { resources: ['instance'], except: {} }, ...spelt }),
      policyOf({ match: { resources: ['volume'], except: {} }, inherit }),
    ];
    expect(heir([instance({ Owner: 'ann' }), volume], { policies })).toEqual(takes({ owner: 'ann' }));
  });

  test.each<readonly [string, Tagged, Partial<TagPolicy>]>([
    ['no policy speaks for it', instance({ Owner: 'ann', tagging: 'exempt' }), {}],
    ['its owner opted out', instance({ Owner: 'ann', 'ebb:policy': 'off' }), {}],
    ['somebody else writes its tags', instance({ Owner: 'ann' }, { parent: stack }), {}],
    ['its policy only plans, and that of the heir acts', instance({ Owner: 'ann', 'ebb:policy': 'planned' }), {}],
  ])('is what the source has where %s', (_where, source) => {
    const policies = [policyOf({ inherit, required, ...spelt }), policyOf({ name: 'planned', mode: 'plan', ...spelt })];
    expect(heir([source, volume], { policies })[0]).not.toBe('tags-fixed');
    const own = { ...source, tags: { ...source.tags, owner: 'bob' } };
    expect(heir([own, volume], { policies })).toEqual(takes({ owner: 'bob' }));
  });

  test('goes down to a snapshot, and of what somebody said yes to for its volume as well', () => {
    expect(heir([instance({ owner: 'ann' }), volume, snapshot])).toEqual(takes({ owner: 'ann' }));
    const yes: Wish = { id: 'w-1', at: noon, by: 'U1', via: 'slack', why: null, want: 'tags', tags: { owner: 'bob' } };
    const facts = { wishes: new Map([[volume.ref.id, yes]]) };
    expect(heir([instance({ owner: 'ann' }), volume, snapshot], { facts })).toEqual(takes({ owner: 'bob' }));
  });

  test('comes from the source of nobody but its own, however many there are', () => {
    const other = { ...as('volume', 'vol-0bbbbbbbbbbbbbbbb'), source: 'i-0bbbbbbbbbbbbbbbb' };
    const resources = [instance({ owner: 'ann' }), tagged('i-0bbbbbbbbbbbbbbbb', { owner: 'bob' }), other, volume];
    const { changes } = decide(resources, {}, policyOf({ inherit, required })).plan;
    expect(changes.map(({ resource, action }) => [resource.id, action])).toEqual([
      [volume.ref.id, takes({ owner: 'ann' })[1]],
      [other.ref.id, takes({ owner: 'bob' })[1]],
    ]);
  });

  const blind = new Map<string, string>([['instance', 'UnauthorizedOperation']]);
  const unread = instance({}, { unread: 'AccessDenied' });

  test.each<readonly [string, readonly Tagged[], Partial<TagFacts>, string]>([
    ['a source of a kind that nobody could read', [volume], { blind }, 'UnauthorizedOperation'],
    ['a source whose tags nobody could read', [unread, volume], {}, 'AccessDenied'],
  ])('is not known of %s: its heir is left alone', (_what, chain, facts, why) => {
    expect(because(volume, { ...facts, sources: new Map(chain.map(one => [one.ref.id, one])) }, policyOf({ inherit, required }))).toEqual({
      ...{ code: 'tags-unread', why },
    });
    expect(heir(chain, { facts })).toEqual(['tags-unread', undefined]);
    // Who inherits nothing does not wait for it.
    expect(heir(chain, { facts, policies: [policyOf({ required })] })[0]).toBe('tags-missing');
  });

  test('is nothing of what has no source, whatever else could not be read', () => {
    const facts = { blind: new Map(KINDS.map(kind => [kind as string, 'UnauthorizedOperation'])) };
    expect(heir([instance({})], { facts })[0]).toBe('tags-missing');
  });

  test('of a source that nobody sees is nothing', () => {
    expect(heir([volume])[0]).toBe('tags-missing');
    expect(heir([volume], { facts: { blind: new Map([['volume', 'UnauthorizedOperation']]) } })[0]).toBe('tags-missing');
  });

  test('through a volume that waits for its own source is what the volume has already', () => {
    const facts = { blind };
    const worn = { ...volume, tags: { Owner: 'ann', team: 'shop' } };
    const policies = [policyOf({ inherit, required, ...spelt })];
    expect(heir([worn, snapshot], { facts, policies })).toEqual([
      'tags-missing',
      { kind: 'create-tags', tags: { team: 'shop', 'ebb:mark': markText(['owner'], addSeconds(noon, 7 * DAY)) } },
    ]);
  });

  test('hangs on a member through a source that could not be read, or whose own source could not', () => {
    const parent = { kind: 'auto-scaling-group', name: 'web' } as const;
    const member = instance({ owner: 'ann' }, { parent });
    const bare = [policyOf({ required })];
    expect(heir([{ ...member, unread: 'AccessDenied' }, volume], { policies: bare })[0]).toBe('parent-owns-tags');
    expect(heir([member, { ...volume, unread: 'AccessDenied' }, snapshot], { policies: bare })[0]).toBe('parent-owns-tags');
    expect(heir([instance({ owner: 'ann' }), { ...volume, parent: stack }, snapshot], { policies: bare })[0]).toBe('parent-owns-tags');
  });
});
