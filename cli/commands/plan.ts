/** `ebb plan`: every change it would make, with reason, evidence and saving; every resource left alone, with its reason. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { whatIsOver } from '../../shared/policy/stale.ts';
import { planText } from '../../shared/report/plan-text.ts';
import { wrap } from '../../shared/report/text.ts';
import { hasTables, planOf } from '../look.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { atOption, pageWidth, zoneOption } from '../view.ts';

interface PlanOptions extends AwsOptions {
  readonly json?: boolean;
  readonly out?: string;
  readonly zone?: string;
}

export const plan = (program: Command): Command =>
  withAwsOptions(program.command('plan'))
    .description('show what would be changed and why, and why everything else is left alone; changes nothing')
    .option('--out <file>', 'keep the plan, for `ebb apply <file>`')
    .option('--json', 'print the plan as a value')
    .addOption(atOption())
    .addOption(zoneOption())
    .action(async (options: PlanOptions) => {
      const account = await useAws(options);
      const busy = progress();
      const value = await planOf(account, busy).finally(busy.done);
      const json = `${JSON.stringify(value, null, 2)}\n`;
      if (options.out !== undefined) await writeFile(options.out, json);
      if (!options.json) for (const line of whatIsOver(account.config, value.at)) process.stderr.write(`${wrap(line, pageWidth())}\n`);
      process.stdout.write(options.json ? json : planText(value, { ...(options.zone && { zone: options.zone }), width: pageWidth() }));
      if (!hasTables()) {
        process.stderr.write(
          '\nWithout EBB_LEDGER_TABLE and EBB_MEMORY_TABLE nothing is remembered: what we stopped and would start again, marks and baselines are unknown.\n',
        );
      }
    });
