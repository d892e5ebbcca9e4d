/** A group of identical instances, minute by minute, under recorded demand: what a scaler sees, what becomes of its answer, what it came to. */

/** What is known at the start of a minute. Minutes count from the trace's first. */
export interface Seen {
  readonly minute: number;
  /** The minute of the newest datapoint; below 0 while none is published. */
  readonly newest: number;
  /** Of the newest datapoint: percent, demand in instances that would be busy at 100 %, instances in service then. 0 while none is published. */
  readonly cpu: number;
  readonly demand: number;
  readonly carriers: number;
  readonly inService: number;
  readonly pending: number;
  readonly desired: number;
}

/** Answers the capacity to desire. One scaler plays one run. */
export type Scaler = (seen: Seen) => number;

export interface Terms {
  /** Minutes until a launched instance serves; it is billed from its launch. */
  readonly boot: number;
  /** Minutes by which a datapoint is published late. */
  readonly lag: number;
  /** Utilization, 0 to 1, above which a minute is under-provisioned. */
  readonly utilization: number;
  readonly min: number;
  readonly max: number;
  /** Minutes that are played and not counted. */
  readonly warmup: number;
}

export interface Run {
  readonly inService: Int32Array;
  readonly score: Score;
}

export interface Score {
  readonly instanceHours: number;
  /** Percent of minutes above the utilization that is allowed, and above all there is. */
  readonly under: number;
  readonly over: number;
  /** Percent of demand that found no instance. */
  readonly lost: number;
  readonly resizesPerDay: number;
  /** Percent of what was paid for. */
  readonly utilization: number;
}

/** Launches on their way, oldest first: when they serve, and how many. */
type Pending = { readonly at: number; count: number }[];

export function playGroup(demand: Float64Array, terms: Terms, scaler: Scaler, onMinute: (minute: number) => void = () => {}): Run {
  const { boot, lag, min, max, warmup } = terms;
  const minutes = demand.length;
  const served = new Int32Array(minutes);
  const billed = new Int32Array(minutes);
  const cpu = new Float64Array(minutes);
  const pending: Pending = [];
  let inService = clamp(Math.ceil(Math.max(...demand.slice(0, 10)) / 0.5), min, max);
  let desired = inService;
  let resizes = 0;
  for (let minute = 0; minute < minutes; minute++) {
    onMinute(minute);
    while (pending[0] !== undefined && pending[0].at <= minute) inService += pending.shift()?.count ?? 0;
    const newest = minute - 1 - lag;
    const wanted = scaler({
      ...{ minute, newest, inService, pending: sum(pending), desired },
      ...{ cpu: cpu[newest] ?? 0, demand: demand[newest] ?? 0, carriers: served[newest] ?? inService },
    });
    const next = clamp(wanted, min, max);
    if (next !== desired && minute >= warmup) resizes++;
    desired = next;
    const surplus = inService + sum(pending) - desired;
    if (surplus < 0) pending.push({ at: minute + boot, count: -surplus });
    else inService -= letGo(pending, surplus);
    served[minute] = inService;
    billed[minute] = inService + sum(pending);
    const busy = (demand[minute] ?? 0) / inService;
    cpu[minute] = busy > 1 ? 100 : 100 * busy;
  }
  return { inService: served, score: scoreOf(demand, served, billed, resizes, terms) };
}

/** Those still booting go first, the latest of them before the others. Answers how many have to go from service. */
function letGo(pending: Pending, surplus: number): number {
  while (surplus > 0) {
    const last = pending.at(-1);
    if (last === undefined) break;
    const gone = Math.min(last.count, surplus);
    last.count -= gone;
    surplus -= gone;
    if (last.count === 0) pending.pop();
  }
  return surplus;
}

function scoreOf(demand: Float64Array, served: Int32Array, billed: Int32Array, resizes: number, { utilization, warmup }: Terms): Score {
  let paid = 0;
  let under = 0;
  let over = 0;
  let lost = 0;
  let asked = 0;
  for (let minute = warmup; minute < demand.length; minute++) {
    const load = demand[minute] ?? 0;
    const capacity = served[minute] ?? 0;
    paid += billed[minute] ?? 0;
    asked += load;
    lost += Math.max(0, load - capacity);
    if (load > utilization * capacity + 1e-9) under++;
    if (load > capacity + 1e-9) over++;
  }
  const minutes = demand.length - warmup;
  return {
    instanceHours: paid / 60,
    under: (100 * under) / minutes,
    over: (100 * over) / minutes,
    lost: asked === 0 ? 0 : (100 * lost) / asked,
    resizesPerDay: resizes / (minutes / 1440),
    utilization: (100 * (asked - lost)) / paid,
  };
}

const sum = (pending: Pending): number => pending.reduce((total, { count }) => total + count, 0);

const clamp = (n: number, min: number, max: number): number => Math.min(max, Math.max(min, n));
