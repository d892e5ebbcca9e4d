/** The secrets of Slack, from SSM SecureStrings; kept for five minutes in a warm container, so that a changed one is soon taken up. */
import { addSeconds, type Instant, MINUTE } from '../model/time.ts';
import { clientsFor } from './clients.ts';
import { type Outside, outside } from './outside.ts';
import { setting, slackParameter } from './settings.ts';

type Secret = Parameters<typeof slackParameter>[0];

const KEPT_FOR = 5 * MINUTE;
const known = new WeakMap<Outside, Map<Secret, { readonly value: string | null; readonly until: Instant }>>();

/**
 * `null`: there is no such parameter, or nothing in it.
 * @throws whatever SSM answers otherwise: an unread secret is not an absent one.
 */
export async function slackSecret(name: Secret): Promise<string | null> {
  const world = outside();
  const held = known.get(world) ?? new Map();
  known.set(world, held);
  const kept = held.get(name);
  if (kept !== undefined && world.now() < kept.until) return kept.value;
  const value = await read(name);
  held.set(name, { value, until: addSeconds(world.now(), KEPT_FOR) });
  return value;
}

/** Slack refused one of them: all are read afresh next time. */
export const forgetSecrets = (): void => void known.delete(outside());

async function read(name: Secret): Promise<string | null> {
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
