/** `ebb why ID`: what would happen to one resource, or why nothing will. */
import type { Command } from 'commander';
import { scopeKey } from '../../shared/model/ids.ts';
import type { Plan } from '../../shared/model/plan.ts';
import { whyText } from '../../shared/report/plan-text.ts';
import { wrap } from '../../shared/report/text.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { accountFor } from '../../shared/runtime/run.ts';
import { Refusal } from '../exit.ts';
import { type Account, planOf } from '../look.ts';
import { marginHint } from '../margin-hint.ts';
import { metricHints } from '../metric-hints.ts';
import { progress } from '../progress.ts';
import { purchaseHints } from '../purchase-hints.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { atOption, pageWidth, zoneOption } from '../view.ts';

interface WhyOptions extends AwsOptions {
  readonly json?: boolean;
  readonly zone?: string;
}

export const why = (program: Command): Command =>
  withAwsOptions(program.command('why'))
    .description('tell what would happen to one resource and why, or why it is left alone')
    .argument('<id>', 'instance id, name of a group, or Name tag')
    .option('--json', 'print the answers as values')
    .addOption(atOption())
    .addOption(zoneOption())
    .action(async (id: string, options: WhyOptions) => {
      const account = await useAws(options);
      const busy = progress();
      // An id can be asked for alone; a Name tag has to be looked for among all.
      const isInstanceId = /^i-[0-9a-f]{8,17}$/.test(id);
      const plan = await planOf(account, busy, pen => (!isInstanceId ? 'all' : pen === 'resize-fleets' ? null : [id])).finally(busy.done);
      const answer = whyText(plan, id, { ...(options.zone && { zone: options.zone }), width: pageWidth() });
      if (answer === null)
        throw new Refusal(`there is no ${id} in ${plan.scopes.map(scopeKey).join(', ')}; is it in another region (--region) or account?`);
      process.stdout.write(options.json ? `${JSON.stringify(only(plan, id), null, 2)}\n` : answer);
      if (options.json) return;
      for (const hint of [...(await spares(only(plan, id), account)), ...(await hintsFor(only(plan, id), account))])
        process.stdout.write(`\n${wrap(hint, pageWidth())}\n`);
      for (const hint of await boughtOtherwise(only(plan, id), account)) process.stdout.write(`\n${hint}\n`);
    });

/** What the margins of fleets that follow signals cost. */
const spares = ({ changes, left }: Plan, { account, config }: Account): Promise<string[]> =>
  Promise.all(
    [...changes, ...left].flatMap(({ because, resource }) => {
      if (because.code !== 'forecast' && because.code !== 'as-forecast') return [];
      const { role, externalId } = accountFor(config, resource.scope, account);
      return [marginHint(clientsFor({ region: resource.scope.region, role, externalId }), resource, because)];
    }),
  );

/** A fleet that hears nothing may listen to something that is called otherwise. */
async function hintsFor({ left }: Plan, { account, config }: Account): Promise<string[]> {
  const hints: string[] = [];
  for (const { because, policy: name, resource } of left) {
    const policy = config.policies.find(p => p.name === name);
    if (because.code !== 'silent-metric' || policy?.kind !== 'fleets' || resource.kind !== 'auto-scaling-group') continue;
    const { role, externalId } = accountFor(config, resource.scope, account);
    hints.push(...(await metricHints(clientsFor({ region: resource.scope.region, role, externalId }), resource.id, policy)));
  }
  return hints;
}

/** Of a fleet that a policy speaks for: a part of it as Spot, an environment's trigger. */
async function boughtOtherwise({ at, changes, left }: Plan, { account, config }: Account): Promise<string[]> {
  const [fleet] = [...changes, ...left].filter(a => a.pen === 'resize-fleets' && a.policy !== null && a.policy !== 'none');
  if (fleet === undefined) return [];
  const { scope } = fleet.resource;
  const { role, externalId, commitments } = accountFor(config, scope, account);
  return purchaseHints(clientsFor({ region: scope.region, role, externalId }), fleet.resource, { at, commitments, width: pageWidth() });
}

function only({ version, at, scopes, changes, left, unread }: Plan, id: string): Plan {
  const isIt = ({ resource }: { resource: { id: string; name: string | null } }) => resource.id === id || resource.name === id;
  return { version, at, scopes, changes: changes.filter(isIt), left: left.filter(isIt), unread };
}
