/** What one seed comes to before anything happens: who is there, who does what, and what goes wrong. Plain data, so that it can be cut down. */
import type { Instant } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';

export interface Plot {
  readonly seed: number;
  readonly timeZone: string;
  readonly from: Instant;
  /** From here on nothing goes wrong, and nobody does anything. */
  readonly calm: Instant;
  readonly end: Instant;
  /** When, in the calm part, each pen is rung twice. */
  readonly echoes: readonly Instant[];
  readonly rules: Rules;
  readonly boxes: readonly Box[];
  readonly fleets: readonly Fleet[];
  /** What carries tags and is neither an instance nor a group. */
  readonly things?: readonly Thing[];
  readonly deeds: readonly Deed[];
  readonly spells: readonly Spell[];
  /** Whether AWS counts calls by its token buckets; not unless told otherwise. */
  readonly throttling?: boolean;
}

/** What the policies say; `rules.ts` writes them out, so a story that was kept outlives a change of the policies' form. */
export interface Rules {
  /** Office hours: on in any of these. */
  readonly hours: readonly { readonly weekdays: string; readonly begin: string; readonly end: string }[];
  /** Of stops; `null`: so ample that it never binds. */
  readonly budget: { readonly perRun: number; readonly perDay: number; readonly perOwner: number } | null;
  /** Of the stops of what wears `environment: test`, which has a policy of its own; unless told otherwise nothing does. */
  readonly second?: { readonly perRun: number; readonly perDay: number; readonly perOwner: number };
  readonly hibernate: boolean;
  /** Look-back of the rule of idleness; `null`: there is none. */
  readonly idleHours: number | null;
  /** What the policy of instances says beside its hours; nothing unless told otherwise. */
  readonly instances?: InstanceWays;
  readonly fleetMax: number;
  /** What fleets follow: a target of CPU unless told otherwise, or the signal of it, with a margin that is learned. */
  readonly fleetsFollow?: 'signals';
  /** What is written of fleets beside their capacity; nothing unless told otherwise. */
  readonly fleetSizes?: FleetSizes;
  /** Whether environments of Elastic Beanstalk are resized, too; not unless told otherwise. */
  readonly beanstalk?: boolean;
  /** Whether tags are required. */
  readonly tags: boolean;
  /** What their policy says beside an owner and a cost centre with a default; nothing unless told otherwise. */
  readonly tagWays?: TagWays;
  /** Where owners are told what is theirs; in the channel of all unless told otherwise. */
  readonly toldIn?: 'dm';
}

/** Of the policy of tags. Owners are always required. */
export interface TagWays {
  readonly mode: 'plan' | 'act';
  readonly resources: readonly ('instance' | 'volume' | 'snapshot' | 'elastic-ip' | 'auto-scaling-group' | 'beanstalk-environment')[];
  /** From mark to deadline, in 64ths of a day, which no fraction of a day rounds: minutes, so that all of it falls into a story. */
  readonly grace: number;
  /** Seconds after birth. */
  readonly settle: number;
  readonly escalates: boolean;
  /** Owners are of a list, whatever their letters. */
  readonly owners: 'any' | 'listed';
  /** `Env` and `production` become `environment` and `prod`. */
  readonly respells: boolean;
  readonly costCentre: 'default' | 'required' | 'pattern' | 'upper';
  readonly inherits: boolean;
  /** Marks in a run are few. */
  readonly tight: boolean;
}

/** `enforced`: hours hold at every tick; `retain`: what people had started before stays; `notice`: owners are warned of idle stops; `asked`: … and nobody's silence is a yes; `early`: up in time; `types`: others where there is no capacity, or where load asks for less. */
export type InstanceWays = 'enforced' | 'retain' | 'notice' | 'asked' | 'early' | 'learned' | 'types';

export type FleetSizes =
  /** MinSize alone is written, and capacity left to AWS. */
  | { readonly writes: 'floor' }
  /** Fleets keep office hours, too; and on some days they do not. */
  | {
      readonly writes: 'off-hours';
      readonly minSize: number;
      readonly override: { readonly from: Instant; readonly to: Instant; readonly minSize: number } | null;
    };

/** An instance that stands there when the story begins. */
export interface Box {
  /** Also its Name tag. */
  readonly id: string;
  readonly kind: BoxKind;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly load: 'office' | 'idle' | 'busy';
  /** Percent in use, hour by hour, as the CloudWatch agent tells; not published unless told otherwise. */
  readonly memory?: number;
  /** In which hours it ran in the weeks before. */
  readonly history: 'always' | 'office';
}

/** What a scheduler has to tell apart. */
export type BoxKind =
  | 'plain'
  | 'windows'
  | 'hibernating'
  | 'public-address'
  | 'stop-protected'
  | 'spot'
  | 'instance-store'
  | 'opted-out'
  | 'untagged'
  | 'production'
  | 'planned-only'
  | 'asleep';

/** A volume or an address on its own, the volume of an instance, or a snapshot of that. */
export interface Thing {
  readonly id: string;
  readonly kind: 'volume' | 'elastic-ip' | 'root-volume' | 'snapshot';
  /** The instance whose volume it is, or is a copy of. */
  readonly box: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** What groups wear where nothing else is said. */
export const FLEET_TAGS: Readonly<Record<string, string>> = { environment: 'prod', owner: 'team', 'cost-centre': 'web' };

export interface Fleet {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly kind: 'tracked' | 'unmatched' | 'beanstalk' | 'environment' | 'aws-policies' | 'suspended';
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** Of its first members so many are protected from scale-in; none unless told otherwise. */
  readonly shielded?: number;
  /** Of people, on its CPU in percent; `topic`: told to the topic of the deployment as well. None unless told otherwise. */
  readonly alarm?: { readonly by: 'metric' | 'math' | 'composite' | 'topic'; readonly above: number };
  /** Percent of CPU that AWS's own target tracking holds; its policy is seen and never acts unless told otherwise. */
  readonly target?: number;
  /** Busy instances at night and at the height of the day. */
  readonly night: number;
  readonly day: number;
}

/** What a person does, and when; with a `call`, in the middle of a run: just before the call that names for the so manyth time what it is about. */
export type Deed = { readonly id: string; readonly at: Instant; readonly call?: number } & (
  | { readonly does: 'starts' | 'stops' | 'terminates'; readonly box: string }
  | { readonly does: 'tags'; readonly box: string; readonly tags: Readonly<Record<string, string>> }
  | { readonly does: 'untags'; readonly box: string; readonly keys: readonly string[] }
  | { readonly does: 'launches'; readonly box: string; readonly type: string; readonly tags: Readonly<Record<string, string>> }
  | { readonly does: 'sets-desired'; readonly fleet: string; readonly desiredCapacity: number }
  | { readonly does: 'sets-sizes'; readonly fleet: string; readonly minSize: number; readonly maxSize: number }
  | { readonly does: 'deletes-group'; readonly fleet: string }
  /** Processes of Auto Scaling, suspended and resumed. */
  | { readonly does: 'suspends' | 'unsuspends'; readonly fleet: string; readonly processes: readonly string[] }
  | { readonly does: 'tags-group'; readonly fleet: string; readonly tags: Readonly<Record<string, string>> }
  /** AWS, unasked: takes a Spot instance back, has none of a type (in one zone or in all) for a while, loses a host, announces maintenance. */
  | { readonly does: 'interrupts'; readonly box: string }
  | { readonly does: 'lacks'; readonly type: string; readonly zone: string | null; readonly minutes: number }
  | { readonly does: 'impairs'; readonly box: string; readonly minutes: number }
  | { readonly does: 'announces'; readonly box: string; readonly minutes: number }
  /** Stop protection, on or off. */
  | { readonly does: 'guards'; readonly box: string; readonly on: boolean }
  /** The oldest of its members are protected from scale-in. */
  | { readonly does: 'shields'; readonly fleet: string; readonly members: number }
  | { readonly does: 'pauses' | 'resumes' }
  /** Capacity or a key is missing for the next starts of this box. */
  | { readonly does: 'troubles'; readonly box: string; readonly trouble: 'capacity' | 'kms'; readonly times: number }
  /** Presses a button in Slack, or waits for a message that shows one. */
  | ({ readonly does: 'presses'; readonly button: Button; readonly message: 'newest' | 'oldest' | 'stale' } & Answering)
  /** `/ebb start box-1`. */
  | ({ readonly does: 'commands'; readonly box: string; readonly words: Spoken } & Answering)
  /** `ebb start box-1`, in a terminal: its Lambda is rung, or it is done there. */
  | { readonly does: 'asks'; readonly box: string; readonly words: Spoken; readonly where: 'rung' | 'here' }
  /** `ebb release`: everything is given back, and the pens are paused for good. */
  | { readonly does: 'releases' }
  /** A new policy, as a deploy brings it. */
  | { readonly does: 'deploys'; readonly mode?: 'plan' | 'act'; readonly fleet?: Partial<FleetPolicy> }
);

/** What its label begins with. */
export type Button = 'Start' | 'Stop' | 'Snooze' | 'Keep' | 'Undo' | 'Approve' | 'Set' | 'Why';

export interface Spoken {
  readonly verb: 'start' | 'stop' | 'snooze' | 'keep' | 'why';
  /** Of snooze and keep. */
  readonly minutes: number;
}

interface Answering {
  /** `owner`: of what it is about, or anybody where it has none. */
  readonly by: 'owner' | 'approver' | 'stranger';
  /** The very same once more so many seconds later; and meanwhile somebody does the opposite by hand. */
  readonly again: { readonly after: number; readonly meanwhile: boolean } | null;
}

/** A while in which something goes wrong now and then. */
export interface Spell {
  readonly id: string;
  readonly kind: FaultKind;
  readonly from: Instant;
  readonly to: Instant;
  /** Of the occasions that it meets. */
  readonly share: number;
}

export const FAULT_KINDS = [
  // a call to AWS
  'throttle',
  'server-error',
  'timeout-before',
  'timeout-after',
  'slow-call',
  'partial-batch',
  // a call to the tables
  'table-throttle',
  'table-error',
  'table-timeout-after',
  'table-race',
  // a run of a function
  'crash-before-call',
  'crash-after-call',
  'lambda-timeout',
  'two-workers',
  'clock-skew',
  // what rings
  'lost-event',
  'duplicate-event',
  'late-event',
  'lost-tick',
  'duplicate-tick',
  // what is measured
  'missing-metric',
  'stale-metric',
  'nan-metric',
  // whom we tell
  'deaf-slack',
  'slack-timeout-after',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
