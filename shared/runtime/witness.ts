/**
 * What a change that EC2 or CloudTrail reports means for the account: which meters it closes, what it makes us remember or forget. Pure.
 *
 * Events come late, twice and out of order. So each is held against the instants in memory, never against the event before it: what is
 * not later than the stop it would end, or the start it would answer, speaks of an earlier life of the machine and changes nothing.
 */
import { withReturn } from '../decide/boomerangs.ts';
import { closeMeter } from '../ledger/meters.ts';
import type { ResourceRef } from '../model/ids.ts';
import type { LedgerRow, MeterClosedRow, MeterOpenedRow, NotedRow } from '../model/ledger.ts';
import type { InstanceMemory, StartInFlight, StopDebt } from '../model/memory.ts';
import type { InstanceState } from '../model/observation.ts';
import { type Instant, later } from '../model/time.ts';
import type { ApiCallEvent } from './events/cloudtrail.ts';
import { alsoResized } from './resize-meter.ts';

export interface StateChange {
  readonly resource: ResourceRef;
  readonly state: InstanceState;
  readonly at: Instant;
  /** It has been running all along, and is seen to be: nothing changed but the day. */
  readonly turn?: true;
  /** As it is seen; absent: an event told, and does not know. */
  readonly type?: string;
}

export interface Testimony {
  /** To append before memory is written: told again they are the same rows, so a crash in between only has them told again. */
  readonly rows: readonly LedgerRow[];
  /** The same object when nothing changed; `null`: forget it. */
  readonly next: InstanceMemory | null;
}

/** @param memory of an enrolled instance; of others nothing is written down. */
export const witness = (memory: InstanceMemory, change: StateChange): Testimony => alsoResized(memory, testimonyOf(memory, change), change);

function testimonyOf(memory: InstanceMemory, change: StateChange): Testimony {
  if (change.turn) return { rows: [], next: memory };
  switch (change.state) {
    case 'running':
      return cameUp(memory, change);
    case 'stopping':
    case 'stopped':
      return wentDown(memory, change);
    case 'shutting-down':
    case 'terminated':
      return gone(memory, change);
    case 'pending': // billing begins at `running`
      return { rows: [], next: memory };
    default:
      return change.state satisfies never;
  }
}

/** The debt is paid, whoever paid it: from this second on EC2 bills again. Whatever start was in flight has arrived, or is moot. */
function cameUp(memory: InstanceMemory, change: StateChange): Testimony {
  const { stop, start } = memory;
  const answered = start !== null && start.at <= change.at;
  const paid = stop !== null && stop.at < change.at;
  if (!answered && !paid) return { rows: [], next: memory };
  const next = {
    ...memory,
    stop: paid ? null : stop,
    start: answered ? null : start,
    ...(answered && start.failure === null ? arrived(start, change.at) : {}),
  };
  if (!paid) return { rows: [], next };
  // A start that AWS refused brought nothing up. One that fell back may have been up before: then its `running` is merely late.
  const ours = answered && (start.failure === null || hasFallenBack(start.failure));
  const back = { stoppedAt: stop.at, because: stop.because, at: change.at } as const;
  if (ours && start.asked === undefined)
    return { rows: closed(stop, change, 'started-by-us'), next: { ...next, back: { ...back, by: 'us' } } };
  // Our hand, but a person's will: who wants a box back within the hour was stopped too early, whichever way they say so.
  const detail = ours ? `asked for by ${start.asked}` : null;
  const rows = [...closed(stop, change, 'started-by-someone'), noted(change, 'started-by-someone', detail)];
  const boomerangs = withReturn(memory.boomerangs, back);
  return { rows, next: { ...next, back: { ...back, by: 'someone' }, ...(boomerangs.length > 0 && { boomerangs }) } };
}

/** From now on its status checks are watched. */
const arrived = ({ boundary, at }: StartInFlight, runningAt: Instant): Pick<InstanceMemory, 'boot' | 'aheadOf'> => ({
  boot: { boundary, startedAt: at, runningAt, failing: null },
  ...(runningAt < boundary && { aheadOf: boundary }),
});

/** EC2 takes a start without an error and lets the instance fall back: no capacity, or a key that may not be used. */
export const FELL_BACK = 'EC2 took the start, and the instance fell back to stopped (no capacity, or no grant for its KMS key)';

/** … once the instance shows why. @param reason its StateReason, `Client.InternalError: Client error on launch`. */
export const fellBackFor = (reason: string): string =>
  `EC2 took the start, and the instance fell back to stopped: ${reason}${/InternalError/.test(reason) ? ' (mostly a KMS key that may not be used)' : ''}`;

export const hasFallenBack = (failure: string | null): boolean => failure?.startsWith('EC2 took the start') ?? false;

function wentDown(memory: InstanceMemory, change: StateChange): Testimony {
  const { stop, start } = memory;
  if (stop?.opens !== undefined && change.state === 'stopped' && stop.at <= change.at) return hibernated(memory, stop, stop.opens, change);
  if (start !== null && start.at < change.at) {
    if (start.failure !== null) return { rows: [], next: memory };
    return { rows: [noted(change, 'start-failed', FELL_BACK)], next: { ...memory, start: { ...start, failure: FELL_BACK } } };
  }
  // `stopping` alone would note one stop twice, and comes before our own stop is settled.
  const byOthers = stop === null && start === null && change.state === 'stopped' && change.at > memory.enrolledAt;
  return { rows: byOthers ? [noted(change, 'stopped-by-someone', null)] : [], next: memory };
}

/** Its memory has been written out: from this second on EC2 does not bill. */
function hibernated(memory: InstanceMemory, { opens: _, ...stop }: StopDebt, opens: MeterOpenedRow, { at }: StateChange): Testimony {
  return { rows: [{ ...opens, at }], next: { ...memory, stop: { ...stop, meterAt: at } } };
}

/** What does not exist saves nothing. */
function gone({ stop }: InstanceMemory, change: StateChange): Testimony {
  const end = noted(change, 'terminated', null);
  if (stop === null) return { rows: [end], next: null };
  return { rows: [...closed(stop, change, 'terminated'), end], next: null };
}

/** A meter that has not been opened needs no closing; one that opens as the instance comes or goes closes where it opened, at nothing. */
const closed = ({ meterId, at, meterAt, opens, unmetered }: StopDebt, change: StateChange, why: MeterClosedRow['why']): MeterClosedRow[] =>
  opens === undefined && unmetered === undefined
    ? [closeMeter({ meterId, openedAt: meterAt ?? at, resource: change.resource }, later(meterAt ?? at, change.at), why)]
    : [];

const noted = ({ at, resource }: Pick<StateChange, 'at' | 'resource'>, what: NotedRow['what'], detail: string | null): NotedRow => ({
  ...{ kind: 'noted', at, scope: resource.scope, resource, what, detail },
});

/** Who did it: CloudTrail alone knows, and comes minutes after the change itself. Calls of ours and calls that failed are no news. */
export function witnessCall(event: ApiCallEvent, resource: ResourceRef): NotedRow | null {
  if (event.errorCode !== null || event.changeIds.length > 0) return null;
  return noted({ at: event.at, resource }, 'asked-by-someone', `${event.call} by ${event.by.name}`);
}
