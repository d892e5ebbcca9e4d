/** `ebb statement`: what was saved in a window, from the ledger's own rows. */
import { type Command, Option } from 'commander';
import { GROUPINGS, type Grouping, statementCsv } from '../../shared/report/statement-lines.ts';
import { statementText } from '../../shared/report/statement-text.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { readStatement } from '../../shared/runtime/stating.ts';
import { type WindowOptions, windowOf, withWindow } from '../dates.ts';
import { Refusal } from '../exit.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, withAwsOptions } from '../real-aws.ts';
import { openRecords } from '../records.ts';
import { pageWidth } from '../view.ts';

interface StatementOptions extends AwsOptions, WindowOptions {
  readonly by: Grouping;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export const statement = (program: Command): Command =>
  withAwsOptions(withWindow(program.command('statement')))
    .description('what was saved in a window, at least and at most, by team, policy, account or whatever it came from')
    .addOption(new Option('--by <what>', 'one line for each').choices(GROUPINGS).default('policy'))
    .option('--json', 'print the whole statement as a value; money in millionths of a dollar, times in seconds')
    .option('--csv', 'print the lines for a spreadsheet; dollars and hours')
    .addHelpText(
      'after',
      `
Examples:
  ebb statement                                       the last 30 days, by policy
  ebb statement --from 2025-05-01 --to 2025-05-31 --by team
  ebb statement --from 2025-05-01 --by resource --csv > may.csv

Days begin in the time zone of slack.yml › summary.timeZone. The tables are those of the stage in scopes.yml, or EBB_LEDGER_TABLE and EBB_MEMORY_TABLE.
`,
    )
    .action(async (options: StatementOptions) => {
      if (options.json && options.csv) throw new Refusal('--json and --csv are two answers: ask for one of them');
      const { tables, scopes, zone } = await openRecords(options);
      const at = outside().now();
      const window = windowOf(options, zone, at);
      const busy = progress();
      const onDay = (day: string) => busy.say(`reading ${day} …`);
      const value = await readStatement(
        tables,
        { scopes, window, at, onDay },
        { apart: options.by === 'resource' || options.json === true },
      ).finally(busy.done);
      if (options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      else if (options.csv) process.stdout.write(statementCsv(value, options.by));
      else process.stdout.write(statementText(value, { by: options.by, scopes, zone, width: pageWidth() }));
    });
