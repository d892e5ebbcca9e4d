/** Finds the words for a notice. Summaries are read from the ledger at the moment they are told, so that late rows are in them. */
import type { Scope } from '../model/ids.ts';
import type { Audience, Notice } from '../model/notice.ts';
import type { Instant, Window } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { type Speech, summarySpeech } from '../report/slack-blocks.ts';
import { noticeMessage } from '../report/slack-notices.ts';
import type { Summary } from '../report/summary.ts';
import { isQuiet } from '../report/summary-words.ts';
import { isEmail, isUserId } from './people.ts';
import { type Period, periodEnding } from './period.ts';
import { readSummaries } from './summing.ts';
import type { Tables } from './tables.ts';
import type { WeekPage } from './week-page.ts';

export interface Voiced {
  readonly records: Tables;
  readonly scopes: readonly Scope[];
  readonly slack: SlackConfig;
  readonly at: Instant;
  /** The page of a week, for whoever gets the whole summary; `null`: it could not be made. */
  readonly pageOf?: (week: Window) => Promise<WeekPage | null>;
}

export type Said = Speech;

export interface Voice {
  /** `null`: there is nothing to say. */
  wordsFor(notice: Notice): Promise<Said | null>;
  /** Who is to have a summary of their own of the period that ended then: teams with a channel, and owners who were told apart. */
  audiences(period: Period, end: Instant): Promise<Audience[]>;
}

/** The ledger is read once for all summaries of a period. */
export function voice({ records, scopes, slack, at, pageOf }: Voiced): Voice {
  const zone = slack.summary.timeZone; // the times are told in it
  const known = new Map<string, Promise<Summary[]>>();
  const summariesOf = (period: Period, end: Instant): Promise<Summary[]> => {
    const key = `${period} ${end}`;
    const reading =
      known.get(key) ??
      readSummaries(records, { scopes, window: periodEnding(period, end, zone), at, audiences: whole => audiencesOf(whole, slack) });
    known.set(key, reading);
    return reading;
  };
  return {
    async wordsFor(notice) {
      if (notice.kind !== 'summary') return { spoken: noticeMessage(notice, zone), replies: [], file: null };
      const all = await summariesOf(notice.period, notice.at);
      const summary = all.find(({ audience }) => isFor(audience, notice.for ?? null));
      if (summary === undefined || isSilent(notice, summary)) return null;
      const speech = summarySpeech(summary, zone);
      if (notice.period === 'daily' || summary.audience !== null || isQuiet(summary)) return speech;
      const page = await pageOf?.(summary.window);
      return page == null ? speech : { ...speech, replies: [...speech.replies, ...page.says], file: page.file };
    },
    audiences: async (period, end) => (await summariesOf(period, end)).flatMap(({ audience }) => audience ?? []),
  };
}

function audiencesOf({ byOwner, failures }: Summary, { teams = {}, owners }: SlackConfig): Audience[] {
  const named = new Set([...byOwner.map(line => line.owner), ...failures.map(failure => failure.owner)]);
  const people = [...named].filter(owner => owner !== null).filter(owner => isEmail(owner) || isUserId(owner));
  return [...Object.keys(teams).map(team => ({ team })), ...(owners === 'dm' ? people.map(owner => ({ owner })) : [])];
}

const isFor = (audience: Audience | null, wanted: Audience | null): boolean =>
  audience === wanted ||
  (audience !== null && wanted !== null && Object.entries(audience).every(([key, value]) => wanted[key as keyof Audience] === value));

/** A day on which nothing happened. A quiet week is one line in a channel, so that silence is never mistaken for health; people are spared it. */
const isSilent = (notice: Extract<Notice, { kind: 'summary' }>, summary: Summary): boolean =>
  isQuiet(summary) && (notice.period === 'daily' || (notice.for !== undefined && 'owner' in notice.for));
