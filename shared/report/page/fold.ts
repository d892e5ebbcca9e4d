/** The page's data: a pure fold of the ledger's rows in a window, beside a summary of the same window. */
import { gather } from '../../ledger/gather.ts';
import { type Line, type Statement, statementOf } from '../../ledger/statement.ts';
import { type ResourceRef, scopeKey } from '../../model/ids.ts';
import type { LedgerRow, MeterOpenedRow } from '../../model/ledger.ts';
import { HOUR, type Instant, type Window } from '../../model/time.ts';
import { plain } from '../plain.ts';
import { clause, needsALook } from '../sentences.ts';
import type { Summary } from '../summary.ts';
import {
  CLASSES,
  changedPhrase,
  failureItems,
  figures,
  frictionItems,
  peoplePhrase,
  proposalItems,
  proposedPhrase,
  provenance,
  stillPhrase,
  title,
} from '../summary-words.ts';
import { acts } from './actions.ts';
import type { Dimension, PageData, PageLeft, PageLine } from './data.ts';
import { cellsOf } from './days.ts';
import { type Asked, fleetsOf } from './fleets.ts';
import { heatOf } from './heat.ts';
import { type Belongs, type Register, register } from './register.ts';

export interface PageInput {
  readonly window: Window;
  /** As of when. */
  readonly at: Instant;
  /** IANA zone in which days and hours are told. */
  readonly zone: string;
  /** What the clock of that zone shows, in minutes since its own 1970-01-01 00:00. */
  readonly wallMinute: (at: Instant) => number;
  /** The days of the window in that zone, adjoining and in order. */
  readonly days: readonly Window[];
  readonly summary: Summary;
  readonly asked: readonly Asked[];
}

/** Rows: every one, and no sealed day, of the days from `LOOKBACK_DAYS` (of the ledger) before the window to its end. */
export function page(input: PageInput): { add(row: LedgerRow): void; data(): PageData } {
  const { window, at, zone } = input;
  const gathering = gather();
  const acting = acts(window, at, zone);
  return {
    add(row) {
      gathering.add(row);
      acting.add(row);
    },
    data() {
      const gathered = gathering.gathered();
      const statement = statementOf(gathered, window, at);
      const names = register();
      const counted = new Set(statement.meters.map(meter => meter.meterId));
      const meters = gathered.meters.filter(({ opened }) => counted.has(opened.meterId));
      const lines = linesOf(statement, names);
      const grouped = meters.map(meter => ({ meter, group: names.group(belongs(meter.opened)) }));
      const actions = acting.actions(statement.meters, names, teams(meters.map(({ opened }) => opened)));
      return {
        ...opening(input),
        total: pageLine(statement.total),
        lines,
        days: input.days.map(day => wallDay(input.wallMinute(day.start))),
        cells: cellsOf(grouped, input.days, at),
        heat: heatOf(grouped, window, at, input.wallMinute),
        fleets: fleetsOf(meters, acting.changes(), input.asked, window, at),
        actions,
        left: input.summary.left.map(group => leftOf(group, zone)),
        names: shownNames(names),
        groups: names.groups(),
      };
    },
  };
}

const belongs = ({ team, policy, scope, owner, class: saving }: MeterOpenedRow): Belongs => ({
  team,
  policy,
  account: scope.account,
  owner,
  class: CLASSES[saving],
});

/** Each dimension's lines in the order in which its names are numbered from here on. */
function linesOf(statement: Statement, names: Register): Record<Dimension, PageLine[]> {
  const of = <L extends Line>(dimension: Dimension, lines: readonly L[], nameOf: (line: L) => string | null): PageLine[] =>
    lines.map(line => {
      names.index(dimension, nameOf(line));
      return pageLine(line);
    });
  return {
    team: of('team', statement.byTeam, line => line.team),
    policy: of('policy', statement.byPolicy, line => line.policy),
    account: of('account', statement.byAccount, line => line.account),
    owner: of('owner', statement.byOwner, line => line.owner),
    class: of('class', statement.byClass, line => CLASSES[line.class]),
  };
}

const pageLine = ({ money, avoidedSeconds, unpricedSeconds, asleepSeconds, meters }: Line): PageLine => ({
  low: money?.total.low ?? null,
  high: money?.total.high ?? null,
  hours: Math.round((100 * avoidedSeconds) / HOUR) / 100,
  unknown: Math.round((100 * (unpricedSeconds + asleepSeconds)) / HOUR) / 100,
  meters,
});

/** A change knows its owner alone: its team is that of its resource's meters, else the owner. */
function teams(opened: readonly MeterOpenedRow[]): (resource: ResourceRef, owner: string | null) => string | null {
  const known = new Map(opened.map(({ resource, team }) => [`${scopeKey(resource.scope)} ${resource.id}`, team]));
  return ({ scope, id }, owner) => known.get(`${scopeKey(scope)} ${id}`) ?? owner;
}

function opening({ summary, window, at, zone }: PageInput) {
  const told = [
    { heading: 'Failed', bad: true, items: failureItems(summary) },
    { heading: 'Changed by us', bad: false, items: phrase(changedPhrase(summary)) },
    { heading: 'Still costs while stopped, as of the last look', bad: false, items: phrase(stillPhrase(summary)) },
    { heading: 'Friction', bad: false, items: frictionItems(summary) },
    { heading: 'By people, never credited to us', bad: false, items: phrase(peoplePhrase(summary)) },
    { heading: 'Waiting for a yes', bad: false, items: proposalItems(summary, zone) },
    { heading: 'Not done: in mode plan', bad: false, items: phrase(proposedPhrase(summary)) },
  ];
  return {
    version: 1,
    title: title(summary, zone),
    ...{ from: window.start, to: window.end, at, zone, scopes: summary.scopes.map(scopeKey) },
    figures: figures(summary),
    notes: [provenance(summary, zone)],
    told: told.filter(({ items }) => items.length > 0),
  } as const;
}

const phrase = (words: string): (readonly [string, string])[] =>
  words === '' ? [] : [['', `${words.charAt(0).toUpperCase()}${words.slice(1)}.`]];

const leftOf = ({ code, count, examples }: Summary['left'][number], zone: string): PageLeft => ({
  code: code.replaceAll('-', ' '),
  count,
  look: needsALook(code),
  examples: examples.map(({ resource, because }) => [plain(resource.name ?? resource.id), clause(because, zone)]),
});

function shownNames(names: Register): PageData['names'] {
  const all = names.names();
  const shown = (dimension: Dimension) => all[dimension].map(name => (name === null ? null : plain(name)));
  return { team: shown('team'), policy: shown('policy'), account: shown('account'), owner: shown('owner'), class: shown('class') };
}

/** `2025-05-12` */
const wallDay = (minute: number): string => new Date(minute * 60_000).toISOString().slice(0, 10);
