/** One message to Slack, with its thread and its file: through a bot's token, else through an incoming webhook. Nothing is sent twice knowingly. */
import type { OutboxItem } from '../model/notice.ts';
import type { SlackMessage } from '../report/slack-kit.ts';
import { outside } from './outside.ts';
import { type Answer, callSlack, postTo, type Refused, TIMEOUT_MS } from './slack-call.ts';

/** Through which a message goes out. */
export type Door =
  | { readonly kind: 'bot'; readonly token: string; readonly channel: string; readonly team?: string }
  /** The webhook chose its channel when it was made. */
  | { readonly kind: 'webhook'; readonly url: string };

/** A message, what did not fit into it, and what did not fit into the thread. */
export interface Speech {
  readonly main: SlackMessage;
  readonly replies: readonly SlackMessage[];
  readonly file: SlackFile | null;
}

export interface SlackFile {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export type Sent = NonNullable<OutboxItem['sent']>;

export type Delivery =
  /** Where it stands now; `null`: a webhook does not say. */
  | { readonly kind: 'told'; readonly sent: Sent | null }
  /** `sent`: what of it was taken before. */
  | (Refused & { readonly sent?: Sent });

const TRIES = 3;
const SLEEP_MAX_SECONDS = 10;
/** What one delivery takes when Slack is slow, but well. */
export const DELIVERY_USUAL_MS = 2 * TIMEOUT_MS;

/**
 * A message whose blocks Slack refuses is sent once more as its text alone: told plainly is better than told never. A timeout leaves open
 * whether Slack took it, so it may be told twice.
 * @param before what an earlier try got through: it goes on from there
 */
export async function deliver({ main, replies, file }: Speech, door: Door, before?: Sent): Promise<Delivery> {
  let sent = before ?? null;
  if (sent === null) {
    const answer = await say(main, door);
    if (answer.kind === 'kept') return answer;
    sent = door.kind === 'webhook' ? null : placeOf(answer, door.channel);
  }
  for (const [index, reply] of replies.entries()) {
    if (sent !== null && index < sent.replies) continue;
    const answer = await say(reply, door, sent?.ts);
    if (answer.kind === 'kept') return sent === null ? answer : { ...answer, sent };
    if (sent !== null) sent = { ...sent, replies: index + 1 };
  }
  if (file === null || door.kind === 'webhook' || sent === null || sent.replies > replies.length) return { kind: 'told', sent };
  const uploaded = await upload(file, door.token, sent);
  // A file that will not be had (the app lacks `files:write`, say) must not keep what was told, and all that waits, from being told.
  if (uploaded.kind === 'kept' && uploaded.blame !== 'settings' && uploaded.blame !== 'message') return { ...uploaded, sent };
  return { kind: 'told', sent: { ...sent, replies: replies.length + 1 } };
}

function placeOf(answer: Extract<Answer, { kind: 'answered' }>, channel: string): Sent {
  const { channel: id, ts } = answer.body;
  // A direct message is sent to a user, and stands in a channel of its own.
  return { channel: typeof id === 'string' ? id : channel, ts: typeof ts === 'string' ? ts : '', replies: 0 };
}

async function say({ text, blocks }: SlackMessage, door: Door, thread?: string): Promise<Answer> {
  const answer = await patiently(() => once({ text, blocks, ...(thread !== undefined && { thread_ts: thread }) }, door));
  if (answer.kind === 'answered' || answer.blame !== 'message') return answer;
  return patiently(() => once({ text, ...(thread !== undefined && { thread_ts: thread }) }, door));
}

const once = (payload: Readonly<Record<string, unknown>>, door: Door): Promise<Answer> =>
  door.kind === 'webhook'
    ? postTo(door.url, payload)
    : callSlack(door.token, 'chat.postMessage', { channel: door.channel, unfurl_links: false, unfurl_media: false, ...payload });

/** Waits when Slack asks to (429, `Retry-After`), a few times and not for long. */
async function patiently(call: () => Promise<Answer>): Promise<Answer> {
  let slept = 0;
  for (let tries = 1; ; tries++) {
    const answer = await call();
    if (answer.kind === 'answered' || answer.retryAfter === null) return answer;
    if (tries === TRIES || slept + answer.retryAfter > SLEEP_MAX_SECONDS) return answer;
    slept += answer.retryAfter;
    await outside().sleep(answer.retryAfter * 1_000);
  }
}

/** In three steps, since `files.upload` is no more: a place for it, the file, and where it is to be seen. */
async function upload({ name, title, text }: SlackFile, token: string, { channel, ts }: Sent): Promise<Answer> {
  const length = Buffer.byteLength(text);
  const place = await patiently(() => callSlack(token, 'files.getUploadURLExternal', { filename: name, length }));
  if (place.kind === 'kept') return place;
  const { upload_url: url, file_id: id } = place.body;
  const put = await patiently(() => postTo(String(url), text));
  if (put.kind === 'kept') return put;
  return patiently(() => callSlack(token, 'files.completeUploadExternal', { files: [{ id, title }], channel_id: channel, thread_ts: ts }));
}
