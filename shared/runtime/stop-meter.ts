/** The meter of a stop that EC2 took: on what terms it opens, and when. */
import { openStopMeter } from '../ledger/meters.ts';
import type { Commitments, MeterOpenedRow } from '../model/ledger.ts';
import type { InstanceMemory } from '../model/memory.ts';
import { type MicroUsd, microUsd, rateOver } from '../model/money.ts';
import type { Change } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { MINUTE, secondsBetween } from '../model/time.ts';

/** Whether a settled change opens one: what a person asked to be stopped is their saving, not ours, and to undo what we did saves nothing. */
export const metersStop = ({ change, outcome }: Receipt): boolean =>
  change.action.kind === 'stop-instance' &&
  outcome === 'done' &&
  change.because.code !== 'asked' &&
  change.because.code !== 'resize-undone';

export function stopMeter(receipt: Receipt, held: InstanceMemory | null, commitments: Commitments): MeterOpenedRow {
  const { change, at } = receipt;
  const { perHour = null, priceSource = null, billedAs, addressPerHour, coverage } = change.saving ?? {};
  return openStopMeter(receipt, {
    baseline: held?.baseline ?? { kind: 'unknown', why: 'not-read-yet', frozenAt: at },
    price: perHour === null || priceSource === null ? null : { perHour, source: priceSource, ...(billedAs && { billedAs }) },
    commitments: coverage ?? commitments,
    ...(addressPerHour !== undefined && { addressPerHour }),
    addedCost: microUsd((change.saving?.charge ?? 0) + restOfMinute(change, receipt)),
    team: change.team ?? null,
  });
}

/** EC2 bills a minute for each start, however short: what is left of it is billed although nothing runs. */
function restOfMinute({ expects, saving }: Change, { at }: Receipt): MicroUsd {
  const { launchedAt } = expects;
  if (launchedAt === undefined || saving?.perHour == null) return microUsd(0);
  return rateOver(saving.perHour, Math.max(0, MINUTE - secondsBetween(launchedAt, at)));
}
