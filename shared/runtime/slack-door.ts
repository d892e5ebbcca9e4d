/** The secrets of Slack, from SSM SecureStrings: the bot token if there is one, else the webhook, else the log. */
import { addSeconds, type Instant, MINUTE } from '../model/time.ts';
import { clientsFor } from './clients.ts';
import { type Outside, outside } from './outside.ts';
import { setting, slackParameter } from './settings.ts';
import type { Door } from './slack.ts';

const KEPT_FOR = 5 * MINUTE;
const known = new WeakMap<Outside, { readonly door: Door; readonly until: Instant }>();

/**
 * Kept for five minutes in a warm container, so that a changed token is soon taken up.
 * @throws whatever SSM answers, other than that a parameter is not there: an unread secret is not an absent one.
 */
export async function slackDoor(channel: string): Promise<Door> {
  const world = outside();
  const kept = known.get(world);
  if (kept !== undefined && world.now() < kept.until) return kept.door;
  const door = await openDoor(channel);
  known.set(world, { door, until: addSeconds(world.now(), KEPT_FOR) });
  return door;
}

/** Slack refused the secret: read it afresh next time. */
export const forgetDoor = (): void => void known.delete(outside());

async function openDoor(channel: string): Promise<Door> {
  const token = await secret('bot-token');
  if (token !== null) return { kind: 'bot', token, channel };
  const url = await secret('webhook');
  return url === null ? { kind: 'log' } : { kind: 'webhook', url };
}

async function secret(name: 'bot-token' | 'webhook'): Promise<string | null> {
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await clientsFor({ region: setting('AWS_REGION') }).ssm();
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: slackParameter(name), WithDecryption: true }));
    const value = Parameter?.Value?.trim() ?? ''; // consoles and shells like to add a line break
    return value === '' ? null : value;
  } catch (error) {
    if ((error as Error).name === 'ParameterNotFound') return null;
    throw error;
  }
}
