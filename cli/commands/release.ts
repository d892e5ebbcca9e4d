/** `ebb release`: the way out, before the stack goes. */
import { type Command, InvalidArgumentError } from 'commander';
import { label, scopeKey } from '../../shared/model/ids.ts';
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import { plain } from '../../shared/report/plain.ts';
import { planText } from '../../shared/report/plan-text.ts';
import { receiptsText } from '../../shared/report/receipts-text.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { wrap } from '../../shared/report/text.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { confirmed, somebodyThere } from '../confirm.ts';
import { EXIT } from '../exit.ts';
import { setPause } from '../pausing.ts';
import { progress } from '../progress.ts';
import type { AwsOptions } from '../real-aws.ts';
import { withAwsOptions } from '../real-aws.ts';
import { openRecords } from '../records.ts';
import { planOfRelease, type Released, releaseAll } from '../release.ts';
import { pageWidth, zoneOption } from '../view.ts';

interface ReleaseOptions extends AwsOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly zone?: string;
  readonly wait: number;
}

export const release = (program: Command): Command =>
  withAwsOptions(program.command('release'))
    .description(
      'give everything back and pause: start what we stopped, restore every size, remove every mark; run it before the stack goes',
    )
    .option('--yes', 'do not ask')
    .option('--json', 'print what became of it as a value')
    .option('--wait <minutes>', 'how long to wait for what is on its way back', minutes, 15)
    .addOption(zoneOption())
    .action(async (options: ReleaseOptions) => {
      somebodyThere(options.yes);
      const account = await openRecords(options);
      const busy = progress();
      const plan = await planOfRelease(account, account.scopes, busy).finally(busy.done);
      if (!(options.json && options.yes)) {
        const page = planText(plan, { ...(options.zone && { zone: options.zone }), width: pageWidth() });
        (options.json ? process.stderr : process.stdout).write(plan.changes.length + plan.left.length === 0 ? NOTHING : page);
      }
      if (!options.yes) await confirmed('Pause all pens, and give all of this back?');

      await setPause('released: everything is given back');
      const until = addSeconds(outside().now(), options.wait * MINUTE);
      const released = await releaseAll(account, account.scopes, until, busy).finally(busy.done);
      process.stdout.write(options.json ? `${JSON.stringify(released, null, 2)}\n` : told(released, options.zone));
      if (released.left.length > 0) process.exitCode = EXIT.failed;
    });

const NOTHING = 'Nothing is owed: no instance is stopped by us, no fleet has other sizes than before us, nothing is marked.\n';

function minutes(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Write minutes, such as 15.');
  return Number(text);
}

function told({ receipts, left, otherTypes }: Released, zone: string | undefined): string {
  const lines = left.map(({ resource, because, failure }) =>
    wrap(
      `${label(resource)} (${scopeKey(resource.scope)}): ${failure === null ? sentence(because, zone) : `its start failed: ${plain(failure, 160)}`}`,
      pageWidth(),
      '  ',
      '! ',
    ),
  );
  return [
    receipts.length === 0 ? '' : receiptsText(receipts),
    ...(left.length === 0
      ? ['Everything is given back.\n']
      : [`Not back yet:\n${lines.join('\n')}\nRun ebb release again; what is back stays back.\n`]),
    ...otherTypes.map(({ id, scope, type, own }) =>
      wrap(
        `${id} (${scopeKey(scope)}) runs as ${type} and was ${own} before us: stop it when nobody needs it, change its type, start it.`,
        pageWidth(),
        '  ',
        '! ',
      ).concat('\n'),
    ),
    'All pens are paused, so nothing is stopped again; `ebb resume` ends that. The stack itself is still there: npx serverless remove.\n',
  ].join('\n');
}
