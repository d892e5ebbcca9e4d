/** The week as plain sentences: what the ledger says was done and why, beside what people did. */
import type { ClaimedRow, LedgerRow, ProposedRow, SettledRow } from '../../shared/model/ledger.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import type { Instant } from '../../shared/model/time.ts';
import { plain } from '../../shared/report/plain.ts';
import { actionPhrase, clause, outcomePhrase } from '../../shared/report/sentences.ts';
import { moment } from '../../shared/report/when.ts';
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

/** In order of time; several of one kind at one instant are one sentence, and so are the tries of one start. */
export function story(rows: readonly LedgerRow[], people: readonly Deed[], zone: string): StoryLine[] {
  const told = tellings(rows);
  const [fleet, others] = parted(told, t => t.change.action.kind === 'set-desired-capacity');
  const [failed, went] = parted(others, t => t.outcome === 'failed' || t.outcome === 'refused');
  const lines: StoryLine[] = [
    ...grouped(went, t => [t.at, t.change.action.kind, t.change.because.code, t.outcome]).map(group => deed(group, zone)),
    ...grouped(failed, t => [t.change.resource.id, t.change.action.kind, t.change.causeAt]).map(group => failure(group, zone)),
    ...grouped(fleet, t => [dayOf(t.at, zone), t.change.resource.id, `${t.outcome === 'proposed'}`]).flatMap(group =>
      fleetDay(group, zone),
    ),
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

type Group = readonly [Told, ...Told[]];

const grouped = (told: readonly Told[], key: (t: Told) => readonly string[]): Group[] =>
  [
    ...Map.groupBy(
      told.toSorted((a, b) => (a.at < b.at ? -1 : 1)),
      t => key(t).join(' '),
    ).values(),
  ].map(g => g as unknown as Group);

const parted = (told: readonly Told[], is: (t: Told) => boolean): [Told[], Told[]] => [told.filter(is), told.filter(t => !is(t))];

const dayOf = (at: Instant, zone: string): string => moment(at, zone).slice(0, -6);
const timeOf = (at: Instant, zone: string): string => moment(at, zone).slice(-5);
const nameOf = ({ change: { resource } }: Told): string => resource.name ?? resource.id;

const PAST: Readonly<Record<string, string>> = {
  stop: 'stopped',
  start: 'started',
  tag: 'tagged',
  untag: 'untagged',
  hibernate: 'hibernated',
};

function deed(group: Group, zone: string): StoryLine {
  const [{ at, change, outcome, detail }] = group;
  const verb = actionPhrase(change.action, {});
  const past = verb.replace(/^\w+/, word => PAST[word] ?? word);
  const did = outcome === 'done' ? past : outcome === 'proposed' ? `would ${verb}` : `${verb} (${outcomePhrase(outcome)})`;
  const names = group.map(nameOf).toSorted().join(', ');
  return { at, who: 'ebbtide', text: `${did} ${names} — ${detail ?? clause(change.because, zone)}` };
}

function failure(group: Group, zone: string): StoryLine {
  const [first] = group;
  const times = group.map(t => timeOf(t.at, zone));
  const tries = times.length === 1 ? '' : ` (tried at ${times.slice(0, -1).join(', ')} and ${times.at(-1)})`;
  const why = plain(first.detail ?? 'no cause given', 90);
  return { at: first.at, who: 'ebbtide', text: `could not ${actionPhrase(first.change.action, {})} ${nameOf(first)}${tries} — ${why}` };
}

/** A fleet moves a dozen times a day: the day's span is the sentence, and what moved it furthest. */
function fleetDay(group: Group, zone: string): StoryLine[] {
  const moves = group.filter(t => t.outcome === 'done' || t.outcome === 'proposed');
  const [first] = moves;
  if (first === undefined) return [];
  const sizes = moves.flatMap(({ change: { because } }) => ('from' in because ? [because.from, because.to] : []));
  const often = moves.length === 1 ? 'once' : `${moves.length} times`;
  const moved = first.outcome === 'proposed' ? `would be resized ${often}` : `resized ${often}`;
  const peak = moves.reduce((a, b) => (toOf(b) > toOf(a) ? b : a), first);
  const span = `between ${Math.min(...sizes)} and ${Math.max(...sizes)} instances`;
  const most = `most at ${timeOf(peak.at, zone)}: ${clause(peak.change.because, zone)}`;
  return [{ at: first.at, who: 'ebbtide', text: `${nameOf(first)} ${moved} today, ${span} — ${most}` }];
}

const toOf = ({ change: { action } }: Told): number => (action.kind === 'set-desired-capacity' ? action.desiredCapacity : 0);
