/**
 * Another type for what is stopped by us anyway: the smaller one that its load justifies, or one that EC2 has capacity for; and its own
 * again. One step at a look: the type is changed, then it is started, then its status checks are followed, and what does not come up gets
 * the old type back. Where that fails as well, it is started as it is: what we owe is a machine that runs.
 */
import { misfit } from '../../model/instance-type.ts';
import type { InstanceMemory, Retype } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { ChangeReason } from '../../model/plan.ts';
import { addSeconds, type Instant, MINUTE, secondsBetween } from '../../model/time.ts';
import type { InstanceContext, Standing } from '../decide-instances.ts';
import { SIZED_FOR } from '../resize.ts';
import type { Owed } from './comes-back.ts';
import type { Rule, Verdict } from './rule.ts';

/** @param returns what would be done with the instance as it is. @returns what has to be done before, or `null`. */
export function typeBefore(returns: Verdict, instance: Instance, standing: Owed): Verdict | null {
  const { memory, at } = standing;
  const { retype = null } = memory;
  if (retype === null) return fallBack(returns, instance, standing) ?? smaller(returns, instance, standing);
  const because = whyBack(returns, retype, memory);
  if (because === null) return fallBack(returns, instance, standing);
  return mayTryBack(retype, memory, at) ? back(instance, retype, because) : null;
}

type Back = Extract<ChangeReason, { code: 'type-restored' }>;

/** Why it should get its own type again. */
function whyBack(returns: Verdict, { because, failing, own, to, at }: Retype, { start }: InstanceMemory): Back | null {
  const restored = (why: Back['why'], detail: string | null): Back => ({ code: 'type-restored', fromType: to, toType: own, why, detail });
  const fails = start !== null && start.at > at ? start.failure : null;
  if (because === 'rightsize') {
    if (failing !== null) return restored('checks-failing', failing);
    return fails === null ? null : restored('does-not-start', fails);
  }
  // A type that stood in for its own is given back at the first stop, and to whoever gets it for good.
  return isAsleep(returns) || codeOf(returns) === 'released' ? restored('stood-in', null) : null;
}

const isAsleep = (verdict: Verdict): boolean => 'left' in verdict && verdict.left.code === 'asleep';
const codeOf = (verdict: Verdict): string => ('left' in verdict ? verdict.left.code : verdict.because.code);

/** After a way back that failed, a start is tried first: it may come up all the same. */
function mayTryBack({ back: failed }: Retype, { start }: InstanceMemory, at: Instant): boolean {
  if (failed === null) return true;
  return (start !== null && start.failure !== null && start.at > failed.at) || addSeconds(failed.at, BACK_AGAIN) <= at;
}

const BACK_AGAIN = 30 * MINUTE;

const back = ({ launchedAt }: Instance, { own, to, at, back: failed }: Retype, because: Back): Verdict => ({
  act: { kind: 'modify-instance-type', type: own },
  because,
  causeAt: at,
  expects: { launchedAt, type: to },
  attempt: (failed?.attempt ?? 0) + 1,
});

const NO_CAPACITY = /Insufficient\w*Capacity/;

/**
 * Its start failed for want of capacity, and its policy names types that would do: the next of them that fits, each once. What stands in
 * gives way to the next whatever it failed for: a zone may not have the type at all, and never will.
 */
function fallBack(returns: Verdict, instance: Instance, { memory, policy, types }: Owed): Verdict | null {
  const { start, retype, fellBack } = memory;
  const code = codeOf(returns);
  // A type that it has just got is tried first.
  if (start === null || start.failure === null || start.atOnce === true || (code !== 'on-hours' && code !== 'start-failing')) return null;
  if (retype?.because !== 'capacity' && !NO_CAPACITY.test(start.failure)) return null;
  const isTried = (type: string) => fellBack?.boundary === start.boundary && fellBack.types.includes(type);
  const next = policy?.start?.fallbackTypes?.find(type => type !== instance.type && !isTried(type) && fits(instance, type, types));
  if (next !== undefined) return standIn(instance, next, start.boundary, start.failure);
  // None of them came up: from here on its own type is tried, as if there were no others.
  if (retype?.because !== 'capacity' || retype.back !== null) return null;
  return back(instance, retype, { code: 'type-restored', fromType: retype.to, toType: retype.own, why: 'stood-in', detail: start.failure });
}

/** Not while nobody knows what it needs. */
function fits({ build, volumes, type: from }: Instance, to: string, types: Standing['types']): boolean {
  const [own, other] = [types?.get(from), types?.get(to)];
  return build !== undefined && own !== undefined && other !== undefined && misfit(build, volumes.length, own, other) === null;
}

const standIn = ({ type: from, launchedAt }: Instance, to: string, causeAt: Instant, why: string): Verdict => ({
  act: { kind: 'modify-instance-type', type: to },
  because: { code: 'fallback-type', fromType: from, toType: to, why },
  causeAt,
  expects: { launchedAt, type: from },
  attempt: 1,
});

/** A change of type takes seconds; whoever is due so soon is not kept waiting for a lost answer. */
const NOT_BEFORE_START = 30 * MINUTE;

/** While it sleeps, and only while it does: never as downtime of its own. */
function smaller(returns: Verdict, instance: Instance, { memory, policy, at }: Owed): Verdict | null {
  const { stop, sized } = memory;
  if (policy?.resize === undefined || !('left' in returns) || returns.left.code !== 'asleep') return null;
  if (returns.left.until !== null && returns.left.until < addSeconds(at, NOT_BEFORE_START)) return null;
  if (sized === undefined || sized.to === null || sized.from !== instance.type) return null;
  if (secondsBetween(sized.at, at) > 2 * SIZED_FOR || isResting(memory, sized.to, at)) return null;
  const { from, to, evidence } = sized;
  return {
    act: { kind: 'modify-instance-type', type: to },
    because: { code: 'rightsize', fromType: from, toType: to, ...evidence },
    causeAt: stop.at,
    expects: { launchedAt: instance.launchedAt, type: from },
    attempt: 1,
  };
}

export const isResting = ({ resting }: InstanceMemory, type: string, at: Instant): boolean => resting?.type === type && at < resting.until;

/** So long a machine may be impaired with its new type before that is taken back. */
const IMPAIRED_FOR = 10 * MINUTE;

/** It runs with a smaller type from us and cannot be used: whoever waits for it has lost nothing by a stop, and gets the old type. */
export const undoResize: Rule<Instance, InstanceContext> = (instance, { memory, at }) => {
  const { retype, boot, failedStop: failed } = memory;
  if (
    retype?.because !== 'rightsize' ||
    boot?.failing !== 'impaired' ||
    retype.failing === null ||
    addSeconds(boot.runningAt, IMPAIRED_FOR) > at
  )
    return null;
  return {
    act: { kind: 'stop-instance', hibernate: false },
    because: { code: 'resize-undone', fromType: retype.to, toType: retype.own, failing: boot.failing },
    causeAt: retype.at,
    expects: { launchedAt: instance.launchedAt },
    attempt: failed?.causeAt === retype.at ? failed.attempt + 1 : 1,
  };
};

/** What somebody else changed is theirs; what came up is its own. */
export function settledType(memory: InstanceMemory, { type, state }: Pick<Instance, 'type' | 'state'>): InstanceMemory {
  const retype = memory.retype ?? null;
  if (retype === null || state === 'terminated') return memory;
  return type === retype.to ? memory : { ...memory, retype: null };
}
