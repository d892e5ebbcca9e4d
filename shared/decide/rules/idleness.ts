/** Idle is measured, on two agreeing ticks. Silence is not idleness. What idle means is learned, or a policy's fixed rule. */
import { coverage, measured, type Series, slice } from '../../model/metric.ts';
import type { Instance } from '../../model/observation.ts';
import { addSeconds, floorTo, fromEpochSeconds, HOUR, type Instant, type Window } from '../../model/time.ts';
import type { InstancePolicy } from '../../policy/schema.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { learnedIdleness, measurableFrom } from './learned-idleness.ts';
import { leave, type Rule, type Verdict } from './rule.ts';
import { stopOf } from './stop-of.ts';

export const idleness: Rule<Instance, InstanceContext> = (instance, context) => {
  const { idle } = context.policy;
  if (idle === undefined) return null;
  return idle === 'learned' ? learnedIdleness(instance, context) : underThreshold(instance, context, idle);
};

type Threshold = Exclude<NonNullable<InstancePolicy['idle']>, 'learned'>;

/** Low for the whole lookback window. */
function underThreshold(instance: Instance, { policy, memory, at, idle: thought }: InstanceContext, idle: Threshold): Verdict {
  const now = lookback(floorTo(at, HOUR), idle.hours);
  const oneTickEarlier = lookback(addSeconds(now.end, -HOUR), idle.hours);
  if (!runsLongEnough(instance, idle, at)) {
    // A stopped box publishes nothing, so the window since its start is all there is: wait until it is whole.
    return leave({ code: 'just-started', at: instance.launchedAt, measuredFrom: addSeconds(instance.launchedAt, (idle.hours + 2) * HOUR) });
  }
  if (thought !== null && 'busy' in thought) {
    const again = fromEpochSeconds(thought.again * HOUR);
    return leave({ code: 'in-use', cpuMax: thought.busy.cpuMax, threshold: idle.cpuBelow, window: oneTickEarlier, again });
  }
  if (instance.cpuMax === null) return leave({ code: 'not-measured', nextAt: addSeconds(now.end, HOUR) });

  for (const window of [now, oneTickEarlier]) {
    const part = slice(instance.cpuMax, window);
    if (coverage(part) < idle.coverage) return leave({ code: 'thin-data', coverage: coverage(part), needed: idle.coverage, window });
    if (peak(part) >= idle.cpuBelow) return leave({ code: 'in-use', cpuMax: peak(part), threshold: idle.cpuBelow, window });
  }

  const whole = slice(instance.cpuMax, now);
  return {
    act: stopOf(instance, { policy, memory, at }),
    because: { code: 'idle', cpuMax: peak(whole), threshold: idle.cpuBelow, window: now, coverage: coverage(whole) },
    causeAt: now.end,
    expects: { launchedAt: instance.launchedAt },
    attempt: 1,
  };
}

/** Whether all that its rule would read has been measured since its latest start. */
export const runsLongEnough = ({ launchedAt }: Instance, idle: NonNullable<InstancePolicy['idle']>, at: Instant): boolean =>
  idle === 'learned' ? measurableFrom(launchedAt) <= at : launchedAt <= addSeconds(floorTo(at, HOUR), -(idle.hours + 1) * HOUR);

const lookback = (end: Window['end'], hours: number): Window => ({ start: addSeconds(end, -hours * HOUR), end });
const peak = (s: Series): number => Math.max(...measured(s));
