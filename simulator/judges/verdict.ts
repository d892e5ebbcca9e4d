/** What a judge says: which promise was broken, when, and how. No verdict: it was kept. */
import type { Instant } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';

export const PROMISES = [
  'protected',
  'bounded',
  'once',
  'nothing-lost',
  'quiescent',
  'conserved',
  'comes-back',
  'floor',
  'heals',
  'explained',
] as const;
export type Promised = (typeof PROMISES)[number];

export interface Violation {
  readonly promise: Promised;
  readonly at: Instant;
  readonly what: string;
}

/** @param twin the same story without faults, where somebody played it. */
export type Judge = (evidence: Evidence, twin: Evidence | null) => Iterable<Omit<Violation, 'promise'>>;
