/** Fleets that an alarm speaks of without naming them: a policy says whose demand its metric is. */
import type { Config, FleetPolicy, SignalSpec } from '../policy/schema.ts';
import type { AlarmSubject, Dimension } from './events/alarm-subject.ts';

/**
 * The groups that the alarm names, else those whose signals its dimensions are; empty where nobody can tell without looking, and then the
 * whole scope is looked at.
 */
export function fleetsOf({ groups, dimensions }: AlarmSubject, { policies }: Pick<Config, 'policies'>): readonly string[] {
  if (groups.length > 0) return groups;
  const found = new Set<string>();
  for (const policy of policies) {
    if (policy.kind !== 'fleets') continue;
    for (const patterns of (policy.signals ?? []).flatMap(metricsOf)) {
      const fleets = fleetsBehind(patterns, dimensions, policy);
      if (fleets === 'some') return []; // of this policy, and only tags or a look would tell which
      for (const fleet of fleets) found.add(fleet);
    }
  }
  return [...found].sort();
}

/** The dimensions of each of a signal's metrics; `{group}` stands in them for the group's name. */
function metricsOf(signal: SignalSpec): Dimension[][] {
  switch (signal.kind) {
    case 'cpu':
      return []; // it names its group
    case 'requests':
      return [[['TargetGroup', signal.targetGroup]]];
    case 'queue':
      return [[['QueueName', signal.queue]]];
    case 'metric':
      return [signal.dimensions ?? {}, ...Object.values(signal.metrics ?? {}).map(m => m.dimensions)].map(d => Object.entries<string>(d));
    default:
      return signal satisfies never;
  }
}

/** Empty where the alarm is about something else. `some`: it is this metric, and the policy does not say by name whose it is. */
function fleetsBehind(
  patterns: readonly Dimension[],
  dimensions: readonly Dimension[],
  { match }: FleetPolicy,
): readonly string[] | 'some' {
  const groups = patterns.map(([name, pattern]) => dimensions.filter(d => d[0] === name).flatMap(d => fits(d[1], pattern) ?? []));
  if (patterns.length === 0 || groups.some(g => g.length === 0)) return [];
  const named = groups.flat().filter(group => group !== ANY);
  if (named.length > 0) return named;
  const names = match.names ?? [];
  return names.length === 0 || names.some(name => name.endsWith('*')) ? 'some' : names;
}

const ANY = '';

/** The group's name where the pattern speaks of it, `ANY` where it does not; `null`: another value. */
function fits(value: string, pattern: string): string | null {
  const [before = '', after] = pattern.split('{group}');
  if (after === undefined) return value === pattern ? ANY : null;
  const inside = value.startsWith(before) && value.endsWith(after) && value.length > before.length + after.length;
  return inside ? value.slice(before.length, value.length - after.length) : null;
}
