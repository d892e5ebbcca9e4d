/** The one mouth: tells the outbox, oldest first, and the daily and weekly summaries. What Slack does not take waits there, and nothing is lost. */

import type { Instant, Window } from '../shared/model/time.ts';
import { bookOwnCost, keepBooks } from '../shared/runtime/books.ts';
import { scopesOf } from '../shared/runtime/doorbells.ts';
import { post } from '../shared/runtime/outbox.ts';
import { type Outside, outside } from '../shared/runtime/outside.ts';
import { tellOver } from '../shared/runtime/over.ts';
import { lastPeriod } from '../shared/runtime/period.ts';
import { readSlackTick, type SlackTick } from '../shared/runtime/slack-tick.ts';
import { ownAccount, stack } from '../shared/runtime/stack.ts';
import { type Tables, tables } from '../shared/runtime/tables.ts';
import { keepTally } from '../shared/runtime/tally.ts';
import { type Telling, tellDue } from '../shared/runtime/tell.ts';
import { type Voice, voice } from '../shared/runtime/voice.ts';
import { weekPage } from '../shared/runtime/week-page.ts';

/** `unreadable`: why the event could not be read; a retry would read no more of it, so it is answered and not thrown. */
export type TellSlackAnswer = Telling & { readonly unreadable?: string };

export const handler = stack('tell-slack', async (input: unknown, context, telemetry): Promise<TellSlackAnswer> => {
  const tick = readSlackTick(input);
  if ('unreadable' in tick) {
    telemetry.count('UnreadableEvent');
    telemetry.error('an event could not be read', { why: tick.unreadable, event: input });
    return { told: 0, kept: 0, failed: [], unreadable: tick.unreadable };
  }
  const at = outside().now();
  const config = outside().config();
  const { slack } = config;
  const records = await tables();
  const scopes = scopesOf(config, ownAccount(context));
  const pageOf = (window: Window) => weekPage({ records, scopes, window, at, zone: slack.summary.timeZone, telemetry });
  const speaks = voice({ records, scopes, slack, at, pageOf });
  if (tick.tick === 'summary') {
    await bookOwnCost({ ...records, scopes, at, telemetry });
    await tellOver(records.memory, config, at);
  }
  const unread = tick.tick === 'summary' ? await postSummaries(tick, at, slack, speaks, records) : null;

  const remaining = () => context.getRemainingTimeInMillis();
  const telling = await tellDue({ memory: records.memory, at, slack, wordsFor: speaks.wordsFor, remaining, telemetry });
  if (tick.tick === 'summary') await keepBooks({ ...records, scopes, at, remaining, telemetry });
  await keepTally('tell-slack', records.memory, at).catch((error: unknown) => telemetry.warn('our own use could not be kept', { error }));
  telemetry.info('told', { tick: tick.tick, ...telling });
  if (unread !== null) throw unread; // Lambda asks again: what was told is not told twice
  return telling;
});

/** Everybody's, and one for each team and owner. @returns why the ledger could not be read: what waits is told all the same. */
async function postSummaries(
  tick: Extract<SlackTick, { tick: 'summary' }>,
  at: Instant,
  slack: ReturnType<Outside['config']>['slack'],
  speaks: Voice,
  { memory }: Tables,
): Promise<unknown> {
  const { end } = lastPeriod(tick.period, tick.at ?? at, slack.summary.timeZone);
  const summary = { kind: 'summary', at: end, period: tick.period } as const;
  await post(memory, summary);
  try {
    for (const audience of await speaks.audiences(tick.period, end)) await post(memory, { ...summary, for: audience });
    return null;
  } catch (error) {
    return error;
  }
}
