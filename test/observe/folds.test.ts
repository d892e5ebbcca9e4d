/** Folds of observation over any input: four weeks of metric into a baseline, and a type into its price. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Series } from '../../shared/model/metric.ts';
import { addSeconds, fromEpochSeconds, HOUR, hourOfWeek, type Instant, secondsBetween, WEEK } from '../../shared/model/time.ts';
import { countBaseline, presenceBaseline, presenceWindow } from '../../shared/observe/baseline.ts';
import { factsOf } from '../../shared/observe/describe.ts';
import table from '../../shared/observe/price-table.json' with { type: 'json' };
import { priceOf } from '../../shared/observe/prices.ts';

const HOURS = 4 * 168;
const anyInstant = fc
  .integer({ min: Date.parse('2024-01-01T00:00:00Z') / 1000, max: Date.parse('2026-12-31T00:00:00Z') / 1000 })
  .map(fromEpochSeconds);
const seriesAt = (at: Instant, values: readonly (number | null)[]): Series => ({
  start: presenceWindow(at).start,
  periodSeconds: HOUR,
  values,
});
/** The hour of the week of the nth hour, told by its own instant. */
const hourAt = (at: Instant, n: number) => hourOfWeek(addSeconds(presenceWindow(at).start, n * HOUR));

describe('a baseline', () => {
  test('is read from four whole weeks of whole hours that have ended', () => {
    fc.assert(
      fc.property(anyInstant, at => {
        const { start, end } = presenceWindow(at);
        expect([secondsBetween(start, end), Date.parse(end) % 3_600_000]).toEqual([4 * WEEK, 0]);
        expect(secondsBetween(end, at)).toBeGreaterThanOrEqual(0);
        expect(secondsBetween(end, at)).toBeLessThan(HOUR);
      }),
    );
  });

  test('of an instance counts each published hour once, where it belongs, whatever it read', () => {
    const samples = fc.array(fc.option(fc.constantFrom(0, 1, 12), { freq: 2 }), { minLength: HOURS, maxLength: HOURS });
    fc.assert(
      fc.property(anyInstant, samples, (at, values) => {
        const baseline = presenceBaseline(seriesAt(at, values), at);
        const published = values.flatMap((v, n) => (v === null ? [] : [hourAt(at, n)]));
        if (published.length === 0) return expect(baseline).toEqual({ kind: 'unknown', why: 'no-metrics', frozenAt: at });
        if (baseline.kind !== 'measured') throw new Error('not measured');
        const counted = new Array(168).fill(0);
        for (const hour of published) counted[hour]++;
        expect(baseline.runs).toEqual(counted);
        expect([baseline.weeks, baseline.window, baseline.frozenAt]).toEqual([4, presenceWindow(at), at]);
      }),
      { numRuns: 40 },
    );
    const silent = seriesAt('2025-05-14T12:00:00Z' as Instant, new Array(HOURS).fill(null));
    expect(presenceBaseline(silent, '2025-05-14T12:00:00Z' as Instant)).toMatchObject({ kind: 'unknown', why: 'no-metrics' });
  });

  test('of a group that never changed is its size, holes or not; of one with many holes it is unknown', () => {
    fc.assert(
      fc.property(
        anyInstant,
        fc.integer({ min: 0, max: 500 }),
        fc.uniqueArray(fc.integer({ min: 0, max: HOURS - 1 }), { maxLength: 120 }),
        (at, size, holes) => {
          const values = Array.from({ length: HOURS }, (_, n) => (holes.includes(n) ? null : size));
          const baseline = countBaseline(seriesAt(at, values), at);
          const hours = new Set(values.flatMap((v, n) => (v === null ? [] : [hourAt(at, n)])));
          const enough = holes.length <= HOURS * 0.1 && hours.size === 168;
          if (!enough) expect(baseline).toEqual({ kind: 'unknown', why: 'no-metrics', frozenAt: at });
          else expect(baseline).toMatchObject({ kind: 'measured', runs: new Array(168).fill(size * 4) });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the price table', () => {
  const rows = Object.entries(table.perHour as unknown as Record<string, Record<string, Record<string, [number, number | null]>>>).flatMap(
    ([region, families]) =>
      Object.entries(families).flatMap(([family, sizes]) =>
        Object.entries(sizes).map(([size, [linux, windows]]) => ({ region, type: `${family}.${size}`, linux, windows })),
      ),
  );

  test('answers every row of its own, to the micro-dollar and with a date', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rows), ({ region, type, linux, windows }) => {
        expect(priceOf({ region, type, platform: 'linux', tenancy: 'default' })?.perHour).toBe(linux);
        expect(priceOf({ region, type, platform: 'windows', tenancy: 'default' })?.perHour ?? null).toBe(windows);
        expect(priceOf({ region, type, platform: 'linux', tenancy: 'default' })?.source).toMatch(
          /^list price of \d{4}-\d\d-\d\d \(table\)$/,
        );
        expect(priceOf({ region, type, platform: 'other', tenancy: 'default' })).toBe(null);
        expect(priceOf({ region, type, platform: 'linux', tenancy: 'dedicated' })).toBe(null);
      }),
    );
  });

  test('knows nothing of any other text, not even of what every object has', () => {
    const known = new Set(rows.map(row => `${row.region} ${row.type}`));
    const odd = fc.constantFrom('__proto__', 'constructor', 'toString', 'name', 'call', 'eu-west-1', 'm5', 'large');
    const text = fc.oneof(odd, fc.string());
    fc.assert(
      fc.property(text, text, text, (region, family, size) => {
        const price = priceOf({ region, type: `${family}.${size}`, platform: 'linux', tenancy: 'default' });
        expect(price === null).toBe(!known.has(`${region} ${family}.${size}`));
      }),
      { numRuns: 500 },
    );
    expect(priceOf({ region: 'eu-west-1', type: '', platform: 'linux', tenancy: 'default' })).toBe(null);
  });
});

describe('when EC2 says an instance was stopped', () => {
  const stoppedAt = (StateTransitionReason: string, Name: 'stopped' | 'running' = 'stopped') => {
    const seen = {
      InstanceId: 'i-0abc',
      InstanceType: 'm5.large',
      LaunchTime: new Date(0),
      State: { Name },
      StateTransitionReason,
    } as const;
    return factsOf(seen, { account: '123456789012', region: 'eu-west-1' }).stoppedAt;
  };

  test('any instant is read as it is written, whoever stopped it', () => {
    const words = fc.constantFrom('User initiated', 'Server.SpotInstanceTermination: shutdown', '(odd) ');
    fc.assert(
      fc.property(anyInstant, words, fc.constantFrom('GMT', 'UTC'), (at, who, zone) => {
        const text = `${who} (${at.slice(0, 10)} ${at.slice(11, 19)} ${zone})`;
        expect([stoppedAt(text), stoppedAt(text, 'running')]).toEqual([at, null]);
      }),
    );
  });

  test('any other text tells of none, and no text ends the look: what is read stands in it digit by digit', () => {
    const two = fc.nat(99).map(n => `${n}`.padStart(2, '0'));
    const nearly = fc
      .tuple(two, two, two, two, two)
      .map(([month, day, ...time]) => `User initiated (2025-${month}-${day} ${time.join(':')} GMT)`);
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), text => {
        const at = stoppedAt(text);
        if (at !== null) expect(text).toContain(`(${at.slice(0, 10)} ${at.slice(11, 19)} `);
      }),
      { numRuns: 300, examples: [['(2025-02-30 10:00:00 GMT)'], ['(2025-13-01 10:00:00 GMT)'], ['(2025-02-28 24:00:00 GMT)']] },
    );
  });
});
