/** Puts the pause where every pen reads it. */
import { plain } from '../shared/report/plain.ts';
import { home } from '../shared/runtime/run.ts';
import { pauseParameter } from '../shared/runtime/settings.ts';
import { Refusal } from './exit.ts';

/** SSM keeps 4,096 characters; it is told in every receipt that is refused meanwhile. */
const REASON_MAX = 500;

/** @throws Refusal for what would not pause, or what SSM does not take. */
export function pauseReason(text: string): string {
  const reason = text.trim() === '' ? '' : plain(text, REASON_MAX);
  if (reason === '' || reason === 'no' || reason === '(blank)') throw new Refusal('--reason: say why, in words other than "no"');
  if (reason.includes('{{')) throw new Refusal('--reason: SSM takes {{ for the name of another parameter; say it without');
  return reason;
}

/** @returns the region that it stands in. */
export async function setPause(reason: string): Promise<string> {
  const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await home().ssm();
  await ssm.send(new PutParameterCommand({ Name: pauseParameter(), Value: reason, Type: 'String', Overwrite: true }));
  return ssm.config.region();
}
