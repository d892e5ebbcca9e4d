/** What answers to Slack stand on, and the few ways of answering. Slack waits three seconds. */
import type { Scope } from '../model/ids.ts';
import type { Instant } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { escaped } from '../report/slack-kit.ts';
import { callSlack, postTo } from './slack-call.ts';
import type { SlackRequest } from './slack-request.ts';
import type { Tables } from './tables.ts';
import type { Telemetry } from './telemetry.ts';

export interface Answering {
  readonly records: Tables;
  readonly memory: Tables['memory'];
  readonly token: string;
  readonly slack: SlackConfig;
  readonly zone: string;
  readonly scopes: readonly Scope[];
  readonly at: Instant;
  /** Of one call to Slack: what is not answered by then is not waited for. */
  readonly timeoutMs: number;
  readonly telemetry: Telemetry;
}

/** The body of the answer: `null` is an empty one, which is all that a press needs. */
export type Reply = Readonly<Record<string, unknown>> | null;

/** What a dialog carries along: which button opened it, and where that stands. */
export interface Carried {
  readonly button: string;
  readonly channel: string;
  readonly ts: string | null;
  /** Of a dialog that may be opened again: what is chosen in the next one is asked for anew. */
  readonly openedAt?: Instant;
}

/** To whoever pressed, and to nobody else. */
export async function whisper(press: Extract<SlackRequest, { kind: 'press' }>, text: string, house: Answering): Promise<null> {
  const words = lines(text);
  const answer =
    press.responseUrl !== null && isSlacks(press.responseUrl)
      ? await postTo(press.responseUrl, { response_type: 'ephemeral', replace_original: false, text: words }, house.timeoutMs)
      : await callSlack(house.token, 'chat.postEphemeral', { channel: press.channel, user: press.user, text: words }, house.timeoutMs);
  if (answer.kind === 'kept') house.telemetry.warn('an answer did not reach whoever pressed', { why: answer.why });
  return null;
}

/** It comes out of a signed request; all the same, nothing of ours goes anywhere else. */
const isSlacks = (url: string): boolean => URL.parse(url)?.origin === 'https://hooks.slack.com';

/** What others wrote is in it, so each line is made harmless; where lines end is ours to say. */
export const lines = (text: string): string => text.split('\n').map(escaped).join('\n');
