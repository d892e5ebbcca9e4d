/** Summaries as Slack messages: what matters in the message, the rest in its thread, and what is too long for that as a file. */
import type { Choice } from '../model/button.ts';
import { type Cell, csv } from './csv.ts';
import { plain } from './plain.ts';
import { actionPhrase } from './sentences.ts';
import { approvals } from './slack-cards.ts';
import { type Block, context, escaped, fields, header, list, paragraph, type SlackMessage, type Spoken } from './slack-kit.ts';
import { fits, fitted, phrase } from './slack-message.ts';
import type { Summary } from './summary.ts';
import {
  changedPhrase,
  classItems,
  failureItems,
  figures,
  frictionItems,
  headline,
  type Item,
  isQuiet,
  isWeekly,
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

/** A message, what did not fit into it for its thread, and what did not fit into that as a file. */
export interface Speech {
  readonly spoken: Spoken;
  readonly replies: readonly SlackMessage[];
  readonly file: { readonly name: string; readonly title: string; readonly text: string } | null;
}

/** So many replies are read; what takes more of them is a file. */
const REPLIES_MAX = 5;

/** @param zone IANA zone the times are told in */
export const summaryMessage = (summary: Summary, zone = 'UTC'): Spoken => summarySpeech(summary, zone).spoken;

export function summarySpeech(summary: Summary, zone = 'UTC'): Speech {
  const name = title(summary, zone);
  if (isQuiet(summary))
    return {
      spoken: fitted(`${name}: nothing to report.`, () => [paragraph(name, ': nothing to report.')]).spoken,
      replies: [],
      file: null,
    };
  const lists = listsOf(summary, zone);
  const shown = (heading: string, most: number): Block[] =>
    lists.filter(one => one.heading === heading && one.items.length > 0).map(one => list(heading, one.items, Math.min(most, one.most)));
  const { spoken, most } = fitted(
    `${name}: ${headline(summary)}`,
    n => [
      header(name),
      ...shown(FAILED, n),
      fields(figures(summary)),
      ...shown(TEAMS, n),
      ...shown(CLASSES, n),
      ...shown(POLICIES, n),
      ...phrase('Changed by us: ', changedPhrase(summary)),
      ...phrase('Still costs while stopped: ', stillPhrase(summary)),
      ...shown(FRICTION, n),
      ...phrase('By people, never credited to us: ', peoplePhrase(summary)),
      ...phrase('Policies in mode plan ', proposedPhrase(summary)),
      ...shown(PROPOSED, n),
      ...shown(LEFT, n),
      context(provenance(summary, zone)),
    ],
    approvals('Approve proposals', choicesOf(summary)),
  );
  return {
    spoken,
    ...overflow(
      lists.filter(one => one.items.length > Math.min(most, one.most)),
      name,
    ),
  };
}

const FAILED = '🔴 Failed';
const TEAMS = 'Teams and owners';
const CLASSES = 'Where from';
const POLICIES = 'Policies';
const FRICTION = 'Friction';
const PROPOSED = 'Proposed';
const LEFT = 'Left alone';

interface Listed {
  readonly heading: string;
  readonly items: readonly Item[];
  /** So many are shown in the message itself, if they fit. */
  readonly most: number;
}

/** A day is told shortly: what failed, where money came from, what was left alone. */
function listsOf(summary: Summary, zone: string): Listed[] {
  const weekly = isWeekly(summary);
  return [
    { heading: FAILED, items: failureItems(summary), most: 10 },
    { heading: TEAMS, items: weekly ? teamItems(summary) : [], most: 5 },
    { heading: CLASSES, items: classItems(summary), most: 10 },
    { heading: POLICIES, items: weekly ? policyItems(summary) : [], most: 5 },
    { heading: FRICTION, items: frictionItems(summary), most: 10 },
    { heading: PROPOSED, items: weekly ? proposalItems(summary, zone) : [], most: 4 },
    { heading: LEFT, items: leftItems(summary, zone), most: 10 },
  ];
}

/** Actions of any pen may be approved, once each; the pen decides afresh whether they are still called for. */
const choicesOf = (summary: Summary): Choice[] =>
  isWeekly(summary)
    ? summary.proposals.map(({ resource, pen, owner, action, expects }) => ({
        ...{ resource, pen, owner, wish: { want: 'approve', action: action.kind } },
        label: `${actionPhrase(action, expects)} ${plain(resource.name ?? resource.id, 50)}`,
      }))
    : [];

/** Lists in full that were cut short in the message: as replies while those are few, else as one file. */
function overflow(lists: readonly Listed[], name: string): Pick<Speech, 'replies' | 'file'> {
  const replies = lists.flatMap(({ heading, items }) => inMessages(heading, items));
  if (replies.length <= REPLIES_MAX) return { replies, file: null };
  const rows = lists.flatMap(({ heading, items }) => items.map(([bold, rest]): Cell[] => [heading.replace('🔴 ', ''), `${bold}${rest}`]));
  return { replies: [], file: { name: 'ebbtide-summary.csv', title: plain(name, 150), text: csv(['list', 'entry'], rows) } };
}

/** A list of any length, in as many messages as it takes. */
function inMessages(heading: string, items: readonly Item[]): SlackMessage[] {
  const messages: SlackMessage[] = [];
  for (let from = 0; from < items.length; ) {
    let n = Math.min(items.length - from, 50);
    while (n > 1 && !fits([list(heading, items.slice(from, from + n), n)])) n = Math.ceil(n / 2);
    const part = items.length <= n ? heading : `${heading} (${from + 1}–${from + n} of ${items.length})`;
    messages.push({ text: escaped(part), blocks: [list(part, items.slice(from, from + n), n)] });
    from += n;
  }
  return messages;
}
