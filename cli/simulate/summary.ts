/** What a seed came to, small enough to be sent from a worker; and what many came to. */
import type { Violation } from '../../simulator/judges/verdict.ts';
import type { Outcome } from './run-seed.ts';

export interface SeedSummary {
  readonly seed: number;
  /** Faults met, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Calls of ours that could change something, refused ones too. */
  readonly writes: number;
  readonly deeds: number;
  readonly healsJudged: boolean;
  readonly violations: readonly Violation[];
  /** A bug threw: the seed could not be judged. */
  readonly broke: string | null;
}

export function summaryOf(seed: number, { evidence, violations }: Outcome, healsJudged: boolean): SeedSummary {
  const { hits, cloud, done } = evidence;
  const faults: Record<string, number> = {};
  for (const { kind } of hits) faults[kind] = (faults[kind] ?? 0) + 1;
  const writes = cloud.record.writes.filter(w => w.caller.startsWith('function:') && w.service !== 'sqs').length;
  return { seed, faults, writes, deeds: done.length, healsJudged, violations, broke: null };
}

export interface Totals {
  readonly seeds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly writes: number;
  readonly deeds: number;
  readonly healsJudged: number;
  readonly failed: readonly SeedSummary[];
}

export function totalsOf(all: readonly SeedSummary[]): Totals {
  const faults: Record<string, number> = {};
  for (const one of all) for (const [kind, count] of Object.entries(one.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  const add = (figure: (one: SeedSummary) => number) => all.reduce((sum, one) => sum + figure(one), 0);
  return {
    seeds: all.length,
    faults: Object.fromEntries(Object.entries(faults).toSorted(([, a], [, b]) => b - a)),
    writes: add(one => one.writes),
    deeds: add(one => one.deeds),
    healsJudged: add(one => Number(one.healsJudged)),
    failed: all.filter(one => one.violations.length > 0 || one.broke !== null).toSorted((a, b) => a.seed - b.seed),
  };
}
