/**
 * A stand-in for Slack on a local port. It is not Slack: it enforces what Slack documents (fields, limits, error codes, 429 with
 * Retry-After) and can be told to be ill. Limits: docs.slack.dev/reference/block-kit/blocks and …/methods/chat.postMessage.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Posted {
  readonly channel: string | null;
  readonly text: string;
  readonly blocks: readonly PostedBlock[];
}

/** As it came over the wire: any field may be missing. */
interface PostedBlock {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly { readonly text?: string }[];
}

/** What to answer instead of well: one entry a request, used up in order. */
export type Illness =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'deaf'
  | 'hang-up'
  | ((posted: Posted) => string | null);

export interface StandIn {
  /** What it took, in order. */
  readonly posted: readonly Posted[];
  /** Every request, taken or not. */
  readonly requests: number;
  token: string;
  fallIll(...illnesses: Illness[]): void;
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

export async function slackStandIn(): Promise<StandIn> {
  const posted: Posted[] = [];
  const illnesses: Illness[] = [];
  const state = { requests: 0, token: 'xoxb-good' };

  const server = createServer(async (request, response) => {
    state.requests++;
    const body = await bodyOf(request);
    const illness = illnesses.shift();
    if (illness === 'deaf') return;
    if (illness === 'hang-up') return void request.socket.destroy();
    if (typeof illness === 'object') return void response.writeHead(illness.status, illness.headers).end(illness.body ?? '');
    const webhook = request.url?.startsWith('/services/') ?? false;
    const message = JSON.parse(body);
    const taken: Posted = { channel: message.channel ?? null, text: message.text, blocks: message.blocks ?? [] };
    const error = illness?.(taken) ?? refusal(request, taken, webhook, state.token);
    if (error === null) posted.push(taken);
    answer(response, webhook, error);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    posted,
    get requests() {
      return state.requests;
    },
    get token() {
      return state.token;
    },
    set token(token) {
      state.token = token;
    },
    fallIll: (...more) => void illnesses.push(...more),
    fetch: (url, init) => fetch(String(url).replace(/^https:\/\/(hooks\.)?slack\.com/, base), init),
    close: () => {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

function answer(response: ServerResponse, webhook: boolean, error: string | null): void {
  if (webhook) return void response.writeHead(error === null ? 200 : 400).end(error ?? 'ok');
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify(error === null ? { ok: true, ts: '1.2' } : { ok: false, error }));
}

function refusal(request: IncomingMessage, { channel, text, blocks }: Posted, webhook: boolean, token: string): string | null {
  if (!webhook && request.headers.authorization !== `Bearer ${token}`) return 'invalid_auth';
  if (!webhook && channel !== '#savings') return 'channel_not_found';
  if (typeof text !== 'string' || text === '') return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks.length > 50 || JSON.stringify(blocks).length > 13_000) return 'msg_blocks_too_long';
  return blocks.every(blockIsValid) ? null : 'invalid_blocks';
}

function blockIsValid({ type, text, fields = [], elements = [] }: PostedBlock): boolean {
  const within = (value: string | undefined, most: number) => typeof value === 'string' && value.length >= 1 && value.length <= most;
  const upTo10 = (all: readonly { readonly text?: string }[], most: number) =>
    all.length >= 1 && all.length <= 10 && all.every(one => within(one.text, most));
  if (type === 'header') return text?.type === 'plain_text' && within(text.text, 150);
  if (type === 'section') return upTo10(fields, 2_000);
  if (type === 'context') return upTo10(elements, 3_000);
  if (type === 'rich_text') return elements.length > 0;
  return type === 'divider';
}
