/** For `ebb why GROUP`: what the margin that a fleet's demand has taught costs. */
import type { ResourceRef } from '../shared/model/ids.ts';
import { dollars, microUsd } from '../shared/model/money.ts';
import type { Foresight } from '../shared/model/plan.ts';
import { observeTerms } from '../shared/observe/fleet-terms.ts';
import { describeGroups } from '../shared/observe/fleets.ts';
import { why } from '../shared/observe/why.ts';
import { rate } from '../shared/report/amounts.ts';
import { plain } from '../shared/report/plain.ts';
import type { Clients } from '../shared/runtime/clients.ts';

/** A month, as AWS counts one in its price examples. */
const HOURS = 730;

/** A paragraph; `read` is for whoever has the group already. The price of a member is looked up, and told as unknown where no source knows it. */
export async function marginHint(
  clients: Clients,
  { id, scope }: ResourceRef,
  foresight: Foresight,
  read: () => ReturnType<typeof describeGroups> = () => describeGroups(clients, scope, [id]),
): Promise<string> {
  const spare = Math.max(0, (foresight.margin * foresight.forecast * 100) / foresight.utilization);
  const kept = `The margin keeps ${spare.toFixed(1)} instances spare`;
  try {
    const groups = await read();
    const [terms] = (
      await observeTerms(
        clients,
        scope,
        groups.map(g => g.fleet),
      )
    ).values();
    const price = terms?.price ?? null;
    if (price === null) return `${kept}; what they cost is unknown: no source knows the price of its instances, or their types differ.`;
    const perHour = microUsd(Math.round(price.perHour * spare));
    const month = dollars(microUsd(perHour * HOURS));
    return `${kept}: ${rate(perHour)}, ${month} in a month of ${HOURS} hours, by ${plain(price.source)}.`;
  } catch (error) {
    return `${kept}; what they cost could not be read: ${why(error)}`;
  }
}
