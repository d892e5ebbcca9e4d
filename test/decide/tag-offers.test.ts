import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideTags } from '../../shared/decide/decide-tags.ts';
import { bestOf, type Clues, isGiven, offersFor } from '../../shared/decide/rules/tags/offers.ts';
import { siblingsAmong } from '../../shared/decide/rules/tags/siblings.ts';
import type { Birth, Caller, Person } from '../../shared/model/birth.ts';
import type { ResourceKind, Tags } from '../../shared/model/ids.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import { writtenTags } from '../../shared/model/tagging.ts';
import { addSeconds, instant } from '../../shared/model/time.ts';
import { loadPatterns } from '../../shared/policy/patterns.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { isAllowed, requirementsOf } from '../../shared/policy/tag-rules.ts';
import { requiredTags } from '../support/policies.ts';
import { taggeds } from './facts.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const at = instant('2025-05-14T12:00:00Z');

function seen(id: string, tags: Tags = {}, kind: ResourceKind = 'instance', more: Partial<Tagged> = {}): Tagged {
  const ref = { kind, id, name: tags['Name'] ?? null, scope };
  return {
    ref,
    tags,
    unread: null,
    unpropagated: [],
    createdAt: at,
    state: 'running',
    parent: null,
    source: null,
    subnet: null,
    price: null,
    ...more,
  };
}

const made = (person: Person | null, by: Partial<Caller> = {}): Birth => ({
  ...{ at, call: 'RunInstances', by: { name: 'user/anna', service: null, person, ...by } },
});
const anna = (known: Person['known'] = 'identity-center'): Birth => made({ who: 'anna@example.com', known });

interface Told extends Partial<Pick<Clues, 'source' | 'network'>> {
  readonly births?: Record<string, Birth>;
  readonly others?: Tagged[];
}

const clues = ({ births = {}, others = [], ...rest }: Told = {}): Clues => ({
  ...{ births: new Map(Object.entries(births)), source: null, network: [] },
  siblings: siblingsAmong(others, ['owner', 'team', 'environment', 'stage']),
  ...rest,
});

type Required = TagPolicy['required'];
const policy = (required: Required, more: Partial<TagPolicy> = {}): TagPolicy => requiredTags({ required, ...more });
const said = (resource: Tagged, required: Required, told: Clues, more: Partial<TagPolicy> = {}) =>
  offersFor(
    resource,
    required.map(r => r.key),
    policy(required, more),
    told,
  ).map(({ key, value, because, confidence }) => `${key}=${value} ${because.code} ${confidence}`);

describe('who made it', () => {
  test.each<[Person['known'], string]>([
    ['source-identity', 'certain'],
    ['identity-center', 'certain'],
    ['iam-user', 'likely'],
    ['session-name', 'likely'],
  ])('known by %s is %s', (known, confidence) => {
    expect(said(seen('i-1'), [{ key: 'owner' }], clues({ births: { 'i-1': anna(known) } }))).toEqual([
      `owner=anna@example.com creator ${confidence}`,
    ]);
  });

  test('through a service is a guess: they asked for something, and it made this', () => {
    const births = { 'i-1': made({ who: 'anna', known: 'iam-user' }, { service: 'cloudformation.amazonaws.com' }) };
    expect(said(seen('i-1'), [{ key: 'owner' }], clues({ births }))).toEqual(['owner=anna creator guess']);
  });

  test('is offered for keys that name a person, and for others where the policy says so', () => {
    const births = { 'i-1': anna() };
    const keys = ['owner', 'Owner', 'shop:owner', 'created-by', 'CreatedBy', 'contact'];
    expect(
      said(
        seen('i-1'),
        keys.map(key => ({ key })),
        clues({ births }),
      ),
    ).toHaveLength(keys.length);
    const others: Required = [{ key: 'team' }, { key: 'downer' }, { key: 'environment' }];
    expect(said(seen('i-1'), others, clues({ births }))).toEqual([]);
    expect(said(seen('i-1'), [{ key: 'team', from: ['creator'] }], clues({ births }))).toEqual(['team=anna@example.com creator certain']);
  });

  test('is offered as the policy wants it written, or not at all', () => {
    const births = { 'i-1': made({ who: 'Anna.B@Example.com', known: 'identity-center' }) };
    const of = (required: Required[number], more: Partial<TagPolicy> = {}) => said(seen('i-1'), [required], clues({ births }), more)[0];
    expect(of({ key: 'owner', case: 'lower' })).toBe('owner=anna.b@example.com creator certain');
    expect(of({ key: 'owner', pattern: '[A-Z][a-z]+[.][A-Z]' })).toBe('owner=Anna.B creator certain');
    expect(of({ key: 'owner', pattern: '[0-9]+' })).toBeUndefined();
    expect(of({ key: 'owner', values: ['payroll', 'shop'] })).toBeUndefined();
    const normalise = { keys: {}, values: { owner: { shop: ['Anna.B@Example.com'] } } };
    expect(of({ key: 'owner', values: ['payroll', 'shop'] }, { normalise })).toBe('owner=shop creator certain');
  });

  test('a volume that came with its instance was made by whoever launched it; one that came later was not', () => {
    const instance = seen('i-1');
    const births = { 'i-1': anna() };
    const volume = (seconds: number | null) =>
      seen('vol-1', {}, 'volume', { source: 'i-1', createdAt: seconds === null ? null : addSeconds(at, seconds) });
    const of = (resource: Tagged) => offersFor(resource, ['owner'], policy([{ key: 'owner' }]), clues({ births, source: instance }));
    expect(of(volume(20))).toMatchObject([{ value: 'anna@example.com', because: { code: 'creator', cameWith: 'i-1' } }]);
    for (const seconds of [301, -301, null]) expect(of(volume(seconds))).toEqual([]);
    const own = clues({ births: { ...births, 'vol-1': made({ who: 'bob', known: 'iam-user' }) }, source: instance });
    expect(offersFor(volume(20), ['owner'], policy([{ key: 'owner' }]), own)).toMatchObject([
      { value: 'bob', because: { cameWith: null } },
    ]);
  });

  test('an environment is found by its names, where the event knew no id', () => {
    const births = { 'environment/shop/shop-dev': anna(), 'environment/shop/dev': made({ who: 'bob', known: 'iam-user' }) };
    const environment = seen('e-abcdefghij', {}, 'beanstalk-environment', {
      ref: { ...seen('e-abcdefghij').ref, kind: 'beanstalk-environment', name: 'shop-dev' },
    });
    expect(said(environment, [{ key: 'owner' }], clues({ births }))).toEqual(['owner=anna@example.com creator certain']);
  });
});

describe('what it belongs to', () => {
  test('its source, its subnet, its VPC: the nearest that carries the key', () => {
    const network = [
      { id: 'subnet-1', tags: { environment: 'dev' } },
      { id: 'vpc-1', tags: { environment: 'prod', team: 'shop' } },
    ];
    const source = seen('i-1', { owner: 'payroll' });
    expect(
      said(seen('vol-1', {}, 'volume'), [{ key: 'owner' }, { key: 'environment' }, { key: 'team' }], clues({ source, network })),
    ).toEqual(['owner=payroll source likely', 'environment=dev network guess', 'team=shop network guess']);
  });

  test('tags called as properties of every object are none', () => {
    const source = seen('i-1', {});
    expect(said(seen('vol-1', {}, 'volume'), [{ key: 'constructor' }], clues({ source, network: [{ id: 'subnet-1', tags: {} }] }))).toEqual(
      [],
    );
  });
});

describe('what others like it carry', () => {
  const called = (name: string, owner: string, i: number) => seen(`i-${name}${i}`, { Name: `${name}-${i}`, owner });
  const some = (name: string, ...owners: string[]) => owners.map((owner, i) => called(name, owner, i));
  const of = (others: Tagged[], tags: Tags = { Name: 'web-9' }) => said(seen('i-9', tags), [{ key: 'owner' }], clues({ others }));

  test('three of one name that agree are enough, and two are chance', () => {
    expect(of(some('web', 'shop', 'shop', 'shop'))).toEqual(['owner=shop siblings likely']);
    expect(of(some('web', 'shop', 'shop'))).toEqual([]);
    expect(of(some('other', 'shop', 'shop', 'shop'))).toEqual([]);
  });

  test('a majority is a guess, half of them is nothing', () => {
    expect(of(some('web', 'shop', 'shop', 'shop', 'payroll'))).toEqual(['owner=shop siblings guess']);
    expect(of(some('web', 'shop', 'shop', 'shop', 'a', 'b', 'c'))).toEqual([]);
  });

  test('kinds keep apart, and a name that is only a number is nobody’s', () => {
    const volumes = some('web', 'shop', 'shop', 'shop').map(v => ({ ...v, ref: { ...v.ref, kind: 'volume' as const } }));
    expect(of(volumes)).toEqual([]);
    expect(of(some('', 'shop', 'shop', 'shop'), { Name: '7' })).toEqual([]);
  });

  test('the other machines of its owner say what team they are of', () => {
    const others = ['a', 'b', 'c'].map(id => seen(`i-${id}`, { owner: 'anna@example.com', team: 'shop' }));
    const told = clues({ others, births: { 'i-9': anna() } });
    expect(said(seen('i-9'), [{ key: 'team' }], told)).toEqual(['team=shop siblings guess']);
    expect(said(seen('i-9', { owner: 'anna@example.com' }), [{ key: 'team' }], clues({ others }))).toEqual(['team=shop siblings guess']);
  });
});

test('the best comes first, each value once, and one of each key is what a button stands for', () => {
  const others = [1, 2, 3].map(i => seen(`i-${i}`, { Name: `web-${i}`, owner: 'shop' }));
  const told = clues({ births: { 'i-9': anna() }, others, source: seen('i-0', { owner: 'anna@example.com' }) });
  const offers = offersFor(seen('i-9', { Name: 'web-9' }), ['owner'], policy([{ key: 'owner' }]), told);
  expect(offers.map(o => [o.value, o.because.code])).toEqual([
    ['anna@example.com', 'creator'],
    ['shop', 'siblings'],
  ]);
  expect(bestOf(offers).map(o => o.value)).toEqual(['anna@example.com']);
});

describe('written at once', () => {
  const given = (from: Required[number]['from'], birth: Birth) => {
    const required: Required = [{ key: 'owner', ...(from && { from }) }];
    const network = [{ id: 'subnet-1', tags: { owner: 'net' } }];
    return offersFor(seen('i-1'), ['owner'], policy(required), clues({ births: { 'i-1': birth }, network }))
      .filter(offer => isGiven(offer, required))
      .map(offer => offer.value);
  };

  test('is what the policy says, and no more', () => {
    expect(given(undefined, anna())).toEqual([]);
    expect(given(['creator'], anna())).toEqual(['anna@example.com']);
    expect(given(['network'], anna())).toEqual(['net']);
    expect(given(['creator', 'network'], anna())).toEqual(['anna@example.com', 'net']);
  });

  test('is never a name that its bearer chose, nor that of somebody behind a service', () => {
    expect(given(['creator'], anna('session-name'))).toEqual([]);
    expect(given(['creator'], made({ who: 'anna', known: 'iam-user' }, { service: 'cloudformation.amazonaws.com' }))).toEqual([]);
  });
});

describe('in a plan', () => {
  const required: Required = [
    { key: 'owner', from: ['creator', 'network'], default: 'nobody' },
    { key: 'environment', from: ['network'] },
  ];
  const rules = policy(required, { match: { resources: ['instance', 'volume'], except: {} }, inherit: ['owner'] });
  const now = addSeconds(at, 3600);
  const births = new Map([['i-1', anna()]]);
  const network = new Map([['subnet-1', [{ id: 'subnet-1', tags: { environment: 'dev', owner: 'net' } }]]]);
  const written = (resources: Tagged[], told: Parameters<typeof taggeds>[2] = {}) => {
    const { changes } = decideTags(taggeds(now, resources, { births, network, ...told }), { policies: [rules] }).plan;
    return Object.fromEntries(changes.map(c => [c.resource.id, writtenTags(c.action)]));
  };

  test('what the policy takes is written, before any default, and says where it came from', () => {
    const box = seen('i-1', {}, 'instance', { subnet: 'subnet-1' });
    expect(written([box])).toEqual({ 'i-1': { owner: 'anna@example.com', environment: 'dev' } });
    const { changes } = decideTags(taggeds(now, [box], { births, network }), { policies: [rules] }).plan;
    expect(changes[0]?.because).toEqual({
      code: 'tags-fixed',
      fixes: [
        { key: 'owner', how: 'creator', from: 'anna@example.com' },
        { key: 'environment', how: 'network', from: 'subnet-1' },
      ],
    });
  });

  test('what somebody wrote stands, though it is not allowed; what nobody knows has its default', () => {
    const strict = policy([{ key: 'owner', from: ['creator'], pattern: '.+@example[.]com' }]);
    const box = seen('i-1', { owner: 'me' });
    const { changes } = decideTags(taggeds(now, [box], { births }), { policies: [strict] }).plan;
    expect(changes.map(c => [c.because.code, writtenTags(c.action)['owner']])).toEqual([['tags-missing', undefined]]);
    expect(written([seen('i-2', { environment: 'dev' })])).toEqual({ 'i-2': { owner: 'nobody' } });
  });

  test('its volume inherits what the instance is just about to get', () => {
    const volume = seen('vol-1', { environment: 'dev' }, 'volume', { source: 'i-1', createdAt: addSeconds(at, -1e6) });
    expect(written([volume, seen('i-1', { environment: 'dev' })])).toEqual({
      'i-1': { owner: 'anna@example.com' },
      'vol-1': { owner: 'anna@example.com' },
    });
  });
});

test('what only plans shows what acting would do: a snapshot inherits what its volume would inherit', () => {
  const chain = [
    seen('i-1', { owner: 'shop' }),
    seen('vol-1', {}, 'volume', { source: 'i-1' }),
    seen('snap-1', {}, 'snapshot', { source: 'vol-1' }),
  ];
  const match = { resources: ['instance' as const, 'volume' as const, 'snapshot' as const], except: {} };
  for (const mode of ['plan', 'act'] as const) {
    const rules = policy([{ key: 'owner', default: 'nobody' }], { mode, match, inherit: ['owner'] });
    const { changes } = decideTags(taggeds(addSeconds(at, 3600), chain), { policies: [rules] }).plan;
    expect(Object.fromEntries(changes.map(c => [c.resource.id, writtenTags(c.action)]))).toEqual({
      'vol-1': { owner: 'shop' },
      'snap-1': { owner: 'shop' },
    });
  }
});

test('whatever is around, what is offered is allowed, and can be written to its kind', () => {
  const word = fc.oneof(fc.constantFrom('dev', 'prod', 'Dev', 'anna@example.com', ''), fc.string({ unit: 'binary', maxLength: 300 }));
  const required: Required = [{ key: 'owner' }, { key: 'stage', values: ['dev', 'prod'], case: 'ignore' }];
  const rules = policy(required);
  fc.assert(
    fc.property(word, word, word, fc.constantFrom<ResourceKind>('instance', 'auto-scaling-group'), (a, b, c, kind) => {
      const resource = seen('x', {}, kind);
      const told = clues({ source: seen('y', { owner: a, stage: b }), network: [{ id: 'subnet-1', tags: { owner: c, stage: c } }] });
      for (const { key, value } of offersFor(resource, ['owner', 'stage'], rules, told)) {
        const requirement = requirementsOf(rules, resource.ref, {}).find(r => r.key === key);
        expect(requirement !== undefined && isAllowed(requirement, value)).toBe(true);
        expect([...value].length).toBeLessThanOrEqual(256);
        if (kind === 'auto-scaling-group') expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
      }
    }),
  );
});

beforeAll(() => loadPatterns([policy([{ key: 'owner', pattern: 'x' }])]));
