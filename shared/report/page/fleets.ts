/** Capacity of fleets against their demand, on a grid that a screen can show. */
import { countedPart, type Meter } from '../../ledger/amounts.ts';
import { type ResourceRef, scopeKey } from '../../model/ids.ts';
import type { Change } from '../../model/plan.ts';
import { epochSeconds, fromEpochSeconds, HOUR, hourOfWeek, type Instant, MINUTE, type Window } from '../../model/time.ts';
import { plain } from '../plain.ts';
import type { PageFleet } from './data.ts';

/** What a fleet was asked for: mean demand of some time from `at` on, in instances that would be busy at 100 %. */
export interface Asked {
  readonly fleet: Pick<ResourceRef, 'id' | 'scope'>;
  readonly points: readonly { readonly at: number; readonly demand: number }[];
}

const BUCKETS = 700;
const FINEST = 5 * MINUTE;

/** @param asked of fleets whose minutes are remembered; of others their changes say what the demand was then */
export function fleetsOf(
  meters: readonly Meter[],
  changes: readonly Change[],
  asked: readonly Asked[],
  window: Window,
  at: Instant,
): PageFleet[] {
  const ran = Map.groupBy(
    meters.filter(({ opened }) => opened.class === 'scale-in'),
    ({ opened }) => keyOf(opened.resource),
  );
  const argued = Map.groupBy(changes.filter(isResize), change => keyOf(change.resource));
  const remembered = new Map(asked.map(one => [keyOf(one.fleet), one.points]));
  const grid = gridOf(window);
  return [...new Set([...ran.keys(), ...argued.keys()])].sort().map(key => {
    const [scope = '', name = ''] = split(key);
    const points = remembered.get(key) ?? (argued.get(key) ?? []).flatMap(demandOf);
    return {
      name: plain(name),
      scope,
      from: grid.from,
      step: grid.step,
      ...capacity(ran.get(key) ?? [], grid, window, at),
      demand: means(points, grid),
    };
  });
}

const keyOf = ({ id, scope }: Pick<ResourceRef, 'id' | 'scope'>): string => `${scopeKey(scope)} ${id}`;
const split = (key: string): string[] => [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
const isResize = ({ action }: Change): boolean => action.kind === 'set-desired-capacity' || action.kind === 'set-min-size';

interface Grid {
  readonly from: number;
  readonly step: number;
  readonly buckets: number;
}

function gridOf({ start, end }: Window): Grid {
  const [from, to] = [epochSeconds(start), epochSeconds(end)];
  const step = Math.ceil(Math.max(FINEST, (to - from) / BUCKETS) / FINEST) * FINEST;
  return { from, step, buckets: Math.ceil((to - from) / step) };
}

/** Time-weighted means of what ran and of what the baseline expects. */
function capacity(
  meters: readonly Meter[],
  { from, step, buckets }: Grid,
  window: Window,
  at: Instant,
): Pick<PageFleet, 'running' | 'expected'> {
  const sums = Array.from({ length: buckets }, () => ({ seconds: 0, running: 0, known: 0, expected: 0 }));
  for (const meter of meters) {
    const { baseline, running } = meter.opened;
    const counted = countedPart(meter, window, at);
    const end = epochSeconds(counted.end);
    for (let begin = epochSeconds(counted.start); begin < end; ) {
      const bucket = Math.floor((begin - from) / step);
      const until = Math.min(end, from + (bucket + 1) * step, (Math.floor(begin / HOUR) + 1) * HOUR);
      const sum = sums[bucket];
      if (sum === undefined) break;
      sum.seconds += until - begin;
      sum.running += (until - begin) * running;
      if ('runs' in baseline) {
        sum.known += until - begin;
        sum.expected += ((until - begin) * (baseline.runs[hourOfWeek(fromEpochSeconds(begin))] ?? 0)) / baseline.weeks;
      }
      begin = until;
    }
  }
  return {
    running: sums.map(({ seconds, running }) => (seconds === 0 ? null : rounded(running / seconds))),
    expected: sums.map(({ known, expected }) => (known === 0 ? null : rounded(expected / known))),
  };
}

function means(points: Asked['points'], { from, step, buckets }: Grid): (number | null)[] {
  const sums = Array.from({ length: buckets }, () => ({ n: 0, demand: 0 }));
  for (const { at, demand } of points) {
    const sum = sums[Math.floor((at - from) / step)];
    if (sum === undefined) continue;
    sum.n += 1;
    sum.demand += demand;
  }
  return sums.map(({ n, demand }) => (n === 0 ? null : rounded(demand / n)));
}

/** What the argument of a resize says of the demand at its minute. */
function demandOf({ because, causeAt }: Change): { at: number; demand: number }[] {
  const reason = because.code === 'floor' ? because.argued : because;
  const at = epochSeconds(causeAt);
  switch (reason.code) {
    case 'forecast':
      return [{ at, demand: reason.demand }];
    case 'above-target':
      return [{ at, demand: (reason.value / 100) * reason.carriers }];
    case 'below-target':
      return [{ at, demand: (reason.value / 100) * reason.from }];
    default:
      return [];
  }
}

const rounded = (n: number): number => Math.round(n * 100) / 100;
