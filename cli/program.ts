/** The command line: reads arguments, calls a command, turns what went wrong into one clear line and an exit code. */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { alarms } from './commands/alarms.ts';
import { apply } from './commands/apply.ts';
import { keep, snooze, start, stop } from './commands/ask.ts';
import { demo } from './commands/demo.ts';
import { enable } from './commands/enable.ts';
import { fleet } from './commands/fleet.ts';
import { importing } from './commands/import.ts';
import { invoke } from './commands/invoke.ts';
import { ledger } from './commands/ledger.ts';
import { pause, resume } from './commands/pause.ts';
import { plan } from './commands/plan.ts';
import { release } from './commands/release.ts';
import { report } from './commands/report.ts';
import { schedule } from './commands/schedule.ts';
import { statement } from './commands/statement.ts';
import { summary } from './commands/summary.ts';
import { tags } from './commands/tags.ts';
import { why } from './commands/why.ts';
import { EXIT, explain } from './exit.ts';
import { usePrices } from './prices.ts';

const program = new Command('ebb')
  .description(
    'Ebbtide: EC2 capacity goes out with the tide. Resizes fleets, stops idle dev-test instances and brings them back, enforces tags.',
  )
  .version(packageJson.version)
  .option('--prices <file>', 'list prices to reckon with instead of the shipped ones: JSON of schema ec2-prices/1, plain or gzipped')
  .hook('preAction', command => usePrices(command.opts<{ prices?: string }>().prices))
  .showHelpAfterError('(--help tells what there is)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 something failed, 2 bad input or refused. With EBB_DEBUG=1 a failure also tells where in the code.\n',
  )
  .exitOverride();

for (const add of [
  demo,
  plan,
  apply,
  why,
  tags,
  start,
  stop,
  snooze,
  keep,
  alarms,
  fleet,
  invoke,
  pause,
  resume,
  release,
  enable,
  schedule,
  importing,
  statement,
  summary,
  report,
  ledger,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.refused;
  else {
    const { line, code } = explain(error);
    process.stderr.write(`ebb: ${line}\n`);
    process.exitCode = code;
  }
}
