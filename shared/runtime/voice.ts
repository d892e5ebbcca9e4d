/** Finds the words for a notice. Summaries are read from the ledger at the moment they are told, so that late rows are in them. */
import type { Scope } from '../model/ids.ts';
import type { Notice } from '../model/notice.ts';
import type { Instant } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { summarySpeech } from '../report/slack-blocks.ts';
import type { SlackMessage, Spoken } from '../report/slack-kit.ts';
import { noticeMessage } from '../report/slack-notices.ts';
import { isQuiet } from '../report/summary-words.ts';
import { periodEnding } from './period.ts';
import type { SlackFile } from './slack.ts';
import { readSummary } from './summing.ts';
import type { Tables } from './tables.ts';

export interface Voice {
  readonly records: Tables;
  readonly scopes: readonly Scope[];
  readonly slack: SlackConfig;
  readonly at: Instant;
}

/** A message, what did not fit into it (for its thread), and what did not fit into that. */
export interface Said {
  readonly spoken: Spoken;
  readonly replies: readonly SlackMessage[];
  readonly file: SlackFile | null;
}

/** `null`: a day on which nothing happened. A quiet week is one line, so that silence is never mistaken for health. */
export async function wordsFor(notice: Notice, { records, scopes, slack, at }: Voice): Promise<Said | null> {
  const zone = slack.summary.timeZone; // the times are told in it
  if (notice.kind !== 'summary') return { spoken: noticeMessage(notice, zone), replies: [], file: null };
  const summary = await readSummary(records, scopes, periodEnding(notice.period, notice.at, zone), at);
  return notice.period === 'daily' && isQuiet(summary) ? null : summarySpeech(summary, zone);
}
