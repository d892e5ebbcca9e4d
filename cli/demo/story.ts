/** The week as plain sentences: what the ledger says was done and why, beside what people did. */
import type { ClaimedRow, LedgerRow, ProposedRow, SettledRow } from '../../shared/model/ledger.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import type { Instant } from '../../shared/model/time.ts';
import { actionPhrase, clause, outcomePhrase } from '../../shared/report/sentences.ts';
import type { Deed } from '../../simulator/scenarios/working-week.ts';

export interface StoryLine {
  readonly at: Instant;
  readonly who: 'ebbtide' | 'people';
  readonly text: string;
}

interface Told {
  readonly at: Instant;
  readonly change: Change;
  readonly outcome: Outcome | 'proposed';
  readonly detail: string | null;
}

/** In order of time; several of one kind at one instant are one sentence. */
export function story(rows: readonly LedgerRow[], people: readonly Deed[], zone: string): StoryLine[] {
  const told = tellings(rows);
  const fleet = told.filter(t => t.change.action.kind === 'set-desired-capacity');
  const groups = Map.groupBy(
    told.filter(t => t.change.action.kind !== 'set-desired-capacity'),
    t => [t.at, t.change.action.kind, t.change.because.code, t.outcome].join(' '),
  );
  const lines: StoryLine[] = [
    ...[...groups.values()].map(group => sentenceOf(group as [Told, ...Told[]], zone)),
    ...fleetDays(fleet),
    ...people.map(({ at, says }): StoryLine => ({ at, who: 'people', text: says })),
  ];
  return lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.who < b.who ? -1 : 1));
}

function tellings(rows: readonly LedgerRow[]): Told[] {
  const claims = new Map(rows.filter((r): r is ClaimedRow => r.kind === 'claimed').map(r => [r.change.id, r.change]));
  const settled = rows.filter((r): r is SettledRow => r.kind === 'settled');
  const proposed = rows.filter((r): r is ProposedRow => r.kind === 'proposed');
  return [
    ...settled.flatMap(({ changeId, at, outcome, detail }) => {
      const change = claims.get(changeId);
      return change === undefined ? [] : [{ at, change, outcome, detail }];
    }),
    ...proposed.map(({ at, change }) => ({ at, change, outcome: 'proposed' as const, detail: null })),
  ];
}

function sentenceOf(group: readonly [Told, ...Told[]], zone: string): StoryLine {
  const [{ at, change, outcome, detail }] = group;
  const names = group.map(t => t.change.resource.name ?? t.change.resource.id).toSorted();
  const verb = actionPhrase(change.action, {});
  const did = outcome === 'done' ? verb : outcome === 'proposed' ? `would ${verb}` : `${verb}: ${outcomePhrase(outcome)}`;
  const why = detail === null ? clause(change.because, zone) : detail;
  return { at, who: 'ebbtide', text: `${did} ${names.join(', ')} — ${why}` };
}

/** A fleet moves dozens of times a day: the day's span is the sentence, and what moved it most. */
function fleetDays(told: readonly Told[]): StoryLine[] {
  const days = Map.groupBy(told, t => `${t.at.slice(0, 10)} ${t.change.resource.id} ${t.outcome === 'proposed'}`);
  return [...days.values()].flatMap(day => {
    const moves = day.filter(t => t.outcome === 'done' || t.outcome === 'proposed');
    const first = moves.toSorted((a, b) => (a.at < b.at ? -1 : 1))[0];
    if (first === undefined) return [];
    const sizes = moves.flatMap(({ change: { because } }) => ('from' in because ? [because.from, because.to] : []));
    const name = first.change.resource.name ?? first.change.resource.id;
    const often = first.outcome === 'proposed' ? `would be resized ${moves.length} times` : `resized ${moves.length} times`;
    const peak = moves.reduce<Told>((a, b) => (toOf(b) > toOf(a) ? b : a), first);
    const text = `${name} ${often} today, between ${Math.min(...sizes)} and ${Math.max(...sizes)} instances; most at ${peak.at.slice(11, 16)} UTC — ${clause(peak.change.because)}`;
    return [{ at: first.at, who: 'ebbtide' as const, text }];
  });
}

const toOf = ({ change: { action } }: Told): number => (action.kind === 'set-desired-capacity' ? action.desiredCapacity : 0);
