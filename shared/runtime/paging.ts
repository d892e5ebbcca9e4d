/** Reads what the page is made of: summary, the rows of its window, and what its fleets were asked for minute by minute. */
import { demandAt, KEPT, type knows } from '../decide/fleet/history.ts';
import { demandShelf, shelfOf, sortShelf } from '../memory/shelves.ts';
import type { Scope } from '../model/ids.ts';
import { earlier, epochSeconds, type Instant, later, type Window } from '../model/time.ts';
import { firstInstantAt, wallMinuteAt } from '../policy/wall-clock.ts';
import type { PageData } from '../report/page/data.ts';
import type { Asked } from '../report/page/fleets.ts';
import { page } from '../report/page/fold.ts';
import { readMind } from './minds.ts';
import { type Reading, rowsOf } from './stating.ts';
import { readSummary } from './summing.ts';
import type { Tables } from './tables.ts';

export interface PageOf {
  readonly scopes: readonly Scope[];
  readonly window: Window;
  readonly at: Instant;
  /** IANA zone in which days and hours are told. */
  readonly zone: string;
  readonly onDay?: Reading['onDay'];
}

export async function readPage(tables: Tables, { scopes, window, at, zone, onDay }: PageOf): Promise<PageData> {
  const summary = await readSummary(tables, scopes, window, at);
  const asked = await demandIn(tables, scopes, window, at);
  const wallMinute = (instant: Instant) => wallMinuteAt(zone, instant);
  const folding = page({ window, at, zone, wallMinute, days: daysIn(window, zone), summary, asked });
  for await (const row of rowsOf(tables, { scopes, window, at, ...(onDay && { onDay }) })) folding.add(row);
  return folding.data();
}

const DAY_MINUTES = 24 * 60;

/** The days of a zone that a window touches, the first and the last cut to it. */
export function daysIn({ start, end }: Window, zone: string): Window[] {
  const days: Window[] = [];
  for (let day = Math.floor(wallMinuteAt(zone, start) / DAY_MINUTES); ; day++) {
    const [begin, next] = [firstInstantAt(zone, day * DAY_MINUTES), firstInstantAt(zone, (day + 1) * DAY_MINUTES)];
    if (begin >= end) return days;
    days.push({ start: later(begin, start), end: earlier(next, end) });
  }
}

/** Demand is remembered for eighteen days, of fleets that follow signals. */
async function demandIn({ memory }: Tables, scopes: readonly Scope[], window: Window, at: Instant): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const scope of scopes) {
    const { fleets } = sortShelf(await memory.readShelf(shelfOf('resize-fleets', scope), at));
    for (const id of fleets.keys()) {
      const { fleet } = await readMind(memory, demandShelf(scope, id), at);
      if (fleet.mind !== null) asked.push({ fleet: { id, scope }, points: minutesOf(fleet.mind.learner.history, window) });
    }
  }
  return asked;
}

function minutesOf(history: Parameters<typeof knows>[0], { start, end }: Window): Asked['points'] {
  const first = Math.max(Math.ceil(epochSeconds(start) / 60), history.first, history.last - KEPT + 1);
  const last = Math.min(Math.ceil(epochSeconds(end) / 60) - 1, history.last);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ at: (first + i) * 60, demand: demandAt(history, first + i) }));
}
