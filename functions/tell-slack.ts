/** The one mouth: tells the outbox, oldest first, and the daily and weekly summaries. What Slack does not take waits there, and nothing is lost. */

import { keepBooks } from '../shared/runtime/books.ts';
import { scopesOf } from '../shared/runtime/doorbells.ts';
import { post } from '../shared/runtime/outbox.ts';
import { outside } from '../shared/runtime/outside.ts';
import { lastPeriod } from '../shared/runtime/period.ts';
import { readSlackTick } from '../shared/runtime/slack-tick.ts';
import { ownAccount, stack } from '../shared/runtime/stack.ts';
import { tables } from '../shared/runtime/tables.ts';
import { type Telling, tellDue } from '../shared/runtime/tell.ts';
import { wordsFor } from '../shared/runtime/voice.ts';

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
  if (tick.tick === 'summary') {
    const { end } = lastPeriod(tick.period, tick.at ?? at, slack.summary.timeZone);
    await post(records.memory, { kind: 'summary', at: end, period: tick.period });
  }

  const voice = { records, scopes: scopesOf(config, ownAccount(context)), slack, at };
  const remaining = () => context.getRemainingTimeInMillis();
  const telling = await tellDue({ memory: records.memory, at, slack, wordsFor: notice => wordsFor(notice, voice), remaining, telemetry });
  if (tick.tick === 'summary') await keepBooks({ ledger: records.ledger, scopes: voice.scopes, at, remaining, telemetry });
  telemetry.info('told', { tick: tick.tick, ...telling });
  return telling;
});
