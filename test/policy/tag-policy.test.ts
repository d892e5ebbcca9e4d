/** Policies of tags: what they may say, what they must not, and what they ask of a resource. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceKind } from '../../shared/model/ids.ts';
import { judge } from '../../shared/policy/explain.ts';
import { loadPatterns, matchesPattern } from '../../shared/policy/patterns.ts';
import { policySchema, type TagPolicy } from '../../shared/policy/schema.ts';
import { isAllowed, missingKeys, requirementsOf } from '../../shared/policy/tag-rules.ts';
import { caseOf } from '../../shared/policy/tag-spelling.ts';
import { isWritable, keyTrouble, ownKeys, valueTrouble } from '../../shared/policy/tag-words.ts';
import { requiredTags } from '../support/policies.ts';

const BASE = { kind: 'tags', name: 'tagging', required: [{ key: 'owner' }], grace: { days: 7 } };
const findings = (other: object) => {
  const result = judge(policySchema, { ...BASE, ...other });
  return 'ok' in result ? [] : result.findings.map(f => `${f.path.join('.')}: ${f.message}; ${f.remedy}`);
};
const required = (...tags: object[]) => findings({ required: tags });

describe('what a policy may not say', () => {
  test.each<readonly [what: string, found: string[], expected: string]>([
    [
      'a pattern that is none',
      required({ key: 'a', pattern: '(b' }),
      'required.0.pattern: "(b" is not a pattern (missing closing ): `(b`); write RE2 syntax',
    ],
    ['a pattern that looks around', required({ key: 'a', pattern: '(?=b)c' }), 'required.0.pattern: "(?=b)c" is not a pattern'],
    ['a back-reference', required({ key: 'a', pattern: '(b)\\1' }), 'required.0.pattern: "(b)\\\\1" is not a pattern'],
    ['a repeat that would grow', required({ key: 'a', pattern: 'a{2,30000}' }), 'is not a pattern'],
    [
      'a default against its pattern',
      required({ key: 'a', pattern: 'b+', default: 'c' }),
      'required.0.default: is not as the pattern says; change one of the two',
    ],
    [
      'a default in the wrong case',
      required({ key: 'a', case: 'lower', default: 'X' }),
      'required.0.default: is not in lower case; write it so, or change `case`',
    ],
    ['an empty pattern', required({ key: 'a', pattern: '' }), 'required.0.pattern: "" is empty, so that no value would do; remove it'],
    [
      'a value that its pattern refuses',
      required({ key: 'a', values: ['CC-1', 'dev'], pattern: 'CC-[0-9]+' }),
      'required.0.values.1: is not as the pattern says; change one of the two',
    ],
    ['an empty value', required({ key: 'a', values: ['', 'x'] }), 'required.0.values.0: is empty, which counts as missing; remove it'],
    ['an empty default', required({ key: 'a', default: '' }), 'required.0.default: is empty, which counts as missing; write a value'],
    ['a value in the wrong case', required({ key: 'a', case: 'upper', values: ['X', 'y'] }), 'required.0.values.1: is not in upper case'],
    ['a key of Beanstalk', required({ key: 'elasticbeanstalk:x' }), 'is a key that Elastic Beanstalk writes itself; choose another'],
    [
      'the mark itself',
      required({ key: 'ebb:mark' }),
      '"ebb:mark" is the mark that is written where something is missing; choose another key',
    ],
    [
      'a key with signs of its own',
      required({ key: 'a#b' }),
      '"a#b" has characters that not every service allows; use letters, digits, spaces and _ . : / = + - @',
    ],
    ['a long key', required({ key: 'k'.repeat(129) }), 'is longer than the 128 characters that AWS allows for a key; shorten it'],
    [
      'a long value',
      required({ key: 'a', default: 'v'.repeat(257) }),
      'is longer than the 256 characters that AWS allows for a value; shorten it',
    ],
    ['an emoji, which groups cannot carry', required({ key: 'a', values: ['🚀'] }), 'has characters that not every service allows'],
    [
      'nowhere',
      required({ key: 'a', where: {} }),
      'required.0.where: says nowhere; name accounts, regions, resources or tags, or remove it',
    ],
    [
      'the same place twice',
      required({ key: 'a', where: { regions: ['eu-west-1'] } }, { key: 'a', where: { regions: ['eu-west-1'] } }),
      'required.1.where: is the same as above',
    ],
    [
      'what nobody would reach',
      required({ key: 'a' }, { key: 'a', where: { regions: ['eu-west-1'] } }),
      'required.1.key: is required above already; keep one of the two',
    ],
    [
      'fifty keys',
      required(...Array.from({ length: 50 }, (_, i) => ({ key: `k${i}` }))),
      'asks for more than the 49 tags that leave room for the mark; require fewer',
    ],
    [
      'a right spelling as another',
      findings({ normalise: { keys: { owner: ['Owner'], Owner: ['OWNER'] } } }),
      '"Owner" is a right spelling itself; remove it on one side',
    ],
    [
      'a required key as another spelling',
      findings({ normalise: { keys: { who: ['owner'] } } }),
      '"owner" is required as it is; remove it here or under required',
    ],
    [
      'one spelling for two keys',
      findings({ normalise: { keys: { owner: ['x'], team: ['x'] } } }),
      '"x" stands for owner already; remove one',
    ],
    [
      'a key of AWS to rename',
      findings({ normalise: { keys: { owner: ['aws:createdBy'] } } }),
      '"aws:createdBy" is not a key to rename; remove it',
    ],
    ['values in a circle', findings({ normalise: { values: { owner: { a: ['b'], b: ['a'] } } } }), '"b" is a right spelling itself'],
    [
      'a spelling that is not allowed',
      findings({ required: [{ key: 'owner', values: ['ann'] }], normalise: { values: { owner: { bob: ['Bob'] } } } }),
      'normalise.values.owner.bob: is not an allowed value of its key; add it to `values` or choose one of them',
    ],
    [
      'a spelling that case would take back',
      findings({ required: [{ key: 'owner', case: 'lower' }], normalise: { values: { owner: { Ann: ['a'] } } } }),
      'normalise.values.owner.Ann: would be rewritten again by `case`; write it as that says',
    ],
    [
      'heirs that are none',
      findings({ inherit: ['owner'] }),
      'inherit: has nobody to inherit; name volume or snapshot in match.resources, or remove it',
    ],
    [
      'stops of volumes',
      findings({ match: { resources: ['volume'] }, escalate: 'stop' }),
      'escalate: stops instances, of which this policy does not speak',
    ],
    ['termination', findings({ escalate: 'terminate' }), 'escalate'],
    ['a kind that carries no tags here', findings({ match: { resources: ['bucket'] } }), 'match.resources.0'],
  ])('%s', (_what, found, expected) => {
    expect(found.join('\n')).toContain(expected);
  });

  test('and everything that it may', () => {
    const where = { accounts: ['111122223333'], regions: ['eu-west-1'], resources: ['instance'], tags: { environment: ['prod'] } };
    expect(
      findings({
        match: { resources: ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'] },
        required: [
          { key: 'Größe', where, pattern: '[a-z]+', case: 'ignore' },
          { key: 'Größe', values: ['a', 'b'], default: 'a' },
        ],
        normalise: { keys: { Größe: ['size'] }, values: { Größe: { a: ['A'] } } },
        inherit: ['Größe'],
        escalate: 'stop',
        fixesPerRun: 5,
      }),
    ).toEqual([]);
  });
});

describe('what it asks of a resource', () => {
  const instance = { kind: 'instance', scope: { account: '111122223333', region: 'eu-west-1' } } as const;
  const policy: TagPolicy = requiredTags({
    required: [
      { key: 'centre', where: { tags: { environment: ['prod'] } }, pattern: 'CC-[0-9]{4}' },
      { key: 'centre', where: { accounts: ['999988887777'] }, values: ['elsewhere'] },
      { key: 'owner', case: 'lower' },
      { key: 'Name', where: { resources: ['beanstalk-environment', 'instance'] } },
    ],
  });
  beforeAll(() => loadPatterns([policy]));

  test('depends on its tags, its account and its kind; of several with one key the first that holds speaks', () => {
    const keys = (whose: Parameters<typeof requirementsOf>[1], tags = {}) =>
      requirementsOf(policy, whose, tags).map(r => `${r.key} ${r.pattern ?? r.values ?? ''}`);
    expect(keys(instance)).toEqual(['owner ', 'Name ']);
    expect(keys(instance, { environment: 'prod' })).toEqual(['centre CC-[0-9]{4}', 'owner ', 'Name ']);
    const other = { kind: 'volume', scope: { account: '999988887777', region: 'eu-west-1' } } as const;
    expect(keys(other)).toEqual(['centre elsewhere', 'owner ']);
    expect(keys(other, { environment: 'prod' })).toEqual(['centre CC-[0-9]{4}', 'owner ']);
    // The name of an environment is Beanstalk's to write.
    expect(keys({ ...instance, kind: 'beanstalk-environment' })).toEqual(['owner ']);
  });

  test('is a whole value, in the letters it wants', () => {
    const missing = (tags: Record<string, string>) => missingKeys({ Name: 'x', ...tags }, policy, instance);
    expect(missing({ owner: 'ann', environment: 'prod', centre: 'CC-1234' })).toEqual([]);
    for (const centre of ['xCC-1234', 'CC-12345', 'cc-1234', ''])
      expect(missing({ owner: 'ann', environment: 'prod', centre })).toEqual(['centre']);
    expect(missing({ owner: 'Ann' })).toEqual(['owner']);
    expect(missingKeys({}, requiredTags({ required: [{ key: 'constructor' }] }), instance)).toEqual(['constructor']);
    expect(isAllowed({ key: 'a', values: ['Prod'], case: 'ignore' }, 'PROD')).toBe(true);
    expect(matchesPattern({ pattern: 'ab', case: 'ignore' }, 'AB')).toBe(true);
  });

  test('a pattern that would hang a backtracking engine is answered', () => {
    expect(matchesPattern({ pattern: '(a|a)*b' }, 'a'.repeat(256))).toBe(false);
    expect(matchesPattern({ pattern: '(a+)+$' }, `${'a'.repeat(255)}!`)).toBe(false);
  });
});

describe('words', () => {
  test('letters are as the case wants them, and then they stay', () => {
    fc.assert(
      fc.property(fc.constantFrom('exact', 'ignore', 'lower', 'upper'), fc.string({ unit: 'grapheme' }), (letters, value) => {
        const spelt = caseOf({ case: letters, values: ['Prod', 'dev'] }, value);
        expect(caseOf({ case: letters, values: ['Prod', 'dev'] }, spelt)).toBe(spelt);
        // A few letters have no way back: ß becomes SS.
        const hasPairs = value.toUpperCase().toLowerCase() === value.toLowerCase();
        if (hasPairs) expect(spelt.toLowerCase()).toBe(value.toLowerCase());
      }),
    );
  });

  test('whatever is found somewhere is written only where AWS takes it', () => {
    const taken = (kind: ResourceKind, key: string, value: string) => isWritable({ kind, name: 'shop-dev' }, key, value);
    expect(taken('volume', 'team', 'pay 🚀 \u202Eevil <!channel>')).toBe(true);
    expect(taken('auto-scaling-group', 'team', 'pay 🚀')).toBe(false);
    expect(taken('beanstalk-environment', 'Name', 'x')).toBe(false);
    expect(taken('instance', 'aws:x', 'x')).toBe(false);
    expect(taken('instance', 'elasticbeanstalk:environment-name', 'x')).toBe(false);
    expect(taken('instance', 'k', '🚀'.repeat(256))).toBe(true); // AWS counts characters, not halves of them
    expect(taken('instance', 'k', '🚀'.repeat(257))).toBe(false);
    // An environment takes one character less, no empty value, not its own name, and nothing that sounds like AWS's.
    const values = ['x'.repeat(255), 'x'.repeat(256), '', 'shop-dev', 'see aws:x', 'elasticbeanstalk:y'];
    expect(values.map(value => taken('beanstalk-environment', 'k', value))).toEqual([true, false, false, false, false, false]);
    expect(values.map(value => taken('auto-scaling-group', 'k', value))).toEqual([true, true, true, true, true, true]);
    expect([127, 128].map(length => taken('beanstalk-environment', 'k'.repeat(length), 'v'))).toEqual([true, false]);
    expect(ownKeys({ 'aws:x': '1', 'AWS:y': '2', 'not-aws:': '3' })).toEqual(['not-aws:']);
    expect([keyTrouble('Kostenstelle / über 5'), valueTrouble('')]).toEqual([null, null]);
  });
});
