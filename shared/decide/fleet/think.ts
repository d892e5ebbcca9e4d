/** What one fleet's signals, heard since the last look, come to: the capacity it asks for, and the forecast that argues for it. */
import type { Fleet, Signal } from '../../model/observation.ts';
import type { Foresight } from '../../model/plan.ts';
import { epochSeconds, fromEpochSeconds, type Instant } from '../../model/time.ts';
import type { FleetPolicy } from '../../policy/schema.ts';
import { demandAt, OFFSET } from './history.ts';
import { horizon, type Service } from './learner.ts';
import { hear, type Mind } from './mind.ts';

/** What is remembered of a fleet's demand: what it taught, and how many carried it. */
export interface FleetMind {
  readonly mind: Mind | null;
  /** Capacity in service since the minute named, oldest first: datapoints come late, and are the work of who served then. */
  readonly served: readonly { readonly minute: number; readonly units: number }[];
}

export interface Thought {
  /** Within the bounds. `null`: nothing has ever been heard. */
  readonly capacity: number | null;
  readonly foresight: Foresight | null;
  /** End of the newest minute that was learned. */
  readonly heardAt: Instant | null;
  /** Signals that are silent or could not be read, by name. */
  readonly silent: readonly string[];
}

export const openMind: FleetMind = { mind: null, served: [] };

/** A signal this many periods late is silent. */
const SILENT_AFTER = 5;
/** Minutes a datapoint is given to be complete: CloudWatch may publish its first half first. */
const SETTLING = 1;
/** Changes of capacity that are remembered; datapoints are seldom more than minutes late. */
const SERVED = 30;

/** How late, in minutes, the newest datapoint of a period is when it is read. */
const LAG = { 60: SETTLING, 300: 5 + SETTLING } as const;

export function serviceOf(
  { slo, period }: FleetPolicy,
  bootSeconds: number,
  bounds: { readonly min: number; readonly max: number },
): Service {
  const boot = Math.max(1, Math.ceil(bootSeconds / 60));
  return { utilization: slo.utilization / 100, minutes: slo.minutes / 100, boot, lag: LAG[period], ...bounds };
}

export function think(
  fleet: Fleet,
  before: FleetMind,
  service: Service,
  at: Instant,
): { readonly next: FleetMind; readonly thought: Thought } {
  const now = Math.floor(epochSeconds(at) / 60);
  const served = noteServed(before.served, now, unitsInService(fleet));
  const spoken = fleet.signals.map(signal => ({ signal, newest: newestMinute(signal, now - 1 - SETTLING) }));
  const fresh = spoken.filter(
    ({ signal, newest }) => newest !== null && newest >= now - (SILENT_AFTER * (signal.series?.periodSeconds ?? 60)) / 60 - SETTLING,
  );
  const silent = spoken.filter(s => !fresh.includes(s)).map(s => s.signal.name);
  const last = Math.min(...fresh.map(s => s.newest ?? now)); // one that is a little late is waited for
  let mind = before.mind;
  if (fresh.length > 0) {
    for (let minute = Math.max(earliest(fleet.signals), (mind?.learner.history.last ?? 0) + 1); minute <= last; minute++) {
      const readings = fleet.signals.map(s => ({ kind: s.kind, of: s.of, full: s.full, value: valueAt(s, minute) }));
      mind = hear(mind, { minute, readings, carriers: carriersAt(served, minute) }, service)?.mind ?? mind;
    }
  }
  return { next: { mind, served }, thought: { ...conclude(mind, service), silent } };
}

function conclude(mind: Mind | null, service: Service): Omit<Thought, 'silent'> {
  const newest = mind?.learner.open.at(-1);
  if (mind === null || newest === undefined) return { capacity: null, foresight: null, heardAt: null };
  const { history, restraint } = mind.learner;
  const forecast = Math.max(0, Math.exp(newest.forecast) - OFFSET);
  const needed = Math.max(forecast / service.utilization, 1e-9);
  const foresight: Foresight = {
    demand: hundredths(demandAt(history, history.last)),
    forecast: hundredths(forecast),
    ahead: horizon(service),
    margin: hundredths((restraint.wanted.at(-1) ?? 0) / needed - 1),
    utilization: hundredths(100 * service.utilization),
    minutes: hundredths(100 * service.minutes),
    learned: history.last - history.first + 1,
    saturated: mind.saturated,
  };
  const capacity = Math.min(service.max, Math.max(service.min, restraint.capacity));
  return { capacity, foresight, heardAt: fromEpochSeconds((history.last + 1) * 60) };
}

const hundredths = (n: number): number => Math.round(n * 100) / 100;

export const unitsInService = ({ members }: Pick<Fleet, 'members'>): number =>
  members.filter(m => m.lifecycleState === 'InService').reduce((sum, m) => sum + m.weight, 0);

function noteServed(served: FleetMind['served'], minute: number, units: number): FleetMind['served'] {
  return served.at(-1)?.units === units ? served : [...served, { minute, units }].slice(-SERVED);
}

/** A minute's work was done by whoever was there at its end: a resize of ours falls into its first seconds. */
const carriersAt = (served: FleetMind['served'], minute: number): number =>
  (served.findLast(note => note.minute <= minute + 1) ?? served[0])?.units ?? 0;

function newestMinute({ series }: Signal, limit: number): number | null {
  if (series === null) return null;
  const index = series.values.findLastIndex(v => v !== null);
  const end = epochSeconds(series.start) + (index + 1) * series.periodSeconds;
  return index === -1 ? null : Math.min(limit, Math.floor(end / 60) - 1);
}

const earliest = (signals: readonly Signal[]): number =>
  Math.min(...signals.flatMap(({ series }) => (series === null ? [] : [Math.floor(epochSeconds(series.start) / 60)])));

function valueAt({ series }: Signal, minute: number): number | null {
  if (series === null) return null;
  return series.values[Math.floor((minute * 60 - epochSeconds(series.start)) / series.periodSeconds)] ?? null;
}
