import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../shared/model/time.ts';
import { readTrace, replay, TraceError } from '../../simulator/trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebbtide-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'trace.csv');

const samples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 7200 }), fc.double({ min: 0, max: 1e9, noNaN: true })), { minLength: 2, maxLength: 40 })
  .map(steps => {
    let t = 1_700_000_000;
    return steps.map(([step, v]) => {
      t += step;
      return { t, v };
    });
  });
const csv = (rows: readonly { t: number; v: number }[], end: string) => `t,v${end}${rows.map(({ t, v }) => `${t},${v}`).join(end)}${end}`;

test('what is written is read, plain or gzipped, with either line end', () => {
  fc.assert(
    fc.property(samples, fc.boolean(), fc.constantFrom('\n', '\r\n'), (rows, zipped, end) => {
      const text = csv(rows, end);
      writeFileSync(file, zipped ? gzipSync(text) : text);
      expect(readTrace(file)).toEqual({ file, times: rows.map(r => r.t), values: rows.map(r => r.v) });
    }),
    { numRuns: 60 },
  );
});

test('any file is either a trace with ascending times and no negative value, or refused with its line', () => {
  const line = fc.oneof(fc.constantFrom('', 't,v', '1,2', '3,4', '2,-1', '5,NaN', 'a,b', '6', '7,8,9', '1e3,1', ' 9 , 1 '), fc.string());
  fc.assert(
    fc.property(fc.boolean(), fc.array(line, { maxLength: 8 }), (headed, lines) => {
      writeFileSync(file, [...(headed ? ['t,v'] : []), ...lines].join('\n'));
      try {
        const { times, values } = readTrace(file);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(new Set(times).size).toBe(times.length);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        if (!(error instanceof TraceError)) throw error;
        expect(error.message).toMatch(/trace\.csv:\d+ › /);
      }
    }),
    { numRuns: 200 },
  );
});

test('replayed demand is never negative, never more than its greatest sample and its noise, and the same each time', () => {
  const from = instant('2025-05-12T00:00:00Z');
  fc.assert(
    fc.property(samples, fc.integer({ min: -1e6, max: 1e6 }), (rows, offset) => {
      writeFileSync(file, csv(rows, '\n'));
      const trace = readTrace(file);
      const at = Date.parse(from) / 1000 + offset;
      const demand = replay(trace, { seed: 1, busy: 5, from })(at);
      expect(demand).toBe(replay(trace, { seed: 1, busy: 5, from })(at));
      expect(demand).toBeGreaterThanOrEqual(0);
      const greatest = Math.max(...trace.values);
      const sorted = trace.values.toSorted((a, b) => a - b);
      const scale = 5 / (sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] || 1);
      expect(demand).toBeLessThanOrEqual(greatest * scale * 1.2 + 1e-9);
    }),
    { numRuns: 60 },
  );
});
