/** What deciding comes to: the plan, the next value of memory, and when to look again. */
import type { Plan } from '../model/plan.ts';
import type { Instant } from '../model/time.ts';

export interface Decision<Memory> {
  readonly plan: Plan;
  /** Only what differs from the memory that came in, by resource id. */
  readonly next: ReadonlyMap<string, Memory>;
  /** Nothing falls due before; `null`: nothing is foreseen. */
  readonly nextAt: Instant | null;
}
