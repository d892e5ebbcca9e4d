/** What the tags of many resources come to: how many are complete, whose they are, and what nobody answers for. Pure. */
import { type ResourceKind, scopeKey } from '../../shared/model/ids.ts';
import { type MicroUsd, microUsd } from '../../shared/model/money.ts';
import type { TagOffer } from '../../shared/model/offer.ts';
import type { TagRow } from './row.ts';

export interface Compliance {
  readonly all: Line;
  readonly byTeam: readonly (Line & { readonly team: string | null })[];
  readonly byAccount: readonly (Line & { readonly account: string })[];
  readonly byRegion: readonly (Line & { readonly region: string })[];
  readonly byKind: readonly (Line & { readonly kind: ResourceKind })[];
  readonly byKey: readonly KeyLine[];
  /** Dearest first, then who lacks most. */
  readonly offenders: readonly TagRow[];
  /** Soonest deadline first. */
  readonly marked: readonly TagRow[];
  readonly offers: readonly OfferLine[];
  readonly fixable: number;
  readonly settling: number;
  readonly exempt: number;
  readonly unread: number;
}

/** Counts only what tags are asked of. */
export interface Line {
  readonly resources: number;
  readonly complete: number;
  /** Dollars a month at list prices, and how many resources have no known price: they are in neither sum. */
  readonly perMonth: MicroUsd;
  readonly unattributed: MicroUsd;
  readonly unpriced: number;
  readonly unattributedUnpriced: number;
}

export interface KeyLine {
  readonly key: string;
  readonly lacking: number;
  readonly perMonth: MicroUsd;
  readonly unpriced: number;
}

/** The same value for the same reason, offered to several. */
export interface OfferLine {
  readonly offer: TagOffer;
  readonly rows: readonly TagRow[];
}

export function complianceOf(rows: readonly TagRow[], keys: readonly string[]): Compliance {
  const asked = rows.filter(isAsked);
  const lacking = asked.filter(({ standing }) => standing === 'lacking');
  const count = (standing: TagRow['standing']) => rows.filter(row => row.standing === standing).length;
  return {
    all: lineOf(asked),
    byTeam: grouped(asked, row => row.team).map(([team, line]) => ({ team, ...line })),
    byAccount: grouped(asked, row => row.resource.scope.account).map(([account, line]) => ({ account, ...line })),
    byRegion: grouped(asked, row => scopeKey(row.resource.scope)).map(([region, line]) => ({ region, ...line })),
    byKind: grouped(asked, row => row.resource.kind).map(([kind, line]) => ({ kind, ...line })),
    byKey: keys.map(key => keyLine(key, lacking)),
    offenders: lacking.toSorted(
      (a, b) => dearness(b) - dearness(a) || b.missing.length - a.missing.length || (a.resource.id < b.resource.id ? -1 : 1),
    ),
    marked: lacking.filter(row => row.mark !== null).toSorted((a, b) => ((a.mark?.deadline ?? '') < (b.mark?.deadline ?? '') ? -1 : 1)),
    offers: offersIn(lacking),
    fixable: asked.filter(row => row.fixes.length > 0).length,
    settling: count('settling'),
    exempt: count('exempt'),
    unread: count('unread'),
  };
}

/** An unknown price comes after the known ones, and before what costs nothing. */
const dearness = (row: TagRow): number => perMonth(row) ?? 0.5;

/** What nobody may ask, and what could not be read, is neither complete nor lacking. */
const isAsked = ({ standing }: TagRow): boolean => standing === 'complete' || standing === 'lacking';

/** `null`: unknown, and not 0. */
export const perMonth = ({ price }: Pick<TagRow, 'price'>): MicroUsd | null => price?.perMonth ?? null;

function lineOf(rows: readonly TagRow[]): Line {
  const lacking = rows.filter(({ standing }) => standing === 'lacking');
  return {
    resources: rows.length,
    complete: rows.length - lacking.length,
    ...{ perMonth: sumOf(rows), unattributed: sumOf(lacking) },
    ...{ unpriced: unpricedIn(rows), unattributedUnpriced: unpricedIn(lacking) },
  };
}

const sumOf = (rows: readonly TagRow[]): MicroUsd => microUsd(rows.reduce((sum, row) => sum + (perMonth(row) ?? 0), 0));
const unpricedIn = (rows: readonly TagRow[]): number => rows.filter(({ price }) => price === null).length;

/** Most unattributed dollars first, then the most that lack something. */
function grouped<Name extends string | null>(rows: readonly TagRow[], nameOf: (row: TagRow) => Name): (readonly [Name, Line])[] {
  const lines = [...Map.groupBy(rows, nameOf)].map(([name, members]) => [name, lineOf(members)] as const);
  const lacking = ({ resources, complete }: Line) => resources - complete;
  return lines.toSorted(
    ([a, as], [b, bs]) => bs.unattributed - as.unattributed || lacking(bs) - lacking(as) || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
}

function keyLine(key: string, lacking: readonly TagRow[]): KeyLine {
  const without = lacking.filter(({ missing }) => missing.includes(key));
  return { key, lacking: without.length, perMonth: sumOf(without), unpriced: unpricedIn(without) };
}

/** Grouped by value and by what argues for it, so that one line can be said yes to; what serves most comes first. */
function offersIn(rows: readonly TagRow[]): OfferLine[] {
  const all = rows.flatMap(row => row.offers.map(offer => ({ offer, row })));
  const groups = Map.groupBy(all, ({ offer: { key, value, because } }) => JSON.stringify([key, value, because.code]));
  const lines = [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ offer: first.offer, rows: [first, ...rest].map(({ row }) => row) }],
  );
  return lines.toSorted((a, b) => b.rows.length - a.rows.length || sumOf(b.rows) - sumOf(a.rows));
}
