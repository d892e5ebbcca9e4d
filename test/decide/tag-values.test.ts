/** Example by example: what is worn, what is written in its place, and why. */
import { describe, expect, test } from '@jest/globals';
import { decideTags, type TagFacts } from '../../shared/decide/decide-tags.ts';
import { fixTags } from '../../shared/decide/rules/tags/fixes.ts';
import type { Birth } from '../../shared/model/birth.ts';
import type { ResourceKind, Tags } from '../../shared/model/ids.ts';
import type { Wish } from '../../shared/model/memory.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { removedKeys, writtenTags } from '../../shared/model/tagging.ts';
import { addSeconds } from '../../shared/model/time.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { configOf, requiredTags } from '../support/policies.ts';
import { noon, scope, tagged, taggeds } from './facts.ts';

type Asked = Partial<Pick<TagPolicy, 'match' | 'required' | 'normalise' | 'inherit'>>;
const KINDS: readonly ResourceKind[] = ['instance', 'volume', 'auto-scaling-group', 'beanstalk-environment'];
const policyOf = (asked: Asked): TagPolicy => requiredTags({ match: { resources: [...KINDS], except: {} }, ...asked });

const worn = (tags: Tags, other: Partial<Tagged> = {}): Tagged => ({ ...tagged('it', tags), ...other });
const as = (kind: ResourceKind): Partial<Tagged> => ({ ref: { kind, id: 'it', name: 'shop-dev', scope } });
const from = (tags: Tags, other: Partial<Tagged> = {}) => ({ sources: new Map([['i-1', { ...tagged('i-1', tags), ...other }]]) });
const volume = (tags: Tags = {}): Tagged => worn(tags, { ...as('volume'), source: 'i-1' });

const changeOf = (one: Tagged, asked: Asked, facts: Partial<TagFacts> = {}) =>
  decideTags(taggeds(noon, [one], facts), configOf({ policies: [policyOf(asked)] })).plan.changes[0];

/** `key=value` is written, `-key` removed, `key: how from` the reason; of a mark which keys it names. */
function told(one: Tagged, asked: Asked, facts: Partial<TagFacts> = {}): string[] {
  const change = changeOf(one, asked, facts);
  if (change === undefined) return [];
  const { action, because } = change;
  const written = Object.entries(writtenTags(action)).filter(([key]) => key !== 'ebb:mark');
  return [
    ...written.map(([key, value]) => `${key}=${value}`),
    ...removedKeys(action).map(key => `-${key}`),
    ...(because.code === 'tags-fixed' ? because.fixes.map(({ key, how, from }) => `${key}: ${how} ${from}`) : []),
    ...(because.code === 'tags-missing' ? [`marked: ${because.missing.join(' ')}`] : []),
    ...(because.code === 'tags-accepted' ? [`accepted: ${because.keys.join(' ')}`] : []),
  ];
}

describe('other spellings of a key', () => {
  const keys = { keys: { owner: ['Owner', 'OWNER'] }, values: {} };
  const asked: Asked = { normalise: keys };
  const lower: Asked = { normalise: keys, required: [{ key: 'owner', case: 'lower' }] };

  test.each<readonly [string, Asked, Tagged, string[]]>([
    ['the one that is worn', asked, worn({ Owner: 'ann' }), ['owner=ann', '-Owner', 'owner: spelling Owner']],
    ['all that agree', asked, worn({ Owner: 'ann', OWNER: 'ann' }), ['owner=ann', '-Owner', '-OWNER', 'owner: spelling Owner']],
    ['an empty one is none', asked, worn({ Owner: '', OWNER: 'ann' }), ['owner=ann', '-OWNER', 'owner: spelling OWNER']],
    ['the right key is empty', asked, worn({ owner: '', Owner: 'ann' }), ['owner=ann', '-Owner', 'owner: spelling Owner']],
    ['the right key says the same', asked, worn({ owner: 'ann', Owner: 'ann' }), ['-Owner', 'owner: spelling Owner']],
    ['they agree but for letters', lower, worn({ Owner: 'Ann', OWNER: 'ANN' }), ['owner=ann', '-Owner', '-OWNER', 'owner: spelling Owner']],
    ['the right key does, too', lower, worn({ owner: 'ANN', Owner: 'ann' }), ['owner=ann', '-Owner', 'owner: spelling Owner']],
  ])('are renamed: %s', (_which, policy, one, expected) => {
    expect(told(one, policy)).toEqual(expected);
  });

  test.each<readonly [string, Asked, Tagged, string[]]>([
    ['they contradict each other', asked, worn({ Owner: 'ann', OWNER: 'bob' }), ['marked: owner']],
    ['they contradict the right key', asked, worn({ owner: 'bob', Owner: 'ann' }), []],
    ['they are empty', asked, worn({ Owner: '' }), ['marked: owner']],
    ['the service would refuse the value', asked, worn({ Owner: 'shop-dev' }, as('beanstalk-environment')), ['marked: owner']],
  ])('stay where %s', (_where, policy, one, expected) => {
    expect(told(one, policy)).toEqual(expected);
  });
});

describe('values', () => {
  const owner = { key: 'owner' } as const;
  const spellings = (values: Record<string, Record<string, string[]>>): Asked => ({ required: [owner], normalise: { keys: {}, values } });
  const letters: Asked = {
    required: [
      { key: 'owner', case: 'lower' },
      { key: 'stage', case: 'upper' },
    ],
  };

  test.each<readonly [string, Asked, Tagged, string[]]>([
    ['of a required key', spellings({ owner: { ann: ['anna'] } }), worn({ owner: 'anna' }), ['owner=ann', 'owner: spelling anna']],
    [
      'of any other key that the policy speaks of',
      spellings({ stage: { prod: ['live', 'production'] } }),
      worn({ owner: 'ann', stage: 'production' }),
      ['stage=prod', 'stage: spelling production'],
    ],
    [
      'of each key in its own letters',
      letters,
      worn({ owner: 'ANN', stage: 'dev' }),
      ['owner=ann', 'stage=DEV', 'owner: spelling ANN', 'stage: spelling dev'],
    ],
    [
      'found among those allowed, whatever its letters',
      { required: [{ key: 'stage', values: ['Dev', 'Prod'], case: 'ignore' }] },
      worn({ stage: 'PROD' }),
      ['stage=Prod', 'stage: spelling PROD'],
    ],
    [
      'that is required only of what another key says, and says why it was renamed',
      {
        required: [
          { key: 'owner', where: { tags: { stage: ['prod'] } }, case: 'lower' },
          { key: 'stage', default: 'prod' },
        ],
        normalise: { keys: { owner: ['Owner'] }, values: {} },
      },
      worn({ Owner: 'ANN' }),
      ['owner=ann', 'stage=prod', '-Owner', 'owner: spelling Owner', 'stage: default null'],
    ],
  ])('are spelt as the policy does: %s', (_which, asked, one, expected) => {
    expect(told(one, asked)).toEqual(expected);
  });

  test.each<readonly [string, Asked, Tagged, string[]]>([
    ['is right', letters, worn({ owner: 'ann', stage: 'DEV' }), []],
    ['is empty, which is none', spellings({ owner: { nobody: ['', '-'] } }), worn({ owner: '' }), ['marked: owner']],
    [
      'could not be written as it should be',
      letters,
      worn({ owner: 'SHOP-DEV', stage: 'X' }, as('beanstalk-environment')),
      ['marked: owner'],
    ],
    [
      'would be taken back by the next rule',
      {
        required: [
          { key: 'stage', where: { tags: { stage: ['prod'] } }, case: 'upper' },
          { key: 'stage', where: { tags: { stage: ['PROD'] } }, case: 'lower' },
        ],
      },
      worn({ stage: 'prod' }),
      ['marked: stage'],
    ],
  ])('are left as they are where one %s', (_where, asked, one, expected) => {
    expect(told(one, asked)).toEqual(expected);
  });
});

describe('a volume', () => {
  const stage = { key: 'stage', values: ['dev', 'prod'] };
  const backup = { key: 'backup', where: { resources: ['snapshot' as const] }, default: 'daily' };
  const asked: Asked = { required: [{ key: 'owner' }, stage, backup], inherit: ['owner', 'stage', 'team'] };

  test.each<readonly [string, Tagged, Partial<TagFacts>, string[]]>([
    [
      'takes what it lacks from its instance',
      volume({ owner: '' }),
      from({ owner: 'shop', stage: 'dev' }),
      ['owner=shop', 'stage=dev', 'owner: inherited i-1', 'stage: inherited i-1'],
    ],
    ['takes also what nobody requires', volume({ owner: 'x', stage: 'dev' }), from({ team: 'web' }), ['team=web', 'team: inherited i-1']],
    ['keeps what it says itself', volume({ owner: 'payroll', stage: 'dev', team: 'x' }), from({ owner: 'shop', team: 'web' }), []],
    ['takes nothing empty', volume({ owner: 'payroll', stage: 'dev' }), from({ team: '' }), []],
    ['takes nothing that is not allowed', volume({ owner: 'x' }), from({ stage: 'staging' }), ['marked: stage']],
    ['is asked what is asked of volumes', volume({ owner: 'x', stage: 'dev' }), {}, []],
    ['has nobody to take from', volume(), {}, ['marked: owner stage']],
  ])('%s', (_what, one, facts, expected) => {
    expect(told(one, asked, facts)).toEqual(expected);
  });

  test('of a member inherits, and no default is made up for it: it goes when its group replaces the member', () => {
    const asked: Asked = { required: [{ key: 'owner' }, { key: 'stage', default: 'dev' }], inherit: ['owner'] };
    const member = from({ owner: 'shop' }, { parent: { kind: 'auto-scaling-group', name: 'web' } });
    expect(told(volume(), asked, member)).toEqual(['owner=shop', 'owner: inherited i-1']);
    expect(told(volume(), asked, from({ owner: 'shop' }))).toEqual([
      ...['owner=shop', 'stage=dev'],
      ...['owner: inherited i-1', 'stage: default null'],
    ]);
  });
});

test('what nobody inherits is not handed on: a snapshot takes from its volume what the volume has', () => {
  const mine = (name: string, kind: ResourceKind, other: Partial<TagPolicy>) =>
    requiredTags({ name, match: { resources: [kind], except: {} }, required: [{ key: 'owner' }], ...other });
  const policies = [mine('volumes', 'volume', {}), mine('snapshots', 'snapshot', { inherit: ['owner', 'team'] })];
  const chain = [volume({ team: 'web' }), { ...worn({}), ...as('snapshot'), source: 'it' }];
  const resources = chain.map((one, i) => ({ ...one, ref: { ...one.ref, id: i === 0 ? 'it' : 'snap-1' } }));
  const { changes } = decideTags(taggeds(noon, resources, from({ owner: 'shop' })), configOf({ policies })).plan;
  expect(changes.find(({ resource }) => resource.id === 'snap-1')).toMatchObject({
    because: { code: 'tags-missing', missing: ['owner'] },
    action: { tags: { team: 'web' } },
  });
});

test.each<readonly [ResourceKind, string]>([
  ['instance', 'tags'],
  ['volume', 'tags'],
  ['snapshot', 'tags'],
  ['elastic-ip', 'tags'],
  ['auto-scaling-group', 'tag-group'],
  ['beanstalk-environment', 'tag-environment'],
])('%s: new tags come first, and old ones go when they are there', (kind, action) => {
  const asked = policyOf({ match: { resources: [kind], except: {} }, normalise: { keys: { owner: ['Owner'] }, values: {} } });
  const kinds = ([[{ Owner: 'ann' }], [{ owner: 'ann', Owner: 'ann' }], [{}]] as const).map(([tags]) => {
    const one = worn(tags, as(kind));
    return decideTags(taggeds(noon, [one]), configOf({ policies: [asked] })).plan.changes.map(change => change.action.kind)[0];
  });
  expect(kinds).toEqual(action === 'tags' ? ['replace-tags', 'delete-tags', 'create-tags'] : [action, action, action]);
});

describe('a group', () => {
  const asked: Asked = { required: [{ key: 'owner', case: 'lower' }, { key: 'stage' }] };
  const group = (tags: Tags, unpropagated: string[]) => worn(tags, { ...as('auto-scaling-group'), unpropagated });
  const written = (one: Tagged) => {
    const change = changeOf(one, asked);
    return change && [change.action, change.because];
  };

  test('hands the required tags on to what it launches', () => {
    expect(written(group({ owner: 'ann', stage: 'dev', note: 'x' }, ['owner', 'note']))).toStrictEqual([
      { kind: 'tag-group', propagated: { owner: 'ann' }, tags: {}, keys: [] },
      { code: 'tags-fixed', fixes: [{ key: 'owner', how: 'propagated', from: null }] },
    ]);
    expect(written(group({ owner: 'ann', stage: 'dev', note: 'x' }, ['note']))).toBeUndefined();
  });

  test('hands on what is put right, for the reason for which it is', () => {
    expect(written(group({ owner: 'ANN', stage: 'dev' }, ['owner']))).toStrictEqual([
      { kind: 'tag-group', propagated: { owner: 'ann' }, tags: {}, keys: [] },
      { code: 'tags-fixed', fixes: [{ key: 'owner', how: 'spelling', from: 'ANN' }] },
    ]);
  });

  test('keeps its mark to itself', () => {
    const [action] = written(group({ owner: 'ANN' }, [])) ?? [];
    expect(action).toStrictEqual({ kind: 'tag-group', propagated: { owner: 'ann' }, tags: { 'ebb:mark': expect.any(String) }, keys: [] });
  });

  test('is not an environment, which is written whole', () => {
    const environment = worn({ Owner: 'ann', stage: 'dev' }, as('beanstalk-environment'));
    const renamed = changeOf(environment, { ...asked, normalise: { keys: { owner: ['Owner'] }, values: {} } });
    expect(renamed?.action).toEqual({ kind: 'tag-environment', tags: { owner: 'ann' }, keys: ['Owner'] });
  });
});

describe('what somebody said yes to', () => {
  const accepting = (tags: Tags): Partial<TagFacts> => {
    const wish: Wish = { id: 'w-1', at: noon, by: 'U1', via: 'slack', why: null, want: 'tags', tags };
    return { wishes: new Map([['it', wish]]) };
  };
  const asked: Asked = { required: [{ key: 'owner', default: 'nobody' }, { key: 'stage' }] };

  test.each<readonly [string, Tagged, Tags, string[]]>([
    ['comes before a default', worn({ stage: 'dev' }), { owner: 'ann' }, ['owner=ann', 'accepted: owner']],
    ['comes before what is worn', worn({ owner: 'bob', stage: 'dev' }), { owner: 'ann' }, ['owner=ann', 'accepted: owner']],
    ['is not written twice', worn({ owner: 'bob', stage: 'dev' }), { owner: 'ann', stage: 'dev' }, ['owner=ann', 'accepted: owner']],
    ['is nothing where it is worn already', worn({ owner: 'ann', stage: 'dev' }), { owner: 'ann' }, []],
    [
      'is not written where the service would refuse it',
      worn({ owner: 'ann', stage: 'dev' }, as('beanstalk-environment')),
      { owner: 'shop-dev' },
      [],
    ],
  ])('%s', (_what, one, accepted, expected) => {
    expect(told(one, asked, accepting(accepted))).toEqual(expected);
  });
});

describe('what the policy takes from elsewhere', () => {
  const anna: Birth = {
    ...{ at: addSeconds(noon, -3600), call: 'RunInstances' },
    by: { name: 'user/anna', service: null, person: { who: 'anna', known: 'identity-center' } },
  };

  test('is looked for under the tags as they will be: one write is enough, and no default comes before it', () => {
    const asked: Asked = {
      required: [
        { key: 'stage', default: 'prod' },
        { key: 'owner', where: { tags: { stage: ['prod'] } }, from: ['creator'], default: 'nobody' },
      ],
    };
    expect(told(worn({}), asked, { births: new Map([['it', anna]]) })).toEqual([
      ...['stage=prod', 'owner=anna'],
      ...['stage: default null', 'owner: creator anna'],
    ]);
  });

  test('is asked for keys without a value and for no others: where nothing lacks nobody is asked', () => {
    const asks: (readonly string[])[] = [];
    const given = (_tags: Tags, keys: readonly string[]) => {
      asks.push(keys);
      return [];
    };
    const policy = policyOf({ required: [{ key: 'owner' }, { key: 'stage' }, { key: 'team' }] });
    const nobody = { source: null, parent: null, accepted: {}, given };
    fixTags(worn({ owner: 'ann', stage: 'dev', team: 'web' }), policy, nobody);
    expect(asks).toEqual([]);
    fixTags(worn({ owner: 'ann', stage: '' }), policy, nobody);
    expect(asks).toEqual([['stage', 'team']]);
  });
});
