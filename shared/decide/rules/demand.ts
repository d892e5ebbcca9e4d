/**
 * Target tracking, as AWS describes it: capacity × metric ÷ target; out after a few datapoints above the target, in after many below 90 %
 * of it. Instances that are warming up count as capacity on the way, never as carriers of the load, and nothing is removed while they warm.
 */
import type { Series } from '../../model/metric.ts';
import type { Fleet } from '../../model/observation.ts';
import { addSeconds, type Instant } from '../../model/time.ts';
import type { FleetContext } from '../decide-fleets.ts';
import { leave, type Rule, type Verdict } from './rule.ts';

/** Share of the target below which scaling in is thought of (target tracking's own distance between its two alarms). */
const SCALE_IN_SHARE = 0.9;

/** A metric this many periods late is silent, and silence holds: it never scales in. */
const SILENT_AFTER = 5;

export const demand: Rule<Fleet, FleetContext> = (fleet, context) => {
  const { policy } = context;
  const { target: tracked } = policy;
  if (tracked === undefined) return leave({ code: 'silent-metric', metric: 'signals', since: context.at });
  const { metric, value: target } = tracked;
  const { signal } = fleet;
  const newest = signal?.values.findLastIndex(v => v !== null) ?? -1;
  const value = signal?.values[newest];
  if (signal === null || value == null) {
    return leave({ code: 'silent-metric', metric, since: signal?.start ?? context.at });
  }
  const heardAt = addSeconds(signal.start, (newest + 1) * signal.periodSeconds);
  if (addSeconds(heardAt, SILENT_AFTER * signal.periodSeconds) < context.at)
    return leave({ code: 'silent-metric', metric, since: heardAt });

  const above = run(signal, newest, v => v > target);
  if (above > 0) return scaleOut(fleet, context, { tracked, value, causeAt: heardAt, above });
  const below = run(signal, newest, v => v < target * SCALE_IN_SHARE);
  if (below > 0)
    return scaleIn(fleet, context, { tracked, value, causeAt: heardAt, below, peak: peak(signal, newest, policy.scaleInDatapoints) });
  return leave({ code: 'on-target', value, target, capacity: fleet.desiredCapacity });
};

type Tracked = NonNullable<FleetContext['policy']['target']>;

function scaleOut(
  { desiredCapacity }: Fleet,
  { policy, max, carriers, at, warmUntil }: FleetContext,
  { tracked, value, causeAt, above }: { tracked: Tracked; value: number; causeAt: Instant; above: number },
): Verdict {
  const target = tracked.value;
  if (desiredCapacity >= max) return leave({ code: 'at-max', value, target, max });
  if (above < policy.scaleOutDatapoints)
    return leave({ code: 'confirming', value, target, seen: above, needed: policy.scaleOutDatapoints });

  const wanted = Math.ceil((carriers * value) / target);
  const warming = warmUntil !== null && at < warmUntil;
  // Warm, but a rounding keeps it where it is: one more, or the fleet would sit above its target for ever.
  const to = Math.min(Math.max(wanted, warming ? desiredCapacity : desiredCapacity + 1), max);
  if (to <= desiredCapacity) return leave({ code: 'warming-up', pending: Math.max(0, desiredCapacity - carriers), wanted });
  return resize(desiredCapacity, to, causeAt, {
    code: 'above-target',
    carriers,
    value,
    target,
    from: desiredCapacity,
    to,
    datapoints: above,
  });
}

function scaleIn(
  { desiredCapacity }: Fleet,
  { policy, min, carriers, at, warmUntil, coolUntil, changedAt }: FleetContext,
  { tracked, value, causeAt, below, peak }: { tracked: Tracked; value: number; causeAt: Instant; below: number; peak: number },
): Verdict {
  const target = tracked.value;
  if (desiredCapacity <= min) return leave({ code: 'at-min', value, target, min });
  // The highest datapoint of the window argues, not the latest: never below what was needed a moment ago.
  const wanted = Math.max(min, Math.ceil((carriers * peak) / target));
  if (warmUntil !== null && at < warmUntil) return leave({ code: 'warming-up', pending: Math.max(0, desiredCapacity - carriers), wanted });
  if (below < policy.scaleInDatapoints) return leave({ code: 'confirming', value, target, seen: below, needed: policy.scaleInDatapoints });
  if (wanted >= desiredCapacity) return leave({ code: 'on-target', value, target, capacity: desiredCapacity });
  if (coolUntil !== null && at < coolUntil) return leave({ code: 'cooling-down', until: coolUntil, wanted });
  // What was measured on more instances than there are now would argue for the same step twice.
  const { period } = tracked;
  if (changedAt !== null && addSeconds(causeAt, -period) < changedAt) {
    return leave({ code: 'cooling-down', until: addSeconds(changedAt, 2 * period), wanted });
  }
  return resize(desiredCapacity, wanted, causeAt, {
    code: 'below-target',
    value,
    target,
    from: desiredCapacity,
    to: wanted,
    datapoints: below,
  });
}

const resize = (from: number, to: number, causeAt: Instant, because: Extract<Verdict, { act: unknown }>['because']): Verdict => ({
  act: { kind: 'set-desired-capacity', desiredCapacity: to },
  because,
  causeAt,
  expects: { desiredCapacity: from },
  attempt: 1,
});

/** How many datapoints in a row, ending at the newest, satisfy `holds`; a hole ends the row. */
function run(signal: Series, newest: number, holds: (value: number) => boolean): number {
  let length = 0;
  for (let i = newest; i >= 0; i--) {
    const value = signal.values[i];
    if (value == null || !holds(value)) break;
    length++;
  }
  return length;
}

const peak = (signal: Series, newest: number, datapoints: number): number =>
  Math.max(...signal.values.slice(Math.max(0, newest + 1 - datapoints), newest + 1).filter(v => v !== null));
