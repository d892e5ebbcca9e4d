/** Enrolment: what is remembered of a resource from the first time that a policy matched it. The baseline is frozen then. */
import type { Baseline } from '../model/baseline.ts';
import type { FleetMemory, InstanceMemory } from '../model/memory.ts';
import type { Instant } from '../model/time.ts';

/**
 * The next value of memory, `null` when nothing changes: read once, and nothing that we do later changes it.
 * @param declared stands in where four weeks could not be measured, from when it is declared on.
 */
export function enrolInstance(
  held: InstanceMemory | null,
  read: Baseline | null,
  at: Instant,
  declared: Baseline | null = null,
): InstanceMemory | null {
  const known = knownBaseline(held, read, at);
  const baseline = known.kind === 'unknown' && !isUnread(known) ? (declared ?? known) : known;
  if (baseline === held?.baseline) return null;
  return held === null ? { enrolledAt: at, baseline, stop: null, start: null, failedStop: null } : { ...held, baseline };
}

/** @returns the same object when nothing changes. */
export function enrolFleet(held: FleetMemory | null, read: Baseline | null, at: Instant): FleetMemory {
  const baseline = knownBaseline(held, read, at);
  if (held === null) return { enrolledAt: at, baseline, lastScaleOut: null, lastScaleInAt: null, meter: null };
  return baseline === held.baseline ? held : { ...held, baseline };
}

/** Whether a baseline has still to be read: never seen, or it could not be read then. */
export const needsBaseline = (held: { readonly baseline: Baseline } | null | undefined): boolean => held == null || isUnread(held.baseline);

const isUnread = (baseline: Baseline): boolean => baseline.kind === 'unknown' && baseline.why === 'not-read-yet';

/** As it is remembered, or, where it has still to be read, as it was read now. */
function knownBaseline(held: { readonly baseline: Baseline } | null, read: Baseline | null, at: Instant): Baseline {
  const baseline = held?.baseline ?? ({ kind: 'unknown', why: 'not-read-yet', frozenAt: at } as const);
  return isUnread(baseline) ? (read ?? baseline) : baseline;
}
