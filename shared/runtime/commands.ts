/** `/ebb why|start|stop|snooze|keep ID …`: the same wishes as the buttons, and answers that only the asker sees. */

import { shelfOf, wishKey } from '../memory/shelves.ts';
import { fingerprint } from '../model/ids.ts';
import type { Wish } from '../model/memory.ts';
import { addSeconds, DAY, HOUR, type Instant, MINUTE } from '../model/time.ts';
import { named, plain } from '../report/plain.ts';
import { sentence } from '../report/sentences.ts';
import { clock } from '../report/when.ts';
import { wishPhrase } from '../report/wish-words.ts';
import { type Answering, lines, type Reply } from './answering.ts';
import { endOfDay, lastDay } from './days.ts';
import { personOf, whyNotHere, whyNotTheirs } from './permits.ts';
import { findInRolls, type Rolled } from './roll.ts';
import type { SlackRequest } from './slack-request.ts';
import { askFor, KEEP_MAX } from './wishes.ts';

type Command = Extract<SlackRequest, { kind: 'command' }>;

const PEN = 'stop-start-instances';

export async function answerCommand(command: Command, house: Answering): Promise<Reply> {
  return { response_type: 'ephemeral', text: lines(await answer(command, house)) };
}

async function answer(command: Command, house: Answering): Promise<string> {
  const read = readWords(command.text, house);
  if ('say' in read) return read.say;
  const [notHere, person] = await Promise.all([whyNotHere(command, command.channel, house), personOf(command.user, house)]);
  if (notHere !== null) return notHere;
  const found = await findInRolls(house.memory, house.scopes, read.id, house.at);
  const [machine] = found;
  if (machine === undefined)
    return `No instance is called ${plain(read.id)} as of the latest look, which is made every hour. Names and ids are case-sensitive.`;
  if (found.length > 1)
    return `${found.length} instances are called ${plain(read.id)}: say which by its id: ${found
      .slice(0, 10)
      .map(({ resource }) => resource.id)
      .join(', ')}.`;
  if (read.verb === 'why') return why(machine, house);
  if (typeof person === 'string') return person;
  const not = whyNotTheirs(person, machine.owner, teamsHere(command, house), house.slack);
  return not ?? asked(command, read, machine, house);
}

/** Teams whose channel this is: there they answer for what names them as its owner. */
const teamsHere = ({ channel, channelName }: Command, { slack: { teams = {} } }: Answering): string[] =>
  Object.entries(teams).flatMap(([team, name]) => (name === channel || name === `#${channelName}` ? [team] : []));

async function asked(
  command: Command,
  { verb, until, why }: Words,
  { resource, owner, policy }: Rolled,
  house: Answering,
): Promise<string> {
  if (policy === null) return `No policy speaks for ${named(resource)}, so nothing is started or stopped there, and nothing need be kept.`;
  const { at, zone, telemetry } = house;
  // The same command twice within a minute is one wish: people press return twice.
  const id = `cmd-${fingerprint([command.user, verb, resource.id, until, why, at.slice(0, 16)])}`;
  const by = { id, at, by: command.user, via: 'slack', why } as const;
  const wish: Wish =
    until === null
      ? { ...by, want: verb === 'start' ? 'running' : 'stopped' }
      : { ...by, want: verb === 'keep' ? 'keep' : 'snooze', until };
  const stands = await askFor(house.records, resource.scope, PEN, resource.id, wish, at);
  if (!stands) return `Somebody has asked for something else of ${named(resource)} since: that stands.`;
  telemetry.info('asked in Slack', { user: command.user, want: wish.want, resource: resource.id, owner });
  return `Noted: you ${wishPhrase(wish, named(resource), zone).replace(/^(ask|keep|snooze|take)s /, '$1 ')}. It is looked at now, as anything else is: what is done, or why not, is told in the channel.`;
}

/** What was last seen and thought, and what has been asked for since. Nobody looks anew for it. */
async function why({ resource, at, because, state, owner, policy }: Rolled, { memory, zone, at: now }: Answering): Promise<string> {
  const shelf = shelfOf(PEN, resource.scope);
  const wish = (await memory.read(shelf, wishKey(resource.id), now))?.value as Wish | undefined;
  const time = clock(zone);
  return [
    `${named(resource)}, as of ${time(at)}: ${state}, ${owner === null ? 'without an owner' : `owner ${plain(owner)}`}, ${policy === null ? 'no policy' : `policy ${plain(policy)}`}.`,
    ...(because === null ? [] : [sentence(because, zone)]),
    ...(wish === undefined ? [] : [`Asked for since: ${plain(wish.by)} ${wishPhrase(wish, 'it', zone)}.`]),
    `It is looked at every five minutes when something falls due, and every hour; to look now: ebb why ${resource.id}.`,
  ].join('\n');
}

interface Words {
  readonly verb: 'why' | 'start' | 'stop' | 'snooze' | 'keep';
  readonly id: string;
  /** Of `snooze` and `keep`. */
  readonly until: Instant | null;
  readonly why: string | null;
}

const HELP = [
  'What may be asked, of an instance by its id or its name:',
  '/ebb why ID · what was last seen of it, and why it is left alone or changed',
  '/ebb start ID · start it, if we stopped it · /ebb stop ID · stop it now',
  '/ebb snooze ID [for 2h] · leave it alone for a while: 30m, 2h, 7d',
  '/ebb keep ID until 2025-06-13 REASON · or for 7d REASON: leave it alone for longer, 30 days at most',
  'Owners may ask for what is theirs, approvers for everything, anyone for what nobody owns.',
].join('\n');

function readWords(text: string, { at, zone }: Answering): Words | { readonly say: string } {
  const [, verb = '', id = '', rest = ''] = /^\s*(\S*)\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const name = verb.toLowerCase();
  if (name === '' || name === 'help') return { say: HELP };
  if (!isVerb(name)) return { say: `${plain(verb)} is nothing that can be asked.\n${HELP}` };
  if (id === '') return { say: `Say of which instance: /ebb ${name} i-0123456789abcdef0` };
  if (name !== 'snooze' && name !== 'keep') return { verb: name, id, until: null, why: rest.trim() === '' ? null : plain(rest, 200) };
  const [, when = '', reason = ''] = /^(?:for\s+|until\s+)?(\S*)\s*([\s\S]*)$/i.exec(rest.trim()) ?? [];
  const until = when === '' && name === 'snooze' ? addSeconds(at, 2 * HOUR) : readUntil(when, zone, at);
  if (until === null)
    return {
      say: `${when === '' ? 'Say for how long' : `${plain(when)} is no time that can be kept`}: for 2h, for 7d, until 2025-06-13; ${lastDay(zone, at)} at most.`,
    };
  if (name === 'keep' && reason.trim() === '')
    return { say: `Say why, for whoever looks later: /ebb keep ${plain(id)} for 7d load test until Friday` };
  return { verb: name, id, until, why: reason.trim() === '' ? null : plain(reason, 200) };
}

const isVerb = (text: string): text is Words['verb'] => ['why', 'start', 'stop', 'snooze', 'keep'].includes(text);

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY };

function readUntil(when: string, zone: string, at: Instant): Instant | null {
  const [, amount = '', unit = ''] = /^(\d{1,4})([mhd])$/i.exec(when) ?? [];
  if (amount === '') return endOfDay(when, zone, at);
  const seconds = Number(amount) * (UNITS[unit.toLowerCase()] ?? 0);
  return seconds > 0 && seconds <= KEEP_MAX ? addSeconds(at, seconds) : null;
}
