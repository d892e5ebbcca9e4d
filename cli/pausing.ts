/** Puts the pause where every pen reads it. */
import { home } from '../shared/runtime/run.ts';
import { pauseParameter } from '../shared/runtime/settings.ts';

/** @returns the region that it stands in. */
export async function setPause(reason: string): Promise<string> {
  const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await home().ssm();
  await ssm.send(new PutParameterCommand({ Name: pauseParameter(), Value: reason, Type: 'String', Overwrite: true }));
  return ssm.config.region();
}
