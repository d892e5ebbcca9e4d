/** What the house must remember and may change. Plain values: decide takes them in and returns their next value. */
import type { Baseline } from './baseline.ts';
import type { Tags } from './ids.ts';
import type { Commitments, LedgerRow, MeterOpenedRow } from './ledger.ts';
import type { MicroUsd } from './money.ts';
import type { Maintenance, Price } from './observation.ts';
import type { ActionKind, Change, Sizes } from './plan.ts';
import type { Instant } from './time.ts';

export interface InstanceMemory {
  /** Enrolment: the first time a policy matched it. The baseline is frozen then. */
  readonly enrolledAt: Instant;
  readonly baseline: Baseline;
  /** Set while it is stopped by us: we owe it its return. */
  readonly stop: StopDebt | null;
  /** Set while a start that we asked for has not been seen to arrive at `running`. */
  readonly start: StartInFlight | null;
  /** The latest stop that AWS failed: the next try for the same cause is a new attempt. */
  readonly failedStop: { readonly causeAt: Instant; readonly attempt: number } | null;
  /** How often EC2 has said since it last hibernated that it cannot, and when it said so last. */
  readonly unhibernated?: { readonly times: number; readonly at: Instant };
  /** What EC2 said when a rule would have stopped it: good for a day, so that a plan that stands still asks nothing. */
  readonly preflight?: Preflight;
  /** Set while a start of ours runs and its status checks have yet to pass. */
  readonly boot?: Boot | null;
  /** Seconds from our latest starts to the tick that saw their checks pass, the latest last: an upper bound, late by a tick at most. */
  readonly boots?: readonly number[];
  /** Set while it earns by a smaller type that it has from us. */
  readonly resized?: Resized | null;
  /** Set while it has a type from us that is not (yet) its own. */
  readonly retype?: Retype | null;
  /** Types that were tried in vain for these on-hours, for want of capacity. */
  readonly fellBack?: { readonly boundary: Instant; readonly types: readonly string[] };
  /** What its load justified when it was last looked at. */
  readonly sized?: Sized;
  /** A smaller type that it did not come up with: not tried again before `until`. */
  readonly resting?: { readonly type: string; readonly until: Instant; readonly why: string };
  /** The on-hours for which our latest start went ahead. */
  readonly aheadOf?: Instant;
  /** Set from the warning of an idle stop until it is carried out, answered or no longer true. */
  readonly warned?: Warned | null;
  /** The date of its tag ebb:keep-until that was over when we looked. */
  readonly keepOver?: { readonly until: Instant; readonly at: Instant };
  /** Of the last fortnight, the latest last. */
  readonly boomerangs?: readonly Boomerang[];
  /** What they have led us to propose. */
  readonly later?: LaterHours | null;
  /** How the latest of our stops ended. */
  readonly back?: Return;
}

/** A stop of ours after which somebody wanted it back within the hour. */
export interface Boomerang {
  readonly stoppedAt: Instant;
  readonly at: Instant;
  readonly because: StopDebt['because'];
}

/** Hours on the wall clock of the schedule. */
export interface LaterHours {
  /** When it was proposed. */
  readonly at: Instant;
  readonly schedule: string;
  /** Boomerangs that argue it. */
  readonly times: number;
  readonly from: string;
  readonly to: string;
}

export interface Warned {
  readonly at: Instant;
  /** Of the start that is meant. */
  readonly launchedAt: Instant;
  readonly stopsAt: Instant;
  /** As the owner was told. */
  readonly unanswered: 'stop' | 'leave';
}

export interface Return {
  readonly stoppedAt: Instant;
  readonly because: StopDebt['because'];
  /** When it was `running` again. */
  readonly at: Instant;
  /** A start that a person asked us for is theirs. */
  readonly by: 'us' | 'someone';
}

export interface Resized {
  readonly changeId: string;
  readonly at: Instant;
  readonly to: string;
  /** Saved in an hour that it runs. */
  readonly perHour: MicroUsd;
  readonly priceSource: string;
  readonly commitments: Commitments;
  readonly policy: string;
  readonly owner: string | null;
  readonly team: string | null;
  /** Nothing is credited from here on. */
  readonly until: Instant;
  /** Open while it runs. */
  readonly meter: { readonly id: string; readonly openedAt: Instant } | null;
}

export interface Retype {
  readonly at: Instant;
  /** Its type before the first of our changes: what it gets back. */
  readonly own: string;
  /** … and as we left it: any other type is somebody else's. */
  readonly to: string;
  /** `rightsize`: its own from the first start on that is seen through its status checks. `capacity`: until its next stop. */
  readonly because: 'rightsize' | 'capacity';
  /** How it does not come up, in AWS's words; `null` while it may. */
  readonly failing: string | null;
  /** The latest way back that failed. */
  readonly back: { readonly attempt: number; readonly at: Instant } | null;
}

export type Sized = Finding & {
  /** When it was first seen with this type, having had another: what was measured before says nothing of it. `null`: it had no other. */
  readonly since: Instant | null;
  /** When its people were told last, and of which type. */
  readonly told?: { readonly at: Instant; readonly to: string };
};

/** What a load justifies: another type, or none and why not. */
export type Finding = { readonly at: Instant; readonly from: string } & (
  | { readonly to: string; readonly why: null; readonly evidence: SizeEvidence }
  | { readonly to: null; readonly why: WhyItStays; readonly evidence: null }
);

export type WhyItStays = 'hibernation' | 'unknown-type' | 'thin-data' | 'nothing-smaller' | 'memory-unknown' | 'memory-used' | 'cpu-used';

/** What argues for a smaller type. Percentages are of the type that is named: `Max` of the present one, `After` of the smaller one. */
export interface SizeEvidence {
  readonly days: number;
  /** Measured ones. */
  readonly hours: number;
  readonly cpuMax: number;
  readonly cpuAfter: number;
  /** `null`: not measured, and then there is no less of it. */
  readonly memoryMax: number | null;
  readonly memoryAfter: number | null;
  /** What is saved in an hour that it runs. */
  readonly perHour: MicroUsd;
  readonly priceSource: string;
}

export interface Boot {
  /** The boundary that argued the start. */
  readonly boundary: Instant;
  /** When EC2 took the start. */
  readonly startedAt: Instant;
  readonly runningAt: Instant;
  /** `impaired`: how its checks fail; `null` while they may still pass. */
  readonly failing: string | null;
}

export interface Preflight {
  readonly at: Instant;
  readonly stopProtection: boolean;
  readonly events: readonly Maintenance[];
}

/**
 * What a person asked for, by a button or by the command: a fact that the pen reads at its next look, never a command that somebody carries
 * out unseen. It lies on the shelf of the pen it is meant for (`tags`: enforce-tags; `approve`: the pen that proposed; the others:
 * stop-start-instances), under `wish#<resource>`; a later one takes the place of an earlier one.
 */
export type Wish = {
  /** One use: the same button pressed twice, or told twice, is the same wish. */
  readonly id: string;
  readonly at: Instant;
  /** Who asked: a Slack user id, or the caller of the command. */
  readonly by: string;
  readonly via: 'slack' | 'command';
  /** In the person's own words. */
  readonly why: string | null;
  /** Set once what it asks for is done, or was overtaken: it stays until it expires, so that a copy told late asks for nothing. */
  readonly spentAt?: Instant;
} & (
  | { readonly want: 'keep' | 'snooze'; readonly until: Instant }
  | { readonly want: 'running' | 'stopped' }
  | { readonly want: 'tags'; readonly tags: Tags }
  /** A change that a policy in mode `plan` proposed, or that waits for an answer, may be done once. */
  | { readonly want: 'approve'; readonly action: ActionKind }
);

export interface StopDebt {
  readonly changeId: string;
  /** When EC2 took the stop: billing ended here, but for an instance that hibernates. */
  readonly at: Instant;
  readonly because: 'off-hours' | 'idle' | 'tags';
  readonly meterId: string;
  /** When its meter was opened, where that is not `at`. */
  readonly meterAt?: Instant;
  /** Of an instance that hibernates, until it has stopped: its meter is opened then, because EC2 bills until then. */
  readonly opens?: MeterOpenedRow;
  /** A stop that saves nothing: no meter was opened. */
  readonly unmetered?: true;
}

export interface StartInFlight {
  readonly changeId: string;
  /** The boundary that argued the start. */
  readonly boundary: Instant;
  readonly attempt: number;
  readonly at: Instant;
  /** Why the latest attempt has not brought it up, in EC2's words; `null` while it may still arrive. */
  readonly failure: string | null;
  /** It has got another type since: the next attempt need not wait. */
  readonly atOnce?: true;
  /** Who asked for it; absent where a schedule or a rule did. */
  readonly asked?: string;
}

export interface FleetMemory {
  readonly enrolledAt: Instant;
  readonly baseline: Baseline;
  /** `from`: the capacity that carried the load before the latest launches; it alone makes the metric until they are warm. */
  readonly lastScaleOut: { readonly at: Instant; readonly from: number } | null;
  readonly lastScaleInAt: Instant | null;
  /** The capacity of the latest look, and since when others have had it so; `null`: since before we looked, or it is ours. */
  readonly capacity?: { readonly is: number; readonly changedAt: Instant | null };
  /** The open meter: how many instances were billed when it was opened, and at which price. */
  readonly meter: { readonly id: string; readonly openedAt: Instant; readonly running: number; readonly price: Price | null } | null;
  /** Rows of the meter's latest turn, until they are known to be on record: appended again after a crash. */
  readonly turn?: readonly LedgerRow[];
  /** Set while MinSize stands where we put it: we owe the group what it was. */
  readonly floor?: FloorDebt | null;
  /** Set while the fleet has its off-hours sizes from us: we owe it those it had. */
  readonly asleep?: SleepDebt | null;
  /** The latest way down into off-hours that AWS failed: the next try for the same cause is a new attempt. */
  readonly failedSleep?: { readonly causeAt: Instant; readonly attempt: number; readonly at: Instant } | null;
  /** When AWS last would not take a floor. */
  readonly failedFloorAt?: Instant | null;
  /** What was proposed to its people, once each: `trigger`, to scale by CPU instead of bytes sent. */
  readonly proposed?: readonly 'trigger'[];
  /** Set while launches fail, until they succeed and that has been told. */
  readonly launch?: FailingLaunches | null;
}

export interface FloorDebt {
  /** MinSize before the first of our changes: written once. */
  readonly was: number;
  /** … and as we left it: any other number is somebody else's. */
  readonly is: number;
  /** Our changes of the last day, the latest last. */
  readonly changedAt: readonly Instant[];
}

export interface SleepDebt {
  readonly changeId: string;
  readonly at: Instant;
  /** Sizes before we touched them: written once. */
  readonly was: Sizes;
  /** … and as we left them: any other number is somebody else's. */
  readonly is: Sizes;
  /** The latest way back that failed. */
  readonly back: { readonly boundary: Instant; readonly attempt: number; readonly at: Instant; readonly failure: string } | null;
  /** Of an environment: its scheduled actions do both, at these instants. */
  readonly pause?: { readonly from: Instant; readonly until: Instant };
}

export interface FailingLaunches {
  /** Auto Scaling's words at the latest failure. */
  readonly why: string;
  readonly since: Instant;
  /** How often more was asked for since, each time in vain. */
  readonly tries: number;
  /** Nothing more is asked for before; `null`: not until launches succeed. */
  readonly nextAt: Instant | null;
  /** The cause that people have been told, `null`: none yet. */
  readonly told: string | null;
  /** When nothing was missing any more, and people have yet to be told. */
  readonly recoveredAt: Instant | null;
}

export interface TagMemory {
  readonly mark: TagMark | null;
  /** Seen lacking something when it was just born: its tags count from then on. */
  readonly settlesAt?: Instant;
}

export interface TagMark {
  readonly missing: readonly string[];
  readonly markedAt: Instant;
  readonly deadline: Instant;
  /** Warnings that were given, and when: each once. */
  readonly warned?: readonly { readonly stage: WarningStage; readonly at: Instant }[];
}

export type WarningStage = 'birth' | 'half-time' | 'last-day';

/** In mode `plan`: what was last proposed for a resource, in so many words, so that the same thought is told once. */
export type Thought = string;

/** A change that was claimed and not yet settled: a question, and the next tick looks for the answer. */
export interface PendingChange {
  readonly change: Change;
  readonly claimedAt: Instant;
}

/** When this pen next has something to do in this scope, and what it did today. */
export interface Agenda {
  /** Nothing falls due before this instant; `null` means nothing is planned at all. */
  readonly nextAt: Instant | null;
  readonly observedAt: Instant;
  /** Disruptive changes (stops, marks) attempted on `day`, for the daily budget. */
  readonly day: string;
  readonly disruptionsToday: number;
}
