/**
 * Demand in instances that would be busy at 100 %, from whatever is measured. CPU cannot show more than there is; requests, backlogs and a
 * policy's own metrics can. Of several the neediest wins.
 */

/** One signal's datapoint for one minute. */
export interface Reading {
  readonly kind: 'cpu' | 'requests' | 'queue' | 'metric';
  readonly of: 'fleet' | 'instance';
  /** What one instance carries at 100 %, in the metric's unit; `null`: to be learned from the CPU of the same minute. */
  readonly full: number | null;
  /** `null`: nothing was published. */
  readonly value: number | null;
}

/** What one instance carries, learned so far, by the signal's place in the policy. */
export interface Learned {
  readonly full: number;
  readonly samples: number;
}

export interface Load {
  /** `null`: no signal said anything. */
  readonly demand: number | null;
  /** Whether demand may be more than could be measured: the only witness was a CPU at its limit. */
  readonly saturated: boolean;
  readonly learned: ReadonlyMap<number, Learned>;
}

/** Percent: from here on CPU says only "at least". */
const SATURATED = 97;
/** What "at least" is taken for, until more instances show what it is. */
const BEYOND = 1.25;
/** Percent: below it, CPU is mostly the system's own. */
const ASLEEP = 1;
/** No group has as many; what asks for more is a metric gone wrong, and must not blind the learner for good. */
const MOST = 1_000_000;
/** A few samples are believed at once, later ones bend what is known. */
const QUICK = 3;
const BENDING = 0.05;

/**
 * @param carriers instances in service in that minute
 * @param utilization 0 to 1: a backlog of `full` for each instance is what the policy accepts, so it asks for exactly that many
 */
export function loadOf(told: readonly Reading[], carriers: number, utilization: number, known: ReadonlyMap<number, Learned>): Load {
  const readings = told.map(reading => ({ ...reading, value: measured(reading.value) }));
  const cpu = readings.find(r => r.kind === 'cpu')?.value ?? null;
  const learned = learn(readings, cpu, carriers, known);
  const loads = readings.flatMap((reading, place) => {
    const full = reading.full ?? learned.get(place)?.full;
    if (reading.kind === 'cpu' || reading.value === null || full === undefined) return [];
    const carried = (reading.of === 'instance' ? reading.value * carriers : reading.value) / full;
    return [reading.kind === 'queue' ? carried * utilization : carried];
  });
  // Where CPU teaches what an instance carries it is no witness of its own: it would only repeat its teaching, later and with a ceiling.
  const teaches = readings.some((r, place) => r.full === null && r.value !== null && learned.has(place));
  const saturated = (cpu ?? 0) >= SATURATED && loads.length === 0;
  if (cpu !== null && !teaches) loads.push((cpu / 100) * carriers * (saturated ? BEYOND : 1));
  return { demand: loads.length === 0 ? null : Math.min(MOST, Math.max(...loads)), saturated, learned };
}

/** What is not a number was not told; an expression may fall below zero, demand does not. */
const measured = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : Math.max(0, value));

function learn(readings: readonly Reading[], cpu: number | null, carriers: number, known: ReadonlyMap<number, Learned>) {
  if (cpu === null || cpu <= ASLEEP || cpu >= SATURATED || carriers === 0) return known;
  const next = new Map(known);
  for (const [place, { full, value, of }] of readings.entries()) {
    if (full !== null || value === null || value <= 0) continue;
    const sample = (of === 'instance' ? value * carriers : value) / ((cpu / 100) * carriers);
    const before = known.get(place) ?? { full: sample, samples: 0 };
    const bend = before.samples < QUICK ? 1 : BENDING;
    next.set(place, { full: before.full + (sample - before.full) * bend, samples: before.samples + 1 });
  }
  return next;
}
