/** `ebb apply [FILE]`: executes exactly the plan that was shown, after asking. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Pen, type Scope, scopeKey } from '../../shared/model/ids.ts';
import type { Change, Plan } from '../../shared/model/plan.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import { planText } from '../../shared/report/plan-text.ts';
import { receiptsText } from '../../shared/report/receipts-text.ts';
import { clock } from '../../shared/report/when.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { carryOut } from '../../shared/runtime/reconcile.ts';
import { confirmed, somebodyThere } from '../confirm.ts';
import { EXIT, Refusal } from '../exit.ts';
import { type Account, hasTables, planOf, runFor } from '../look.ts';
import { readPlan } from '../plan-file.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { pageWidth, zoneOption } from '../view.ts';

interface ApplyOptions extends AwsOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly zone?: string;
}

export const apply = (program: Command): Command =>
  withAwsOptions(program.command('apply'))
    .description('execute a plan after asking: the one in FILE, or one made now')
    .argument('[file]', 'a plan kept by `ebb plan --out`')
    .option('--yes', 'do not ask')
    .option('--json', 'print the receipts as values')
    .addOption(zoneOption())
    .action(async (file: string | undefined, options: ApplyOptions) => {
      const kept = file === undefined ? null : readPlan(file, await read(file));
      somebodyThere(options.yes);
      const regions = kept?.scopes.map(scope => scope.region);
      const account = await useAws({ ...options, ...(options.region === undefined && regions !== undefined && { region: regions }) });
      if (kept !== null) reachable(kept, account);
      if (!hasTables()) {
        throw new Refusal(
          'there are no tables to claim the changes in, so a second run could write twice; deploy the stack (npm run deploy) and set EBB_LEDGER_TABLE and EBB_MEMORY_TABLE to its tables',
        );
      }
      const busy = progress();
      const plan = kept ?? (await planOf(account, busy).finally(busy.done));
      // Whoever is asked sees what about, also where standard output is for the receipts.
      if (!(options.json && options.yes)) {
        const page = planText(plan, { ...(options.zone && { zone: options.zone }), width: pageWidth() });
        (options.json ? process.stderr : process.stdout).write(page);
      }
      if (plan.changes.length === 0) {
        if (options.json) process.stdout.write('[]\n');
        return;
      }
      await agreed(plan, options);

      const receipts = await carryOutAll(plan, account, busy.say).finally(busy.done);
      process.stdout.write(options.json ? `${JSON.stringify(receipts, null, 2)}\n` : receiptsText(receipts));
      if (receipts.some(r => r.outcome === 'failed' || r.outcome === 'refused')) process.exitCode = EXIT.failed;
    });

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Refusal(`${file} cannot be read (${(cause as { code?: string }).code ?? cause}); make it with ebb plan --out ${file}`);
  }
}

/** A kept plan brings its regions along; its accounts must be among those of scopes.yml. */
function reachable({ changes }: Plan, { account, config }: Account): void {
  const known = config.accounts.map(a => (a.account === 'self' ? account : a.account));
  const stray = changes.find(change => !known.includes(change.resource.scope.account))?.resource.scope;
  if (stray === undefined) return;
  throw new Refusal(
    `the plan changes account ${stray.account}, and these credentials are of ${account}; choose others with --profile, or list that account in scopes.yml`,
  );
}

async function agreed({ at, changes }: Plan, { yes, zone }: ApplyOptions): Promise<void> {
  if (at > addSeconds(outside().now(), 5 * MINUTE)) {
    process.stderr.write(`\nThis plan decided as if it were ${clock(zone)(at)}. It is carried out now.\n`);
  }
  if (!yes) await confirmed(`Make ${changes.length === 1 ? 'this change' : `these ${changes.length} changes`}?`);
}

/** Pen by pen and scope by scope, as the Lambdas would: a plan that was shown and said yes to is acted on whatever its policies' mode. */
async function carryOutAll(plan: Plan, account: Account, say: (what: string) => void): Promise<Receipt[]> {
  const groups = Map.groupBy(plan.changes, c => `${c.pen} ${scopeKey(c.resource.scope)}`);
  const receipts: Receipt[] = [];
  for (const changes of groups.values()) {
    const [first] = changes as [Change, ...Change[]];
    say(`${scopeKey(first.resource.scope)}: ${changes.length} × ${first.pen} …`);
    receipts.push(...(await carryOut(await runNow(first.pen, first.resource.scope, account), changes)));
  }
  return receipts;
}

const runNow = (pen: Pen, scope: Scope, account: Account) => runFor(pen, scope, account, outside().now());
