/** `ebb enable POLICY`: from plan to act, in the YAML itself, where a review sees it. */
import type { Command } from 'commander';
import { enablePolicy } from '../../shared/policy/enable.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { type AwsOptions, configFolder } from '../real-aws.ts';

export const enable = (program: Command): Command =>
  program
    .command('enable')
    .description('let the Lambdas act on a policy: sets `mode: act` in its YAML file')
    .argument('<policy>', 'name of the policy')
    .option('--config <folder>', 'folder of policies (default: EBB_CONFIG, else ./config)')
    .action((name: string, options: Pick<AwsOptions, 'config'>) => {
      const folder = configFolder(options);
      const before = loadConfig(folder).policies.find(policy => policy.name === name)?.mode;
      const { file, line } = enablePolicy(folder, name);
      const says = before === 'act' ? 'says `mode: act` already' : 'now says `mode: act`';
      process.stdout.write(`${file}:${line} ${says}. It holds from the next deployment on (npm run deploy).\n`);
    });
