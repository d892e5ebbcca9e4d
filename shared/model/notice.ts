/** What the house wants to say. Data until the moment it is told: report turns it into words, functions/tell-slack sends them. */
import type { Pen, ResourceRef, Scope } from './ids.ts';
import type { LaterHours, SizeEvidence } from './memory.ts';
import type { LeftReason, Loss, Reason, Saving } from './plan.ts';
import type { Outcome } from './receipt.ts';
import type { Instant } from './time.ts';

export type Notice =
  /** One run's stops, starts, marks and off-hours of fleets, one line each. Resizes by demand are told in the summaries only. */
  | { readonly kind: 'changes'; readonly at: Instant; readonly scope: Scope; readonly pen: Pen; readonly lines: readonly NoticeLine[] }
  /** A machine that does not come back: told at the first failure and then hourly. */
  | {
      readonly kind: 'start-failing';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly attempts: number;
      readonly why: string;
      readonly nextAt: Instant;
    }
  /** A machine that we started, that runs, and whose status checks do not pass: told once for each way in which they fail. */
  | {
      readonly kind: 'checks-failing';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly startedAt: Instant;
      /** `impaired` */
      readonly failing: string;
    }
  /** Capacity that AWS cannot bring about: told once for each cause, and once when nothing is missing any more. */
  | {
      readonly kind: 'launch-failing';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      /** Auto Scaling's words. */
      readonly why: string;
      readonly missing: number;
      readonly desiredCapacity: number;
    }
  | {
      readonly kind: 'launch-recovered';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly why: string;
      readonly since: Instant;
    }
  /** For people to do, once: an environment whose own scaling listens to the bytes it sends. */
  | {
      readonly kind: 'proposal';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly what: 'trigger';
    }
  /** A tag that nobody can read: its machine is left alone until it is put right. Told once for each value. */
  | {
      readonly kind: 'bad-tag';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly tag: string;
      readonly value: string;
      readonly remedy: string;
    }
  /** Dates in policies and schedules that are over: told once, in the words of `ebb plan`. */
  | { readonly kind: 'over'; readonly at: Instant; readonly notes: readonly string[] }
  /** The date in its tag ebb:keep-until is over: told once. */
  | {
      readonly kind: 'keep-over';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly until: Instant;
    }
  /** For people to do: a schedule that stops an instance while it is wanted. At most once a fortnight. */
  | ({
      readonly kind: 'proposal';
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly what: 'later-hours';
    } & LaterHours)
  /** For people to do: a smaller type that the load of an instance justifies, which nobody changes for them. At most weekly. */
  | {
      readonly kind: 'proposal';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly what: 'resize';
      readonly fromType: string;
      readonly toType: string;
      readonly evidence: SizeEvidence;
    }
  | {
      readonly kind: 'breaker';
      readonly at: Instant;
      readonly scope: Scope;
      readonly pen: Pen;
      readonly policy: string;
      readonly touched: number;
      readonly of: number;
      readonly share: number;
    }
  /** An idle machine is about to be stopped, unless somebody says otherwise (`unanswered: leave`: only if somebody agrees). */
  | {
      readonly kind: 'idle-warning';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly because: Reason;
      readonly stopsAt: Instant;
      readonly unanswered: 'stop' | 'leave';
      readonly owner: string | null;
      readonly saving: Saving | null;
      readonly losing: readonly Loss[];
    }
  /** … and will not be: it has come to life since. */
  | {
      readonly kind: 'warning-withdrawn';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly owner: string | null;
      readonly warnedAt: Instant;
      readonly because: Reason;
    }
  /** Tags are missing: at birth, at half of the time that is left, on its last day, and when it was stopped for it. */
  | {
      readonly kind: 'tag-warning';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly missing: readonly string[];
      readonly deadline: Instant;
      readonly stage: 'birth' | 'half-time' | 'last-day' | 'stopped';
      readonly owner: string | null;
    }
  /** Values that somebody may accept with one press; `because` is where each was found. */
  | {
      readonly kind: 'tag-offer';
      readonly at: Instant;
      readonly resource: ResourceRef;
      readonly offers: readonly { readonly key: string; readonly value: string; readonly because: string }[];
      readonly owner: string | null;
    }
  | { readonly kind: 'summary'; readonly at: Instant; readonly period: 'daily' | 'weekly'; readonly for?: Audience };

/** Whose summary it is; without one it is everybody's. */
export type Audience = { readonly team: string } | { readonly owner: string };

export interface NoticeLine {
  readonly resource: ResourceRef;
  /** As report's actionPhrase says it: `stop`, `tag ebb:mark`. */
  readonly action: string;
  readonly because: Reason;
  readonly outcome: Outcome;
  readonly detail: string | null;
  readonly owner: string | null;
}

/** A notice that waits to be told. It is forgotten only once Slack has taken it. */
export interface OutboxItem {
  readonly notice: Notice;
  readonly tries: number;
  /** Not before this instant; `null`: at once. */
  readonly nextTryAt: Instant | null;
  readonly lastError: string | null;
  /** What of it Slack has taken already: the message, and how many replies in its thread. */
  readonly sent?: { readonly channel: string; readonly ts: string; readonly replies: number };
}

/** What a pen's latest full look left alone, grouped by reason: kept on its shelf under `left` for the summaries. */
export interface LeftDigest {
  readonly at: Instant;
  readonly groups: readonly {
    readonly code: LeftReason['code'];
    readonly count: number;
    /** A few of them, with their reasons. */
    readonly examples: readonly { readonly resource: ResourceRef; readonly because: LeftReason }[];
  }[];
}
