/** Other bounds from one date to another: which of them are in force, and which are over. Pure. */
import { type Instant, type Window, within } from '../model/time.ts';
import { readMoment } from './dates.ts';
import type { FleetPolicy, Policy } from './schema.ts';

export type Override = FleetPolicy['overrides'][number];

/** The policy's own bounds at an instant, before the group's: off-hours and overrides heeded, the highest floor wins. */
export function boundsAt(policy: FleetPolicy, offHours: boolean, at: Instant): { readonly minSize: number; readonly maxSize: number } {
  const { minSize, maxSize } = policy;
  const off = offHours ? policy.offHours : undefined;
  const usual = { minSize: off?.minSize ?? minSize, maxSize: Math.min(maxSize, off?.maxSize ?? maxSize) };
  const active = activeAt(policy, at).map(({ override }) => override);
  if (active.length === 0) return usual;
  return {
    minSize: Math.max(usual.minSize, ...active.map(o => o.minSize)),
    maxSize: Math.max(...active.map(o => o.maxSize ?? Math.max(maxSize, o.minSize))),
  };
}

/** The override that lasts now, and when the latest of those that are over ended: off-hours wait for the one, and begin at the other. */
export function overrideHours(policy: FleetPolicy, at: Instant): { readonly running: Window | null; readonly ended: Instant | null } {
  const [running = null] = activeAt(policy, at);
  const over = policy.overrides.map(o => windowOf(o).end).filter(end => end <= at);
  return { running: running?.window ?? null, ended: over.toSorted().at(-1) ?? null };
}

const activeAt = ({ overrides }: FleetPolicy, at: Instant) =>
  overrides.map(override => ({ override, window: windowOf(override) })).filter(({ window }) => within(window, at));

/** Of all policies, those that are over: they do nothing any more, and may be taken out. */
export function expiredOverrides(policies: readonly Policy[], at: Instant): { readonly policy: string; readonly override: Override }[] {
  return policies.flatMap(policy =>
    policy.kind !== 'fleets'
      ? []
      : policy.overrides.filter(override => windowOf(override).end <= at).map(override => ({ policy: policy.name, override })),
  );
}

/** @throws Error for what loadConfig would have refused. */
function windowOf({ from, to, timeZone }: Override): Window {
  const [begin, end] = [readMoment(from, timeZone, 'begin'), readMoment(to, timeZone, 'end')];
  if (begin === null || end === null) throw new Error(`${begin === null ? from : to} is no date, which loadConfig would have refused`);
  return { start: begin, end };
}
