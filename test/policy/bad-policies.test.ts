import { describe, expect, test } from '@jest/globals';
import { FLEETS, folder, IDLE, INSTANCES, troubles } from './folder.ts';

describe('a policy that is in doubt is refused, with line and remedy:', () => {
  test.each<readonly [what: string, text: string, expected: readonly string[]]>([
    [
      'an empty match',
      INSTANCES.replace('{ tags: { a: b } }', '{}'),
      ['3 › match: an empty match would match everything; name at least one tag or name'],
    ],
    [
      'an empty map of tags',
      INSTANCES.replace('{ a: b }', '{}'),
      ['3 › match: an empty match would match everything; name at least one tag or name'],
    ],
    ['no match', FLEETS.replace('match: { names: [web-*] }\n', ''), ['1 › match: is missing; write a map of keys and values']],
    [
      'neither schedule nor idleness',
      INSTANCES.replace(/schedule.*\n/, ''),
      ['1 › the policy would never do anything; give it a `schedule`, an `idle` rule, or both'],
    ],
    [
      'hours enforced that nobody names',
      `${IDLE}enforced: true\n`,
      [
        '4 › idle: stops in on-hours what `enforced` says is running then; remove one of the two',
        '5 › enforced: has no hours to enforce; give the policy a `schedule` or `scheduleTags`, or remove this',
      ],
    ],
    [
      'retained without an end',
      `${IDLE}retainRunning: true\n`,
      ['5 › retainRunning: has no hours that could end; give the policy a `schedule` or `scheduleTags`, or remove this'],
    ],
    [
      'two words that contradict each other',
      `${INSTANCES}enforced: true\nretainRunning: true\n`,
      ['6 › retainRunning: keeps what `enforced` stops; remove one of the two'],
    ],
    [
      'a warning of what never comes',
      `${INSTANCES}notice: { minutes: 30 }\n`,
      ['5 › notice: warns of idle stops, and the policy has no `idle` rule; add one, or remove this'],
    ],
    ['no kind', INSTANCES.replace(/kind.*\n/, ''), ['1 › kind: is missing; write instances or fleets or tags']],
    ['no maximum', FLEETS.replace(/maxSize.*\n/, ''), ['1 › maxSize: is missing; write a number']],
    ['nothing', '# later\n', ['1 › holds no policy; write one, or delete the file']],
    ['an empty list', '[]\n', ['1 › holds no policy; write one, or delete the file']],
    ['no policy', 'hello\n', ['1 › "hello" must be a map of keys and values; docs/policies.md has an example']],
    [
      'a list with one bad and one good',
      '- 5\n- { kind: instances, name: x, match: { tags: { a: b } }, schedule: always }\n',
      ['1 › [0]: 5 must be a map of keys and values; docs/policies.md has an example'],
    ],
    [
      'all problems at once',
      FLEETS.replace('value: 50', 'value: 0').replace('maxSize: 4', 'maxSize: 1.5').replace('web-*', 'w*b'),
      [
        '3 › match.names[0]: "w*b" has a * inside; only at the end does it stand for anything',
        '4 › target.value: 0 is too small; write more than 0',
        '6 › maxSize: 1.5 must be a whole number; docs/policies.md has an example',
      ],
    ],
  ])('a policy file with %s', (_what, text, expected) => {
    const { dir, write } = folder();
    write('policies/extra.yml', text);
    expect(troubles(dir)).toEqual(expected.map(line => `policies/extra.yml:${line}`));
  });
});
