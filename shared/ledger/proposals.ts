/** Grade D: what policies in mode `plan` would have saved. Predicted, never measured, and in no sum. */
import { microUsd } from '../model/money.ts';
import { HOUR, type Instant, type Window, within } from '../model/time.ts';
import type { Gathered } from './gather.ts';
import type { Range } from './lines.ts';
import { isSealed, type SealedDays } from './sealed.ts';

export interface Proposals {
  readonly changes: number;
  /** Instance-seconds that would not have run. */
  readonly seconds: number;
  /** Changes whose worth nobody knows: no price, or no baseline. */
  readonly unknown: number;
  /** `null`: nothing that was proposed has a worth. */
  readonly money: Range | null;
}

export function proposalsOf(proposed: Gathered['proposed'], sealed: SealedDays, window: Window, at: Instant): Proposals {
  const now = proposed.filter(row => within(window, row.at) && row.at <= at && !isSealed(sealed, row.scope, row.at));
  const days = [...sealed.values()].map(({ counts }) => counts.proposals);
  const known = now.flatMap(({ saving }) => saving?.money ?? []);
  const changes = now.length + sum(days.map(d => d.changes));
  const unknown = now.length - known.length + sum(days.map(d => d.unknown));
  const low = sum([...known, ...days].map(m => m.low));
  const high = sum([...known, ...days].map(m => m.high));
  return {
    changes,
    seconds: sum(now.map(({ saving }) => Math.round((saving?.hours ?? 0) * HOUR))) + sum(days.map(d => d.seconds)),
    unknown,
    money: changes > 0 && changes === unknown ? null : { low: microUsd(low), high: microUsd(high) },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
