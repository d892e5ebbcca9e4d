/** Where the value of a missing tag is looked for, and what of that is offered, given, or told to whom. */
import { describe, expect, test } from '@jest/globals';
import { type ClueFacts, offering } from '../../shared/decide/rules/tags/clues.ts';
import { bestOf } from '../../shared/decide/rules/tags/offers.ts';
import type { Birth, Person } from '../../shared/model/birth.ts';
import type { ResourceKind, Tags } from '../../shared/model/ids.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { addSeconds } from '../../shared/model/time.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { devTest, requiredTags } from '../support/policies.ts';
import { noon, scope, tagged } from './facts.ts';

const seen = (id: string, tags: Tags = {}, other: Partial<Tagged> = {}): Tagged => ({ ...tagged(id, tags), createdAt: noon, ...other });
const as = (kind: ResourceKind, id: string, name: string | null = null): Partial<Tagged> => ({ ref: { kind, id, name, scope } });
const made = (person: Person | null, service: string | null = null): Birth => ({
  ...{ at: noon, call: 'RunInstances', by: { name: 'someone', service, person } },
});
const anna = made({ who: 'anna@example.com', known: 'identity-center' });
const bob = made({ who: 'bob', known: 'iam-user' });

interface Told extends Partial<Omit<ClueFacts, 'births'>> {
  readonly births?: Record<string, Birth>;
  readonly required?: TagPolicy['required'];
  readonly normalise?: TagPolicy['normalise'];
}

function around({ births = {}, required = [{ key: 'owner' }, { key: 'team' }], normalise, ...rest }: Told) {
  const policy = requiredTags({ required, ...(normalise && { normalise }) });
  const facts = { resources: [], sources: new Map(), network: new Map(), ...rest, births: new Map(Object.entries(births)) };
  const { offers, given, concerned } = offering(facts, [devTest(), policy]);
  return {
    concerned,
    offered: (one: Tagged, ...keys: string[]) => offers(one, policy, keys.length === 0 ? required.map(r => r.key) : keys),
    given: (one: Tagged, ...keys: string[]) => given(one, policy, keys).map(({ key, value }) => `${key}=${value}`),
  };
}
const told = (one: Tagged, facts: Told, ...keys: string[]): string[] =>
  around(facts)
    .offered(one, ...keys)
    .map(({ key, value, because }) => `${key}=${value} ${because.code}`);

describe('is found', () => {
  const hung = seen('vol-1', {}, { ...as('volume', 'vol-1'), source: 'i-1' });
  const instance = seen('i-1', { owner: 'shop' });
  const standing = seen('i-2', {}, { subnet: 'subnet-1' });
  const machines = [1, 2, 3].map(i => seen(`i-${i}`, { Name: `web-${i}`, team: 'shop' }));

  test.each<readonly [string, Tagged, Told, string[]]>([
    ['at its source, which is looked at itself', hung, { resources: [instance] }, ['owner=shop source']],
    ['at its source, which is not', hung, { sources: new Map([['i-1', instance]]) }, ['owner=shop source']],
    ['at no source that nobody has seen', hung, {}, []],
    ['at no source of another', seen('i-2'), { resources: [instance] }, []],
    ['in its subnet', standing, { network: new Map([['subnet-1', [{ id: 'subnet-1', tags: { team: 'net' } }]]]) }, ['team=net network']],
    ['in no subnet that was not read', standing, { network: new Map([['subnet-2', [{ id: 'subnet-2', tags: { team: 'net' } }]]]) }, []],
    ['among those like it', seen('i-9', { Name: 'web-9' }), { resources: machines }, ['team=shop siblings']],
  ])('%s', (_where, one, facts, expected) => {
    expect(told(one, facts)).toEqual(expected);
  });

  test('for the keys that are asked for alone, the better first, and the best of each key is what a button stands for', () => {
    const through = made({ who: 'anna', known: 'iam-user' }, 'cloudformation.amazonaws.com');
    const facts: Told = { resources: [seen('i-1', { owner: 'shop', team: 'web' })], births: { 'vol-1': through } };
    expect(told(hung, facts, 'owner')).toEqual(['owner=shop source', 'owner=anna creator']); // a guess comes last
    expect(bestOf(around(facts).offered(hung)).map(({ key, value }) => `${key}=${value}`)).toEqual(['owner=shop', 'team=web']);
  });

  test('but for an empty value, which is none, whatever is written for it', () => {
    const normalise = { keys: {}, values: { owner: { nobody: ['', '-'] } } };
    expect(told(hung, { resources: [seen('i-1', { owner: '' })], normalise })).toEqual([]);
    expect(told(hung, { resources: [seen('i-1')], normalise })).toEqual([]);
    expect(told(hung, { resources: [seen('i-1', { owner: '-' })], normalise })).toEqual(['owner=nobody source']);
  });
});

describe('who made it', () => {
  const environment = seen('e-abcdefghij', {}, as('beanstalk-environment', 'e-abcdefghij', 'shop-dev'));
  const volume = (after: number): Tagged =>
    seen('vol-1', {}, { ...as('volume', 'vol-1'), source: 'i-1', createdAt: addSeconds(noon, after) });
  const snapshot = seen('snap-1', {}, { ...as('snapshot', 'snap-1'), source: 'vol-1' });
  const launched: Told = { resources: [seen('i-1')], births: { 'i-1': anna } };
  const twoTold = { 'environment/web/dev': bob, 'web/shop-dev': bob, 'environment/shop/shop-dev': anna };

  test.each<readonly [string, Tagged, Told, string | null]>([
    ['is whoever its event names', seen('i-1'), { births: { 'i-1': anna } }, 'anna@example.com'],
    ['is nobody where no event was told', seen('i-1'), { births: { 'i-2': anna } }, null],
    ['is nobody where nothing says that it was a person', seen('i-1'), { births: { 'i-1': made(null) } }, null],
    ['is known of an environment by its names', environment, { births: twoTold }, 'anna@example.com'],
    [
      'is known of an environment by its id, whatever is told of its names',
      environment,
      { births: { ...twoTold, 'e-abcdefghij': bob } },
      'bob',
    ],
    ['is nobody where other environments are told of', environment, { births: { 'environment/web/dev': bob } }, null],
    ['is not known by the name of an environment', seen('i-1', {}, as('instance', 'i-1', 'shop-dev')), { births: twoTold }, null],
    ['is whoever launched the instance of a volume', volume(300), launched, 'anna@example.com'],
    ['is nobody of a volume that came later', volume(301), launched, null],
    ['is nobody of a volume without an instance', { ...volume(0), source: null }, launched, null],
    ['is not whoever made the volume of a snapshot', snapshot, { resources: [volume(0)], births: { 'vol-1': anna } }, null],
  ])('%s', (_who, one, facts, expected) => {
    expect(around(facts).concerned(one)).toBe(expected);
  });

  test('hears of it where its tags name nobody', () => {
    const { concerned } = around({ births: { 'i-1': anna } });
    expect([concerned(seen('i-1')), concerned(seen('i-1', { 'ebb:owner': 'U1' }))]).toEqual(['anna@example.com', 'U1']);
  });

  test('is offered for keys that end in a person, and for no others', () => {
    const keys = ['owner', 'created_by', 'Responsible', 'ownership', 'owner-group', 'contact center'];
    expect(told(seen('i-1'), { births: { 'i-1': anna }, required: keys.map(key => ({ key })) })).toEqual([
      ...['owner=anna@example.com creator', 'created_by=anna@example.com creator', 'Responsible=anna@example.com creator'],
    ]);
  });
});

describe('is given without asking', () => {
  const one = seen('vol-1', {}, { ...as('volume', 'vol-1'), source: 'i-1', subnet: 'subnet-1' });
  const network = new Map([['subnet-1', [{ id: 'subnet-1', tags: { owner: 'net', team: 'net', stage: 'dev' } }]]]);
  const required: TagPolicy['required'] = [{ key: 'owner', from: ['creator'] }, { key: 'team', from: ['network'] }, { key: 'stage' }];
  const { given } = around({ resources: [seen('i-1', { team: 'shop', owner: 'shop' })], births: { 'vol-1': anna }, network, required });

  test('what each key takes from where the policy says, and nothing else that is known', () => {
    expect(given(one, 'owner', 'team', 'stage')).toEqual(['owner=anna@example.com', 'team=net']);
  });

  test('for the keys that are asked for alone', () => {
    expect(given(one, 'team', 'stage')).toEqual(['team=net']);
    expect(given(one)).toEqual([]);
  });
});

describe('those like it', () => {
  const three = (...names: string[]) => names.map((Name, i) => seen(`i-${i}`, { Name, owner: 'shop' }));
  const like = (Name: string, resources: Tagged[], births: Record<string, Birth> = {}) =>
    around({ resources, births, required: [{ key: 'owner' }, { key: 'team' }] })
      .offered(seen('i-9', { Name }))
      .flatMap(({ because }) => (because.code === 'siblings' ? [because] : []));

  test.each<readonly [string, string, string[], string]>([
    ['for a number after a hyphen', 'web-9', ['web-1', 'web-2', 'web-3'], 'web'],
    ['for a number of several digits', 'web-100', ['web-10', 'web-21', 'web-32'], 'web'],
    ['for a number without anything before it', 'web9', ['web1', 'web2', 'web3'], 'web'],
    ['for other separators', 'web', ['web_1', 'web.2', 'web 3'], 'web'],
    ['for spaces around', 'web 9', [' web-1', 'web  2', 'web '], 'web'],
    ['for the last number alone', 'v2-web-9', ['v2-web-1', 'v2-web-2', 'v2-web-3'], 'v2-web'],
  ])('are called the same but %s', (_but, name, others, called) => {
    expect(like(name, three(...others))).toEqual([{ code: 'siblings', by: 'name', called, same: 3, of: 3 }]);
  });

  test('are not those with other numbers in their names', () => {
    expect(like('web-9', three('web1-db', 'web2-db', 'web3-db'))).toEqual([]);
    expect(like('v3-web', three('v1-web', 'v2-web', 'v4-web'))).toEqual([]);
  });

  test('are counted where they carry the key', () => {
    const bare = [seen('i-7', { Name: 'web-7' }), seen('i-8', { Name: 'web-8', owner: '' })];
    expect(like('web-9', [...three('web-1', 'web-2', 'web-3'), ...bare])).toMatchObject([{ same: 3, of: 3 }]);
  });

  test('are of the same owner, and who has none shares it with nobody', () => {
    const owned = (owner: string | null) => [1, 2, 3].map(i => seen(`i-${i}`, { ...(owner !== null && { owner }), team: 'shop' }));
    const mine = { code: 'siblings', by: 'owner', called: 'anna@example.com', same: 3, of: 3 };
    expect(like('x', owned('anna@example.com'), { 'i-9': anna })).toEqual([mine]);
    expect(like('x', owned('bob'), { 'i-9': anna })).toEqual([]);
    expect(like('x', owned(null))).toEqual([]);
  });
});
