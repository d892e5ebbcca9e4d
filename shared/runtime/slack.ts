/** One message to Slack: chat.postMessage with a bot token, else an incoming webhook, else the log. Every wait is bounded. */
import type { SlackMessage } from '../report/slack-kit.ts';
import { outside } from './outside.ts';
import { type Blame, blameOf, remedyFor } from './slack-errors.ts';

/** Through which a message goes out. */
export type Door =
  | { readonly kind: 'bot'; readonly token: string; readonly channel: string }
  /** The webhook chose its channel when it was made. */
  | { readonly kind: 'webhook'; readonly url: string }
  /** Neither is configured: what is said is printed. */
  | { readonly kind: 'log' };

export type Delivery =
  | { readonly kind: 'told' }
  /** Slack has not taken it. `retryAfter`: seconds that Slack asked to be left alone for. Secrets are never in `why`. */
  | { readonly kind: 'kept'; readonly why: string; readonly blame: Blame; readonly retryAfter: number | null };

const POST_MESSAGE = 'https://slack.com/api/chat.postMessage';
const TIMEOUT_MS = 5_000;
const TRIES = 3;
const SLEEP_MAX_SECONDS = 10;
/** What one delivery takes when Slack is slow, but well. */
export const DELIVERY_USUAL_MS = 2 * TIMEOUT_MS;

/**
 * A message whose blocks Slack refuses is sent once more as its text alone: told plainly is better than told never. A timeout leaves open
 * whether Slack took it, so it may be told twice.
 */
export async function deliver(message: SlackMessage, door: Exclude<Door, { kind: 'log' }>): Promise<Delivery> {
  const delivery = await patiently({ text: message.text, blocks: message.blocks }, door);
  return delivery.kind === 'kept' && delivery.blame === 'message' ? patiently({ text: message.text }, door) : delivery;
}

/** Waits when Slack asks to (429, `Retry-After`), a few times and not for long. */
async function patiently(payload: object, door: Exclude<Door, { kind: 'log' }>): Promise<Delivery> {
  let slept = 0;
  for (let tries = 1; ; tries++) {
    const delivery = await once(payload, door);
    if (delivery.kind === 'told' || delivery.retryAfter === null) return delivery;
    if (tries === TRIES || slept + delivery.retryAfter > SLEEP_MAX_SECONDS) return delivery;
    slept += delivery.retryAfter;
    await outside().sleep(delivery.retryAfter * 1_000);
  }
}

async function once(payload: object, door: Exclude<Door, { kind: 'log' }>): Promise<Delivery> {
  try {
    const response = await outside().fetch(...request(payload, door));
    const body = (await response.text()).slice(0, 2_000);
    if (response.status === 429) return busy(response.headers.get('retry-after'));
    return door.kind === 'bot' ? fromApi(response, body) : fromWebhook(response, body);
  } catch (error) {
    // Deaf, refused, reset or too slow. Fetch quotes a URL or header that it cannot read, so secrets are struck out.
    const { name, message, cause } = error as Error;
    const why = `${name}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
    return { kind: 'kept', why: why.replaceAll(secretOf(door), '(secret)'), blame: 'slack', retryAfter: null };
  }
}

const secretOf = (door: Exclude<Door, { kind: 'log' }>): string => (door.kind === 'bot' ? door.token : door.url);

function request(payload: object, door: Exclude<Door, { kind: 'log' }>): [string, RequestInit] {
  const common = { method: 'POST', redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (door.kind === 'webhook') return [door.url, { ...common, headers, body: JSON.stringify(payload) }];
  const body = JSON.stringify({ channel: door.channel, unfurl_links: false, unfurl_media: false, ...payload });
  return [POST_MESSAGE, { ...common, headers: { ...headers, authorization: `Bearer ${door.token}` }, body }];
}

/** Slack sends whole seconds; without them a second is its documented pace for one channel. */
function busy(retryAfter: string | null): Delivery {
  const seconds = Number(retryAfter);
  return { kind: 'kept', why: 'ratelimited', blame: 'busy', retryAfter: Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 1 };
}

/** The Web API answers 200 with `ok` and, when it is false, an error code. */
function fromApi(response: Response, body: string): Delivery {
  const answer = readJson(body);
  if (response.ok && answer['ok'] === true) return { kind: 'told' };
  if (answer['error'] === 'ratelimited') return busy(response.headers.get('retry-after'));
  return kept(typeof answer['error'] === 'string' ? answer['error'] : `HTTP ${response.status}`, response.status);
}

/** A webhook answers `ok`, or an error code as plain text under a status of its own. */
function fromWebhook(response: Response, body: string): Delivery {
  if (response.ok) return { kind: 'told' };
  return kept(/^[a-z_]{3,60}$/.test(body.trim()) ? body.trim() : `HTTP ${response.status}`, response.status);
}

function kept(code: string, status: number): Delivery {
  const remedy = remedyFor(code);
  return { kind: 'kept', why: remedy === null ? code : `${code}: ${remedy}`, blame: blameOf(code, status), retryAfter: null };
}

function readJson(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
