/** A request to our function URL: verified on its raw body before anything of it is read, answered within the three seconds that Slack waits. */
import { fingerprint } from '../model/ids.ts';
import { addSeconds, epochSeconds, MINUTE } from '../model/time.ts';
import type { Answering, Reply } from './answering.ts';
import { answerCommand } from './commands.ts';
import { scopesOf } from './doorbells.ts';
import { outside } from './outside.ts';
import { answerPress } from './presses.ts';
import { slackSecret } from './slack-door.ts';
import { type HttpRequest, readHttp, readSlackRequest, type SlackRequest } from './slack-request.ts';
import { whyNotSlack } from './slack-signature.ts';
import { answerSubmit } from './submits.ts';
import { tables } from './tables.ts';
import type { Telemetry } from './telemetry.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why it was not answered, for the log of whoever invokes us by hand. */
  readonly unreadable?: string;
}

/** Of one call to Slack, of which an answer may need two in a row. */
const CALL_MS = 1_100;

export async function answerSlack(event: unknown, selfAccount: string, telemetry: Telemetry): Promise<HttpAnswer> {
  const request = readHttp(event);
  if (request === null) return refused(400, 'not a request to a function URL', telemetry);
  const secret = await slackSecret('signing-secret');
  if (secret === null) return refused(503, 'the SSM parameter slack/signing-secret is not set', telemetry);
  const why = whyNotSlack(signed(request), secret, epochSeconds(outside().now()));
  if (why !== null) return refused(401, why, telemetry);

  const asked = readSlackRequest(request.body.toString('utf8'));
  if (asked.kind === 'ping') return answered(null);
  if (asked.kind === 'unreadable') return refused(400, asked.why, telemetry);
  const token = await slackSecret('bot-token');
  if (token === null) return refused(503, 'the SSM parameter slack/bot-token is not set', telemetry);
  const house = await houseOf(token, selfAccount, telemetry);
  if (!(await isFirst(request, house))) {
    telemetry.warn('a request came a second time', { kind: asked.kind, retry: request.headers['x-slack-retry-num'] ?? null });
    return answered(null);
  }
  return answered(await reply(asked, house));
}

const signed = ({ headers, body }: HttpRequest) => ({
  signature: headers['x-slack-signature'],
  timestamp: headers['x-slack-request-timestamp'],
  body,
});

/** Nothing is told to whoever is not Slack. */
function refused(statusCode: number, unreadable: string, telemetry: Telemetry): HttpAnswer {
  telemetry.count('RequestRefused');
  telemetry.warn('a request was refused', { statusCode, why: unreadable });
  return { statusCode, headers: {}, body: '', unreadable };
}

const answered = (reply: Reply): HttpAnswer =>
  reply === null
    ? { statusCode: 200, headers: {}, body: '' }
    : { statusCode: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(reply) };

async function houseOf(token: string, selfAccount: string, telemetry: Telemetry): Promise<Answering> {
  const { slack, ...config } = outside().config();
  const records = await tables();
  return {
    ...{ records, memory: records.memory, token, slack, zone: slack.summary.timeZone },
    ...{ scopes: scopesOf(config, selfAccount), at: outside().now(), timeoutMs: CALL_MS, telemetry },
  };
}

/** A signature is good for five minutes, and within them once: whoever recorded a request cannot have it answered again. */
function isFirst({ headers }: HttpRequest, { memory, at }: Answering): Promise<boolean> {
  const key = `nonce#${fingerprint(headers['x-slack-signature'])}`;
  return memory.write('slack', { key, value: 1, version: 0 }, { at, expiresAt: addSeconds(at, 10 * MINUTE) });
}

function reply(asked: Exclude<SlackRequest, { kind: 'ping' | 'unreadable' }>, house: Answering): Promise<Reply> {
  switch (asked.kind) {
    case 'press':
      return answerPress(asked, house);
    case 'submit':
      return answerSubmit(asked, house);
    case 'command':
      return answerCommand(asked, house);
    default:
      return asked satisfies never;
  }
}
