/** `ebb report`: the page, as one file that opens anywhere. */
import type { Command } from 'commander';
import { count } from '../../shared/report/numbers.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { readPage } from '../../shared/runtime/paging.ts';
import { type WindowOptions, windowOf, withWindow } from '../dates.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, withAwsOptions } from '../real-aws.ts';
import { openRecords, usePagesBucket } from '../records.ts';

interface ReportOptions extends AwsOptions, WindowOptions {
  readonly out: string;
  readonly upload?: boolean;
}

export const report = (program: Command): Command =>
  withAwsOptions(withWindow(program.command('report')))
    .description('write the page: money over time, where it came from, fleets, hours of the week, and every action with its evidence')
    .option('--out <file>', 'where to write it', 'ebbtide.html')
    .option('--upload', 'also keep it in the bucket of the stage (EBB_PAGES_BUCKET, else that of the stack)')
    .addHelpText(
      'after',
      `
Examples:
  ebb report                                          the last 30 days, into ebbtide.html
  ebb report --from 2025-05-01 --to 2025-05-31 --out may.html
  ebb report --from 2025-05-01 --upload               … and keep it beside the weekly ones
  ebb demo --report week.html                         without an account: the demo's week

The file holds all it shows and loads nothing: it can be mailed, kept or printed.
`,
    )
    .action(async (options: ReportOptions) => {
      const { mustBeWritable, writePage } = await import('../write-page.ts');
      mustBeWritable(options.out);
      const { tables, scopes, zone, config } = await openRecords(options);
      if (options.upload) await usePagesBucket(config.stage);
      const at = outside().now();
      const window = windowOf(options, zone, at);
      const busy = progress();
      const onDay = (day: string) => busy.say(`reading ${day} …`);
      const data = await readPage(tables, { scopes, window, at, zone, onDay }).finally(busy.done);
      const { bytes, html } = await writePage(options.out, data);
      const held = `${count(data.days.length, 'day')}, ${count(data.actions.length, 'action')}, ${(bytes / 1024).toFixed(0)} KB`;
      const nothing = data.total.meters === 0 && data.actions.length === 0 ? ' The ledger has nothing in this window.' : '';
      process.stdout.write(`Wrote ${options.out} (${held}).${nothing}\n`);
      if (!options.upload) return;
      const { keepPage } = await import('../../shared/runtime/week-page.ts');
      const place = await keepPage(`reports/ebbtide-${data.days[0]}-to-${data.days.at(-1)}.html`, html);
      process.stdout.write(`Kept as ${place}.\n`);
    });
