import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileConfig, loadConfig } from '../../shared/policy/load.ts';
import type { PolicyError } from '../../shared/policy/problems.ts';
import { AWS_REGIONS } from '../../shared/policy/regions.ts';
import { folder, INSTANCES, OURS, troubles } from './folder.ts';

describe('the config that comes with the project', () => {
  test('loads, is born in mode plan, and keeps the order of its files', () => {
    const config = loadConfig(OURS);
    expect(config.policies.map(p => `${p.kind} ${p.name} ${p.mode}`)).toEqual([
      'instances dev-test plan',
      'tags tagging plan',
      'fleets web-fleets plan',
    ]);
    expect(config.accounts).toEqual([{ account: 'self', regions: ['eu-west-1'], commitments: 'unknown' }]);
    expect(config.schedules['office-hours']).toEqual({
      name: 'office-hours',
      timeZone: 'Europe/Berlin',
      periods: [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }],
    });
  });

  test('compiles to the same bytes in whatever order keys were written, and to what was loaded', () => {
    const { dir, edit, write } = folder();
    edit('policies/dev-test.yml', '    environment: [dev, test]', '    a: b\n    environment: [dev, test]');
    const before = compileConfig(dir);
    edit('policies/dev-test.yml', '    a: b\n    environment: [dev, test]', '    environment: [dev, test]\n    a: b');
    expect(compileConfig(dir)).toBe(before);
    write('policies/dev-test.yml', INSTANCES);
    expect(compileConfig(dir)).not.toBe(before);
    expect(JSON.parse(compileConfig(OURS))).toEqual(loadConfig(OURS));
  });
});

describe('what a policy may be', () => {
  test('idleness is learned, or a fixed rule, and a slip of the pen is neither', () => {
    const { dir, write, read } = folder();
    const slipped = read('policies/dev-test.yml').replace(/^idle:\n( .*\n)+/m, 'idle: lerned\n');
    write('policies/dev-test.yml', slipped);
    expect(troubles(dir)).toEqual([expect.stringContaining('idle: "lerned" is not a choice here; did you mean "learned"?')]);
    write('policies/dev-test.yml', slipped.replace('lerned', 'learned'));
    expect(loadConfig(dir).policies).toContainEqual(expect.objectContaining({ name: 'dev-test', idle: 'learned' }));
  });

  test('a schedule without idleness, idleness without a schedule, several policies in one file, anchors', () => {
    const { dir, write } = folder();
    write(
      'policies/more.yaml',
      [
        '- { kind: instances, name: clock-only, match: &ours { tags: { team: [a, "b*"] } }, schedule: always }',
        '- { kind: instances, name: idle-only, match: *ours, idle: { cpuBelow: 2.5 } }',
      ].join('\n'),
    );
    const [, clockOnly, idleOnly] = loadConfig(dir).policies;
    expect(clockOnly).toMatchObject({ name: 'clock-only', schedule: 'always', match: { tags: { team: ['a', 'b*'] } } });
    expect(idleOnly).toMatchObject({
      name: 'idle-only',
      idle: { cpuBelow: 2.5, hours: 24, coverage: 0.9 },
      match: { tags: { team: ['a', 'b*'] } },
    });
  });

  test('files that are not YAML are nobody’s policy', () => {
    const { dir, write } = folder();
    write('policies/.hidden.yml', 'nonsense');
    write('policies/dev-test.yml~', 'nonsense');
    expect(troubles(dir)).toEqual([]);
  });
});
describe('a config that is in doubt is refused', () => {
  test('missing files and folders, each with its remedy, and all problems of all files together', () => {
    const { dir } = folder();
    rmSync(join(dir, 'slack.yml'));
    rmSync(join(dir, 'policies'), { recursive: true });
    renameSync(join(dir, 'scopes.yml'), join(dir, 'scopes.yaml'));
    writeFileSync(join(dir, 'schedules.yml'), 'a: { timeZone: UTC, periods: [] }\n');
    expect(troubles(dir)).toEqual([
      'scopes.yaml › is not read; call it scopes.yml',
      'schedules.yml:1 › a.periods: is empty; write at least one',
      'slack.yml › there is no such file; copy slack.yml from the config folder that comes with the project',
      'policies › there are no policies; write one such as dev-test.yml here',
    ]);
  });

  test('a folder that is not there', () => {
    expect(() => loadConfig('/nowhere/at/all')).toThrow('/nowhere/at/all/scopes.yml › there is no such file; copy');
  });

  test('a second scopes.yaml beside scopes.yml', () => {
    const { dir } = folder();
    copyFileSync(join(dir, 'scopes.yml'), join(dir, 'scopes.yaml'));
    expect(troubles(dir)).toEqual(['scopes.yaml › is not read; call it scopes.yml']);
  });

  test('one account under two entries', () => {
    const { dir, write } = folder();
    write('scopes.yml', 'accounts:\n  - regions: [eu-west-1]\n  - account: self\n    regions: [us-east-1]\n');
    expect(troubles(dir)).toEqual(['scopes.yml:3 › accounts[1].account: is listed above already; put all its regions there']);
  });

  test('an unreadable schedules.yml spoils no policy that names a schedule', () => {
    const { dir, write } = folder();
    write('schedules.yml', 'a: [');
    expect(troubles(dir)).toEqual([expect.stringMatching(/^schedules\.yml:1 › is not good YAML/)]);
  });

  test('the problems are values too, and a line is null only where the file itself is the trouble', () => {
    const f = folder();
    f.edit('policies/dev-test.yml', 'schedule: office-hours', 'schedule: offcie-hours');
    expect.assertions(1);
    try {
      loadConfig(f.dir);
    } catch (error) {
      expect((error as PolicyError).problems).toEqual([
        {
          file: join(f.dir, 'policies/dev-test.yml'),
          line: f.line('policies/dev-test.yml', 'offcie'),
          path: 'schedule',
          message: '"offcie-hours" is not a schedule',
          remedy: 'did you mean "office-hours"?',
        },
      ]);
    }
  });

  test('a byte that is no UTF-8 is told by its line, wherever it stands', () => {
    const { dir, read } = folder();
    const file = 'policies/tagging.yml';
    const good = Buffer.from(read(file));
    fc.assert(
      fc.property(fc.nat(good.length), fc.constantFrom(0xc0, 0xf5, 0xff), (at, byte) => {
        writeFileSync(join(dir, file), Buffer.concat([good.subarray(0, at), Buffer.of(byte), good.subarray(at)]));
        const line = good.subarray(0, at).toString('latin1').split('\n').length;
        expect(troubles(dir)).toEqual([`${file}:${line} › is not UTF-8 text; save the file in that encoding`]);
      }),
      { numRuns: 20 },
    );
  });

  test.each(['policies/dev-test.yml', 'policies/tagging.yml', 'policies/web-fleets.yml', 'schedules.yml', 'scopes.yml', 'slack.yml'])(
    'whatever the text of %s, the answer is a config, or complaints that name the file',
    file => {
      const { dir, read, write } = folder();
      const good = read(file);
      fc.assert(
        fc.property(
          fc.nat(good.length),
          fc.nat(30),
          fc.oneof(fc.string(), fc.constantFrom('\n', ': ', '- ', '{', '[', '*a', '&a ', '!!set ', '"', '__proto__: ', '~', '.nan', '-1')),
          (at, cut, put) => {
            write(file, good.slice(0, at) + put + good.slice(at + cut));
            for (const trouble of troubles(dir)) expect(trouble).toMatch(/^(policies\/[\w-]+|schedules|scopes|slack)\.yml(:\d+)? › ./);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

test('the regions are those that the AWS SDK knows', () => {
  const source = readFileSync(
    resolve(import.meta.dirname, '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'),
    'utf8',
  );
  const known = [...source.matchAll(/"([a-z]{2,4}(?:-[a-z]+)+-\d)":/g)].map(match => match[1] ?? '');
  expect(known.length).toBeGreaterThan(30);
  expect(known.filter(region => !AWS_REGIONS.includes(region))).toEqual([]);
});
