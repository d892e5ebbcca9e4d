/** The ways out: a bot, else an incoming webhook, else e-mail, else the log where nothing at all is configured. */
import type { Notice } from '../model/notice.ts';
import type { Memory } from '../model/ports.ts';
import type { Instant } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { withoutActions } from '../report/slack-kit.ts';
import { renderSlackText } from '../report/slack-text.ts';
import { tellByMail } from './mail.ts';
import { userOf } from './people.ts';
import { routeOf } from './routes.ts';
import { type Delivery, type Door, deliver } from './slack.ts';
import type { Refused } from './slack-call.ts';
import { slackSecret } from './slack-door.ts';
import type { Telemetry } from './telemetry.ts';
import type { Said } from './voice.ts';

export interface Ways {
  readonly token: string | null;
  readonly webhook: string | null;
}

/** @throws whatever SSM answers, other than that a parameter is not there. */
export async function waysOut(): Promise<Ways> {
  const [token, webhook] = await Promise.all([slackSecret('bot-token'), slackSecret('webhook')]);
  return { token, webhook };
}

export interface Addressing {
  readonly memory: Memory;
  readonly at: Instant;
  readonly slack: SlackConfig;
}

/** @returns `null`: there is no way into Slack; `nobody`: whoever it is for is told with all the others, or is not in Slack. */
export async function doorFor(
  { token, webhook }: Ways,
  notice: Notice,
  { memory, at, slack }: Addressing,
): Promise<Door | { readonly kind: 'nobody' } | Refused | null> {
  const ofSome = notice.kind === 'summary' && notice.for !== undefined;
  if (token === null) return webhook === null ? null : ofSome ? { kind: 'nobody' } : { kind: 'webhook', url: webhook };
  const route = routeOf(notice, slack);
  if (route.to === 'team') return { kind: 'bot', token, channel: route.channel, team: route.team };
  if (route.to === 'all') return ofSome ? { kind: 'nobody' } : { kind: 'bot', token, channel: slack.channel };
  const user = await userOf(route.who, { memory, token, at });
  if (user !== null && typeof user !== 'string') return user;
  if (user === null) return ofSome ? { kind: 'nobody' } : { kind: 'bot', token, channel: slack.channel };
  return { kind: 'bot', token, channel: user };
}

/** A bot that has been ill for so many tries (an hour and more) is not waited for any longer. */
const PATIENCE = 4;

/**
 * What the bot could not tell: by webhook and e-mail at once when its own settings are wrong, by e-mail when Slack has been ill for long.
 * @returns whether somebody has been told.
 */
export async function inOtherWays(
  { token, webhook }: Ways,
  { spoken, replies }: Said,
  { delivery, tries, telemetry }: { delivery: Extract<Delivery, { kind: 'kept' }>; tries: number; telemetry: Telemetry },
): Promise<boolean> {
  const { why, blame } = delivery;
  const main = { text: spoken.text, blocks: withoutActions(spoken.blocks) };
  if (token !== null && webhook !== null && blame === 'settings') {
    const { kind } = await deliver({ main, replies, file: null }, { kind: 'webhook', url: webhook });
    if (kind === 'told') return said('by webhook', why, telemetry);
  }
  const text = [main, ...replies].map(message => renderSlackText(message)).join('\n');
  if (blame !== 'settings' && tries < PATIENCE) return false;
  try {
    if (await tellByMail(spoken.text, text)) return said('by e-mail', why, telemetry);
  } catch (error) {
    telemetry.error('the topic for e-mail could not be told', { error });
    return false;
  }
  if (token !== null || webhook !== null) return false;
  telemetry.info('no Slack is configured, so this is said here', { text });
  return true;
}

function said(how: string, why: string, telemetry: Telemetry): true {
  telemetry.error(`Slack's bot did not take a notice: told ${how} instead`, { why });
  telemetry.count('NoticesToldOtherwise');
  return true;
}
