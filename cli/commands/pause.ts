/** `ebb pause` and `ebb resume`: all pens down, all pens up. Starting what we stopped is never paused. */
import type { Command } from 'commander';
import { home } from '../../shared/runtime/run.ts';
import { pauseParameter } from '../../shared/runtime/settings.ts';
import { pauseReason, setPause } from '../pausing.ts';
import { type AwsOptions, useAws, withCredentials } from '../real-aws.ts';

export const pause = (program: Command): Command =>
  withCredentials(program.command('pause'))
    .description('stop all pens at once, until `ebb resume`; what we stopped is still started again')
    .option('--reason <text>', 'told in every receipt that is refused meanwhile', 'by hand')
    .action(async ({ reason, ...options }: AwsOptions & { readonly reason: string }) => {
      const value = pauseReason(reason);
      await useAws(options);
      const region = await setPause(value);
      process.stdout.write(`Paused (${pauseParameter()} in ${region}): ${value}. \`ebb resume\` ends it.\n`);
    });

export const resume = (program: Command): Command =>
  withCredentials(program.command('resume'))
    .description('end the pause')
    .action(async (options: AwsOptions) => {
      await useAws(options);
      const { DeleteParameterCommand } = await import('@aws-sdk/client-ssm');
      try {
        await (await home().ssm()).send(new DeleteParameterCommand({ Name: pauseParameter() }));
        process.stdout.write('Resumed: the next tick acts again.\n');
      } catch (error) {
        if ((error as Error).name !== 'ParameterNotFound') throw error;
        process.stdout.write('It was not paused.\n');
      }
    });
