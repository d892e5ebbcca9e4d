/** For `ebb why GROUP`: what could be bought otherwise, and an environment's trigger that listens to the wrong thing. */
import { alike, type NoProposal, proposePurchase } from '../shared/decide/purchase.ts';
import type { ResourceRef } from '../shared/model/ids.ts';
import type { Instant } from '../shared/model/time.ts';
import { observeEnvironments } from '../shared/observe/beanstalk.ts';
import { describeGroups } from '../shared/observe/fleets.ts';
import { listPrices, observePurchase, observeSpotPrices } from '../shared/observe/purchase.ts';
import { why } from '../shared/observe/why.ts';
import { purchaseText } from '../shared/report/purchase-text.ts';
import { triggerText } from '../shared/report/trigger-text.ts';
import type { Clients } from '../shared/runtime/clients.ts';

/** Paragraphs to print below the answer; `read` is for whoever has the group already. What cannot be read is said, and nothing is guessed in its place. */
export async function purchaseHints(
  clients: Clients,
  resource: ResourceRef,
  { at, commitments, width }: { readonly at: Instant; readonly commitments: 'none' | 'unknown'; readonly width: number },
  read: () => ReturnType<typeof describeGroups> = () => describeGroups(clients, resource.scope, [resource.id]),
): Promise<string[]> {
  try {
    const [found] = await read();
    if (found === undefined) return [];
    const { fleet } = found;
    const runs = [...new Set(fleet.members.flatMap(m => m.type ?? []))];
    const purchase = await observePurchase(clients, fleet.group, runs);
    if (purchase === null) return [];
    const types = [...new Set([...purchase.types, ...purchase.types.slice(0, 1).flatMap(alike)])];
    const list = listPrices(resource.scope.region, types);
    const spot =
      types.length === 0
        ? []
        : await observeSpotPrices(
            clients,
            types.filter(t => list.has(t)),
            at,
          );
    const proposal = proposePurchase({ fleet, floor: fleet.minSize, ...purchase, list, spot, commitments });
    const [environment] = [...(await observeEnvironments(clients, [fleet])).values()];
    const trigger = environment == null || 'unread' in environment ? null : environment.trigger;
    const name = resource.name ?? resource.id;
    return [
      typeof proposal === 'string'
        ? NONE[proposal]
        : purchaseText(name, proposal, list.get(proposal.types[0] ?? '')?.source ?? null, width),
      ...(trigger === 'NetworkOut' ? [triggerText(name, resource.id, width)] : []),
    ];
  } catch (error) {
    return [`Whether a part of it could be bought as Spot could not be read: ${why(error)}`];
  }
}

const NONE: Readonly<Record<NoProposal, string>> = {
  'single-size': 'No Spot is proposed: its MinSize is its MaxSize, so all of it always runs.',
  'already-spot': 'No Spot is proposed: it already buys some.',
  'launch-configuration': 'No Spot is proposed: it launches by a launch configuration, and only a launch template can buy both.',
  weighted: 'No Spot is proposed: its types have weights, and nobody but its owner knows what else would carry as much.',
  'unknown-type': 'No Spot is proposed: it has no instance whose type could be told.',
  'nothing-above-the-floor':
    'No Spot is proposed: hardly anything runs above its MinSize, which is better bought on demand or by a commitment.',
};
