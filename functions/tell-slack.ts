/** The one mouth: tells the outbox, oldest first, and writes the daily and weekly summaries. What Slack does not take waits. */
import type { Notice } from '../shared/model/notice.ts';
import { noticeMessage, summaryMessage } from '../shared/report/slack-blocks.ts';
import type { SlackMessage } from '../shared/report/slack-kit.ts';
import { isQuiet } from '../shared/report/summary-words.ts';
import { post } from '../shared/runtime/outbox.ts';
import { outside } from '../shared/runtime/outside.ts';
import { lastPeriod, periodEnding } from '../shared/runtime/period.ts';
import { readSlackTick } from '../shared/runtime/slack-tick.ts';
import { ownAccount, stack } from '../shared/runtime/stack.ts';
import { readSummary, scopesOf } from '../shared/runtime/summing.ts';
import { tables } from '../shared/runtime/tables.ts';
import { type Telling, tellDue } from '../shared/runtime/tell.ts';

export type TellSlackAnswer = Telling & { readonly unreadable?: string };

export const handler = stack('tell-slack', async (input: unknown, context, telemetry): Promise<TellSlackAnswer> => {
  const tick = readSlackTick(input);
  if ('unreadable' in tick) {
    telemetry.error('an event could not be read', { why: tick.unreadable, event: input });
    return { told: 0, kept: 0, failed: [], unreadable: tick.unreadable };
  }
  const at = outside().now();
  const config = outside().config();
  const zone = config.slack.summary.timeZone;
  const scopes = scopesOf(config, ownAccount(context));
  const records = await tables();

  if (tick.tick === 'summary') {
    const { end } = lastPeriod(tick.period, tick.at ?? at, zone);
    await post(records.memory, { kind: 'summary', at: end, period: tick.period });
  }
  const messageOf = async (notice: Notice): Promise<SlackMessage | null> => {
    if (notice.kind !== 'summary') return noticeMessage(notice, zone);
    const summary = await readSummary(records, scopes, periodEnding(notice.period, notice.at, zone), at);
    // A quiet week is one line; a quiet day is none.
    return notice.period === 'daily' && isQuiet(summary) ? null : summaryMessage(summary, zone);
  };
  const remaining = () => context.getRemainingTimeInMillis();
  const telling = await tellDue({ memory: records.memory, at, channel: config.slack.channel, messageOf, remaining, telemetry });
  telemetry.info('told', { tick: tick.tick, ...telling });
  return telling;
});
