/** A meter is opened when capacity goes to sleep and closed when it wakes: what lies between is measured, not predicted. */
import type { Baseline } from '../model/baseline.ts';
import { fingerprint, type ResourceRef } from '../model/ids.ts';
import type { Commitments, MeterClosedRow, MeterOpenedRow, SavingClass } from '../model/ledger.ts';
import { type MicroUsd, microUsd } from '../model/money.ts';
import type { Price } from '../model/observation.ts';
import { type Change, isIdle } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import type { Instant } from '../model/time.ts';

/** What a meter counts with: frozen into its opening row, so that a later price or baseline does not rewrite the past. */
export interface MeterTerms {
  readonly baseline: Baseline;
  /** Of one instance; `null`: unknown, hours only. */
  readonly price: Price | null;
  readonly commitments: Commitments;
  /** Given back by the stop, for each hour; absent: none. */
  readonly addressPerHour?: MicroUsd;
  /** Charged once for the change itself; absent: nothing. */
  readonly addedCost?: MicroUsd;
  readonly team: string | null;
}

/** The meter of a stop: one per change, so a stop that is told twice opens one meter. */
export const stopMeterId = (changeId: string): string => `mtr-${fingerprint(changeId)}`;

/** The meter of a fleet: one per group and instant. */
export const fleetMeterId = (fleet: ResourceRef, openedAt: Instant): string =>
  `mtr-${fingerprint({ id: fleet.id, scope: fleet.scope, openedAt })}`;

/**
 * The meter that a done stop opens, at the instant EC2 took it: billing ended there.
 * @throws Error for anything but a stop that was done: nothing else puts an instance to sleep.
 */
export function openStopMeter(receipt: Receipt, terms: MeterTerms): MeterOpenedRow {
  const { change, outcome, at } = receipt;
  if (change.action.kind !== 'stop-instance' || outcome !== 'done')
    throw new Error(`${change.id}: ${change.action.kind} that is ${outcome} opens no meter`);
  return {
    ...opening(change.resource, at, terms),
    meterId: stopMeterId(change.id),
    class: stopClass(change),
    running: 0,
    changeId: change.id,
    policy: change.policy,
    owner: change.owner,
    team: terms.team ?? change.owner,
  };
}

function stopClass({ id, because }: Change): SavingClass {
  if (because.code === 'off-hours') return 'schedule';
  if (isIdle(because)) return 'idle-stop';
  if (because.code === 'tag-deadline') return 'tags';
  throw new Error(`${id}: a stop is not argued from ${because.code}`);
}

/** A fleet of ours from now on: `running` instances are billed until the number changes or the day ends, when this meter is closed. */
export interface FleetReading {
  readonly fleet: ResourceRef;
  readonly at: Instant;
  readonly running: number;
  /** The change that made it so; `null` where the number was merely observed. */
  readonly changeId: string | null;
  readonly policy: string;
  readonly owner: string | null;
}

export function openFleetMeter({ fleet, at, running, changeId, policy, owner }: FleetReading, terms: MeterTerms): MeterOpenedRow {
  return {
    ...opening(fleet, at, terms),
    meterId: fleetMeterId(fleet, at),
    class: 'scale-in',
    running,
    changeId,
    policy,
    owner,
    team: terms.team ?? owner,
  };
}

const opening = (resource: ResourceRef, at: Instant, terms: MeterTerms) =>
  ({
    kind: 'meter-opened',
    at,
    scope: resource.scope,
    resource,
    perHour: terms.price?.perHour ?? null,
    priceSource: terms.price?.source ?? null,
    billedAs: terms.price?.billedAs ?? null,
    commitments: terms.commitments,
    addressPerHour: terms.addressPerHour ?? microUsd(0),
    addedCost: terms.addedCost ?? microUsd(0),
    baseline: terms.baseline,
  }) as const;

/** What closing a meter needs to know of it: memory holds this much of an open one. */
export interface OpenMeter {
  readonly meterId: string;
  readonly openedAt: Instant;
  readonly resource: ResourceRef;
}

/** Filed beside its opening row, so a meter closes at most once whoever notices; whoever comes second is told `false` by the ledger. */
export const closeMeter = ({ meterId, openedAt, resource }: OpenMeter, at: Instant, why: MeterClosedRow['why']): MeterClosedRow => ({
  kind: 'meter-closed',
  at,
  scope: resource.scope,
  meterId,
  openedAt,
  resource,
  why,
});
