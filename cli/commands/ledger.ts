/** `ebb ledger verify`: holds the ledger against itself. */
import type { Command } from 'commander';
import { verify } from '../../shared/ledger/verify.ts';
import { type Scope, scopeKey } from '../../shared/model/ids.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { range } from '../../shared/report/amounts.ts';
import { findingText } from '../../shared/report/finding-text.ts';
import { count } from '../../shared/report/numbers.ts';
import { wrap } from '../../shared/report/text.ts';
import { days } from '../../shared/report/when.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { rowsOf } from '../../shared/runtime/stating.ts';
import { type WindowOptions, windowOf, withWindow } from '../dates.ts';
import { EXIT } from '../exit.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, withAwsOptions } from '../real-aws.ts';
import { openRecords } from '../records.ts';
import { pageWidth } from '../view.ts';

interface VerifyOptions extends AwsOptions, WindowOptions {
  readonly json?: boolean;
}

export const ledger = (program: Command): Command => {
  const group = program.command('ledger').description('the append-only record behind every figure');
  withAwsOptions(withWindow(group.command('verify')))
    .description('find what was done without being metered, metered without being done, or counted twice; exit code 1 when there is any')
    .option('--json', 'print findings and sums as a value')
    .addHelpText(
      'after',
      `
Examples:
  ebb ledger verify                                   the last 30 days
  ebb ledger verify --from 2025-01-01 --json
`,
    )
    .action(async (options: VerifyOptions) => {
      const { tables, scopes, zone } = await openRecords(options);
      const at = outside().now();
      const window = windowOf(options, zone, at);
      const busy = progress();
      const onDay = (day: string) => busy.say(`reading ${day} …`);
      const verified = await eachScope(scopes, async scope => {
        const rows: LedgerRow[] = [];
        for await (const row of rowsOf(tables, { scopes: [scope], window, at, onDay })) rows.push(row);
        for await (const row of tables.ledger.sealed(scope, window.start, window.end)) rows.push(row);
        return { scope, ...verify(rows, window, at) };
      }).finally(busy.done);
      const findings = verified.flatMap(one => one.findings);
      if (findings.length > 0) process.exitCode = EXIT.failed;
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ window, at, scopes: verified }, null, 2)}\n`);
        return;
      }
      const lines = verified.map(({ scope, checked, total }) => {
        const what = `${count(checked.rows, 'row')}, ${count(checked.changes, 'change')}, ${count(checked.meters, 'meter')}`;
        const sum = total.money === null ? 'of unknown worth' : `realised and open ${range(total.money.total)}`;
        return `${scopeKey(scope)}: ${what}; ${sum}.`;
      });
      const verdict =
        findings.length === 0
          ? `Nothing is missing and nothing counts twice in ${days(window, zone)}: realised + open is the sum of the meters.`
          : `${count(findings.length, 'finding')} in ${days(window, zone)}:`;
      const told = findings.map(finding => `  ! ${findingText(finding, zone)}`);
      process.stdout.write(`${[...lines.map(line => wrap(line, pageWidth(), '  ')), wrap(verdict, pageWidth()), ...told].join('\n')}\n`);
    });
  return group;
};

/** One after the other: rows of one scope are held at a time. */
async function eachScope<T>(scopes: readonly Scope[], read: (scope: Scope) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (const scope of scopes) all.push(await read(scope));
  return all;
}
