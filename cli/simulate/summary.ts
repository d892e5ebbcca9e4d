/** What a seed came to, small enough to be sent from a worker; and what many came to. */
import { createHash } from 'node:crypto';
import type { Violation } from '../../simulator/judges/verdict.ts';
import type { Evidence } from '../../simulator/swarm/evidence.ts';
import { tale } from '../../simulator/swarm/tale.ts';
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
  return { seed, faults, writes, deeds: done.length, healsJudged, violations, digest: digestOf(evidence, violations), broke: null };
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
