/** For `ebb why GROUP`: what stands below the answer. The group is described once, however many paragraphs speak of it. */
import type { ResourceRef } from '../shared/model/ids.ts';
import type { Plan } from '../shared/model/plan.ts';
import { describeGroups } from '../shared/observe/fleets.ts';
import { wrap } from '../shared/report/text.ts';
import type { Clients } from '../shared/runtime/clients.ts';
import { accountFor, standingOf } from '../shared/runtime/run.ts';
import type { Account } from './look.ts';
import { marginHint } from './margin-hint.ts';
import { metricHints } from './metric-hints.ts';
import { purchaseHints } from './purchase-hints.ts';

/** Paragraphs, wrapped already. */
export async function fleetHints({ at, changes, left }: Plan, account: Account, width: number): Promise<string[]> {
  const read = once(account);
  const answers = [...changes, ...left];
  const paragraphs = await Promise.all([
    ...answers.flatMap(({ because, resource }) => {
      if (because.code !== 'forecast' && because.code !== 'as-forecast') return [];
      return [marginHint(read(resource).clients, resource, because, read(resource).groups).then(hint => [wrap(hint, width)])];
    }),
    silentMetrics(left, account, resource => read(resource).clients).then(hints => hints.map(hint => wrap(hint, width))),
    // Of a fleet that a policy speaks for: a part of it as Spot, an environment's trigger.
    ...answers
      .filter(a => a.pen === 'resize-fleets' && a.policy !== null && a.policy !== 'none')
      .slice(0, 1)
      .map(({ resource }) => {
        const { clients, commitments, groups } = read(resource);
        return purchaseHints(clients, resource, { at, commitments, width }, groups);
      }),
  ]);
  return paragraphs.flat();
}

/** Its account's clients, and its group, read when somebody first wants it. */
function once({ account, config }: Account) {
  const known = new Map<string, ReturnType<typeof describeGroups>>();
  return (resource: ResourceRef) => {
    const { clients, commitments } = standingOf(accountFor(config, resource.scope, account), resource.scope);
    const groups = () => {
      const reading = known.get(resource.id) ?? describeGroups(clients, resource.scope, [resource.id]);
      known.set(resource.id, reading);
      return reading;
    };
    return { clients, commitments, groups };
  };
}

/** A fleet that hears nothing may listen to something that is called otherwise. */
async function silentMetrics(left: Plan['left'], { config }: Account, clientsOf: (resource: ResourceRef) => Clients): Promise<string[]> {
  const hints: string[] = [];
  for (const { because, policy: name, resource } of left) {
    const policy = config.policies.find(p => p.name === name);
    if (because.code !== 'silent-metric' || policy?.kind !== 'fleets' || resource.kind !== 'auto-scaling-group') continue;
    hints.push(...(await metricHints(clientsOf(resource), resource.id, policy)));
  }
  return hints;
}
