/** Idle is measured and low for the whole lookback window, on two agreeing ticks. Silence is not idleness. */
import { coverage, measured, type Series, slice } from '../../model/metric.ts';
import type { Instance } from '../../model/observation.ts';
import { addSeconds, floorTo, HOUR, type Instant, type Window } from '../../model/time.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { leave, type Rule } from './rule.ts';

export const idleness: Rule<Instance, InstanceContext> = (instance, { policy, at }) => {
  const { idle } = policy;
  if (idle === undefined) return null;

  const now = lookback(floorTo(at, HOUR), idle.hours);
  const oneTickEarlier = lookback(addSeconds(now.end, -HOUR), idle.hours);
  if (instance.launchedAt > lookbackStart(at, idle.hours)) {
    // A stopped box publishes nothing, so the window since its start is all there is: wait until it is whole.
    return leave({ code: 'just-started', at: instance.launchedAt, measuredFrom: addSeconds(instance.launchedAt, (idle.hours + 2) * HOUR) });
  }
  if (instance.cpuMax === null) return leave({ code: 'not-measured', nextAt: addSeconds(now.end, HOUR) });

  for (const window of [now, oneTickEarlier]) {
    const part = slice(instance.cpuMax, window);
    if (coverage(part) < idle.coverage) return leave({ code: 'thin-data', coverage: coverage(part), needed: idle.coverage, window });
    if (peak(part) >= idle.cpuBelow) return leave({ code: 'in-use', cpuMax: peak(part), threshold: idle.cpuBelow, window });
  }

  const whole = slice(instance.cpuMax, now);
  return {
    act: { kind: 'stop-instance', hibernate: policy.hibernate && instance.hibernation },
    because: { code: 'idle', cpuMax: peak(whole), threshold: idle.cpuBelow, window: now, coverage: coverage(whole) },
    causeAt: now.end,
    expects: { launchedAt: instance.launchedAt },
    attempt: 1,
  };
};

/** Start of the longer of the two windows: what runs since later than this is not measured yet. */
export const lookbackStart = (at: Instant, hours: number): Instant => addSeconds(floorTo(at, HOUR), -(hours + 1) * HOUR);

const lookback = (end: Window['end'], hours: number): Window => ({ start: addSeconds(end, -hours * HOUR), end });
const peak = (s: Series): number => Math.max(...measured(s));
