import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { epochSeconds, instant } from '../../shared/model/time.ts';
import { readTrace, replay } from '../../simulator/trace.ts';
import { wallClock } from '../../simulator/wall-clock.ts';
import {
  batches,
  busy,
  flashCrowd,
  idle,
  nightlyJob,
  officeHoursOfWeek,
  officeUse,
  type Workload,
  webDemand,
  workOf,
} from '../../simulator/workloads.ts';

const at = (text: string): number => epochSeconds(instant(text));
const week = (): number[] => Array.from({ length: 7 * 288 }, (_, i) => at('2025-05-12T00:00:00Z') + i * 300);
const mean = (workload: Workload, from: string, hours = 1): number => {
  const values = Array.from({ length: hours * 60 }, (_, i) => workload(at(from) + i * 60));
  return values.reduce((a, b) => a + b, 0) / values.length;
};

describe('workloads', () => {
  test('web demand is quiet at night, high by day, lower on Sundays', () => {
    const demand = webDemand({ seed: 1, timeZone: 'Europe/Berlin', night: 2, day: 10, weekend: 0.6 });
    const [night, day, sunday] = [
      mean(demand, '2025-05-14T02:00:00Z'),
      mean(demand, '2025-05-14T14:00:00Z'),
      mean(demand, '2025-05-18T14:00:00Z'),
    ];
    expect(night).toBeLessThan(2.5);
    expect(day).toBeGreaterThan(9);
    expect(sunday).toBeGreaterThan(night);
    expect(sunday).toBeLessThan(0.8 * day);
  });

  test('a flash crowd rises, stays, and goes', () => {
    const crowd = flashCrowd({ at: instant('2025-05-14T12:00:00Z'), times: 3, rise: 200, hold: 1000, fall: 400 });
    const start = at('2025-05-14T12:00:00Z');
    expect([0, 100, 200, 1200, 1400, 1600].map(s => crowd(start + s))).toEqual([1, 2, 3, 3, 2, 1]);
  });

  test('batches come at their times, each of its own size, with little in between', () => {
    const messages = batches({ seed: 5, every: 3600, size: 1000, minutes: 10, trickle: 3 });
    const hour = (n: number) => Array.from({ length: 60 }, (_, i) => messages(n * 3600 + i * 60 + 30));
    const sums = [0, 1, 2, 3].map(n => hour(n).reduce((a, b) => a + b, 0) - 180);
    expect(sums.every(sum => sum >= 600 && sum <= 1400)).toBe(true);
    expect(new Set(sums).size).toBe(4);
    expect(hour(2).slice(10)).toEqual(Array(50).fill(3));
  });

  test('demand is told as work of which an instance does so much', () => {
    const work = workOf(() => 2.5, 400);
    expect([work.perMinute(0), work.perInstance]).toEqual([1000, 400]);
  });

  test('an idle box never reaches 5 %, a busy one never falls below it', () => {
    expect(Math.max(...week().map(idle({ seed: 4 })))).toBeLessThan(5);
    expect(Math.min(...week().map(busy({ seed: 4 })))).toBeGreaterThan(5);
  });

  test('a nightly job works at its hour of the wall clock only', () => {
    const job = nightlyJob({ seed: 2, timeZone: 'America/New_York', hour: 2, minutes: 30 });
    const working = week().filter(t => job(t) > 20);
    expect(working.every(t => [6].includes(new Date(t * 1000).getUTCHours()))).toBe(true);
    expect(working).toHaveLength(7 * 6);
  });

  test('an office box is used in office hours only', () => {
    const box = officeUse({ seed: 3, timeZone: 'Europe/Berlin', from: 8, to: 18 });
    const used = week().filter(t => box(t) > 5);
    const clock = wallClock('Europe/Berlin');
    expect(used.length).toBeGreaterThan(100);
    expect(used.every(t => clock(t).weekday <= 5 && clock(t).hour >= 8 && clock(t).hour < 18)).toBe(true);
    const hours = officeHoursOfWeek(instant('2025-05-14T12:00:00Z'), { timeZone: 'Europe/Berlin', from: 8, to: 18 });
    expect(Array.from({ length: 168 }, (_, h) => h).filter(hours)).toHaveLength(50);
    expect([hours(5), hours(6), hours(15), hours(16)]).toEqual([false, true, true, false]); // Monday, in UTC
  });

  test('percent stay percent, and the same question has the same answer in any order', () => {
    const all = [idle({ seed: 1 }), busy({ seed: 1 }), officeUse({ seed: 1 }), nightlyJob({ seed: 1 })];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), t => {
        for (const workload of all) {
          const value = workload(t);
          expect(value >= 0 && value <= 100).toBe(true);
          expect(workload(t)).toBe(value);
        }
      }),
    );
  });
});

describe('a trace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-trace-'));
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  test('is read plain and gzipped', () => {
    const text = 't,v\n0,1\n60,2.5\n';
    for (const path of [file('a.csv', text), file('a.csv.gz', gzipSync(text)), file('crlf.csv', text.replaceAll('\n', '\r\n'))]) {
      expect(readTrace(path)).toMatchObject({ times: [0, 60], values: [1, 2.5] });
    }
  });

  test.each([
    ['nothing', '', ':1 › the file is empty'],
    ['another header', 'time,value\n0,1\n60,1\n', ':1 › expected the header `t,v`, found "time,value"'],
    ['no samples', 't,v\n', ':1 › expected at least two samples'],
    ['a word', 't,v\n0,1\n60,many\n', ':3 › v is not a number of 0 or more: "many"'],
    ['a hole', 't,v\n0,1\n60,\n', ':3 › v is not a number'],
    ['a negative demand', 't,v\n0,1\n60,-1\n', ':3 › v is not a number of 0 or more: "-1"'],
    ['a third field', 't,v\n0,1\n60,1,1\n', ':3 › expected two fields'],
    ['time that stands still', 't,v\n0,1\n60,1\n60,2\n', ':4 › t must increase: 60 comes after 60'],
    ['time that is no number', 't,v\n0,1\n2025-01-01,1\n', ':3 › t is neither epoch seconds nor an instant'],
  ])('with %s is refused by file and line', (name, content, complaint) => {
    const path = file(`${name.replaceAll(' ', '-')}.csv`, content);
    expect(() => readTrace(path)).toThrow(`${path}${complaint}`);
  });

  test('that is missing or broken is refused by name', () => {
    expect(() => readTrace(join(folder, 'nowhere.csv'))).toThrow('nowhere.csv › cannot be read');
    const whole = gzipSync('t,v\n0,1\n60,2\n');
    expect(() => readTrace(file('cut.csv.gz', whole.subarray(0, whole.length - 12)))).toThrow('cut.csv.gz › looks like gzip and is broken');
  });

  test('is replayed with its 99th percentile at so many busy instances, day upon day', () => {
    const day = Array.from({ length: 1440 }, (_, i) => `${i * 60},${i < 1400 ? 100 : 400}`);
    const trace = readTrace(file('day.csv', ['t,v', ...day].join('\n')));
    const from = instant('2025-05-12T00:00:00Z');
    const demand = replay(trace, { seed: 1, busy: 40, from });
    expect(demand(at('2025-05-12T12:00:00Z'))).toBe(10);
    expect(demand(at('2025-05-12T23:30:00Z'))).toBe(40);
    expect(demand(at('2025-05-10T12:00:00Z'))).toBe(10); // before the story, and after the trace has ended
    expect(demand(at('2025-05-20T23:30:00Z'))).toBe(40);
  });

  test('coarser than a minute runs straight between its samples, with a little noise', () => {
    const trace = readTrace(file('coarse.csv', 't,v\n0,0\n3600,100\n7200,0\n10800,100\n'));
    const demand = replay(trace, { seed: 1, busy: 100, from: instant('1970-01-01T00:00:00Z') });
    expect(demand(1800)).toBeGreaterThan(40);
    expect(demand(1800)).toBeLessThan(60);
    expect(demand(1800)).not.toBe(50);
  });
});
