/** A value that a missing tag may well have: offered to people, and written only when one of them, or the policy, has said yes. */
import type { Person } from './birth.ts';
import type { Instant } from './time.ts';

export interface TagOffer {
  readonly key: string;
  readonly value: string;
  readonly because: OfferReason;
  readonly confidence: Confidence;
}

/** `certain`: nobody in between could have said otherwise. `likely`: people could, and hardly do. `guess`: it fits. */
export type Confidence = 'certain' | 'likely' | 'guess';

export type OfferReason =
  | {
      /** Whose credentials made it. */
      readonly code: 'creator';
      readonly who: string;
      readonly known: Person['known'];
      readonly call: string;
      readonly at: Instant;
      /** The service that called on their behalf: `cloudformation.amazonaws.com`. */
      readonly through: string | null;
      /** It came with this instance, and that is what they made. */
      readonly cameWith: string | null;
    }
  /** A volume's instance, a snapshot's volume. */
  | { readonly code: 'source'; readonly id: string }
  /** Its subnet, or its VPC. */
  | { readonly code: 'network'; readonly id: string }
  /** Others with the same name but for a number at its end, or of the same owner: `same` of the `of` that carry the key carry this value. */
  | { readonly code: 'siblings'; readonly by: 'name' | 'owner'; readonly called: string; readonly same: number; readonly of: number };
