/** An `ebb:keep-until` that is over does nothing any more, and says so once. Pure. */
import type { InstanceMemory } from '../model/memory.ts';
import type { Instant } from '../model/time.ts';

/** @returns the same object where there is nothing new to tell. */
export const withKeepOver = (memory: InstanceMemory, keepUntil: Instant | null, at: Instant): InstanceMemory =>
  keepUntil === null || keepUntil > at || memory.keepOver?.until === keepUntil ? memory : { ...memory, keepOver: { until: keepUntil, at } };
