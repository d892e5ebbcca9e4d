/** `ebb start`, `stop`, `keep`, `snooze`: what a person wants of one instance. */
import type { Command } from 'commander';
import { label } from '../../shared/model/ids.ts';
import { planText } from '../../shared/report/plan-text.ts';
import { receiptsText } from '../../shared/report/receipts-text.ts';
import { clause } from '../../shared/report/sentences.ts';
import { clock } from '../../shared/report/when.ts';
import { callerOf, clientsFor } from '../../shared/runtime/clients.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { setting } from '../../shared/runtime/settings.ts';
import { KEEP_MAX } from '../../shared/runtime/wishes.ts';
import { type Asked, ask, type Wanted } from '../ask.ts';
import { confirmed } from '../confirm.ts';
import { type LastingOptions, lastsUntil } from '../duration.ts';
import { EXIT } from '../exit.ts';
import { progress } from '../progress.ts';
import type { AwsOptions } from '../real-aws.ts';
import { withAwsOptions } from '../real-aws.ts';
import { openRecords } from '../records.ts';
import { pageWidth, zoneOption } from '../view.ts';

interface AskOptions extends AwsOptions, LastingOptions {
  readonly why?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const start = (program: Command): Command =>
  asking(program, 'start', 'start one instance now; it runs until its schedule next turns, as if you had started it yourself').action(
    wishing(() => ({ want: 'running' })),
  );

export const stop = (program: Command): Command =>
  asking(program, 'stop', 'stop one instance now; it stays stopped until somebody starts it, and nothing is counted as saved').action(
    wishing(() => ({ want: 'stopped' })),
  );

export const keep = (program: Command): Command =>
  lasting(asking(program, 'keep', 'leave one instance alone until then, whatever its schedule and its load say')).action(
    wishing(options => ({ want: 'keep', until: lastsUntil(options, outside().now(), KEEP_MAX) })),
  );

export const snooze = (program: Command): Command =>
  lasting(asking(program, 'snooze', 'put off the stop of one instance until then; it is judged as before')).action(
    wishing(options => ({ want: 'snooze', until: lastsUntil(options, outside().now(), KEEP_MAX) })),
  );

const asking = (program: Command, name: string, description: string): Command =>
  withAwsOptions(program.command(name))
    .description(description)
    .argument('<id>', 'instance id, or Name tag')
    .option('--why <text>', 'told to whoever asks why')
    .option('--yes', 'do not ask')
    .option('--json', 'print the answer as a value')
    .addOption(zoneOption());

const lasting = (command: Command): Command =>
  command
    .option('--for <length>', 'such as 90m, 2h, 3d')
    .option('--until <when>', 'a date, to its end, or a time; read in --zone where it names none');

const wishing =
  (wanted: (options: AskOptions) => Wanted) =>
  async (id: string, options: AskOptions): Promise<void> => {
    const wish = wanted(options); // what cannot be meant is refused before anybody is called
    const account = await openRecords(options);
    const busy = progress();
    const asked = await ask(
      account,
      { id, wanted: wish, by: await callerOf(clientsFor({ region: setting('AWS_REGION') })), why: options.why ?? null },
      {
        progress: busy,
        confirm: async plan => {
          busy.done();
          if (options.yes) return;
          process.stderr.write(planText(plan, { ...(options.zone && { zone: options.zone }), width: pageWidth() }));
          await confirmed('Do this now?');
        },
      },
    ).finally(busy.done);
    process.stdout.write(options.json ? `${JSON.stringify(asked, null, 2)}\n` : `${told(asked, options.zone)}\n`);
    if (asked.receipts.some(r => r.outcome === 'failed' || r.outcome === 'refused')) process.exitCode = EXIT.failed;
  };

function told({ resource, wish, how, receipts, plan }: Asked, zone: string | undefined): string {
  if (wish.want === 'keep') return `${label(resource)} is kept until ${clock(zone)(wish.until)}.`;
  if (wish.want === 'snooze') return `${label(resource)} is not stopped before ${clock(zone)(wish.until)}.`;
  if (how === 'here') return receiptsText(receipts).trimEnd();
  const [answer] = plan.left;
  const what = wish.want === 'running' ? 'start' : 'stop';
  if (how === 'rung')
    return `${label(resource)}: its Lambda was asked to ${what} it${answer === undefined ? '' : ` (${clause(answer.because, zone)})`}.`;
  return `${label(resource)}: nothing to ${what}${answer === undefined ? '' : ` (${clause(answer.because, zone)})`}.`;
}
