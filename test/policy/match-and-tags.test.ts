import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Tags } from '../../shared/model/ids.ts';
import { matches, policyFor, type Resource, speaksOf } from '../../shared/policy/match.ts';
import type { FleetPolicy, InstancePolicy, Match, Policy, Schedule, TagPolicy } from '../../shared/policy/schema.ts';
import { nearest, suggestion } from '../../shared/policy/suggest.ts';
import { choosePolicy, readKeepUntil, readOwner, readSchedule, readTags } from '../../shared/policy/tags.ts';
import { webFleet } from '../support/policies.ts';

const scope = { account: '123456789012', region: 'eu-west-1' };
const thing = (tags: Tags, name: string | null = null) => ({ tags, name, scope });
const box = (tags: Tags): Resource => ({ ref: { kind: 'instance', id: 'i-1', name: tags['Name'] ?? null, scope }, tags });
const group = (name: string, tags: Tags = {}): Resource => ({ ref: { kind: 'auto-scaling-group', id: name, name, scope }, tags });

const budget = { perRun: 20, perDay: 200, perOwner: 10 };
const breaker = { share: 0.5, atLeast: 5 };
const instances = (name: string, match: Match): InstancePolicy => ({
  ...{
    kind: 'instances',
    name,
    mode: 'plan',
    match,
    schedule: 'office-hours',
    hibernate: false,
    enforced: false,
    retainRunning: false,
    budget,
    breaker,
  },
  kind: 'instances',
  mode: 'plan',
});
const fleets = (name: string, match: Match): FleetPolicy => webFleet({ name, match });
const tagging = (name: string, match: TagPolicy['match']): TagPolicy => ({
  ...{ kind: 'tags', name, mode: 'plan', match, required: [{ key: 'owner' }], grace: { days: 7 }, settle: 600, budget, breaker },
  kind: 'tags',
  mode: 'plan',
});
const dev = instances('dev', { tags: { environment: ['dev', 'test*'] } });

describe('a match', () => {
  test('needs all of its tags, each with one of its values, case and all', () => {
    const match = { tags: { environment: ['dev', 'test'], team: ['a'] } };
    expect(matches(match, thing({ environment: 'test', team: 'a' }))).toBe(true);
    expect(matches(match, thing({ environment: 'test' }))).toBe(false);
    expect(matches(match, thing({ environment: 'Test', team: 'a' }))).toBe(false);
    expect(matches(match, thing({ Environment: 'test', team: 'a' }))).toBe(false);
  });

  test('takes a * at the end for any ending', () => {
    expect(matches(dev.match, thing({ environment: 'test-7' }))).toBe(true);
    expect(matches(dev.match, thing({ environment: 'test' }))).toBe(true);
    expect(matches(dev.match, thing({ environment: 'dev-7' }))).toBe(false);
    expect(matches({ tags: { environment: ['*'] } }, thing({ environment: '' }))).toBe(true);
    expect(matches({ tags: { environment: ['*'] } }, thing({}))).toBe(false);
  });

  test('knows groups by name, and boxes by their Name tag', () => {
    const web = { tags: {}, names: ['web-*', 'shop'] };
    expect(matches(web, thing({}, 'web-eu'))).toBe(true);
    expect(matches(web, thing({}, 'shop'))).toBe(true);
    expect(matches(web, thing({}, 'shop-2'))).toBe(false);
    expect(matches(web, thing({}, null))).toBe(false);
    expect(speaksOf(fleets('web', web), group('web-eu'))).toBe(true);
    expect(speaksOf(instances('web', web), box({ Name: 'web-eu' }))).toBe(true);
    expect(speaksOf(instances('web', web), box({}))).toBe(false);
  });

  test('stays in its accounts and regions', () => {
    const tags = { environment: 'dev' };
    expect(matches({ ...dev.match, regions: ['eu-west-1'], accounts: [scope.account] }, thing(tags))).toBe(true);
    expect(matches({ ...dev.match, regions: ['us-east-1'] }, thing(tags))).toBe(false);
    expect(matches({ ...dev.match, accounts: ['999999999999'] }, thing(tags))).toBe(false);
  });

  test('that is empty matches nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.option(fc.string()), (tags, name) => {
        expect(matches({ tags: {} }, thing(tags, name))).toBe(false);
      }),
    );
  });

  test('is not fooled by what objects inherit', () => {
    expect(matches({ tags: { constructor: ['*'] } }, thing({}))).toBe(false);
  });

  test('the untagged is never matched by a tag', () => {
    const patterns = fc.dictionary(fc.string(), fc.array(fc.string(), { minLength: 1 }), { minKeys: 1 });
    fc.assert(fc.property(patterns, tags => !matches({ tags }, thing({}))));
  });

  test('of a tag policy is everything but the exempt', () => {
    const policy = tagging('t', { resources: ['instance'], except: { tagging: ['exempt'] } });
    expect(speaksOf(policy, box({}))).toBe(true);
    expect(speaksOf(policy, box({ tagging: 'exempt' }))).toBe(false);
  });

  test('the first of several policies wins', () => {
    const both = [instances('first', { tags: { a: ['*'] } }), instances('second', { tags: { a: ['b'] } })];
    expect(policyFor(both, box({ a: 'b' }))?.name).toBe('first');
    expect(policyFor(both.toReversed(), box({ a: 'b' }))?.name).toBe('second');
    expect(policyFor(both, box({}))).toBe(null);
  });
});

describe('ebb:policy', () => {
  const night = instances('night', { tags: { never: ['worn'] }, regions: ['eu-west-1'] });
  const far = instances('far', { tags: { never: ['worn'] }, regions: ['us-east-1'] });
  const policies: Policy[] = [dev, night, far, fleets('web', { tags: {}, names: ['web-*'] })];
  const choose = (value: string) => choosePolicy(policies, 'instances', box({ environment: 'dev', 'ebb:policy': value }));

  test('names a policy and overrides what would have matched', () => {
    expect(choosePolicy(policies, 'instances', box({ environment: 'dev' }))).toEqual({ ok: dev });
    expect(choose('night')).toEqual({ ok: night });
    expect(choose(' night ')).toEqual({ ok: night });
  });

  test.each(['off', 'none', 'OFF', ' Off '])('%j opts out', value => expect(choose(value)).toEqual({ ok: 'opted-out' }));

  test.each([
    ['nigth', 'did you mean "night"?'],
    ['of', 'did you mean "off"?'],
    ['whatever', 'there are "dev", "night", "far", "web", "off"'],
    ['', 'there are "dev"'],
  ])('%j is a typo, and never a stop', (value, remedy) => {
    expect(choose(value)).toEqual({ bad: { tag: 'ebb:policy', value, remedy: expect.stringContaining(remedy) } });
  });

  test('cannot carry a policy into an account or region that it does not speak of', () => {
    expect(choose('far')).toEqual({ bad: { tag: 'ebb:policy', value: 'far', remedy: expect.stringContaining('does not speak of') } });
  });

  test('of another kind says nothing to this pen: group members carry the tag of their group', () => {
    expect(choose('web')).toEqual({ ok: dev });
    expect(choosePolicy(policies, 'fleets', group('web-1', { 'ebb:policy': 'dev' }))).toEqual({ ok: policies[3] });
  });
});

describe('wishes', () => {
  const office: Schedule = {
    name: 'office-hours',
    timeZone: 'Europe/Berlin',
    periods: [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }],
  };
  const late: Schedule = { ...office, name: 'late-shift', timeZone: 'America/New_York' };
  const schedules = { 'office-hours': office, 'late-shift': late };

  test("ebb:schedule overrides the policy's schedule", () => {
    expect(readSchedule({}, 'office-hours', schedules)).toEqual({ ok: office });
    expect(readSchedule({ 'ebb:schedule': 'late-shift' }, 'office-hours', schedules)).toEqual({ ok: late });
    expect(readSchedule({}, undefined, schedules)).toEqual({ ok: null });
  });

  test.each([
    ['late-shfit', 'did you mean "late-shift"?'],
    ['', 'there are "office-hours", "late-shift"'],
    ['constructor', 'there are "office-hours"'],
  ])('ebb:schedule %j is bad', (value, remedy) => {
    expect(readSchedule({ 'ebb:schedule': value }, 'office-hours', schedules)).toEqual({
      bad: { tag: 'ebb:schedule', value, remedy: expect.stringContaining(remedy) },
    });
  });

  test.each([
    ['2025-05-16', '2025-05-16T22:00:00Z'], // the end of that day in Berlin
    ['2025-03-29', '2025-03-29T23:00:00Z'],
    ['2025-03-30', '2025-03-30T22:00:00Z'], // a day of 23 hours
    ['2025-12-31', '2025-12-31T23:00:00Z'],
    ['2024-02-29', '2024-02-29T23:00:00Z'],
    ['2025-05-16T18:00:00Z', '2025-05-16T18:00:00Z'],
    ['2025-05-16t18:00:00.5z', '2025-05-16T18:00:00Z'],
    ['2025-05-16T18:00+02:00', '2025-05-16T16:00:00Z'],
    ['2025-05-16T18:00:00-0330', '2025-05-16T21:30:00Z'],
    ['2025-05-16 18:00', '2025-05-16T16:00:00Z'], // no offset: Berlin's clock
    [' 2025-05-16 ', '2025-05-16T22:00:00Z'],
  ])('ebb:keep-until %s is %s', (value, expected) => {
    expect(readKeepUntil({ 'ebb:keep-until': value }, 'Europe/Berlin')).toEqual({ ok: expected });
  });

  test.each([
    '2025-02-30',
    '2025-5-1',
    '16.05.2025',
    'friday',
    '',
    '2025-05-16T25:00Z',
    '2025-05-16T18:00:00+99:00',
    '0000-00-00',
    '2025-13-01',
  ])('ebb:keep-until %j is bad', value => {
    const read = readKeepUntil({ 'ebb:keep-until': value }, 'Europe/Berlin');
    expect(read).toEqual({ bad: { tag: 'ebb:keep-until', value, remedy: expect.any(String) } });
  });

  test('no text in a tag makes reading throw', () => {
    const value = fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?$/));
    fc.assert(
      fc.property(value, value, value, (keep, schedule, policy) => {
        const tags = { 'ebb:keep-until': keep, 'ebb:schedule': schedule, 'ebb:policy': policy };
        readTags(tags, 'office-hours', schedules);
        readKeepUntil(tags, 'Europe/Berlin');
        choosePolicy([dev], 'instances', box(tags));
      }),
      { numRuns: 500 },
    );
  });

  test('a date ends in the zone of the schedule that counts, and in UTC without one', () => {
    const keep = { 'ebb:keep-until': '2025-05-16' };
    expect(readTags(keep, 'office-hours', schedules)).toEqual({ ok: { schedule: office, keepUntil: '2025-05-16T22:00:00Z' } });
    expect(readTags({ ...keep, 'ebb:schedule': 'late-shift' }, 'office-hours', schedules)).toEqual({
      ok: { schedule: late, keepUntil: '2025-05-17T04:00:00Z' },
    });
    expect(readTags(keep, undefined, schedules)).toEqual({ ok: { schedule: null, keepUntil: '2025-05-17T00:00:00Z' } });
  });

  test.each([
    ['ebb:keepuntil', 'ebb:keep-until'],
    ['Ebb:Schedule', 'ebb:schedule'],
    ['ebb:polcy', 'ebb:policy'],
    ['EBB:POLICY', 'ebb:policy'],
  ])('a key that is nearly ours is a typo: %s', (key, meant) => {
    expect(readTags({ [key]: 'x' }, 'office-hours', schedules)).toEqual({
      bad: { tag: key, value: 'x', remedy: `did you mean "${meant}"?` },
    });
  });

  test('keys of others are nobody’s typo', () => {
    const tags = { ebbing: 'x', 'ebb:team': 'web', 'ebb:mark': 'x', 'ebb:start-after': 'db' };
    expect(readTags(tags, 'office-hours', schedules)).toEqual({ ok: { schedule: office, keepUntil: null } });
  });

  test('ebb:owner is whoever is named', () => {
    expect(readOwner({ 'ebb:owner': ' U012AB3CD ' })).toBe('U012AB3CD');
    expect(readOwner({ 'ebb:owner': ' ' })).toBe(null);
    expect(readOwner({})).toBe(null);
  });
});

describe('did you mean', () => {
  test('a swap of neighbours is one slip', () => expect(nearest('offcie-hours', ['always', 'office-hours'])).toBe('office-hours'));
  test('far words are not suggested', () => expect(nearest('weekend', ['office-hours', 'always'])).toBe(null));
  test('an empty list has its own remedy', () => expect(suggestion('x', [], 'write one')).toBe('write one'));
});
