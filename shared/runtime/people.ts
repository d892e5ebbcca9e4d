/** Whom to tell: owners are known by their e-mail addresses, Slack by its user ids. What it said is kept for a while. */
import type { Memory } from '../model/ports.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import { callSlack, type Refused } from './slack-call.ts';

export const isEmail = (text: string): boolean => /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(text);
export const isUserId = (text: string): boolean => /^[UW][A-Z0-9]{6,}$/.test(text);

/** Where a lookup stands: needed are a token and the memory that keeps the answer. */
export interface Asking {
  readonly memory: Memory;
  readonly token: string;
  readonly at: Instant;
  readonly timeoutMs?: number;
}

/**
 * The user id behind an e-mail address, or behind a user id itself.
 * @returns `null`: nobody in this workspace; Refused: Slack did not say.
 */
export async function userOf(who: string, { memory, token, at, timeoutMs }: Asking): Promise<string | null | Refused> {
  if (isUserId(who)) return who;
  if (!isEmail(who)) return null;
  const key = `user#${who.toLowerCase()}`;
  const kept = await memory.read('slack', key, at);
  if (kept !== null) return (kept.value as { id: string | null }).id;
  const answer = await callSlack(token, 'users.lookupByEmail', { email: who }, timeoutMs);
  if (answer.kind === 'kept' && answer.code !== 'users_not_found') return answer;
  const id = answer.kind === 'kept' ? null : idOf(answer.body['user']);
  await memory.write('slack', { key, value: { id }, version: 0 }, { at, expiresAt: addSeconds(at, id === null ? DAY : 7 * DAY) });
  return id;
}

function idOf(user: unknown): string | null {
  const { id, deleted } = (user ?? {}) as { id?: unknown; deleted?: unknown };
  return typeof id === 'string' && deleted !== true ? id : null;
}
