/** What the meter of a stop is worth: price, and what truly ran in the weeks before, as the world knows them. */
import { epochSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import { creditsUntil } from '../world/credits.ts';
import { type Machine, ranAt } from '../world/machine.ts';
import { hourOfWeekAt, hoursBefore, WEEKS } from './hours-of-week.ts';

export interface Meter {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** Surplus credits of the last minutes, as they are billed at a stop, and the rest of a minute that was begun. In micro-dollars. */
export function mostCost({ cloud }: Evidence, { id }: Meter, stopped: number): number {
  const machine = cloud.record.machine(id);
  if (machine === undefined) return 0;
  const began = machine.ran.findLast(span => span.from <= stopped)?.from ?? 0;
  const minute = stopped - began < MINUTE ? (PRICES[machine.type]?.[1] ?? 0) / MINUTE : 0;
  const history = creditsUntil(machine, at => machine.cpu.at(at)(at), cloud.world.origin, stopped);
  const surplus = history === null ? 0 : Math.max(...Array.from({ length: 30 }, (_, ago) => history.at(stopped - ago * MINUTE).surplus));
  return Math.ceil(minute + (surplus * (machine.platform === 'windows' ? 96_000 : 50_000)) / 60);
}

/** On-demand list prices of eu-west-1 in micro-dollars an hour (AWS price list, 2025): Linux, Windows. */
const PRICES: Readonly<Record<string, readonly [number, number]>> = {
  't3.small': [22_800, 41_200],
  't3.medium': [45_600, 64_000],
  'm5.large': [107_000, 199_000],
  'm5a.large': [96_000, 188_000],
  'c5.large': [96_000, 188_000],
};

/** Its type at an instant: what it came with, and what every call since has made of it. */
function typeAt({ plot, ids, cloud }: Evidence, id: string, at: number): string {
  const first = plot.boxes.find(box => ids.get(box.id) === id)?.type ?? cloud.record.machine(id)?.type ?? '';
  const types = cloud.record.writes
    .filter(w => w.action === 'ModifyInstanceAttribute' && w.changed.includes(id) && epochSeconds(w.at) <= at)
    .flatMap(w => (w.params as { InstanceType?: { Value: string } }).InstanceType?.Value ?? []);
  return types.at(-1) ?? first;
}

/** Micro-dollars are counted in parts of an hour and of four weeks, so that nothing is rounded. */
export const SCALE = BigInt(HOUR * WEEKS);

/** Seconds × what would have run × price; `null` where a fault spoilt what the house could measure of the weeks before. */
export function worthOf(row: Item, { id, from, to }: Meter, evidence: Evidence): bigint | null {
  const machine = evidence.cloud.record.machine(id);
  const baseline = row['baseline'] as { kind: string; frozenAt: Instant; runs?: readonly number[] };
  if (machine === undefined) return null;
  if (evidence.hits.some(hit => hit.kind.endsWith('-metric') && Math.abs(epochSeconds(hit.at) - epochSeconds(baseline.frozenAt)) < 300))
    return null;
  if (baseline.kind !== 'measured')
    return baseline.kind === 'unknown' && machine.createdAt < epochSeconds(baseline.frozenAt) - WEEKS * 7 * 86_400 - HOUR ? null : 0n;
  const [linux, windows] = PRICES[typeAt(evidence, id, from)] ?? [0, 0];
  const ran = ranInHours(machine, epochSeconds(baseline.frozenAt));
  let sum = 0n;
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / HOUR) + 1) * HOUR);
    sum += BigInt(next - at) * BigInt(ran[hourOfWeekAt(at)] ?? 0);
    at = next;
  }
  // A public address that is not its own to keep is given back by the stop, and paid for by no commitment.
  const address = machine.publicIpv4 === 'auto' ? 5_000 : 0;
  return sum * BigInt((machine.platform === 'windows' ? windows : linux) + address);
}

/** Every hour of the week is on record as the world knows it, not only those that the meter has met. */
export function isOwnBaseline(row: Item, id: string, { cloud }: Evidence): boolean {
  const { kind, frozenAt, runs } = row['baseline'] as { kind: string; frozenAt: Instant; runs?: readonly number[] };
  const machine = cloud.record.machine(id);
  if (kind !== 'measured' || machine === undefined) return true;
  const ran = ranInHours(machine, epochSeconds(frozenAt));
  return runs !== undefined && ran.every((weeks, hour) => runs[hour] === weeks);
}

/** In how many of the four weeks before `at` it truly ran, by the hour of the week. */
function ranInHours(machine: Machine, at: number): number[] {
  const weeks = new Array<number>(168).fill(0);
  for (const start of hoursBefore(at)) {
    const hour = hourOfWeekAt(start);
    if (Array.from({ length: 12 }, (_, i) => start + 300 * i + 150).some(sample => ranAt(machine, sample)))
      weeks[hour] = (weeks[hour] ?? 0) + 1;
  }
  return weeks;
}
