/** Reads what summaries are made of: the ledger of all scopes, row by row, and what their pens last left alone. */
import { LEFT_KEY, shelfOf } from '../memory/shelves.ts';
import { PENS, type Scope } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Audience, LeftDigest } from '../model/notice.ts';
import type { LeftReason } from '../model/plan.ts';
import type { Instant, Window } from '../model/time.ts';
import { PUBLIC_IPV4, volumePriceOf } from '../observe/prices.ts';
import { ownership } from '../report/audiences.ts';
import { addStillCosts, type StillCosts, stillCosts } from '../report/still-costs.ts';
import { type Summary, summary, summaryNeedsRowsFrom } from '../report/summary.ts';
import { type Rolled, readRolls } from './roll.ts';
import { rowsOf } from './stating.ts';
import type { Tables } from './tables.ts';

export async function readSummary(tables: Tables, scopes: readonly Scope[], window: Window, at: Instant): Promise<Summary> {
  const [whole] = await readSummaries(tables, { scopes, window, at, audiences: () => [] });
  return whole as Summary;
}

export interface SummariesOf {
  readonly scopes: readonly Scope[];
  readonly window: Window;
  readonly at: Instant;
  /** Who else is to have one, once everybody's is known. */
  readonly audiences: (whole: Summary) => readonly Audience[];
}

/**
 * Everybody's summary first. For those of teams and owners the ledger is read a second time, since only then it is known whose each row is:
 * that costs a reading, and holds no ledger in memory.
 */
export async function readSummaries(tables: Tables, { scopes, window, at, audiences }: SummariesOf): Promise<Summary[]> {
  const owned = ownership();
  const roll = (await readRolls(tables.memory, scopes, at)).filter(({ policy }) => policy !== null);
  const summing = summary({ window, at, scopes, left: await leftIn(tables, scopes, at), still: stillOf(roll) });
  for await (const row of rows(tables, scopes, window, at)) {
    summing.add(row);
    owned.add(row);
  }
  const whole = summing.summary();
  const others = audiences(whole).map(audience => {
    const theirs = roll.filter(one => isTheirs(one, audience));
    return { audience, fold: summary({ window, at, scopes, audience, still: stillOf(theirs), left: leftOf(theirs) }) };
  });
  if (others.length === 0) return [whole];
  for await (const row of rows(tables, scopes, window, at))
    for (const { audience, fold } of others) if (owned.isOf(row, audience)) fold.add(row);
  return [whole, ...others.map(({ fold }) => fold.summary())];
}

const rows = (tables: Tables, scopes: readonly Scope[], window: Window, at: Instant): AsyncGenerator<LedgerRow> =>
  rowsOf(tables, { scopes, window: { start: summaryNeedsRowsFrom(window), end: window.end }, at });

const isTheirs = ({ owner, team }: Rolled, audience: Audience): boolean =>
  'team' in audience ? (team ?? owner) === audience.team : owner === audience.owner;

/** Of those that a policy speaks for: what nobody put in our care is nobody's to be told of. */
function stillOf(roll: readonly Rolled[]): StillCosts {
  const stopped = roll.filter(({ state }) => state === 'stopped');
  const regions = Map.groupBy(stopped, ({ resource }) => resource.scope.region);
  return addStillCosts(
    [...regions].map(([region, all]) =>
      stillCosts(
        all.map(({ still }) => still),
        { disk: ({ type, ...disk }) => volumePriceOf({ region, volumeType: type, ...disk }), address: PUBLIC_IPV4 },
      ),
    ),
  );
}

/** What was left alone of a team's or an owner's machines, in groups as the digest has them. */
function leftOf(roll: readonly Rolled[]): LeftDigest[] {
  const left = roll.flatMap(({ resource, because, action, at }) =>
    action === null && because !== null ? [{ resource, because: because as LeftReason, at }] : [],
  );
  const latest = left.reduce<Instant | null>((a, { at }) => (a === null || at > a ? at : a), null);
  if (latest === null) return [];
  const groups = [...Map.groupBy(left, one => one.because.code)].map(([code, all]) => ({
    ...{ code, count: all.length },
    examples: all.slice(0, 1).map(({ resource, because }) => ({ resource, because })),
  }));
  return [{ at: latest, groups }];
}

async function leftIn({ memory }: Tables, scopes: readonly Scope[], at: Instant): Promise<LeftDigest[]> {
  const left: LeftDigest[] = [];
  for (const scope of scopes) {
    for (const pen of PENS) {
      const item = await memory.read(shelfOf(pen, scope), LEFT_KEY, at);
      if (item !== null) left.push(item.value as LeftDigest);
    }
  }
  return left;
}
