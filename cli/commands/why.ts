/** `ebb why ID`: what would happen to one resource, or why nothing will. */
import type { Command } from 'commander';
import type { Doorbell } from '../../shared/model/doorbell.ts';
import { kindOfId, type Pen, scopeKey } from '../../shared/model/ids.ts';
import type { Plan } from '../../shared/model/plan.ts';
import { whyText } from '../../shared/report/plan-text.ts';
import { wrap } from '../../shared/report/text.ts';
import { boomerangHints } from '../boomerang-hints.ts';
import { Refusal } from '../exit.ts';
import { fleetHints } from '../fleet-hints.ts';
import { planOf } from '../look.ts';
import { machineHints } from '../machine-hints.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { tagHints } from '../tag-hints.ts';
import { atOption, pageWidth, zoneOption } from '../view.ts';

interface WhyOptions extends AwsOptions {
  readonly json?: boolean;
  readonly zone?: string;
}

export const why = (program: Command): Command =>
  withAwsOptions(program.command('why'))
    .description('tell what would happen to one resource and why, or why it is left alone')
    .argument('<id>', 'id of an instance, volume, snapshot or address, name of a group, or Name tag')
    .option('--json', 'print the answers as values')
    .addOption(atOption())
    .addOption(zoneOption())
    .action(async (id: string, options: WhyOptions) => {
      const account = await useAws(options);
      const busy = progress();
      // An id can be asked for alone; a Name tag has to be looked for among all.
      const plan = await planOf(account, busy, whereFor(id)).finally(busy.done);
      const answer = whyText(plan, id, { ...(options.zone && { zone: options.zone }), width: pageWidth() });
      if (answer === null)
        throw new Refusal(`there is no ${id} in ${plan.scopes.map(scopeKey).join(', ')}; is it in another region (--region) or account?`);
      process.stdout.write(options.json ? `${JSON.stringify(only(plan, id), null, 2)}\n` : answer);
      if (options.json) return;
      const found = only(plan, id);
      const hints = [
        ...[
          ...(await machineHints(found, account)),
          ...(await boomerangHints(found, account, options.zone)),
          ...(await tagHints(found, account, options.zone)),
        ].map(hint => wrap(hint, pageWidth())),
        ...(await fleetHints(found, account, pageWidth())),
      ];
      for (const hint of hints) process.stdout.write(`\n${hint}\n`);
    });

/** What is no instance and no fleet is looked at for its tags alone. */
function whereFor(id: string): (pen: Pen) => Doorbell['look'] | null {
  switch (kindOfId(id)) {
    case 'instance':
      return pen => (pen === 'resize-fleets' ? null : [id]);
    case 'volume':
    case 'snapshot':
    case 'elastic-ip':
      return pen => (pen === 'enforce-tags' ? [id] : null);
    default:
      return () => 'all';
  }
}

function only({ version, at, scopes, changes, left, unread }: Plan, id: string): Plan {
  const isIt = ({ resource }: { resource: { id: string; name: string | null } }) => resource.id === id || resource.name === id;
  return { version, at, scopes, changes: changes.filter(isIt), left: left.filter(isIt), unread };
}
