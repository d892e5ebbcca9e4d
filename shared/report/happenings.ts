/** What happened in a window, by name: the statement counts, this remembers who. Gathered row by row, so that no ledger must fit in memory. */
import { type ResourceRef, scopeKey } from '../model/ids.ts';
import type { LedgerRow, NotedRow } from '../model/ledger.ts';
import type { Change } from '../model/plan.ts';
import { addSeconds, DAY, type Instant, type Window, within } from '../model/time.ts';

export interface Happenings {
  /** What AWS failed or refused, one entry a resource and action, the most frequent first. */
  readonly failures: readonly Failure[];
  readonly scaledOut: number;
  readonly scaledIn: number;
  /** Policies in mode `plan` that would have done something, and how much. */
  readonly proposedBy: readonly { readonly policy: string; readonly changes: number }[];
  /** The latest that was proposed for each resource and not done since, what saves most first. */
  readonly proposals: readonly Change[];
}

export interface Failure {
  readonly resource: ResourceRef;
  readonly action: Change['action']['kind'];
  readonly times: number;
  /** AWS's words at the latest. */
  readonly why: string | null;
  readonly lastAt: Instant;
  readonly owner: string | null;
}

export interface Watching {
  add(row: LedgerRow): void;
  happenings(): Happenings;
}

/** Rows may come in any order; of the days before the window only the last is of use, for claims that were settled in it. */
export function watch(window: Window, at: Instant): Watching {
  const claims = new Map<string, Change>();
  const settled = new Map<string, Extract<LedgerRow, { kind: 'settled' }>>();
  const noted = new Map<string, NotedRow>();
  const proposed = new Map<string, Change>();
  const seen = (row: LedgerRow) => within(window, row.at) && row.at <= at;
  const dayBefore = addSeconds(window.start, -DAY);

  return {
    add(row) {
      if (row.kind === 'claimed' && row.at >= dayBefore && row.at < window.end) claims.set(row.change.id, row.change);
      else if (row.kind === 'settled' && seen(row)) settled.set(row.changeId, row);
      else if (row.kind === 'proposed' && seen(row)) proposed.set(row.change.id, row.change);
      else if (row.kind === 'noted' && row.what === 'start-failed' && seen(row)) noted.set(`${row.at} ${keyOf(row.resource)}`, row);
    },
    happenings() {
      const done = [...settled.values()].flatMap(({ changeId, outcome }) => (outcome === 'done' ? (claims.get(changeId) ?? []) : []));
      const grown = done.map(growth);
      return {
        failures: failuresOf([...settled.values()], claims, [...noted.values()]),
        scaledOut: grown.filter(n => n > 0).length,
        scaledIn: grown.filter(n => n < 0).length,
        proposals: standing([...proposed.values()], done),
        proposedBy: [...Map.groupBy(proposed.values(), ({ policy }) => policy)]
          .map(([policy, changes]) => ({ policy, changes: changes.length }))
          .toSorted((a, b) => b.changes - a.changes || (a.policy < b.policy ? -1 : 1)),
      };
    },
  };
}

function standing(proposed: readonly Change[], done: readonly Change[]): Change[] {
  const inTime = (changes: readonly Change[]) => changes.toSorted((a, b) => (`${a.causeAt} ${a.id}` < `${b.causeAt} ${b.id}` ? -1 : 1));
  const doneAt = new Map(inTime(done).map(change => [keyOf(change.resource), change.causeAt]));
  const latest = new Map(inTime(proposed).map(change => [keyOf(change.resource), change]));
  return [...latest.values()]
    .filter(({ resource, causeAt }) => (doneAt.get(keyOf(resource)) ?? '') <= causeAt)
    .toSorted((a, b) => worth(b) - worth(a) || (a.resource.id < b.resource.id ? -1 : 1));
}

const worth = ({ saving }: Change): number => saving?.money?.high ?? -1;

function failuresOf(
  settled: readonly Extract<LedgerRow, { kind: 'settled' }>[],
  claims: ReadonlyMap<string, Change>,
  noted: readonly NotedRow[],
): Failure[] {
  const answers = settled.flatMap(({ changeId, outcome, detail, at }): Failure[] => {
    const change = claims.get(changeId);
    if (change === undefined || (outcome !== 'failed' && outcome !== 'refused')) return [];
    return [{ resource: change.resource, action: change.action.kind, times: 1, why: detail, lastAt: at, owner: change.owner }];
  });
  const neverArrived = noted.map(
    ({ resource, detail, at }): Failure => ({ resource, action: 'start-instance', times: 1, why: detail, lastAt: at, owner: null }),
  );
  return [...Map.groupBy([...answers, ...neverArrived], one => `${keyOf(one.resource)} ${one.action}`).values()]
    .map(together)
    .toSorted((a, b) => b.times - a.times || (a.lastAt < b.lastAt ? 1 : -1) || (a.resource.id < b.resource.id ? -1 : 1));
}

function together(all: readonly Failure[]): Failure {
  const inOrder = all.toSorted((a, b) => (a.lastAt < b.lastAt ? -1 : 1));
  const last = inOrder.at(-1) as Failure;
  return {
    ...last,
    times: all.length,
    why: inOrder.findLast(one => one.why !== null)?.why ?? null,
    owner: inOrder.findLast(one => one.owner !== null)?.owner ?? null,
  };
}

/** By how much a change moved a group's capacity; 0 for anything else. */
function growth({ action, expects, because }: Change): number {
  if (action.kind !== 'set-desired-capacity') return 0;
  const from = expects.desiredCapacity ?? ('from' in because ? because.from : action.desiredCapacity);
  return action.desiredCapacity - from;
}

const keyOf = ({ scope, kind, id }: ResourceRef): string => `${scopeKey(scope)}/${kind}/${id}`;
