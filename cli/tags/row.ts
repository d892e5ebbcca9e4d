/** One resource as `ebb tags` shows it. */
import type { ResourceRef } from '../../shared/model/ids.ts';
import type { MonthlyCost, Parent } from '../../shared/model/observation.ts';
import type { TagOffer } from '../../shared/model/offer.ts';
import type { Instant } from '../../shared/model/time.ts';

export interface TagRow {
  readonly resource: ResourceRef;
  /** Value of the team tag, else its owner; `null`: it names neither. */
  readonly team: string | null;
  readonly owner: string | null;
  readonly policy: string | null;
  readonly standing: Standing;
  /** Required keys that it lacks, or whose value is not allowed, as its tags are now. */
  readonly missing: readonly string[];
  /** Whose tags are to be put right instead of its own: a group, a stack; of what hangs on a member, the member's. */
  readonly parent: Parent | null;
  /** How many tags it carries, where no more fit. */
  readonly full: number | null;
  readonly mark: { readonly markedAt: Instant; readonly deadline: Instant } | null;
  /** What the tag pen would write at its next look. */
  readonly fixes: readonly Fix[];
  /** What would be written if somebody said yes. The best value of each key. */
  readonly offers: readonly TagOffer[];
  /** What it costs by itself as it is now; `null`: unknown. A group costs nothing besides its members. */
  readonly price: MonthlyCost | null;
}

/**
 * `exempt`: its tags, or nobody's policy, say that nothing is asked of it. `settling`: so young that its tags do not count yet.
 * `unread`: its tags could not be read, which says nothing about them.
 */
export type Standing = 'complete' | 'lacking' | 'settling' | 'exempt' | 'unread';

export interface Fix {
  readonly key: string;
  /** `null`: the key goes. */
  readonly value: string | null;
}
