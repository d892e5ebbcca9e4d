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

/**
 * The override that lasts now, when the latest of those that are over ended, and when the next one begins: off-hours wait for the first, begin
 * at the second, and end at the third.
 */
export function overrideHours(policy: FleetPolicy, at: Instant): OverrideHours {
  const windows = policy.overrides.map(windowOf);
  const over = windows.map(({ end }) => end).filter(end => end <= at);
  const coming = windows.map(({ start }) => start).filter(start => start > at);
  return {
    running: windows.find(window => within(window, at)) ?? null,
    ended: over.toSorted().at(-1) ?? null,
    next: coming.toSorted()[0] ?? null,
  };
}

interface OverrideHours {
  readonly running: Window | null;
  readonly ended: Instant | null;
  readonly next: Instant | null;
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
