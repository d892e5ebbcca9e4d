/** Who may answer, and where: the owner, an approver, or anyone where nobody owns it; and never in a channel that others share. */

import { addSeconds, DAY, HOUR } from '../model/time.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { plain, plainList } from '../report/plain.ts';
import type { Asking } from './people.ts';
import { callSlack, type Refused } from './slack-call.ts';
import type { Asker } from './slack-request.ts';

/** @returns why nothing is done for anybody from there, in words for the asker; `null`: it is. */
export async function whyNotHere({ team, userTeam }: Asker, channel: string | null, asking: Asking): Promise<string | null> {
  const [home, shared] = await Promise.all([workspace(asking), channel === null ? false : isShared(channel, asking)]);
  if (typeof home !== 'string') return unsure('which workspace this is', home);
  if (team !== home || userTeam !== home) return 'Only members of the workspace that Ebbtide was installed in may ask it for something.';
  if (typeof shared === 'object') return unsure('whether this channel is shared with another organisation', shared, INVITE);
  return shared
    ? 'This channel is shared with another organisation: nothing is done from here. Ask in a channel of your own, or in a direct message to Ebbtide.'
    : null;
}

const INVITE = ' If it is a private channel, invite Ebbtide to it.';

const unsure = (what: string, { why }: Refused, remedy = ''): string =>
  `Slack did not say ${what} (${plain(why, 120)}), so nothing was done. Try again.${remedy}`;

async function workspace({ memory, token, at, timeoutMs }: Asking): Promise<string | Refused> {
  const kept = await memory.read('slack', 'workspace', at);
  if (kept !== null) return (kept.value as { id: string }).id;
  const answer = await callSlack(token, 'auth.test', {}, timeoutMs);
  if (answer.kind === 'kept') return answer;
  const id = String(answer.body['team_id'] ?? '');
  await memory.write('slack', { key: 'workspace', value: { id }, version: 0 }, { at, expiresAt: addSeconds(at, DAY) });
  return id;
}

/** A direct message is between the app and one person. */
async function isShared(channel: string, { memory, token, at, timeoutMs }: Asking): Promise<boolean | Refused> {
  if (channel.startsWith('D')) return false;
  const key = `channel#${channel}`;
  const kept = await memory.read('slack', key, at);
  if (kept !== null) return (kept.value as { shared: boolean }).shared;
  const answer = await callSlack(token, 'conversations.info', { channel }, timeoutMs);
  if (answer.kind === 'kept') return answer;
  const { is_ext_shared, is_pending_ext_shared, is_shared, is_org_shared } = (answer.body['channel'] ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const shared = is_ext_shared === true || is_pending_ext_shared === true || (is_shared === true && is_org_shared !== true);
  await memory.write('slack', { key, value: { shared }, version: 0 }, { at, expiresAt: addSeconds(at, HOUR) });
  return shared;
}

/** Whoever asks: their user id, and their e-mail address, which is what owners are called by. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
}

/** @returns in words that Slack did not say who it is. */
export async function personOf(id: string, { memory, token, at, timeoutMs }: Asking): Promise<Person | string> {
  const key = `person#${id}`;
  const kept = await memory.read('slack', key, at);
  if (kept !== null) return kept.value as Person;
  const answer = await callSlack(token, 'users.info', { user: id }, timeoutMs);
  if (answer.kind === 'kept') return unsure('who you are', answer);
  const { profile } = (answer.body['user'] ?? {}) as { profile?: { email?: unknown } };
  const person = { id, email: typeof profile?.email === 'string' ? profile.email.toLowerCase() : null };
  await memory.write('slack', { key, value: person, version: 0 }, { at, expiresAt: addSeconds(at, HOUR) });
  return person;
}

/**
 * @param teams whose channel it was asked in: there the team answers for what is the team's
 * @returns why this person may not answer, and who may; `null`: they may.
 */
export function whyNotTheirs(
  { id, email }: Person,
  owner: string | null,
  teams: readonly string[],
  { approvers = [] }: SlackConfig,
): string | null {
  const isThem = (who: string) => who === id || who.toLowerCase() === email;
  if (owner === null || isThem(owner) || approvers.some(isThem) || teams.includes(owner)) return null;
  const others = approvers.length === 0 ? '' : `, or an approver (${plainList(approvers)})`;
  return `This is for its owner ${plain(owner)}${others} to say. Nothing was done.`;
}
