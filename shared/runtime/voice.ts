/** Finds the words for a notice. Summaries are read from the ledger at the moment they are told, so that late rows are in them. */
import type { Scope } from '../model/ids.ts';
import type { Notice } from '../model/notice.ts';
import type { Instant } from '../model/time.ts';
import { summaryMessage } from '../report/slack-blocks.ts';
import type { SlackMessage } from '../report/slack-kit.ts';
import { noticeMessage } from '../report/slack-notices.ts';
import { isQuiet } from '../report/summary-words.ts';
import { periodEnding } from './period.ts';
import { readSummary } from './summing.ts';
import type { Tables } from './tables.ts';

export interface Voice {
  readonly records: Tables;
  readonly scopes: readonly Scope[];
  /** IANA zone the times are told in. */
  readonly zone: string;
  readonly at: Instant;
}

/** `null`: a day on which nothing happened. A quiet week is one line, so that silence is never mistaken for health. */
export async function messageFor(notice: Notice, { records, scopes, zone, at }: Voice): Promise<SlackMessage | null> {
  if (notice.kind !== 'summary') return noticeMessage(notice, zone);
  const summary = await readSummary(records, scopes, periodEnding(notice.period, notice.at, zone), at);
  return notice.period === 'daily' && isQuiet(summary) ? null : summaryMessage(summary, zone);
}
