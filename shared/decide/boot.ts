/** A start is over when the machine can be used: from `running` on, its status checks are watched, and how long that takes is learned. */
import type { Boot, InstanceMemory } from '../model/memory.ts';
import type { Instance, StatusChecks } from '../model/observation.ts';
import { addSeconds, DAY, type Instant, MINUTE, secondsBetween } from '../model/time.ts';
import type { InstancePolicy } from '../policy/schema.ts';
import type { InstanceContext } from './decide-instances.ts';
import { leave, type Rule } from './rules/rule.ts';

/** Checks that have not passed after so long are told as failing, whatever they are called. */
const PATIENCE = 15 * MINUTE;
/** Nobody watches for longer than this. */
const WATCHED = DAY;
/** So many starts are remembered. */
const BOOTS = 10;

/**
 * What is remembered once the instance was looked at: `boot` goes when the checks have passed (and how long it took is kept), when it runs
 * no more, and when they have failed for a day.
 * @returns the same object where nothing changed.
 */
export function afterChecks(
  memory: InstanceMemory,
  { state }: Pick<Instance, 'state'>,
  checks: StatusChecks | null,
  at: Instant,
): InstanceMemory {
  const { boot = null, boots = [] } = memory;
  if (boot === null) return memory;
  if (state !== 'running' && state !== 'pending') return { ...memory, boot: null };
  if (checks === 'ok') return { ...provenType(memory), boot: null, boots: [...boots, secondsBetween(boot.startedAt, at)].slice(-BOOTS) };
  if (addSeconds(boot.runningAt, WATCHED) <= at) return { ...memory, boot: null };
  const failing = checks !== null && isFailing(boot, checks, at) ? failureOf(checks) : null;
  // What could not be read has not recovered, and is not told again; but no type is undone for it.
  const told = checks === null ? boot.failing : failing;
  const { retype = null } = memory;
  if (told === boot.failing && (retype === null || retype.failing === failing)) return memory;
  return { ...memory, boot: { ...boot, failing: told }, ...(retype !== null && { retype: { ...retype, failing } }) };
}

/** A smaller type that came up is its own from now on; one that stood in for want of capacity is not. */
const provenType = (memory: InstanceMemory): InstanceMemory =>
  memory.retype?.because === 'rightsize' ? { ...memory, retype: null } : memory;

const isFailing = ({ runningAt }: Boot, checks: StatusChecks, at: Instant): boolean =>
  checks === 'impaired' || addSeconds(runningAt, PATIENCE) <= at;

const failureOf = (checks: StatusChecks): string => (checks === 'impaired' ? checks : `still ${checks}`);

/** Of a running instance whose checks have yet to pass; that it runs is right in any case. */
export const booting: Rule<Instance, InstanceContext> = (_, { memory }) => {
  const { boot = null } = memory;
  return boot === null ? null : leave({ code: 'booting', startedAt: boot.startedAt, failing: boot.failing });
};

/** The longest that a start is made ahead of its hour. */
const AHEAD_MAX = 15 * MINUTE;
/** One slow boot is no habit. */
const BOOTS_MIN = 2;

/** Seconds by which a start goes ahead of on-hours, so that it is ready by then: what nine of ten of its starts took; 0 unless asked for. */
export function startsAhead(memory: InstanceMemory | null, policy: InstancePolicy | null): number {
  const boots = memory?.boots ?? [];
  if (policy?.start?.early !== true || boots.length < BOOTS_MIN) return 0;
  const sorted = boots.toSorted((a, b) => a - b);
  const slow = sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0;
  return Math.min(slow, AHEAD_MAX);
}
