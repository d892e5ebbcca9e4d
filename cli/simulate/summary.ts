/** What a seed came to, small enough to be sent from a worker; and what many came to. */
import { createHash } from 'node:crypto';
import type { Violation } from '../../simulator/judges/verdict.ts';
import type { Evidence } from '../../simulator/swarm/evidence.ts';
import { tale } from '../../simulator/swarm/tale.ts';
import { actsOf } from './acts.ts';
import type { Outcome } from './run-seed.ts';

export interface SeedSummary {
  readonly seed: number;
  /** Faults met, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Calls of ours that could change something, refused ones too. */
  readonly writes: number;
  /** What took effect of them, by kind. */
  readonly acts: Readonly<Record<string, number>>;
  readonly deeds: number;
  readonly healsJudged: boolean;
  readonly violations: readonly Violation[];
  /** Of the whole story: what was written, told and kept. The same seed has the same, wherever it is played. */
  readonly digest: string;
  /** A bug threw: the seed could not be judged. */
  readonly broke: string | null;
}

export function summaryOf(seed: number, { evidence, violations }: Outcome, healsJudged: boolean): SeedSummary {
  const { hits, cloud, done } = evidence;
  const faults: Record<string, number> = {};
  for (const { kind } of hits) faults[kind] = (faults[kind] ?? 0) + 1;
  const writes = cloud.record.writes.filter(w => w.caller.startsWith('function:') && w.service !== 'sqs').length;
  const acts = actsOf(evidence);
  return { seed, faults, writes, acts, deeds: done.length, healsJudged, violations, digest: digestOf(evidence, violations), broke: null };
}

/** Tells a write from its own retry, and is to be like no other: the one thing that is random in earnest. */
const TOKEN = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

function digestOf(evidence: Evidence, violations: readonly Violation[]): string {
  const { ledger, memory, told, visits, invocations, cloud } = evidence;
  const whole = JSON.stringify([tale(evidence, violations), ledger, memory, told, visits, invocations, cloud.record.writes]);
  return createHash('sha256').update(whole.replaceAll(TOKEN, 'token')).digest('hex').slice(0, 16);
}

export interface Totals {
  readonly seeds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly writes: number;
  readonly acts: Readonly<Record<string, number>>;
  readonly deeds: number;
  readonly healsJudged: number;
  readonly failed: readonly SeedSummary[];
}

export function totalsOf(all: readonly SeedSummary[]): Totals {
  const faults = summed(all.map(one => one.faults));
  const add = (figure: (one: SeedSummary) => number) => all.reduce((sum, one) => sum + figure(one), 0);
  return {
    seeds: all.length,
    faults,
    writes: add(one => one.writes),
    acts: summed(all.map(one => one.acts)),
    deeds: add(one => one.deeds),
    healsJudged: add(one => Number(one.healsJudged)),
    failed: all.filter(one => one.violations.length > 0 || one.broke !== null).toSorted((a, b) => a.seed - b.seed),
  };
}

/** The most frequent first. */
function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of counts) for (const [kind, count] of Object.entries(one)) sum[kind] = (sum[kind] ?? 0) + count;
  return Object.fromEntries(Object.entries(sum).toSorted(([, a], [, b]) => b - a));
}
