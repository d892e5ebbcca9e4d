/** The least that anybody could have paid who knew the future. */
import type { Terms } from './group.ts';

/**
 * Instance-hours, billed from launch, with no under-provisioned minute. The k-th instance must serve when k or more are needed; between two such
 * times it is either kept, or let go and booted anew, whichever is cheaper. No instance's choice touches another's, so the sum is the minimum.
 */
export function clairvoyantHours(demand: Float64Array, { utilization, min, boot, warmup }: Terms): number {
  const needed = Array.from(demand.subarray(warmup), load => Math.max(min, Math.ceil(load / utilization - 1e-9)));
  let minutes = 0;
  /** By instance: the last minute in which it was needed. */
  const last: number[] = [];
  for (const [minute, need] of needed.entries()) {
    minutes += need;
    for (let k = need - 1; k >= 0 && last[k] !== minute - 1; k--) {
      // Before the first minute nothing is paid for, so an instance that is needed early may boot before.
      minutes += Math.min(boot, minute - 1 - (last[k] ?? -1));
      last[k] = minute - 1;
    }
    for (let k = 0; k < need; k++) last[k] = minute;
  }
  return minutes / 60;
}
