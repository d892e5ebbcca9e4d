/** `ebb summary`: the daily or weekly account, as Slack, a terminal or the page tells it. */
import { type Command, Option } from 'commander';
import { instant } from '../../shared/model/time.ts';
import { summaryMessage } from '../../shared/report/slack-blocks.ts';
import { summaryText } from '../../shared/report/summary-text.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { readPage } from '../../shared/runtime/paging.ts';
import { lastPeriod, type Period } from '../../shared/runtime/period.ts';
import { readSummary } from '../../shared/runtime/summing.ts';
import { Refusal } from '../exit.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, withAwsOptions } from '../real-aws.ts';
import { openRecords } from '../records.ts';
import { atOption, pageWidth } from '../view.ts';

const FORMATS = ['text', 'slack-json', 'html'] as const;

interface SummaryOptions extends AwsOptions {
  readonly period: Period;
  readonly format: (typeof FORMATS)[number];
}

export const summary = (program: Command): Command =>
  withAwsOptions(program.command('summary'))
    .description('the account of the last whole day or week, as it is told')
    .addOption(
      new Option('--period <which>', 'the last day that is over, or the last week from Monday to Sunday')
        .choices(['daily', 'weekly'])
        .default('weekly'),
    )
    .addOption(new Option('--format <how>', 'text; the message as Slack gets it; the page').choices(FORMATS).default('text'))
    .addOption(atOption('tell it as of then (2025-05-19T07:00:00Z; default: now)'))
    .addHelpText(
      'after',
      `
Examples:
  ebb summary                                         the last week
  ebb summary --period daily --at 2025-05-15T08:00:00Z
  ebb summary --format html > week.html
`,
    )
    .action(async (options: SummaryOptions) => {
      const now = instant(Date.now());
      if (options.at !== undefined && options.at > now)
        throw new Refusal(`--at ${options.at}: it is ${now}, and there is no account of the future`);
      const { tables, scopes, zone } = await openRecords(options);
      const at = outside().now();
      const window = lastPeriod(options.period, at, zone);
      const busy = progress();
      busy.say('reading the ledger …');
      const text = await told(options.format).finally(busy.done);
      process.stdout.write(text);

      async function told(format: SummaryOptions['format']): Promise<string> {
        if (format === 'html') {
          const { pageText } = await import('../write-page.ts');
          return pageText(await readPage(tables, { scopes, window, at, zone }));
        }
        const value = await readSummary(tables, scopes, window, at);
        if (format === 'slack-json') return `${JSON.stringify(summaryMessage(value, zone), null, 2)}\n`;
        return summaryText(value, { zone, width: pageWidth() });
      }
    });
