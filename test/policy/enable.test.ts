import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { enablePolicy } from '../../shared/policy/enable.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { FLEETS, folder } from './folder.ts';

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
