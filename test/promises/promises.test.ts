/**
 * The ten promises over seeds and faults: every story that ever failed, and the same few seeds each time, so that a red test is about the
 * change at hand. `EBB_SEEDS` adds so many fresh ones, from `EBB_SEEDS_FROM` on; `npm run simulate -- --seeds N` plays any number. What fails
 * is printed as a command.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { drawn, runMany } from '../../cli/simulate/many.ts';
import { runPlot } from '../../cli/simulate/run-seed.ts';
import { idList, kindOf, narrowings, optionsOf, ruleNames } from '../../cli/simulate/shortest.ts';
import { readStory } from '../../cli/simulate/story.ts';
import { type SeedSummary, totalsOf } from '../../cli/simulate/summary.ts';
import { addSeconds, instant, secondsBetween } from '../../shared/model/time.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { onHours } from '../../simulator/judges/wall-clock.ts';
import { cut } from '../../simulator/swarm/cut.ts';
import { plotOf } from '../../simulator/swarm/generate.ts';
import type { Plot } from '../../simulator/swarm/plot.ts';
import { shrink } from '../../simulator/swarm/shrink.ts';
import { tale } from '../../simulator/swarm/tale.ts';

jest.setTimeout(30 * 60_000);

const STEADY = 6;
/** What the steady seeds together show. */
const ACTS = [
  ...['stop: off-hours', 'stop: idle', 'stop: tag-deadline', 'start: on-hours', 'start: asked'],
  ...['scale-in', 'scale-out', 'sizes', 'environment', 'tag', 'mark', 'unmark'],
];
const FRESH = Number(process.env['EBB_SEEDS'] ?? 0);
const WORKERS = 2;

const FAILED = join(import.meta.dirname, 'failed');

const totalsFor = async (plots: Iterable<Plot>) => totalsOf(await runMany({ plots, workers: WORKERS }));

const said = ({ violations: [first], broke }: SeedSummary): string =>
  `# ${first === undefined ? broke : `${first.promise}: ${first.what}`}`;

describe('the ten promises', () => {
  test('are kept by every story that ever failed', async () => {
    const files = readdirSync(FAILED).toSorted();
    const bySeed = new Map(files.map(file => [readStory(join(FAILED, file)).plot, file]));
    const { failed } = await totalsFor(bySeed.keys());
    const fileOf = (seed: number) => [...bySeed].find(([plot]) => plot.seed === seed)?.[1];
    expect(failed.map(one => `npm run simulate -- --story test/promises/failed/${fileOf(one.seed)} ${said(one)}`)).toEqual([]);
  });

  const from = Number(process.env['EBB_SEEDS_FROM'] ?? 1000 + (Math.floor(Date.now() / 1000) % 1_000_000_000));
  test(`are kept by ${STEADY + FRESH} seeds, ${FRESH} of them fresh (${from} on), which really meet faults and do things`, async () => {
    const { failed, faults, acts } = await totalsFor([
      ...drawn(STEADY, 1, seed => plotOf(seed)),
      ...drawn(FRESH, from, seed => plotOf(seed)),
    ]);
    expect(failed.map(one => `npm run simulate -- --seed ${one.seed} --shrink ${said(one)}`)).toEqual([]);
    expect(Object.values(faults).reduce((a, b) => a + b, 0)).toBeGreaterThan(10 * (STEADY + FRESH));
    // A house that does nothing breaks no promise.
    expect(Object.keys(acts)).toEqual(expect.arrayContaining(ACTS));
  });
});

describe('a seed', () => {
  test('tells the same story each time, to the byte, and another without its faults', async () => {
    const short = cut(plotOf(9), { until: plotOf(9).calm });
    const told = async (plot: typeof short) => {
      const { evidence, violations } = await runPlot(plot, false);
      return tale(evidence, violations);
    };
    const first = await told(short);
    expect(await told(short)).toBe(first);
    expect(await told({ ...short, spells: [] })).not.toBe(first);
  });

  test('tells it to a fresh worker as to one that has played another before', async () => {
    const [second, other] = [plotOf(2), plotOf(3)];
    const digests = async (plots: Plot[]) => new Map((await runMany({ plots, workers: 1, twins: false })).map(s => [s.seed, s.digest]));
    const [alone, after] = [await digests([second]), await digests([other, second])];
    expect(alone.get(2)).toMatch(/^[0-9a-f]{16}$/);
    expect(after.get(2)).toBe(alone.get(2));
    expect(after.get(3)).not.toBe(after.get(2));
  });

  test('is drawn by name: dropping a thing leaves the others as they were', () => {
    const whole = plotOf(8);
    const [first] = whole.boxes;
    const part = cut(whole, { keep: new Set([first?.id ?? '', whole.spells[0]?.id ?? '']) });
    expect(part).toMatchObject({ boxes: [first], spells: [whole.spells[0]], deeds: [], fleets: [] });
    expect(plotOf(8, { faults: [] })).toEqual({ ...whole, spells: [] });
  });

  test('that fails is cut down until nothing more can be taken away', async () => {
    const whole = plotOf(5);
    const [guilty, accomplice, bystander] = [whole.spells[0]?.id ?? '', whole.boxes[1]?.id ?? '', whole.boxes[0]?.id ?? ''];
    const moment = addSeconds(whole.spells[0]?.from ?? whole.from, 400);
    const fails = ({ spells, boxes, rules, end }: Plot) =>
      end > moment &&
      spells.some(({ id, from, to }) => id === guilty && from <= moment && moment < to) &&
      boxes.some(({ id }) => id === accomplice) &&
      (boxes.some(({ id }) => id === bystander) || !rules.hibernate) && // can go only once a rule has gone
      rules.budget !== null;
    const shortest = await shrink(whole, { failsAt: async plot => (fails(plot) ? moment : null) });
    const [spell] = shortest?.plot.spells ?? [];
    expect([...(shortest?.cut.keep ?? [])]).toEqual([guilty, accomplice]);
    expect(shortest?.plot.end).toBe(addSeconds(moment, 60));
    expect(secondsBetween(spell?.from ?? whole.from, spell?.to ?? whole.end)).toBeLessThanOrEqual(60);
    const { hours, budget, fleetMax } = whole.rules;
    expect(shortest?.plot.rules).toEqual({ hours, budget, fleetMax, hibernate: false, idleHours: null, tags: false });
    expect(cut(whole, shortest?.cut ?? {})).toEqual(shortest?.plot);
    expect(await shrink(whole, { failsAt: async () => null })).toBeNull();
  });

  test('is written down as options that read the same way back', async () => {
    const whole = plotOf(5);
    const shortest = await shrink(whole, { failsAt: async ({ spells }) => (spells.length > 0 ? whole.from : null) });
    if (shortest === null) throw new Error('seed 5 has spells');
    const said = new Map(
      optionsOf(shortest)
        .slice(2)
        .split(' --')
        .map(option => option.split(' ') as [string, string]),
    );
    const read = {
      keep: idList(said.get('keep') ?? ''),
      until: instant(said.get('until') ?? ''),
      narrow: narrowings(said.get('narrow') ?? ''),
      usual: ruleNames(said.get('usual') ?? ''),
    };
    expect(cut(whole, read)).toEqual(shortest.plot);
    expect(optionsOf({ ...shortest, cut: { ...shortest.cut, keep: new Set() } })).toMatch(/^--keep none /);
    expect([...idList('none')]).toEqual([]);
    expect(kindOf({ promise: 'once', what: 'box-1, i-0abc stopped 2 times' })).toBe('once: # stopped # times');
  });
});

describe("the judges' wall clock", () => {
  const berlin: Schedule = { name: 'nights', timeZone: 'Europe/Berlin', periods: [{ weekdays: 'mon-sun', begin: '02:30', end: '04:00' }] };
  const at = (text: string) => Date.parse(text) / 1000;
  const on = (from: string, schedule = berlin) => onHours(schedule, at(from), at(from)).find(h => h.from >= at(from));

  test('is never turned back: a skipped time happens at the jump, a repeated one the first time only', () => {
    expect(on('2025-03-30T00:00Z')).toEqual({ from: at('2025-03-30T01:00Z'), to: at('2025-03-30T02:00Z') });
    expect(on('2025-10-26T00:00Z')).toEqual({ from: at('2025-10-26T00:30Z'), to: at('2025-10-26T03:00Z') });
    expect(on('2025-05-14T00:00Z')).toEqual({ from: at('2025-05-14T00:30Z'), to: at('2025-05-14T02:00Z') });
  });

  test('knows half-hour jumps, and periods that touch or go past midnight', () => {
    const howe: Schedule = {
      ...{ name: 'howe', timeZone: 'Australia/Lord_Howe' },
      periods: [
        { weekdays: 'sat', begin: '22:00', end: '02:15' },
        { weekdays: 'sun', begin: '02:15', end: '03:00' },
      ],
    };
    expect(on('2025-10-04T06:00Z', howe)).toEqual({ from: at('2025-10-04T11:30Z'), to: at('2025-10-04T16:00Z') });
  });
});
