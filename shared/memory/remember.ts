/**
 * What a receipt changes in memory. Pure; each function takes what is remembered now (`null`: nothing) and returns its next value. A receipt
 * that is told again, as after a crash, changes nothing more.
 */
import type { Baseline } from '../model/baseline.ts';
import type { FleetMemory, InstanceMemory, SleepDebt, StartInFlight, StopDebt, TagMemory } from '../model/memory.ts';
import { type Action, type Change, givesBack, isIdle, type Sizes } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { clearsMark, setsMark } from '../model/tagging.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import { rememberType } from './remember-type.ts';

/**
 * A stop that EC2 took is a debt from then on, whatever else is known of the instance; a start is in flight until it is seen to arrive.
 * `already-so` changes nothing: who stopped or started it is not known here, and people's own stops are never ours. The debt of a stop is
 * cleared where its return is observed and its meter closed, not where the start was asked for.
 * @param meterId of the meter that a done stop opens
 */
export function rememberInstance(memory: InstanceMemory | null, receipt: Receipt, meterId: string): InstanceMemory | null {
  const { action } = receipt.change;
  switch (action.kind) {
    case 'stop-instance':
      return rememberStop(memory, receipt, action, meterId);
    case 'start-instance': {
      const start = inFlight(receipt);
      return start === null ? memory : { ...(memory ?? unenrolled(receipt.at)), start };
    }
    case 'modify-instance-type':
      return rememberType(memory ?? unenrolled(receipt.at), receipt, action.type);
    case 'set-desired-capacity':
    case 'set-min-size':
    case 'set-sizes':
    case 'set-environment-min-size':
    case 'pause-environment':
    case 'resume-environment':
    case 'create-tags':
    case 'delete-tags':
    case 'replace-tags':
    case 'tag-group':
    case 'tag-environment':
      return memory;
    default:
      return action satisfies never;
  }
}

type Stop = Extract<Action, { kind: 'stop-instance' }>;

function rememberStop(memory: InstanceMemory | null, receipt: Receipt, action: Stop, meterId: string): InstanceMemory | null {
  const { change, outcome, at } = receipt;
  const known = memory ?? unenrolled(at);
  switch (outcome) {
    case 'done':
      // A stop that a person asked for is theirs: nothing is owed for it.
      if (change.because.code === 'asked') return { ...slept(known, action), start: null, failedStop: null };
      return { ...slept(known, action), stop: debt(receipt, meterId), start: null, failedStop: null };
    case 'failed':
      return { ...stayedAwake(known, receipt, action), failedStop: { causeAt: change.causeAt, attempt: change.attempt } };
    case 'refused': // the same again would not help, so it gets no new attempt: its claim stands in the way until another cause comes
    case 'already-so':
    case 'stale':
    case 'not-attempted':
      return memory;
    default:
      return outcome satisfies never;
  }
}

function slept({ unhibernated, ...known }: InstanceMemory, { hibernate }: Stop): InstanceMemory {
  return hibernate || unhibernated === undefined ? known : { ...known, unhibernated };
}

function stayedAwake(known: InstanceMemory, { at, detail }: Receipt, { hibernate }: Stop): InstanceMemory {
  if (!hibernate || !/hibernat/i.test(detail ?? '')) return known;
  const { times = 0, at: before = null } = known.unhibernated ?? {};
  return { ...known, unhibernated: { times: before === at ? times : times + 1, at } };
}

function debt(receipt: Receipt, meterId: string): StopDebt {
  const { id, because } = receipt.change;
  // The old type comes back at once, and the machine after it: it is owed to any on-hours.
  if (because.code === 'resize-undone') return { changeId: id, at: receipt.at, because: 'off-hours', meterId, unmetered: true };
  if (because.code === 'tag-deadline') return { changeId: id, at: receipt.at, because: 'tags', meterId };
  if (because.code !== 'off-hours' && !isIdle(because)) throw new Error(`${id}: a stop is not argued from ${because.code}`);
  return { changeId: id, at: receipt.at, because: isIdle(because) ? 'idle' : 'off-hours', meterId };
}

/** `null` where the outcome says nothing about a start of ours. */
function inFlight(receipt: Receipt): StartInFlight | null {
  const { change, outcome, at, detail } = receipt;
  const asked = change.because.code === 'asked' ? { asked: change.because.by } : {};
  const start = { changeId: change.id, boundary: change.causeAt, attempt: change.attempt, at, ...asked };
  switch (outcome) {
    case 'done':
      return { ...start, failure: null };
    case 'failed':
    case 'refused':
    case 'stale': // what hindered it may pass, and its id is spent: the next try is a new attempt
      return { ...start, failure: detail ?? outcome };
    case 'already-so':
    case 'not-attempted':
      return null;
    default:
      return outcome satisfies never;
  }
}

/** What a receipt changes in what is remembered of a fleet. `already-so` leaves the debts as they are: what is owed is seen at the next look. */
export function rememberFleet(memory: FleetMemory | null, receipt: Receipt): FleetMemory | null {
  const { action } = receipt.change;
  switch (action.kind) {
    case 'set-desired-capacity':
      return receipt.outcome === 'done' ? rememberResize(memory ?? emptyFleet(receipt.at), receipt, action.desiredCapacity) : memory;
    case 'set-min-size':
    case 'set-environment-min-size':
      return rememberFloor(memory, receipt, action.minSize);
    case 'set-sizes':
      return givesBack(receipt.change) ? rememberWaking(memory, receipt) : rememberSleep(memory, receipt, debtOf(receipt, action));
    case 'pause-environment':
      return rememberSleep(memory, receipt, pauseOf(receipt, action));
    case 'resume-environment':
      return rememberResuming(memory, receipt, action.resumeAt);
    case 'stop-instance':
    case 'start-instance':
    case 'modify-instance-type':
    case 'create-tags':
    case 'delete-tags':
    case 'replace-tags':
    case 'tag-group':
    case 'tag-environment':
      return memory;
    default:
      return action satisfies never;
  }
}

/** When capacity was last added and last removed: the cool-down counts from there. */
function rememberResize(known: FleetMemory, { change, at }: Receipt, desiredCapacity: number): FleetMemory {
  const before = capacityBefore(change);
  if (before === null || desiredCapacity === before) return known;
  const { asleep, capacity } = known;
  const ours = { ...known, capacity: { is: desiredCapacity, changedAt: capacity?.changedAt ?? null } };
  // In off-hours demand may move capacity above its floor: that is still ours.
  const slept = asleep == null ? ours : { ...ours, asleep: { ...asleep, is: { ...asleep.is, desiredCapacity } } };
  if (desiredCapacity < before) return { ...slept, lastScaleInAt: at };
  // While an earlier launch still warms, the capacity before this one is not what carries the load.
  const { because } = change;
  return { ...slept, lastScaleOut: { at, from: because.code === 'above-target' ? because.carriers : before } };
}

/** The number before the first of our changes is written once; it is given back when nobody speaks for the floor any more. */
function rememberFloor(memory: FleetMemory | null, { change, outcome, at }: Receipt, minSize: number): FleetMemory | null {
  if (outcome === 'failed' || outcome === 'refused') return { ...(memory ?? emptyFleet(at)), failedFloorAt: at };
  if (outcome !== 'done') return memory;
  const known = memory ?? emptyFleet(at);
  const { floor } = known;
  const was = floor?.was ?? change.expects.minSize;
  if (was === undefined) throw new Error(`${change.id}: a floor that does not say what was there before`);
  const changedAt = [...(floor?.changedAt ?? []).filter(i => i > addSeconds(at, -DAY) && i !== at), at];
  return { ...known, floor: { was, is: minSize, changedAt }, failedFloorAt: null };
}

/** Sizes before us are written once: neither a second run nor a copy of this receipt puts the zeros of a sleeping fleet in their place. */
function rememberSleep(memory: FleetMemory | null, { change, outcome, at }: Receipt, asleep: SleepDebt): FleetMemory | null {
  const known = memory ?? emptyFleet(at);
  switch (outcome) {
    case 'done':
      return known.asleep != null ? memory : { ...known, asleep, failedSleep: null, lastScaleInAt: at };
    case 'failed':
    case 'refused':
    case 'stale':
      return { ...known, failedSleep: { causeAt: change.causeAt, attempt: change.attempt, at } };
    case 'already-so':
    case 'not-attempted':
      return memory;
    default:
      return outcome satisfies never;
  }
}

/** The sizes before are those that the change expected to find: it was claimed with them, so they were on record before it was written. */
function debtOf({ change, at }: Receipt, is: Sizes): SleepDebt {
  const { minSize, maxSize, desiredCapacity } = change.expects;
  if (minSize === undefined || maxSize === undefined || desiredCapacity === undefined)
    throw new Error(`${change.id}: sizes that do not say what was there before`);
  return { changeId: change.id, at, was: { minSize, maxSize, desiredCapacity }, is: sizesOf(is), back: null };
}

const sizesOf = ({ minSize, maxSize, desiredCapacity }: Sizes): Sizes => ({ minSize, maxSize, desiredCapacity });

const pauseOf = (
  { change, at }: Receipt,
  { down, back, pauseAt, resumeAt }: Extract<Action, { kind: 'pause-environment' }>,
): SleepDebt => ({
  ...{ changeId: change.id, at, was: back, is: down, back: null },
  pause: { from: pauseAt, until: resumeAt },
});

/** The update was taken; whether it brings the group back is seen when its time has come, and the debt stands until then. */
function rememberResuming(memory: FleetMemory | null, receipt: Receipt, until: Instant): FleetMemory | null {
  const asleep = memory?.asleep;
  if (memory === null || asleep?.pause === undefined) return memory;
  if (receipt.outcome !== 'done') return receipt.outcome === 'already-so' ? memory : rememberWaking(memory, receipt);
  const from = asleep.pause.from < receipt.at ? asleep.pause.from : receipt.at;
  return { ...memory, asleep: { ...asleep, back: null, pause: { from, until } } };
}

function rememberWaking(memory: FleetMemory | null, { change, outcome, at, detail }: Receipt): FleetMemory | null {
  if (memory?.asleep == null) return memory;
  switch (outcome) {
    case 'done':
      return { ...memory, asleep: null, lastScaleOut: { at, from: change.expects.desiredCapacity ?? 0 } };
    case 'already-so':
      return { ...memory, asleep: null };
    case 'failed':
    case 'refused':
    case 'stale': {
      // what hindered it may pass, and its id is spent: the next try is a new attempt
      const back = { boundary: change.causeAt, attempt: change.attempt, at, failure: detail ?? outcome };
      return { ...memory, asleep: { ...memory.asleep, back } };
    }
    case 'not-attempted':
      return memory;
    default:
      return outcome satisfies never;
  }
}

/** What the change expected to find, or what its reason says it started from. */
function capacityBefore({ expects, because }: Change): number | null {
  if (expects.desiredCapacity !== undefined) return expects.desiredCapacity;
  return 'from' in because ? because.from : null;
}

/** A mark is set, or cleared, once the world shows it: `already-so` is as good as `done`. A mark keeps the instant it was first set. */
export function rememberTags(memory: TagMemory | null, { change, outcome, at }: Receipt): TagMemory | null {
  const { action, because } = change;
  if (outcome !== 'done' && outcome !== 'already-so') return memory;
  if (clearsMark(action)) return null;
  if (because.code !== 'tags-missing' || !setsMark(action)) return memory;
  const standing = memory?.mark?.deadline === because.deadline ? memory.mark : null;
  const { warned } = standing ?? {};
  const mark = { missing: because.missing, markedAt: standing?.markedAt ?? at, deadline: because.deadline };
  return { mark: warned === undefined ? mark : { ...mark, warned } };
}

/** For what was changed before it was enrolled: the debt must not be lost, and nothing is claimed to be measured. */
const unenrolled = (at: Instant): InstanceMemory => ({ enrolledAt: at, baseline: notRead(at), stop: null, start: null, failedStop: null });

const emptyFleet = (at: Instant): FleetMemory => ({
  enrolledAt: at,
  baseline: notRead(at),
  lastScaleOut: null,
  lastScaleInAt: null,
  meter: null,
});

const notRead = (at: Instant): Baseline => ({ kind: 'unknown', why: 'not-read-yet', frozenAt: at });
