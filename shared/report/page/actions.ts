/** Every action with its evidence as a sentence and the rows of the ledger it rests on. */
import { WHOLE } from '../../ledger/amounts.ts';
import type { MeterLine, Range } from '../../ledger/statement.ts';
import { type ResourceRef, scopeKey } from '../../model/ids.ts';
import type { ClaimedRow, LedgerRow, NotedRow, ProposedRow, SettledRow } from '../../model/ledger.ts';
import { dollars } from '../../model/money.ts';
import type { Change, Expects } from '../../model/plan.ts';
import { HOUR, type Instant, type Window, within } from '../../model/time.ts';
import { predictionPhrase, range, rate } from '../amounts.ts';
import { hours, share } from '../numbers.ts';
import { named, plain } from '../plain.ts';
import { actionPhrase, lossPhrase, outcomePhrase, sentence } from '../sentences.ts';
import type { PageAction, PageRow } from './data.ts';
import type { Register } from './register.ts';

export interface Acts {
  add(row: LedgerRow): void;
  /** Changes that were claimed or proposed, whatever became of them. */
  changes(): Change[];
  actions(
    meters: readonly MeterLine[],
    register: Register,
    teamOf: (resource: ResourceRef, owner: string | null) => string | null,
  ): PageAction[];
}

/** @param zone in which sentences tell their times */
export function acts(window: Window, at: Instant, zone: string): Acts {
  const claims = new Map<string, ClaimedRow>();
  const settled = new Map<string, SettledRow>();
  const proposed = new Map<string, ProposedRow>();
  const noted = new Map<string, NotedRow>();
  const seen = (row: LedgerRow) => within(window, row.at) && row.at <= at;

  return {
    add(row) {
      if (!seen(row)) return;
      if (row.kind === 'claimed') claims.set(row.change.id, row);
      else if (row.kind === 'settled') settled.set(row.changeId, row);
      else if (row.kind === 'proposed') proposed.set(row.change.id, row);
      else if (row.kind === 'noted') noted.set(`${row.at} ${row.resource.id} ${row.what}`, row);
    },
    changes: () => [...claims.values(), ...proposed.values()].map(({ change }) => change),
    actions(meters, register, teamOf) {
      // The meter of a stop goes on as another when the type, and with it the price, is changed meanwhile.
      const opened = Map.groupBy(meters, meter => meter.changeId);
      const belongs = (resource: ResourceRef, policy: string | null, owner: string | null) => ({
        team: register.index('team', teamOf(resource, owner)),
        policy: register.index('policy', policy),
        account: register.index('account', resource.scope.account),
        owner: register.index('owner', owner),
      });
      const ofChange = ({ change, at: when }: ClaimedRow | ProposedRow) => ({
        ...who(change.resource),
        ...belongs(change.resource, change.policy, change.owner),
        at: when,
        what: actionPhrase(change.action, change.expects),
        why: sentence(change.because, zone),
      });
      const ours = [...claims.values()].map((claim): PageAction => {
        const answer = settled.get(claim.change.id);
        const own = opened.get(claim.change.id) ?? [];
        return {
          ...ofChange(claim),
          by: 'us',
          outcome: answer === undefined ? 'still being looked up' : outcomePhrase(answer.outcome),
          bad: answer?.outcome === 'failed' || answer?.outcome === 'refused',
          low: worthOf(own, ({ low }) => low),
          high: worthOf(own, ({ high }) => high),
          rows: [claimRow(claim), ...(answer === undefined ? [] : [settledRow(answer)]), ...own.flatMap(meterRows)],
        };
      });
      const planned = [...proposed.values()].map(
        (row): PageAction => ({
          ...ofChange(row),
          by: 'plan',
          outcome: 'not done: mode plan',
          bad: false,
          low: null,
          high: null,
          rows: [claimRow(row)],
        }),
      );
      const theirs = [...noted.values()].map(
        (row): PageAction => ({
          ...who(row.resource),
          ...belongs(row.resource, null, null),
          at: row.at,
          by: 'people',
          what: NOTED[row.what],
          outcome: 'noted',
          bad: row.what === 'start-failed',
          why: row.detail === null ? 'Seen, and never credited to us.' : plain(row.detail, 200),
          low: null,
          high: null,
          rows: [['noted', row.at, 'what', row.what, 'detail', row.detail === null ? 'none' : plain(row.detail, 300)]],
        }),
      );
      return [...ours, ...planned, ...theirs].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? -1 : 1));
    },
  };
}

const NOTED: Readonly<Record<NotedRow['what'], string>> = {
  'started-by-someone': 'started by someone',
  'stopped-by-someone': 'stopped by someone',
  terminated: 'terminated',
  'start-failed': 'start never arrived',
  'asked-by-someone': 'asked for by someone',
};

const who = (resource: ResourceRef): { resource: string; id: string } => ({
  resource: plain(resource.name ?? resource.id),
  id: plain(resource.id),
});

/** Labels and values by turns; what is `null` is left out. */
const facts = (all: Readonly<Record<string, string | null>>): string[] =>
  Object.entries(all).flatMap(([label, value]) => (value === null ? [] : [label, value]));

function claimRow({ kind, at, change }: ClaimedRow | ProposedRow): PageRow {
  const { id, pen, resource, causeAt, attempt, expects, saving, losing } = change;
  const told = facts({
    change: id,
    of: `${named(resource)} in ${scopeKey(resource.scope)}`,
    by: pen,
    'argued at': causeAt,
    attempt: String(attempt),
    expects: expectation(expects),
    predicted: saving === null ? null : predictionPhrase(saving),
    losing: losing.length === 0 ? null : losing.map(lossPhrase).join('; '),
  });
  return [kind, at, ...told];
}

const settledRow = ({ kind, at, outcome, requestId, detail }: SettledRow): PageRow => [
  kind,
  at,
  ...facts({ outcome, 'AWS request': requestId ?? 'none', detail: detail === null ? null : plain(detail, 300) }),
];

/** `null`: none of them has a price and a baseline. */
function worthOf(meters: readonly MeterLine[], of: (total: Range) => number): number | null {
  const known = meters.flatMap(({ money }) => (money === null ? [] : [of(money.total)]));
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

function meterRows(meter: MeterLine): PageRow[] {
  const { meterId, openedAt, closedAt, why, running, perHour, priceSource, billedAs, baseline, grade, state, money, avoidedSeconds } =
    meter;
  const told = facts({
    meter: meterId,
    running: String(running),
    price: perHour === null ? 'unknown' : `${rate(perHour)}, ${plain(priceSource ?? '')}`,
    'billed as': billedAs === null ? null : plain([billedAs.usageType ?? billedAs.type, billedAs.operation ?? []].flat().join(', ')),
    commitments: commitmentWords(meter),
    'address given back': meter.addressPerHour === 0 ? null : rate(meter.addressPerHour),
    'cost of the change': meter.addedCost === 0 ? null : dollars(meter.addedCost),
    baseline,
    grade,
    'the bill': meter.corrections.at(-1)?.finding ?? 'has not said anything yet',
    state,
    'avoided in this window': hours(avoidedSeconds / HOUR),
    'worth in this window': money === null ? 'unknown' : range(money.total),
  });
  return [
    ['meter-opened', openedAt, ...told],
    ...meter.corrections.map(correctionRow),
    ...(closedAt === null ? [] : [['meter-closed', closedAt, ...facts({ why: why ?? 'unknown' })] satisfies PageRow]),
  ];
}

function commitmentWords({ commitments }: MeterLine): string {
  if (commitments === 'none') return 'none, as declared';
  if (commitments === 'unknown') return 'unknown: they may have paid for all of it';
  return `paid for ${share(commitments.covered / WHOLE)}, ${plain(commitments.source)}`;
}

const correctionRow = ({ kind, at, revision, finding, perHour, covered, source, detail }: MeterLine['corrections'][number]): PageRow => [
  kind,
  at,
  ...facts({
    revision: String(revision),
    finding,
    price: perHour === null ? null : rate(perHour),
    commitments: covered === null ? null : `paid for ${share(covered / WHOLE)}`,
    source: plain(source),
    detail: detail === null ? null : plain(detail, 300),
  }),
];

const expectation = (expects: Expects): string =>
  plain(
    Object.entries(expects)
      .map(([what, value]) => `${what} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
      .join(', ') || 'nothing',
    300,
  );
