/** What a button in Slack stands for. It carries an opaque id alone; its meaning lies on a shelf, is used once and expires after a day. */
import type { Pen, ResourceRef, Tags } from './ids.ts';
import type { ActionKind } from './plan.ts';
import type { Instant } from './time.ts';

/** A wish that nobody has asked for yet. `for`: seconds from the moment of asking; 0 takes back an earlier one. */
export type WishTemplate =
  | { readonly want: 'keep' | 'snooze'; readonly for: number }
  | { readonly want: 'running' | 'stopped' }
  | { readonly want: 'tags'; readonly tags: Tags }
  | { readonly want: 'approve'; readonly action: ActionKind };

/** What a wish is about, and whose it is: the owner, or anyone where there is none. */
export interface About {
  readonly resource: ResourceRef;
  readonly pen: Pen;
  readonly owner: string | null;
}

export type Ask =
  | ({ readonly do: 'wish'; readonly wish: WishTemplate } & About)
  /** A dialog asks until when, and why. */
  | ({ readonly do: 'keep-until' } & About)
  /** A dialog asks which of several. */
  | { readonly do: 'choose'; readonly title: string; readonly wish: 'running' | 'approve'; readonly items: readonly Choice[] }
  /** Answers whoever asks, as often as they ask. */
  | { readonly do: 'why'; readonly lines: readonly string[] };

/** `wish`: what is asked for when it is chosen. */
export type Choice = About & { readonly label: string; readonly wish: WishTemplate };

/** Beside the words of a message: what may be pressed. `value` of its button is the index here until it is given an id. */
export interface ButtonSpec {
  readonly label: string;
  readonly ask: Ask;
  readonly style?: 'primary' | 'danger';
  /** Asked back before it counts. */
  readonly confirm?: string;
}

/** On the shelf `buttons`, under the button's id. */
export interface HeldButton {
  readonly spec: ButtonSpec;
  /** Key of the message's card on the shelf `cards`. */
  readonly card: string;
  /** Who pressed first: from then on the same press is the same wish. */
  readonly pressed: { readonly by: string; readonly at: Instant } | null;
}

/** On the shelf `cards`: a message whose buttons are live, so that they can be taken away when there is nothing left to press. */
export interface Card {
  readonly channel: string;
  /** The team whose channel that is: its members answer for what is the team's. */
  readonly team: string | null;
  /** Slack's id of the message; `null`: it is about to be sent, or nobody saw the answer. */
  readonly ts: string | null;
  readonly text: string;
  /** As they were sent: Block Kit, without its actions. */
  readonly blocks: readonly unknown[];
  readonly buttons: readonly string[];
  /** `stop-start-instances 123456789012/eu-west-1/instance/i-0abc`: what it still waits for. */
  readonly open: readonly string[];
  /** Somebody pressed, and the message says so. */
  readonly answered: boolean;
  /** What became of it: the message is to say so, and to lose its buttons. */
  readonly closed: string | null;
  readonly expiresAt: Instant;
}
