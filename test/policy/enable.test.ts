import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { enablePolicy } from '../../shared/policy/enable.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { PolicyError } from '../../shared/policy/problems.ts';
import { FLEETS, folder } from './folder.ts';

interface Written {
  readonly text: string;
  /** As it has to be once the policy is enabled. */
  readonly after: string;
  readonly names: readonly string[];
  readonly nth: number;
}

/** One to three policies as people write them; the first without a mode has none, the others say `plan` in some spelling. */
const files: fc.Arbitrary<Written> = fc
  .record({
    policies: fc.array(
      fc.record({
        flow: fc.boolean(),
        quote: fc.constantFrom('', "'", '"'),
        mode: fc.option(fc.constantFrom('mode: plan', "mode:   'plan'", '"mode": "plan"', 'mode: plan # until June, für alle 🐘')),
        keys: fc.shuffledSubarray(['name', 'mode', 'kind', 'match', 'target', 'minSize', 'maxSize'], { minLength: 7 }),
        remark: fc.constantFrom('', ' # why: "yes"', '\n    # a thought: mode: act'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    list: fc.boolean(),
    head: fc.constantFrom('', '# für Bücher: ärgerlich\n', '---\n', '\uFEFF', '\uFEFF# so\n'),
    tail: fc.constantFrom('\n', '', '\n\n# end\n', '\n...\n'),
    end: fc.constantFrom('\n', '\r\n'),
    pick: fc.nat(2),
  })
  .map(({ policies, list, head, tail, end, pick }) => {
    const nth = pick % policies.length;
    const write = (enabled: number | null): string =>
      (
        head +
        policies.map((one, i) => policyText({ ...one, list: list || policies.length > 1, i, on: i === enabled })).join('\n') +
        tail
      ).replaceAll('\n', end);
    return { text: write(null), after: write(nth), names: policies.map((_, i) => `made-${i}`), nth };
  });

interface Layout {
  readonly flow: boolean;
  readonly quote: string;
  readonly mode: string | null;
  readonly keys: readonly string[];
  readonly remark: string;
  readonly list: boolean;
  readonly i: number;
  readonly on: boolean;
}

function policyText({ flow, quote, mode, keys, remark, list, i, on }: Layout): string {
  const plain: Readonly<Record<string, string>> = {
    name: `name: ${quote}made-${i}${quote}`,
    kind: 'kind: fleets',
    match: `match: { names: [g${i}] }`,
    target: 'target: { value: 50 }',
    minSize: 'minSize: 0',
    maxSize: 'maxSize: 3',
  };
  const said = mode === null ? null : on ? mode.replace(/(['"]?)plan\1/, 'act') : mode;
  const lines = keys.flatMap(key => {
    if (key === 'mode') return said === null ? [] : [flow ? said.replace(/ #.*/, '') : said];
    const line = plain[key] as string;
    if (key !== 'name') return [line];
    const [behind, below] = remark.startsWith('\n') ? ['', [remark]] : [remark, []];
    return [flow ? line : line + behind, ...(on && said === null ? ['mode: act'] : []), ...(flow ? [] : below)];
  });
  if (flow) return `${list ? '- ' : ''}{${lines.join(', ')}}`;
  return lines.map((line, n) => `${!list ? '' : n === 0 ? '-   ' : '    '}${line}`).join('\n');
}

/** Modes by name; empty while the config is refused. */
function modesOf(dir: string): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(loadConfig(dir).policies.map(({ name, mode }) => [name, mode]));
  } catch {
    return {};
  }
}

/** Whether the one text is the other but for one mode: a word in another's place, or a key that was not there. */
function undone(after: string, before: string): boolean {
  const isLeft = (from: number, to: number, word: RegExp): boolean =>
    before.startsWith(after.slice(0, from)) &&
    before.endsWith(after.slice(to)) &&
    before.length >= from + after.length - to &&
    word.test(before.slice(from, before.length - (after.length - to)));
  return (
    [...after.matchAll(/act/g)].some(({ index }) => isLeft(index, index + 3, /^(['"]?plan['"]?|\*a|>-\s+plan\s*|["']\s*plan\s*["'])$/)) ||
    [/, mode: act/g, / *mode: act\r?\n/g, /\n *mode: act/g].some(added =>
      [...after.matchAll(added)].some(({ index, 0: { length } }) => isLeft(index, index + length, /^$/)),
    )
  );
}

describe('enabling a policy', () => {
  test('changes plan to act and no other byte, and tells the line', () => {
    const { dir, read } = folder();
    const before = read('policies/dev-test.yml');
    expect(enablePolicy(dir, 'dev-test')).toEqual({ file: join(dir, 'policies/dev-test.yml'), line: 7 });
    expect(read('policies/dev-test.yml')).toBe(before.replace('mode: plan\n', 'mode: act\n'));
    expect(loadConfig(dir).policies.map(p => p.mode)).toEqual(['act', 'plan', 'plan']);
    expect(readdirSync(join(dir, 'policies'))).toEqual(['dev-test.yml', 'tagging.yml', 'web-fleets.yml']);
  });

  test('twice is the same as once, and the second time writes nothing', () => {
    const { dir, read } = folder();
    const first = enablePolicy(dir, 'web-fleets');
    const after = read('policies/web-fleets.yml');
    const file = join(dir, 'policies/web-fleets.yml');
    const { ino } = statSync(file);
    expect(enablePolicy(dir, 'web-fleets')).toEqual(first);
    expect(read('policies/web-fleets.yml')).toBe(after);
    expect(statSync(file).ino).toBe(ino);
  });

  const A = '{kind: fleets, name: a, match: {names: [a]}, target: {value: 50}, minSize: 0, maxSize: 3}';
  test.each([
    [
      'adds the key behind the name',
      `# first\r\n${FLEETS.replaceAll('\n', '\r\n')}`,
      'name: extra\r\n',
      'name: extra\r\nmode: act\r\n',
      'extra',
      4,
    ],
    ['adds it at the very end', `${FLEETS.replace('name: extra\n', '')}name: extra`, 'name: extra', 'name: extra\nmode: act', 'extra', 7],
    [
      'adds it at the very end, with the line ends of the others',
      `${FLEETS.replace('name: extra\n', '').replaceAll('\n', '\r\n')}name: extra`,
      'name: extra',
      'name: extra\r\nmode: act',
      'extra',
      7,
    ],
    ['adds it within braces', `- ${A}\n`, 'name: a,', 'name: a, mode: act,', 'a', 1],
    [
      'adds it to the second of a list',
      `- ${A}\n- kind: fleets\n  name: "extra" # hm\n  match: {names: [b]}\n  target: {value: 5}\n  minSize: 0\n  maxSize: 1\n`,
      '# hm\n',
      '# hm\n  mode: act\n',
      'extra',
      4,
    ],
    ['keeps quotes elsewhere and comments behind', `${FLEETS}mode:   'plan'   # for now\n`, "'plan'", 'act', 'extra', 7],
    ['keeps the mark with which some editors begin a file', `\uFEFF${FLEETS}`, 'name: extra\n', 'name: extra\nmode: act\n', 'extra', 3],
    [
      'unfolds an alias',
      `- ${A.replace('name: a', 'name: a, mode: &m plan')}\n- ${A.replace('name: a', 'name: extra, mode: *m')}\n`,
      '*m',
      'act',
      'extra',
      2,
    ],
  ])('%s', (_what, text, from, to, name, line) => {
    const { dir, read, write } = folder();
    write('policies/extra.yml', text);
    expect(enablePolicy(dir, name)).toEqual({ file: join(dir, 'policies/extra.yml'), line });
    expect(read('policies/extra.yml')).toBe(text.replace(from, to));
  });

  test('refuses where an anchor would carry the change to another policy', () => {
    const { dir, read, write } = folder();
    const text = `- ${A.replace('name: a', 'name: a, mode: &m plan')}\n- ${A.replace('name: a', 'name: extra, mode: *m')}\n`;
    write('policies/extra.yml', text);
    expect(() => enablePolicy(dir, 'a')).toThrow('extra.yml:1 › mode: cannot be changed without changing something else too');
    expect(read('policies/extra.yml')).toBe(text);
  });

  test('however the file is written, one mode is another and no other byte', () => {
    const { dir, read, write } = folder();
    const others = loadConfig(dir).policies;
    fc.assert(
      fc.property(files, ({ text, after, names, nth }) => {
        write('policies/extra.yml', text);
        const { line } = enablePolicy(dir, names[nth] as string);
        expect(read('policies/extra.yml')).toBe(after);
        expect(after.split('\n')[line - 1]).toContain('act');
        const modes = loadConfig(dir).policies.flatMap(({ name, mode }) =>
          others.some(other => other.name === name) ? [] : [[name, mode]],
        );
        expect(modes).toEqual(names.map((name, i) => [name, i === nth ? 'act' : 'plan']));
      }),
      { numRuns: 20 },
    );
  });

  test('where anything in the file is odd, the mode alone is changed or nothing is, and it is said where', () => {
    const { dir, read, write } = folder();
    const put = fc.constantFrom(
      '&a ',
      '*a',
      '!!str ',
      '? ',
      '---\n',
      '...\n',
      '>-\n  ',
      '"',
      "'",
      '{',
      ', ',
      '# ',
      '\t',
      '\n',
      '\r\n',
      '\uFEFF',
      'mode: plan\n',
      '<<: ',
      '\u2028',
    );
    fc.assert(
      fc.property(files, fc.nat(400), fc.nat(3), put, ({ text, names, nth }, at, cut, odd) => {
        const before = (text.slice(0, at) + odd + text.slice(at + cut)).toWellFormed();
        write('policies/extra.yml', before);
        const known = modesOf(dir);
        try {
          enablePolicy(dir, names[nth] as string);
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error;
          expect(error.message).toMatch(/extra\.yml(:\d+)? › [^\n]*; .|is not a policy/);
          expect(read('policies/extra.yml')).toBe(before);
          return;
        }
        const after = read('policies/extra.yml');
        expect(modesOf(dir)).toEqual({ ...known, [names[nth] as string]: 'act' });
        expect(undone(after, before)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses an unknown name and lists the names', () => {
    const { dir } = folder();
    expect(() => enablePolicy(dir, 'dev-tset')).toThrow(
      '"dev-tset" is not a policy; did you mean "dev-test"? There are "dev-test", "tagging", "web-fleets"',
    );
    expect(() => enablePolicy(dir, 'zzz')).toThrow('"zzz" is not a policy; there are "dev-test", "tagging", "web-fleets"');
  });

  test('refuses while the config is in doubt', () => {
    const f = folder();
    f.edit('slack.yml', 'hour: 9', 'hour: 99');
    expect(() => enablePolicy(f.dir, 'dev-test')).toThrow('summary.hour');
    expect(f.read('policies/dev-test.yml')).toContain('mode: plan');
  });

  test('keeps the file’s permissions, and a link stays a link', () => {
    const { dir, read } = folder();
    mkdirSync(join(dir, 'elsewhere'));
    const real = join(dir, 'elsewhere/dev-test.yml');
    renameSync(join(dir, 'policies/dev-test.yml'), real);
    chmodSync(real, 0o640);
    symlinkSync(real, join(dir, 'policies/dev-test.yml'));
    enablePolicy(dir, 'dev-test');
    expect(read('elsewhere/dev-test.yml')).toContain('mode: act');
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });
});
