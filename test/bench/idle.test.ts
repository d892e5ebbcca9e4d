/** The replay that scores the idle decision, the learner of its model, and the program of lines around it. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { boost } from '../../bench/idle/boost.ts';
import { foldsOf } from '../../bench/idle/folds.ts';
import { replay } from '../../bench/idle/replay.ts';
import { truthOf, type VmSet } from '../../bench/idle/traces.ts';
import { shippedModel } from '../../shared/decide/idle/risk.ts';
import { probability } from '../../shared/decide/idle/trees.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** 2025-05-12, a Monday, 00:00 UTC. */
const START = 1_747_008_000;
const DAYS = 28;

const setOf = (...cpu: readonly ((hour: number) => number)[]): VmSet => ({
  name: 'made up',
  startEpoch: START,
  utcOffsetHours: 0,
  hours: 24 * DAYS,
  vms: cpu.map((at, i) => ({
    id: `vm-${i}`,
    cpuMax: Float64Array.from({ length: 24 * DAYS }, (_, h) => at(h)),
    netMax: new Float64Array(24 * DAYS).fill(Number.NaN),
  })),
});

describe('a replay', () => {
  test('of a machine that nobody uses: one stop after the warm-up, an hour or two lost to make sure, nothing wrong', () => {
    const set = setOf(() => 1);
    const score = replay(set, truthOf(set), () => shippedModel);
    expect(score).toMatchObject({ savable: 14 * 24, stops: 1, wrong: 0, blocked: 0 });
    expect(score.saved).toBeGreaterThan(14 * 24 - 3);
  });

  test('of a machine that is always in use: nothing to save, nothing done', () => {
    const set = setOf(() => 60);
    expect(replay(set, truthOf(set), () => shippedModel)).toMatchObject({ savable: 0, saved: 0, stops: 0 });
  });

  test('counts use that finds its machine stopped: wrong within four hours of the stop, else blocked alone', () => {
    const quietUntil = 14 * 24 + 20;
    const late = setOf(h => (h === quietUntil ? 50 : 1));
    expect(replay(late, truthOf(late), () => shippedModel)).toMatchObject({ blocked: 1, wrong: 0 });
    const soon = setOf(h => (h === 14 * 24 + 1 ? 50 : 1));
    expect(replay(soon, truthOf(soon), () => shippedModel)).toMatchObject({ blocked: 1, wrong: 1 });
  });
});

describe('the truth', () => {
  test('is told from the floor of the whole trace; holes are not known; nocron forgets a nightly hour', () => {
    const set = setOf(h => (h % 24 === 3 ? 20 : h === 100 ? Number.NaN : 2));
    const [all] = truthOf(set);
    expect(all?.[100]).toBe(2);
    expect(all?.reduce((n, t) => n + (t === 1 ? 1 : 0), 0)).toBe(DAYS);
    expect(truthOf(set, 'nocron')[0]?.includes(1)).toBe(false);
  });
});

describe('boosting', () => {
  test('learns what takes two features to tell, and the same rows give the same trees', () => {
    const n = 4000;
    const rows = Float32Array.from({ length: 2 * n }, (_, i) => ((i * 7919) % 101) / 100);
    const labels = Uint8Array.from({ length: n }, (_, i) => ((rows[2 * i] ?? 0) > 0.5 !== (rows[2 * i + 1] ?? 0) > 0.3 ? 1 : 0));
    const options = { rounds: 30, leaves: 6, rate: 0.3, leafRowsMin: 20, l2: 1 };
    const trees = boost(rows, 2, labels, options);
    const right = labels.filter(
      (label, i) => probability(trees, Float64Array.from(rows.subarray(2 * i, 2 * i + 2))) > 0.5 === (label === 1),
    );
    expect(right.length / n).toBeGreaterThan(0.97);
    expect(boost(rows, 2, labels, options)).toEqual(trees);
  });
});

test('machines that move together are in one fold, and folds are about as large', () => {
  const wave = (h: number) => 20 + 15 * Math.sin(h / 5);
  const fold = foldsOf(
    setOf(
      wave,
      h => 2 * wave(h),
      h => 5 + (h % 7),
      h => 5 + (h % 11),
    ),
    2,
  );
  expect(fold[0]).toBe(fold[1]);
  expect(fold[2]).not.toBe(fold[0]);
  expect(fold[3]).not.toBe(fold[0]);
});

describe('protocol:idle', () => {
  const run = (...lines: readonly string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'bench/protocol/idle.ts')], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  const hour = (h: number, vms: unknown, scored = true) => JSON.stringify({ type: 'hour', t: START + 3600 * h, scored, vms });

  test('stops what was idle for three weeks, and not before the replay counts', () => {
    const quiet = [{ id: 'a', running: true, cpuMax: 1, netMax: 2 }];
    const hours = Array.from({ length: 500 }, (_, h) => hour(h, quiet, h >= 496));
    const { stdout, status } = run('{"type":"init","startEpoch":0,"utcOffsetHours":2,"vms":["a"]}', ...hours, '{"type":"end"}');
    const answers = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(status).toBe(0);
    expect(answers).toHaveLength(500);
    expect(answers.slice(0, 496).every(a => a.stop.length === 0 && a.start.length === 0)).toBe(true);
    expect(answers[496]).toEqual({ stop: ['a'], start: [] });
  });

  test('takes what is missing, null, NaN or of another kind as not known, and never stops for it', () => {
    const odd = '[{"id":"a","running":true,"cpuMax":NaN},{"id":"b","cpuMax":null},{"id":"c","cpuMax":"7"},{"id":7},null]';
    const hours = Array.from({ length: 230 }, (_, h) => `{"type":"hour","t":${START + 3600 * h},"scored":true,"vms":${odd}}`);
    const { stdout, status } = run('{"type":"init"}', ...hours, hour(230, undefined), '{"type":"end"}');
    expect(status).toBe(0);
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['{"stop":[],"start":[]}']));
  });

  test('bad input is told in a line, with exit code 2', () => {
    for (const bad of ['nope', '[1]', '{"type":"hour","vms":[]}']) {
      const { status, stderr } = run(bad);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^protocol:idle: .+\n$/) });
    }
  });
});
