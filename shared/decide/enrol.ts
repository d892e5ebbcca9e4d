/** Enrolment: what is remembered of a resource from the first time that a policy matched it. The baseline is frozen then. */
import type { Baseline } from '../model/baseline.ts';
import type { FleetMemory, InstanceMemory } from '../model/memory.ts';
import type { Instant } from '../model/time.ts';

/** The next value of memory, `null` when nothing changes: read once, and nothing that we do later changes it. */
/** @param declared stands in where four weeks could not be measured, from when it is declared on. */
export function enrolInstance(
  held: InstanceMemory | null,
  read: Baseline | null,
  at: Instant,
  declared: Baseline | null = null,
): InstanceMemory | null {
  const baseline = orDeclared(nextBaseline(held, read, at), held, declared);
  if (baseline === null) return null;
  return held === null ? { enrolledAt: at, baseline, stop: null, start: null, failedStop: null } : { ...held, baseline };
}

function orDeclared(next: Baseline | null, held: InstanceMemory | null, declared: Baseline | null): Baseline | null {
  const known = next ?? held?.baseline ?? null;
  return declared !== null && known?.kind === 'unknown' && known.why !== 'not-read-yet' ? declared : next;
}

export function enrolFleet(held: FleetMemory | null, read: Baseline | null, at: Instant): FleetMemory | null {
  const baseline = nextBaseline(held, read, at);
  if (baseline === null) return null;
  if (held !== null) return { ...held, baseline };
  return { enrolledAt: at, baseline, lastScaleOut: null, lastScaleInAt: null, meter: null };
}

/** Whether a baseline has still to be read: never seen, or it could not be read then. */
export const needsBaseline = (held: { readonly baseline: Baseline } | null | undefined): boolean =>
  held == null || (held.baseline.kind === 'unknown' && held.baseline.why === 'not-read-yet');

function nextBaseline(held: { readonly baseline: Baseline } | null, read: Baseline | null, at: Instant): Baseline | null {
  if (!needsBaseline(held)) return null;
  if (read !== null) return read;
  return held === null ? { kind: 'unknown', why: 'not-read-yet', frozenAt: at } : null;
}
