/** A summary for a terminal. */
import type { Summary } from './summary.ts';
import {
  changedPhrase,
  classItems,
  failureItems,
  figures,
  frictionItems,
  type Item,
  isQuiet,
  leftItems,
  peoplePhrase,
  policyItems,
  proposalItems,
  proposedPhrase,
  provenance,
  stillPhrase,
  teamItems,
  title,
} from './summary-words.ts';
import { PAGE_WIDTH, paint, section, table, wrap } from './text.ts';

/** @param zone IANA zone the times are told in */
export function summaryText(summary: Summary, { zone = 'UTC', width = PAGE_WIDTH } = {}): string {
  const items = (all: readonly Item[]) => all.map(([bold, rest]) => wrap(`${bold}${rest}`, width, '    ', '  • ')).join('\n');
  const said = (phrase: string) => (phrase === '' ? '' : wrap(`${capital(phrase)}.`, width, '  ', '  '));
  const parts = [
    paint('bold', title(summary, zone)),
    ...(isQuiet(summary) ? ['Nothing to report: nothing was changed, and no meter ran.'] : [figuresText(summary)]),
    ...section(paint('red', 'Failed'), items(failureItems(summary))),
    ...section('Where from', items(classItems(summary))),
    ...section('Policies', items(policyItems(summary))),
    ...section('Teams and owners', items(teamItems(summary))),
    ...section('Changed by us', said(changedPhrase(summary))),
    ...section('Still costs while stopped', said(stillPhrase(summary))),
    ...section('Friction', items(frictionItems(summary))),
    ...section('By people, never credited to us', said(peoplePhrase(summary))),
    ...section('Not done: in mode plan', said(proposedPhrase(summary)), items(proposalItems(summary, zone))),
    ...section('Left alone', items(leftItems(summary, zone))),
    paint('dim', wrap(provenance(summary, zone), width)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const figuresText = (summary: Summary): string => table(figures(summary).map(([label, value]) => [`  ${label}`, paint('bold', value)]));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
