/** A plan is a value: printed by `ebb plan`, acted on by a Lambda, replayed by a simulation, explained by `ebb why`. */
import type { Baseline } from './baseline.ts';
import { fingerprint, type Pen, type ResourceRef, type Scope, type Tags } from './ids.ts';
import type { Coverage } from './ledger.ts';
import type { SizeEvidence, StopDebt } from './memory.ts';
import type { MicroUsd } from './money.ts';
import type { BilledAs, Maintenance, Unread } from './observation.ts';
import type { Instant, Window } from './time.ts';

export interface Plan {
  readonly version: 1;
  readonly at: Instant;
  readonly scopes: readonly Scope[];
  /** Ranked: what saves most per disruption first. */
  readonly changes: readonly Change[];
  /** Everything else that was seen, each with its reason. */
  readonly left: readonly Left[];
  readonly unread: readonly Unread[];
}

export interface Change {
  readonly id: string;
  readonly pen: Pen;
  readonly resource: ResourceRef;
  readonly action: Action;
  readonly because: ChangeReason;
  /** The schedule transition, deadline or metric minute that argued the change: it names the change, so a retry is the same change. */
  readonly causeAt: Instant;
  /** What must still hold when the pen is lifted, or the change is stale. */
  readonly expects: Expects;
  /** 1 for the first; a retry after a *known* failure is a new attempt and so a new id. */
  readonly attempt: number;
  readonly policy: string;
  /** `plan` is printed and reported; only `act` is acted on by the Lambdas. */
  readonly mode: Mode;
  readonly saving: Saving | null;
  /** What will not come back by itself; `[]` = exactly reversible. */
  readonly losing: readonly Loss[];
  readonly owner: string | null;
  /** Value of the team tag; absent: there is none. */
  readonly team?: string;
}

export type Mode = 'plan' | 'act';

export type Action =
  | { readonly kind: 'set-desired-capacity'; readonly desiredCapacity: number }
  | { readonly kind: 'set-min-size'; readonly minSize: number }
  | ({ readonly kind: 'set-sizes' } & Sizes)
  | { readonly kind: 'set-environment-min-size'; readonly minSize: number }
  /** Two one-time scheduled actions in one update: down at the one instant, and back at the other. */
  | {
      readonly kind: 'pause-environment';
      readonly pauseAt: Instant;
      readonly resumeAt: Instant;
      readonly down: Sizes;
      readonly back: Sizes;
    }
  /** The way back alone; a pause that has yet to begin is taken away. */
  | { readonly kind: 'resume-environment'; readonly resumeAt: Instant; readonly back: Sizes }
  | { readonly kind: 'stop-instance'; readonly hibernate: boolean }
  | { readonly kind: 'start-instance' }
  | { readonly kind: 'modify-instance-type'; readonly type: string }
  | { readonly kind: 'create-tags'; readonly tags: Tags }
  | { readonly kind: 'delete-tags'; readonly keys: readonly string[] }
  /** New tags first, then the old keys go: in between both are there, so that no value is ever lost. */
  | { readonly kind: 'replace-tags'; readonly tags: Tags; readonly keys: readonly string[] }
  /** Of a group: `propagated` are put on what it launches from now on, `tags` are its own; then `keys` go. */
  | { readonly kind: 'tag-group'; readonly propagated: Tags; readonly tags: Tags; readonly keys: readonly string[] }
  | { readonly kind: 'tag-environment'; readonly tags: Tags; readonly keys: readonly string[] };

export type ActionKind = Action['kind'];

/** A name in ebb:start-after that was not waited for: nobody has it, it leads back here, nobody is about to start it, it took too long. */
export interface Unordered {
  readonly name: string;
  readonly why: 'unknown' | 'cycle' | 'stopped' | 'late';
}

/** All three sizes of a group. */
export interface Sizes {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
}

/** Argued from what was measured, by the fixed rule or by what was learned. */
export const isIdle = (because: ChangeReason): because is Extract<ChangeReason, { code: 'idle' | 'idle-learned' }> =>
  because.code === 'idle' || because.code === 'idle-learned';

/** What brings back what we took away: never trimmed, paused or left to a policy's mode. */
export const givesBack = ({ action, because }: Pick<Change, 'action' | 'because'>): boolean =>
  (action.kind === 'start-instance' && because.code !== 'enforced') ||
  because.code === 'on-hours' ||
  because.code === 'fallback-type' ||
  because.code === 'type-restored' ||
  because.code === 'released' ||
  because.code === 'floor-released';

/** Only the named facts are compared. */
export interface Expects {
  readonly launchedAt?: Instant;
  readonly desiredCapacity?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly tags?: Readonly<Record<string, string | null>>;
  /** Of an instance. */
  readonly type?: string;
}

export type Loss = 'public-ipv4' | 'memory' | 'instance-store' | 'capacity';

/**
 * What a change is expected to save over `window`, before it happens: a prediction, never a claim. Negative when capacity is added.
 * Money is a range: `low` is 0 where a commitment (Savings Plan, Reserved Instance) may already have paid for the hours.
 */
export interface Saving {
  readonly window: Window;
  /** Instance-hours that would have run without the change, and now will not. */
  readonly hours: number;
  /** `null`: the price or the baseline is unknown, so hours only. */
  readonly money: { readonly low: MicroUsd; readonly high: MicroUsd } | null;
  /** Of one instance. `null`: no source knows it. */
  readonly perHour: MicroUsd | null;
  readonly priceSource: string | null;
  readonly billedAs?: BilledAs;
  readonly coverage?: Coverage;
  readonly baseline: Baseline['kind'];
  /** Saved with each hour besides, and part of `money`: a public address that the stop gives back. */
  readonly addressPerHour?: MicroUsd;
  /** Billed at once by the stop, for CPU credits that it borrowed; `money` is what remains after it. */
  readonly charge?: MicroUsd;
}

export interface Left {
  readonly resource: ResourceRef;
  readonly pen: Pen;
  readonly because: LeftReason;
  readonly policy: string | null;
}

/** What a fleet's own past says of the minutes to come. Demand is in instances that would be busy at 100 %. */
export interface Foresight {
  readonly demand: number;
  readonly forecast: number;
  /** Minutes from the newest datapoint to the first one that an instance ordered now can serve. */
  readonly ahead: number;
  /** What is held beyond what the forecast alone would need: 0.25 is a quarter more. */
  readonly margin: number;
  /** Percent: a minute above it is under-provisioned. */
  readonly utilization: number;
  /** Percent of minutes that may be. */
  readonly minutes: number;
  /** Minutes that were learned from. */
  readonly learned: number;
  /** Demand is only known as "at least". */
  readonly saturated: boolean;
}

/** One tag that is put right, and how its value was come by. */
export interface TagFix {
  readonly key: string;
  readonly how: 'spelling' | 'inherited' | 'creator' | 'network' | 'default' | 'propagated';
  /** `spelling`: the key or value it was; `inherited` and `network`: whose it is; `creator`: who made it; `null` otherwise. */
  readonly from: string | null;
}

/** What shows use where CPU and network show none. */
export type OtherUse =
  | { readonly signal: 'disk' | 'gpu'; readonly value: number; readonly inUse: number; readonly hour: Instant }
  /** CPU credits that it spent beyond what it earns. */
  | { readonly signal: 'credits'; readonly value: number; readonly hour: Instant }
  | { readonly signal: 'unread'; readonly why: string };

/** What an instance does when nobody uses it, and where use begins; percent of CPU, KB/s of network. `null`: never measured. */
export interface IdleFloor {
  readonly cpu: number;
  readonly cpuInUse: number;
  readonly net: number | null;
  readonly netInUse: number | null;
}

/** How likely use is within four hours. */
export interface UseSoon {
  /** 0 to 1, and what may be risked at present. */
  readonly risk: number;
  readonly tolerated: number;
  /** Past days like today on which it is known whether it was in use at this time, and on how many of them it was. */
  readonly days: number;
  readonly daysUsed: number;
}

/** Why something is changed. A code with its evidence; prose lives in report/sentences. */
export type ChangeReason =
  | { readonly code: 'off-hours'; readonly schedule: string; readonly since: Instant; readonly until: Instant | null }
  | {
      readonly code: 'on-hours';
      readonly schedule: string;
      readonly since: Instant;
      readonly stoppedAt: Instant;
      readonly lastFailure: string | null;
      /** Seconds that it takes to be ready: it is started ahead of `since`. */
      readonly takes?: number;
      readonly unordered?: readonly Unordered[];
    }
  | { readonly code: 'idle'; readonly cpuMax: number; readonly threshold: number; readonly window: Window; readonly coverage: number }
  /** Idle by a floor of its own, and by its own past unlikely to be used within four hours. */
  | ({
      readonly code: 'idle-learned';
      /** It has been idle for so many hours by then. */
      readonly hours: number;
      readonly until: Instant;
      readonly floor: IdleFloor;
    } & UseSoon)
  /** Stopped by us for idleness, and likely to be used within the hour: `risk`, 0 to 1. */
  | { readonly code: 'ahead-of-use'; readonly risk: number; readonly stoppedAt: Instant }
  | {
      readonly code: 'above-target';
      /** Warm instances, whose load made the metric. */
      readonly carriers: number;
      readonly value: number;
      readonly target: number;
      readonly from: number;
      readonly to: number;
      readonly datapoints: number;
    }
  | {
      readonly code: 'below-target';
      readonly value: number;
      readonly target: number;
      readonly from: number;
      readonly to: number;
      readonly datapoints: number;
    }
  | ({ readonly code: 'forecast'; readonly from: number; readonly to: number } & Foresight)
  | { readonly code: 'outside-bounds'; readonly from: number; readonly to: number; readonly min: number; readonly max: number }
  /** What was argued for capacity, written as MinSize: the reaction stays with the scaling policies of AWS. */
  | { readonly code: 'floor'; readonly from: number; readonly to: number; readonly wanted: number; readonly argued: Reason }
  /** MinSize goes back to what it was before us. */
  | {
      readonly code: 'floor-released';
      readonly from: number;
      readonly to: number;
      readonly why: 'no-policy' | 'opted-out' | 'no-floor' | 'only-plans';
    }
  | { readonly code: 'tags-missing'; readonly missing: readonly string[]; readonly deadline: Instant }
  | { readonly code: 'tags-fixed'; readonly fixes: readonly TagFix[] }
  /** Values that somebody took up when they were offered. */
  | { readonly code: 'tags-accepted'; readonly keys: readonly string[]; readonly by: string }
  /** The policy that marked it speaks for it no more. */
  | { readonly code: 'mark-lifted'; readonly markedAt: Instant; readonly why: 'no-policy' | 'opted-out' | 'parent-owns-tags' }
  /** Stopped by us, and what it was stopped for speaks against it no more: it is given back at once. */
  | { readonly code: 'released'; readonly stoppedAt: Instant; readonly why: 'no-policy' | 'opted-out' | 'no-schedule' | 'tags-forgiven' }
  /** Its load justifies a smaller type, and it is stopped by us anyway. */
  | ({ readonly code: 'rightsize'; readonly fromType: string; readonly toType: string } & SizeEvidence)
  /** EC2 has no capacity for its own type, and its policy names others. */
  | { readonly code: 'fallback-type'; readonly fromType: string; readonly toType: string; readonly why: string }
  /** It gets back the type that it had before us. */
  | {
      readonly code: 'type-restored';
      readonly fromType: string;
      readonly toType: string;
      /** `stood-in`: the other type was for want of capacity. */
      readonly why: 'does-not-start' | 'checks-failing' | 'stood-in';
      readonly detail: string | null;
    }
  /** It cannot be used with the smaller type that it got from us: stopped to get the old one back. */
  | { readonly code: 'resize-undone'; readonly fromType: string; readonly toType: string; readonly failing: string }
  | { readonly code: 'tags-completed'; readonly markedAt: Instant }
  /** The mark's deadline is over, and its owner was warned of it. */
  | { readonly code: 'tag-deadline'; readonly missing: readonly string[]; readonly deadline: Instant }
  /** By a policy that is `enforced`: somebody stopped it, and its schedule says on. */
  | {
      readonly code: 'enforced';
      readonly schedule: string;
      readonly since: Instant;
      readonly lastFailure: string | null;
      readonly unordered?: readonly Unordered[];
    }
  /** A person asked for it: `by` a Slack user id or the caller of the command. Of a start, the words of its latest failure. */
  | {
      readonly code: 'asked';
      readonly by: string;
      readonly via: 'slack' | 'command';
      readonly at: Instant;
      readonly why: string | null;
      readonly lastFailure: string | null;
    };

/** Why something is left alone. `silence`, `thin data` and `unread` are reasons with names, never zeros. */
export type LeftReason =
  // any pen
  | { readonly code: 'no-policy' }
  | { readonly code: 'opted-out'; readonly tag: string }
  | { readonly code: 'over-budget'; readonly limit: number; readonly per: 'run' | 'day' | 'owner'; readonly would: ChangeReason }
  | { readonly code: 'breaker'; readonly touched: number; readonly of: number; readonly share: number; readonly would: ChangeReason }
  | { readonly code: 'gone'; readonly state: string }
  | { readonly code: 'unsettled'; readonly changeId: string; readonly claimedAt: Instant }
  | { readonly code: 'bad-tag'; readonly tag: string; readonly value: string; readonly remedy: string }
  // instances
  /** `by`: who asked for it; absent where a tag says so. */
  | { readonly code: 'kept'; readonly until: Instant; readonly by?: string }
  /** Of what starts in an order: it waits for others to be up, or to be gone. */
  | { readonly code: 'waits-for'; readonly turn: 'start' | 'stop'; readonly names: readonly string[]; readonly until: Instant }
  /** Its owner has been warned, and has until then to answer. */
  | {
      readonly code: 'notice-given';
      readonly at: Instant;
      readonly stopsAt: Instant;
      readonly unanswered: 'stop' | 'leave';
      readonly would: ChangeReason;
    }
  /** Nobody has answered, and the policy leaves it then. */
  | { readonly code: 'unanswered'; readonly at: Instant; readonly would: ChangeReason }
  | { readonly code: 'snoozed'; readonly until: Instant; readonly by: string; readonly would: ChangeReason }
  | { readonly code: 'spot' }
  | { readonly code: 'member'; readonly parent: string; readonly of: string }
  | { readonly code: 'instance-store-root' }
  | { readonly code: 'instance-store-data'; readonly type: string }
  | { readonly code: 'stop-protected' }
  | { readonly code: 'stop-protection-unread'; readonly why: string }
  /** AWS itself will stop, reboot or retire it within a day. */
  | { readonly code: 'scheduled-event'; readonly event: Maintenance['code']; readonly from: Instant; readonly until: Instant | null }
  /** A stop bills at once the CPU credits that it borrowed, and running on would earn them back. */
  /** Commitments have paid for its hours altogether. `source`: who tells. */
  | { readonly code: 'covered'; readonly source: string }
  | { readonly code: 'surplus-credits'; readonly credits: number; readonly charge: MicroUsd; readonly saving: MicroUsd }
  | { readonly code: 'on-hours-now'; readonly schedule: string; readonly until: Instant | null }
  /** Its schedule says neither on nor off: nothing is stopped and nothing started until it does. */
  | { readonly code: 'left-open'; readonly schedule: string; readonly until: Instant | null }
  | { readonly code: 'started-by-hand'; readonly at: Instant; readonly until: Instant | null }
  /** Somebody started it outside of its hours, and its policy retains what runs. */
  | { readonly code: 'retained'; readonly at: Instant; readonly schedule: string }
  /** `by`: who asked us to; absent where nobody did. */
  | { readonly code: 'stopped-by-someone'; readonly at: Instant | null; readonly by?: string }
  | { readonly code: 'asleep'; readonly since: Instant; readonly until: Instant | null; readonly because: StopDebt['because'] }
  /** Stopped by us, and not started while required tags are missing beyond their deadline. */
  | { readonly code: 'untagged'; readonly since: Instant; readonly missing: readonly string[]; readonly deadline: Instant }
  | { readonly code: 'in-transition'; readonly state: string }
  /** Started by us, and running: its status checks have not passed yet. `failing`: how, once that is taken for a failure. */
  | { readonly code: 'booting'; readonly startedAt: Instant; readonly failing: string | null }
  /** Started by us ahead of its on-hours, so that it is ready by then. */
  | { readonly code: 'started-ahead'; readonly schedule: string; readonly of: Instant }
  | { readonly code: 'start-failing'; readonly attempts: number; readonly why: string; readonly nextAt: Instant }
  /** `again`: it is not measured before, because it could not be idle; absent: it was measured just now. */
  | { readonly code: 'in-use'; readonly cpuMax: number; readonly threshold: number; readonly window: Window; readonly again?: Instant }
  | { readonly code: 'thin-data'; readonly coverage: number; readonly needed: number; readonly window: Window }
  | { readonly code: 'just-started'; readonly at: Instant; readonly measuredFrom: Instant }
  | { readonly code: 'not-measured'; readonly nextAt: Instant }
  /** Hours that are known, of those it takes. */
  | { readonly code: 'learning'; readonly hours: number; readonly needed: number }
  /** Use by its own floor. `again`: as above; `null`: within the hour. */
  | {
      readonly code: 'above-floor';
      /** The highest of the hour that began then; `null`: not measured. */
      readonly cpu: number | null;
      readonly net: number | null;
      readonly floor: IdleFloor;
      readonly hour: Instant;
      readonly again: Instant | null;
    }
  | ({ readonly code: 'likely-soon'; readonly again: Instant | null } & UseSoon)
  /** Tolerable now, and not at the tick before, or not for the coming hour alone: two have to agree. */
  | ({ readonly code: 'idle-unconfirmed'; readonly again: Instant | null } & UseSoon)
  | { readonly code: 'just-woken'; readonly again: Instant | null }
  | ({ readonly code: 'other-use' } & OtherUse)
  // fleets
  /** `wanted` is what the forecast asks for, within bounds; `bound`: the one it runs into. */
  | ({ readonly code: 'as-forecast'; readonly capacity: number; readonly wanted: number; readonly bound: 'min' | 'max' | null } & Foresight)
  | { readonly code: 'on-target'; readonly value: number; readonly target: number; readonly capacity: number }
  | { readonly code: 'at-max'; readonly value: number; readonly target: number; readonly max: number }
  | { readonly code: 'at-min'; readonly value: number; readonly target: number; readonly min: number }
  | { readonly code: 'cooling-down'; readonly until: Instant; readonly wanted: number }
  | { readonly code: 'warming-up'; readonly pending: number; readonly wanted: number }
  | { readonly code: 'confirming'; readonly value: number; readonly target: number; readonly seen: number; readonly needed: number }
  | { readonly code: 'silent-metric'; readonly metric: string; readonly since: Instant }
  | { readonly code: 'suspended'; readonly processes: readonly string[] }
  | {
      readonly code: 'fleet-asleep';
      readonly since: Instant;
      readonly until: Instant | null;
      readonly was: Sizes;
      readonly changed: boolean;
    }
  | { readonly code: 'floor-holds'; readonly floor: number; readonly wanted: number }
  | { readonly code: 'floor-resting'; readonly floor: number; readonly wanted: number; readonly until: Instant }
  /** Members that Auto Scaling may not terminate. */
  | { readonly code: 'scale-in-protected'; readonly protected: number; readonly capacity: number; readonly wanted: number }
  | { readonly code: 'refreshing'; readonly percent: number; readonly wanted: number }
  | {
      readonly code: 'launch-failing';
      /** Auto Scaling's words. */
      readonly why: string;
      readonly since: Instant;
      readonly missing: number;
      readonly tries: number;
      /** When more is asked for again, if demand still wants it; `null`: not until launches succeed. */
      readonly nextAt: Instant | null;
    }
  | { readonly code: 'beanstalk-owned'; readonly environment: string }
  | { readonly code: 'environment-busy'; readonly status: string }
  | { readonly code: 'environment-unread'; readonly why: string }
  | { readonly code: 'single-instance' }
  | { readonly code: 'never-returns'; readonly schedule: string }
  | { readonly code: 'pause-set'; readonly from: Instant; readonly until: Instant; readonly was: Sizes }
  | { readonly code: 'aws-scaling-policies'; readonly names: readonly string[] }
  | {
      readonly code: 'bounds-contradict';
      readonly policyMin: number;
      readonly policyMax: number;
      readonly groupMin: number;
      readonly groupMax: number;
    }
  // tags
  | { readonly code: 'compliant' }
  | { readonly code: 'just-born'; readonly until: Instant }
  | { readonly code: 'marked'; readonly missing: readonly string[]; readonly deadline: Instant }
  | { readonly code: 'parent-owns-tags'; readonly parent: string }
  | { readonly code: 'tag-limit'; readonly count: number }
  /** An environment that hands its tags on to its launch template: each write to them would replace all of its instances. */
  | { readonly code: 'tags-replace' }
  /** Unknown is not absent: nothing is written. */
  | { readonly code: 'tags-unread'; readonly why: string };

export type Reason = ChangeReason | LeftReason;

/**
 * hash(resource, action with its parameters, expects, causeAt, attempt). Never the policy's version: a deploy in mid-retry must not
 * write twice. The id travels in the SDK's user agent, so CloudTrail proves what was ours.
 */
export const changeId = (change: Pick<Change, 'resource' | 'action' | 'expects' | 'causeAt' | 'attempt'>): string => {
  const { kind, id, scope } = change.resource;
  return `chg-${fingerprint({ kind, id, scope, action: change.action, expects: change.expects, causeAt: change.causeAt, attempt: change.attempt })}`;
};
