/** Summaries as Slack messages: within Slack's limits, and literal about what others wrote. */
import { context, fields, header, paragraph, type SlackMessage, type Spoken } from './slack-kit.ts';
import { items, message, phrase } from './slack-message.ts';
import type { Summary } from './summary.ts';
import {
  changedPhrase,
  classItems,
  failureItems,
  figures,
  frictionItems,
  headline,
  isQuiet,
  isWeekly,
  leftItems,
  ownerItems,
  peoplePhrase,
  policyItems,
  proposedPhrase,
  provenance,
  title,
} from './summary-words.ts';

/** @param zone IANA zone the times are told in */
export function summaryMessage(summary: Summary, zone = 'UTC'): Spoken {
  const name = title(summary, zone);
  if (isQuiet(summary)) return message(`${name}: nothing to report.`, () => [paragraph(name, ': nothing to report.')]);
  const weekly = isWeekly(summary);
  return message(`${name}: ${headline(summary)}`, most => [
    header(name),
    ...items('🔴 Failed', failureItems(summary), most),
    fields(figures(summary)),
    ...items('Where from', classItems(summary), most),
    ...(weekly ? items('Owners', ownerItems(summary), Math.min(most, 5)) : []),
    ...(weekly ? items('Policies', policyItems(summary), Math.min(most, 5)) : []),
    ...phrase('Changed by us: ', changedPhrase(summary)),
    ...items('Friction', frictionItems(summary), most),
    ...phrase('By people, never credited to us: ', peoplePhrase(summary)),
    ...phrase('Policies in mode plan ', proposedPhrase(summary)),
    ...items('Left alone', leftItems(summary, zone), most),
    context(provenance(summary, zone)),
  ]);
}

/** A message, what did not fit into it for its thread, and what did not fit into that as a file. */
export interface Speech {
  readonly spoken: Spoken;
  readonly replies: readonly SlackMessage[];
  readonly file: { readonly name: string; readonly title: string; readonly text: string } | null;
}

export const summarySpeech = (summary: Summary, zone = 'UTC'): Speech => ({
  spoken: summaryMessage(summary, zone),
  replies: [],
  file: null,
});
