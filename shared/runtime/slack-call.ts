/** One call to Slack: a method of its Web API, or a plain POST. Every wait is bounded, and a secret is never in what went wrong. */
import { outside } from './outside.ts';
import { type Blame, blameOf, remedyFor } from './slack-errors.ts';

/** Slack has not taken it. `retryAfter`: seconds that it asked to be left alone for. */
export interface Refused {
  readonly kind: 'kept';
  readonly why: string;
  /** Slack's own code, where it gave one. */
  readonly code: string | null;
  readonly blame: Blame;
  readonly retryAfter: number | null;
}

export type Answer = { readonly kind: 'answered'; readonly body: Json } | Refused;

export type Json = Readonly<Record<string, unknown>>;

export const TIMEOUT_MS = 5_000;

/** These read their arguments from a form only (docs.slack.dev/apis/web-api: not every method takes JSON). */
const FORMS: ReadonlySet<string> = new Set([
  'users.info',
  'users.lookupByEmail',
  'conversations.info',
  'files.getUploadURLExternal',
  'files.completeUploadExternal',
]);

/** Never throws: deaf, refused, reset or too slow is an answer as well. */
export async function callSlack(token: string, method: string, args: Json, timeoutMs = TIMEOUT_MS): Promise<Answer> {
  const isForm = FORMS.has(method);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8',
  };
  const body = isForm ? formOf(args) : JSON.stringify(args);
  return send(`https://slack.com/api/${method}`, { headers, body }, { secret: token, timeoutMs, read: fromApi });
}

const formOf = (args: Json): string =>
  new URLSearchParams(Object.fromEntries(Object.entries(args).map(([key, value]) => [key, textOf(value)]))).toString();

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** To a URL that is a secret itself: an incoming webhook, a response_url, an upload. */
export const postTo = (url: string, payload: Json | string, timeoutMs = TIMEOUT_MS): Promise<Answer> =>
  typeof payload === 'string'
    ? send(url, { headers: { 'content-type': 'application/octet-stream' }, body: payload }, { secret: url, timeoutMs, read: fromWebhook })
    : send(
        url,
        { headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(payload) },
        { secret: url, timeoutMs, read: fromWebhook },
      );

interface Sending {
  readonly secret: string;
  readonly timeoutMs: number;
  readonly read: (response: Response, body: string) => Answer;
}

async function send(url: string, init: RequestInit, { secret, timeoutMs, read }: Sending): Promise<Answer> {
  try {
    const response = await outside().fetch(url, { method: 'POST', redirect: 'error', signal: AbortSignal.timeout(timeoutMs), ...init });
    const body = await response.text();
    return response.status === 429 ? busy(response.headers.get('retry-after')) : read(response, body);
  } catch (error) {
    // Deaf, refused, reset or too slow. Fetch quotes a URL or header that it cannot read, so secrets are struck out.
    const { name, message, cause } = error as Error;
    const why = `${name}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
    return { kind: 'kept', why: why.replaceAll(secret, '(secret)'), code: null, blame: 'slack', retryAfter: null };
  }
}

/** Slack sends whole seconds; without them a second is its documented pace for one channel. */
function busy(retryAfter: string | null): Refused {
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 1;
  return { kind: 'kept', why: 'ratelimited', code: 'ratelimited', blame: 'busy', retryAfter: wait };
}

/** The Web API answers 200 with `ok` and, when it is false, an error code. */
function fromApi(response: Response, text: string): Answer {
  const body = readJson(text);
  if (response.ok && body['ok'] === true) return { kind: 'answered', body };
  if (body['error'] === 'ratelimited') return busy(response.headers.get('retry-after'));
  return refused(typeof body['error'] === 'string' ? body['error'] : `HTTP ${response.status}`, response.status);
}

/** A webhook answers `ok`, or an error code as plain text under a status of its own. */
function fromWebhook(response: Response, text: string): Answer {
  if (response.ok) return { kind: 'answered', body: {} };
  const code = text.slice(0, 100).trim();
  return refused(/^[a-z_]{3,60}$/.test(code) ? code : `HTTP ${response.status}`, response.status);
}

function refused(code: string, status: number): Refused {
  const remedy = remedyFor(code);
  return { kind: 'kept', why: remedy === null ? code : `${code}: ${remedy}`, code, blame: blameOf(code, status), retryAfter: null };
}

function readJson(body: string): Json {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' ? (value as Json) : {};
  } catch {
    return {};
  }
}
