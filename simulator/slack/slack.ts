/**
 * A stand-in for Slack. It is not Slack: it enforces what Slack documents (limits, error codes, a message a second in a channel with 429 and
 * Retry-After, tickets of three seconds, five uses of a response_url in half an hour) and signs its requests as Slack does.
 */
import { createHmac } from 'node:crypto';
import { refusalOf, refusalOfView } from './limits.ts';

export type Json = Readonly<Record<string, unknown>>;

export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const WORKSPACE = 'T0HOME0000';

export interface Posted {
  readonly channel: string | null;
  readonly ts: string;
  readonly thread: string | null;
  text: string;
  blocks: readonly Json[];
  /** How often it was changed since. */
  updates: number;
}

/** What a function URL hands to its function. */
export interface SlackEvent {
  readonly version: '2.0';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface SlackOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Refuse more than a message a second in a channel. */
  readonly paced?: boolean;
}

export interface SlackAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class VirtualSlack {
  readonly posted: Posted[] = [];
  readonly whispers: { user: string | null; text: string }[] = [];
  readonly dialogs: Json[] = [];
  readonly uploads: { name: string; text: string; channel: string; thread: string }[] = [];
  readonly calls: string[] = [];
  token = 'xoxb-good';
  /** Refuse more than a message a second in a channel. */
  paced: boolean;
  readonly channels = new Map<string, Json & { id: string }>([['#savings', { id: 'C0SAVINGS0' }]]);
  readonly users = new Map<string, string>();
  readonly #tickets = new Map<string, number>();
  readonly #responses = new Map<string, { user: string; from: number; uses: number }>();
  readonly #files = new Map<string, { name: string; length: number; text: string }>();
  readonly #paceOf = new Map<string, number>();
  readonly #now: () => number;
  #count = 0;
  #given = 0;

  constructor({ now, paced = false }: SlackOptions) {
    this.#now = now;
    this.paced = paced;
  }

  /** One request, wherever it was sent. `method`: `chat.postMessage`, `services` for a webhook. */
  answer(url: string, headers: Readonly<Record<string, string | undefined>>, body: string): SlackAnswer {
    const path = url.replace(/^https?:\/\/[^/]+/, '');
    const name = methodOf(path);
    this.calls.push(name);
    const answer = this.#answer(name, path, headers, body) as Json & { ok?: boolean; error?: string; retryAfter?: number };
    if (answer.retryAfter !== undefined) return { status: 429, headers: { 'retry-after': String(answer.retryAfter) }, body: '' };
    if (name === 'services' || name === 'actions' || name === 'upload')
      return { status: answer.ok === true ? 200 : 400, headers: {}, body: answer.ok === true ? 'ok' : String(answer.error) };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
  }

  /** The same in the shape of fetch, without a network. */
  readonly fetchInProcess = (async (input, init) => {
    const url = String(input);
    if (!/^https:\/\/(hooks\.|files\.)?slack\.com\//.test(url)) throw new TypeError(`fetch failed: nobody stands in for ${url}`);
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    const { status, body, ...answer } = this.answer(url, headers, String(init?.body ?? ''));
    return new Response(body, { status, headers: answer.headers });
  }) as typeof fetch;

  #answer(name: string, path: string, headers: Readonly<Record<string, string | undefined>>, body: string): Json {
    if (name === 'services') return this.#post({ ...JSON.parse(body), channel: null });
    if (name === 'actions') return this.#respond(path, JSON.parse(body));
    if (name === 'upload') return this.#receive(path, body);
    if (headers['authorization'] !== `Bearer ${this.token}`) return no('invalid_auth');
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    const args = isForm ? Object.fromEntries(new URLSearchParams(body)) : (JSON.parse(body) as Json);
    if (!isForm && FORMS_ONLY.has(name)) return no('invalid_arguments'); // these do not read JSON
    return this.#method(name, args);
  }

  #method(name: string, args: Json): Json {
    switch (name) {
      case 'auth.test':
        return { ok: true, team_id: WORKSPACE, user_id: 'U0EBBTIDE0' };
      case 'chat.postMessage':
        return this.#post(args);
      case 'chat.update':
        return this.#update(args);
      case 'chat.postEphemeral':
        this.whispers.push({ user: String(args['user']), text: String(args['text']) });
        return { ok: true };
      case 'views.open':
        return this.#open(args);
      case 'conversations.info': {
        const found = [...this.channels.values()].find(channel => channel.id === args['channel']);
        return found === undefined ? no('channel_not_found') : { ok: true, channel: found };
      }
      case 'users.info': {
        const email = this.users.get(String(args['user']));
        return email === undefined ? no('user_not_found') : { ok: true, user: { id: args['user'], profile: { email } } };
      }
      case 'users.lookupByEmail': {
        const found = [...this.users].find(([, email]) => email === args['email']);
        return found === undefined ? no('users_not_found') : { ok: true, user: { id: found[0], deleted: false } };
      }
      case 'files.getUploadURLExternal':
        return this.#place(args);
      case 'files.completeUploadExternal':
        return this.#complete(args);
      default:
        return no('unknown_method');
    }
  }

  #post(args: Json): Json {
    const refusal = refusalOf(args);
    if (refusal !== null) return no(refusal);
    const name = args['channel'] as string | null;
    const channel = name === null ? null : this.#channel(name);
    if (channel === undefined) return no('channel_not_found');
    const wait = this.#pace(channel ?? 'webhook');
    if (wait > 0) return { ok: false, retryAfter: wait };
    const ts = `${Math.floor(this.#now() / 1000)}.${String(++this.#count).padStart(6, '0')}`;
    const thread = (args['thread_ts'] as string | undefined) ?? null;
    this.posted.push({ channel, ts, thread, text: String(args['text']), blocks: (args['blocks'] as Json[] | undefined) ?? [], updates: 0 });
    return { ok: true, channel, ts };
  }

  #channel(name: string): string | undefined {
    if (this.users.has(name)) return `D${name.slice(1)}`;
    if (/^D/.test(name)) return name;
    return this.channels.get(name)?.id ?? [...this.channels.values()].find(({ id }) => id === name)?.id;
  }

  /** Seconds to wait; a message a second in a channel. */
  #pace(channel: string): number {
    const next = this.#paceOf.get(channel) ?? 0;
    if (this.paced && this.#now() < next) return Math.ceil((next - this.#now()) / 1000);
    this.#paceOf.set(channel, this.#now() + 1000);
    return 0;
  }

  #update(args: Json): Json {
    const refusal = refusalOf(args);
    if (refusal !== null) return no(refusal);
    const message = this.posted.find(one => one.channel === args['channel'] && one.ts === args['ts']);
    if (message === undefined) return no('message_not_found');
    Object.assign(message, { text: args['text'], blocks: args['blocks'] ?? [], updates: message.updates + 1 });
    return { ok: true, ts: message.ts };
  }

  #open(args: Json): Json {
    const from = this.#tickets.get(String(args['trigger_id']));
    if (from === undefined) return no('invalid_trigger_id');
    if (this.#now() - from > 3_000) return no('expired_trigger_id');
    const refusal = refusalOfView(args['view'] as Json);
    if (refusal !== null) return no(refusal);
    this.#tickets.delete(String(args['trigger_id']));
    this.dialogs.push(args['view'] as Json);
    return { ok: true };
  }

  #respond(path: string, args: Json): Json {
    const held = this.#responses.get(path);
    if (held === undefined || this.#now() - held.from > 30 * 60_000) return no('expired_url');
    if (++held.uses > 5) return no('used_url');
    this.whispers.push({ user: held.user, text: String(args['text']) });
    return { ok: true };
  }

  #place({ filename, length }: Json): Json {
    const id = `F${++this.#count}`;
    this.#files.set(id, { name: String(filename), length: Number(length), text: '' });
    return { ok: true, upload_url: `https://files.slack.com/upload/${id}`, file_id: id };
  }

  #receive(path: string, body: string): Json {
    const file = this.#files.get(path.split('/').at(-1) ?? '');
    if (file === undefined || Buffer.byteLength(body) !== file.length) return no('upload_error');
    file.text = body;
    return { ok: true };
  }

  #complete(args: Json): Json {
    const files = JSON.parse(String(args['files'])) as { id: string }[];
    for (const { id } of files) {
      const file = this.#files.get(id);
      if (file === undefined || file.text === '') return no('file_not_found');
      this.uploads.push({ name: file.name, text: file.text, channel: String(args['channel_id']), thread: String(args['thread_ts']) });
    }
    return { ok: true, files };
  }

  press(user: string, label: string, on: Posted | undefined = this.posted.at(-1), more: Json = {}): SlackEvent {
    const buttons = (on?.blocks ?? []).filter(block => block['type'] === 'actions').flatMap(block => block['elements'] as Json[]);
    const button = buttons.find(({ text }) => (text as { text: string }).text === label);
    if (on === undefined || button === undefined)
      throw new Error(`no button says ${label}: ${buttons.map(b => JSON.stringify(b['text'])).join(', ')}`);
    const url = `/actions/${++this.#given}`;
    this.#responses.set(url, { user, from: this.#now(), uses: 0 });
    return this.#interaction({
      ...{ type: 'block_actions', user: { id: user, team_id: WORKSPACE }, team: { id: WORKSPACE }, channel: { id: on.channel } },
      ...{ container: { type: 'message', message_ts: on.ts, channel_id: on.channel }, message: { ts: on.ts } },
      ...{ trigger_id: this.#ticket(), response_url: `https://hooks.slack.com${url}`, actions: [{ ...button, type: 'button' }] },
      ...more,
    });
  }

  submit(user: string, values: Readonly<Record<string, Json>>, more: Json = {}): SlackEvent {
    const view = this.dialogs.at(-1);
    if (view === undefined) throw new Error('no dialog is open');
    const state = { values: Object.fromEntries(Object.entries(values).map(([block, value]) => [block, { [block]: value }])) };
    return this.#interaction({
      ...{ type: 'view_submission', user: { id: user, team_id: WORKSPACE }, team: { id: WORKSPACE } },
      view: { ...view, state },
      ...more,
    });
  }

  command(user: string, text: string, more: Readonly<Record<string, string>> = {}): SlackEvent {
    const form = { command: '/ebb', text, user_id: user, team_id: WORKSPACE, channel_id: 'C0SAVINGS0', channel_name: 'savings' };
    return this.sign(
      new URLSearchParams({ ...form, trigger_id: this.#ticket(), response_url: 'https://hooks.slack.com/commands/x', ...more }).toString(),
    );
  }

  #interaction(payload: Json): SlackEvent {
    return this.sign(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  }

  #ticket(): string {
    const ticket = `ticket-${++this.#given}`;
    this.#tickets.set(ticket, this.#now());
    return ticket;
  }

  /** By Slack's own recipe, written down here a second time. */
  sign(body: string): SlackEvent {
    const timestamp = String(Math.floor(this.#now() / 1000));
    const signature = `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    };
    return { version: '2.0', headers, body, isBase64Encoded: false };
  }
}

/** What JSON is not read by (docs.slack.dev/apis/web-api). */
const FORMS_ONLY = new Set(['users.lookupByEmail', 'users.info', 'conversations.info', 'files.getUploadURLExternal']);

/** `/api/chat.postMessage` → `chat.postMessage`, `/services/T/B/X` → `services`. */
export const methodOf = (path: string): string => (path.startsWith('/api/') ? path.slice(5) : (path.split('/')[1] ?? ''));

const no = (error: string): Json => ({ ok: false, error });
