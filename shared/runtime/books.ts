/** Keeps the books: days that are over are sealed, a correction seals its days anew. Each step may be taken again. */
import { CREDIT_DAYS, LOOKBACK_DAYS } from '../ledger/amounts.ts';
import { daysBetween } from '../ledger/keys.ts';
import { costOf, OWN_PRICE_SOURCE, STANDING } from '../ledger/own-prices.ts';
import { seal } from '../ledger/seal.ts';
import { dayOf } from '../ledger/sealed.ts';
import { parseKey } from '../memory/shelves.ts';
import type { Scope } from '../model/ids.ts';
import type { MeterCorrectedRow } from '../model/ledger.ts';
import type { Ledger, Memory } from '../model/ports.ts';
import { addSeconds, DAY, earlier, floorTo, HOUR, type Instant, utcDay } from '../model/time.ts';
import type { Used } from './tally.ts';
import type { Telemetry } from './telemetry.ts';

/** Late events have come by then, and open questions are answered. */
const SEAL_AFTER_DAYS = 3;
/** How far back a house that was away looks for days to seal. */
const REACH_DAYS = 60;
/** In one go: a tick has minutes. */
const DAYS_AT_A_TIME = 14;

export interface Books {
  readonly ledger: Ledger;
  readonly memory: Memory;
  /** Ours first: there our own cost is booked. */
  readonly scopes: readonly Scope[];
  readonly at: Instant;
  /** Milliseconds that are left. */
  remaining(): number;
  readonly telemetry: Pick<Telemetry, 'info' | 'error'>;
}

/** What a daily tick does after telling. What fails here fails for itself: the next day's tick takes it up. */
export async function keepBooks({ ledger, scopes, at, remaining, telemetry }: Books): Promise<void> {
  for (const scope of scopes) {
    try {
      const days = await sealDue(ledger, scope, at, () => remaining() > ENOUGH_MS);
      if (days > 0) telemetry.info('sealed', { scope, days });
    } catch (error) {
      telemetry.error('days could not be sealed', { scope, error });
    }
  }
}

/** Before the summary, which subtracts it. What fails fails for itself, too: without it the summary says of how many days it knows. */
export async function bookOwnCost(books: Pick<Books, 'ledger' | 'memory' | 'scopes' | 'at' | 'telemetry'>): Promise<void> {
  try {
    await bookDays(books);
  } catch (error) {
    books.telemetry.error('our own cost could not be booked', { error });
  }
}

/** An hour is counted in a container and told in the next: a day is booked when it has been over for two. */
const BOOKED_AFTER = DAY + 2 * HOUR;

/** The row first, then the tally goes: booked again, the row is there already. */
async function bookDays({ ledger, memory, scopes, at }: Pick<Books, 'ledger' | 'memory' | 'scopes' | 'at'>): Promise<void> {
  const [scope] = scopes;
  if (scope === undefined) return;
  const due = utcDay(addSeconds(at, -BOOKED_AFTER));
  const book = (day: string, name: string, used: Used) =>
    ledger.append({ kind: 'own-cost', at, scope, day, function: name, used, cost: costOf(used), priceSource: OWN_PRICE_SOURCE });
  for (const item of await memory.readShelf('own-cost', at)) {
    const { kind: day, id: name } = parseKey(item.key);
    if (day > due) continue;
    await book(day, name, item.value as Used);
    await book(day, 'standing', STANDING);
    await memory.forget('own-cost', item);
  }
}

/** For a fortnight of a large scope. */
const ENOUGH_MS = 30_000;

/** Seals the oldest days that are due; two houses at once make the same rows, and one of them wins each. @returns how many were sealed. */
export async function sealDue(ledger: Ledger, scope: Scope, at: Instant, more: () => boolean): Promise<number> {
  const end = floorTo(addSeconds(at, -SEAL_AFTER_DAYS * DAY), DAY);
  const start = addSeconds(end, -REACH_DAYS * DAY);
  const there = await revisions(ledger, scope, start, end);
  const due = daysBetween(start, end).filter(day => !there.has(utcDay(day)));
  // A house of yesterday has nothing before it: its empty days are sealed a fortnight at a time, and cost a query each.
  const now = due.slice(0, DAYS_AT_A_TIME);
  return now.length === 0 || !more() ? 0 : sealDays(ledger, scope, new Map(now.map(day => [utcDay(day), 1])), at);
}

/**
 * Puts on record what the bill says of a meter, and seals anew the days that it changes. Done again, the row is there already and the days
 * are sealed if a crash came in between.
 */
export async function correct(
  ledger: Ledger,
  row: MeterCorrectedRow,
  at: Instant,
): Promise<{ readonly fresh: boolean; readonly days: number }> {
  const fresh = await ledger.append(row);
  const end = addSeconds(floorTo(row.openedAt, DAY), (LOOKBACK_DAYS + 1) * DAY);
  const there = await revisions(ledger, row.scope, row.openedAt, end);
  const touched = [...there].filter(([, sealed]) => !sealed.corrections.has(nameOf(row)));
  const last = utcDay(await endOf(ledger, row));
  const days = new Map(touched.filter(([day]) => day <= last).map(([day, { revision }]) => [day, revision + 1]));
  return { fresh, days: days.size === 0 ? 0 : await sealDays(ledger, row.scope, days, at) };
}

async function revisions(ledger: Ledger, scope: Scope, from: Instant, to: Instant) {
  const there = new Map<string, { revision: number; corrections: ReadonlySet<string> }>();
  for await (const row of ledger.sealed(scope, floorTo(from, DAY), to)) {
    if (row.kind !== 'sealed' || (there.get(row.day)?.revision ?? 0) > row.revision) continue;
    there.set(row.day, { revision: row.revision, corrections: new Set(row.corrections.map(nameOf)) });
  }
  return there;
}

const nameOf = ({ meterId, revision }: MeterCorrectedRow): string => `${meterId} ${revision}`;

/** When the meter ended, or will at the latest. */
async function endOf(ledger: Ledger, { scope, meterId, openedAt }: MeterCorrectedRow): Promise<Instant> {
  let end = addSeconds(openedAt, LOOKBACK_DAYS * DAY);
  for await (const row of ledger.meter(scope, meterId, openedAt)) {
    if (row.kind === 'meter-closed') end = earlier(end, row.at);
    if (row.kind === 'meter-opened') end = earlier(end, addSeconds(openedAt, CREDIT_DAYS[row.class] * DAY));
  }
  return end;
}

async function sealDays(ledger: Ledger, scope: Scope, days: ReadonlyMap<string, number>, at: Instant): Promise<number> {
  const inOrder = [...days.keys()].toSorted();
  const first = dayOf({ day: inOrder[0] ?? '' }).start;
  const { end } = dayOf({ day: inOrder.at(-1) ?? '' });
  const sealing = seal(scope, days, at);
  for await (const row of ledger.rows(scope, addSeconds(first, -LOOKBACK_DAYS * DAY), end)) sealing.add(row);
  const sealed = sealing.sealed();
  for (const row of sealed) await ledger.append(row);
  return sealed.length;
}
