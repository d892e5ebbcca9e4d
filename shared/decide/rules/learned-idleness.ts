/** Idleness as it was learned of each instance: stopped when it is idle by its own floor and unlikely to be used soon, back before it is. */
import type { InstanceMemory, StopDebt } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { ChangeReason, IdleFloor, LeftReason } from '../../model/plan.ts';
import { addSeconds, epochSeconds, floorTo, fromEpochSeconds, HOUR, type Instant, MINUTE } from '../../model/time.ts';
import type { InstanceContext, Standing } from '../decide-instances.ts';
import type { IdleThought } from '../idle/consider.ts';
import type { Wish } from '../idle/learner.ts';
import type { Risk } from '../idle/risk.ts';
import type { Owed } from './comes-back.ts';
import { leave, type Verdict } from './rule.ts';
import { stopOf } from './stop-of.ts';

/** Its first hour says nothing: it boots, or somebody has just started it. Then two have to agree. */
const HOURS_FIRST = 3;

/** When an instance that runs since then can first be measured to any purpose. */
export const measurableFrom = (launchedAt: Instant): Instant => addSeconds(floorTo(launchedAt, HOUR), HOURS_FIRST * HOUR);

export function learnedIdleness(instance: Instance, { at, idle, policy, memory }: InstanceContext): Verdict {
  const from = measurableFrom(instance.launchedAt);
  if (from > floorTo(at, HOUR)) return leave({ code: 'just-started', at: instance.launchedAt, measuredFrom: from });
  const now = floorTo(at, HOUR);
  if (idle === null || 'busy' in idle) return leave({ code: 'not-measured', nextAt: addSeconds(now, HOUR) });
  const { learning, wish } = idle;
  if (learning !== null) return leave({ code: 'learning', ...learning });
  if (wish.wish === 'leave') return leave(whyLeft(idle, wish, now));
  // What was thought earlier says when to measure again, and never more than that.
  if (wish.wish !== 'rest' || instantOf(idle.until) < now) return leave({ code: 'not-measured', nextAt: laterOf(idle.again, now) ?? now });
  if (idle.otherUse != null) return leave({ code: 'other-use', ...idle.otherUse });
  return {
    act: stopOf(instance, { policy, memory, at }),
    because: {
      code: 'idle-learned',
      risk: wish.risk.soon,
      tolerated: wish.may,
      floor: floorOf(wish.risk),
      hours: wish.risk.evidence.idleHours,
      days: wish.risk.evidence.days,
      daysUsed: wish.risk.evidence.daysUsed,
      until: now,
    },
    causeAt: now,
    expects: { launchedAt: instance.launchedAt },
    attempt: 1,
  };
}

function whyLeft(thought: IdleThought, wish: Extract<Wish, { wish: 'leave' }>, now: Instant): LeftReason {
  const { risk, may, why } = wish;
  const hour = instantOf(thought.until - 1);
  const again = laterOf(thought.again, now);
  if (risk.state === 'unknown') return { code: 'thin-data', coverage: 0, needed: 1, window: { start: hour, end: addSeconds(hour, HOUR) } };
  if (risk.state === 'in-use') {
    const { cpuMax, netMax } = thought.latest;
    return { code: 'above-floor', cpu: cpuMax, net: netMax, floor: floorOf(risk), hour, again };
  }
  if (why === 'just-woken') return { code: 'just-woken', again };
  const { days, daysUsed } = risk.evidence;
  return { code: why === 'unconfirmed' ? 'idle-unconfirmed' : 'likely-soon', risk: risk.soon, tolerated: may, days, daysUsed, again };
}

/**
 * Why a box that we stopped for idleness comes back before anybody asks; `null`: it sleeps on. In off-hours nobody is expected. Once a start
 * is under way it is seen through, whatever the next hour says.
 */
export function wakesEarly(standing: Owed): Extract<ChangeReason, { code: 'ahead-of-use' }> | null {
  const { at, memory } = standing;
  const { stop, start } = memory;
  const thought = thoughtAsleep(stop.because, standing);
  if (thought === null) return null;
  const { wish, wakes } = thought;
  if (wish.wish !== 'wake' && wish.wish !== 'sleep-on') return null;
  const because = (risk: number) => ({ code: 'ahead-of-use', risk, stoppedAt: stop.at }) as const;
  if (wish.wish === 'wake' || start?.boundary === stop.at) return because(wish.next);
  return wakes !== null && wakenFrom(wakes, memory) <= at ? because(wakes.risk) : null;
}

/** When it has to be woken, to be there in the next hour; `null`: it may sleep through it, as far as is known. */
export function wakesAt(because: StopDebt['because'], standing: Standing): Instant | null {
  const wakes = thoughtAsleep(because, standing)?.wakes ?? null;
  return wakes === null ? null : wakenFrom(wakes, standing.memory);
}

function thoughtAsleep(because: StopDebt['because'], { policy, gate, hours, idle }: Standing): IdleThought | null {
  if (because !== 'idle' || policy?.idle !== 'learned' || gate !== null) return null;
  if (hours !== null && hours.state !== 'running') return null;
  return idle === null || 'busy' in idle ? null : idle;
}

const wakenFrom = ({ hour }: NonNullable<IdleThought['wakes']>, memory: InstanceMemory | null): Instant =>
  addSeconds(instantOf(hour), -bootTime(memory));

/** From the call to passed status checks, in seconds: what is usual, or what it took of late. */
const BOOTS_WITHIN = 10 * MINUTE;
const BOOTS_MOST = 20 * MINUTE;
const bootTime = (memory: InstanceMemory | null): number => Math.min(BOOTS_MOST, Math.max(BOOTS_WITHIN, ...(memory?.boots ?? [])));

const floorOf = ({ floor }: Risk): IdleFloor => floor;
const instantOf = (hour: number): Instant => fromEpochSeconds(hour * HOUR);
const laterOf = (hour: number, now: Instant): Instant | null => (hour * HOUR > epochSeconds(now) + HOUR ? instantOf(hour) : null);
