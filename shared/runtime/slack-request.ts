/** What Slack sends us: a press of a button, a dialog that was filled in, a slash command. Read after it was verified, never before. */
import * as z from 'zod/mini';
import { readJson, whyNot } from './events/common.ts';

/** A request to a Lambda function URL, as far as we read it. */
export interface HttpRequest {
  /** By lower-case name, however they were written. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Asker {
  readonly user: string;
  /** The workspace that the app was used in, and the one that the user belongs to: in a shared channel they may differ. */
  readonly team: string;
  readonly userTeam: string;
}

export type SlackRequest =
  | (Asker & {
      readonly kind: 'press';
      readonly button: string;
      readonly channel: string;
      readonly messageTs: string | null;
      readonly triggerId: string;
      readonly responseUrl: string | null;
    })
  | (Asker & {
      readonly kind: 'submit';
      /** What we gave the dialog along. */
      readonly carried: string;
      /** By `block_id`: what was written, picked or ticked. */
      readonly values: Readonly<Record<string, readonly string[]>>;
    })
  | (Asker & {
      readonly kind: 'command';
      readonly text: string;
      readonly channel: string;
      /** Without its `#`; `directmessage` and `privategroup` where it has none to tell. */
      readonly channelName: string;
    })
  /** Slack's own questions whether somebody is there. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** `null`: not a request to a function URL at all. */
export function readHttp(event: unknown): HttpRequest | null {
  const { headers, body, isBase64Encoded } = (event ?? {}) as { headers?: unknown; body?: unknown; isBase64Encoded?: unknown };
  if (headers === null || typeof headers !== 'object') return null;
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
    body: Buffer.from(typeof body === 'string' ? body : '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** @param body a form, verified */
export function readSlackRequest(body: string): SlackRequest {
  const form = new URLSearchParams(body);
  if (form.get('ssl_check') === '1') return { kind: 'ping' };
  const payload = form.get('payload');
  return payload === null ? readCommand(form) : readPayload(payload);
}

const id = z.string().check(z.regex(/^[A-Z0-9]{2,40}$/));

const commandSchema = z.object({
  command: z.string(),
  text: z.string(),
  user_id: id,
  team_id: id,
  channel_id: id,
  channel_name: z.string(),
});

function readCommand(form: URLSearchParams): SlackRequest {
  const read = commandSchema.safeParse({ text: '', channel_name: '', ...Object.fromEntries(form) });
  if (!read.success) return { kind: 'unreadable', why: whyNot(read.error) };
  const { text, user_id: user, team_id: team, channel_id: channel, channel_name: channelName } = read.data;
  return { kind: 'command', user, team, userTeam: team, text, channel, channelName };
}

const userSchema = z.object({ id, team_id: z.optional(id) });
const pressSchema = z.object({
  type: z.literal('block_actions'),
  user: userSchema,
  team: z.object({ id }),
  channel: z.object({ id }),
  message: z.optional(z.object({ ts: z.string() })),
  trigger_id: z.string(),
  response_url: z.optional(z.string()),
  actions: z.array(z.object({ value: z.string().check(z.maxLength(2_000)) })).check(z.minLength(1)),
});
const submitSchema = z.object({
  type: z.literal('view_submission'),
  user: userSchema,
  team: z.object({ id }),
  view: z.object({ private_metadata: z.string(), state: z.object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) }) }),
});
const payloadSchema = z.discriminatedUnion('type', [pressSchema, submitSchema]);

function readPayload(text: string): SlackRequest {
  const json = readJson(text);
  if (json === undefined) return { kind: 'unreadable', why: 'its payload is not JSON' };
  const read = payloadSchema.safeParse(json);
  if (!read.success) return { kind: 'unreadable', why: whyNot(read.error) };
  const { data } = read;
  const asker = { user: data.user.id, team: data.team.id, userTeam: data.user.team_id ?? data.team.id };
  if (data.type === 'view_submission') {
    const values = Object.entries(data.view.state.values).map(([block, elements]) => [block, Object.values(elements).flatMap(answersOf)]);
    return { kind: 'submit', ...asker, carried: data.view.private_metadata, values: Object.fromEntries(values) };
  }
  return {
    ...{ kind: 'press', ...asker },
    ...{ button: data.actions[0]?.value ?? '', channel: data.channel.id, messageTs: data.message?.ts ?? null },
    ...{ triggerId: data.trigger_id, responseUrl: data.response_url ?? null },
  };
}

/** What stands in an input, whichever kind it is. */
function answersOf(state: unknown): string[] {
  const { value, selected_date, selected_option, selected_options } = (state ?? {}) as Readonly<Record<string, unknown>>;
  const options = Array.isArray(selected_options) ? selected_options : selected_option == null ? [] : [selected_option];
  const picked = options.map(option => (option as { value?: unknown } | null)?.value);
  return [value, selected_date, ...picked].filter(text => typeof text === 'string');
}
