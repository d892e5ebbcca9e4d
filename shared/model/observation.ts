/** Facts, observed at one instant: complete pages or an error, never a partial world. Nothing here is argued or guessed. */
import type { Baseline } from './baseline.ts';
import type { ResourceRef, Scope, Tags } from './ids.ts';
import type { Build } from './instance-type.ts';
import type { Coverage } from './ledger.ts';
import type { Series } from './metric.ts';
import type { MicroUsd } from './money.ts';
import type { Instant } from './time.ts';

/** What was seen of one scope. Time is a fact: there is one `at` in a run, and every rule reads it. */
export interface Observation<Resource, Memory> {
  readonly at: Instant;
  readonly scope: Scope;
  readonly resources: readonly Resource[];
  /** What the house remembers of each resource, by resource id; absent means never seen. */
  readonly memory: ReadonlyMap<string, Memory>;
  /** What could not be read, and why: a run with any of these is degraded, and says so. */
  readonly unread: readonly Unread[];
}

export interface Unread {
  /** For people: `CPU of 12 instances`, `prices`. */
  readonly what: string;
  /** The error's own code and message. */
  readonly why: string;
}

/** An hourly price with its provenance. `null` in its place means that no source knows: hours are shown, never $0. */
export interface Price {
  readonly perHour: MicroUsd;
  /** For people: `list price of 2025-04-04 (table)`. */
  readonly source: string;
  readonly billedAs?: BilledAs;
  /** What is known of commitments that pay for such instances; absent: as the account declares. */
  readonly coverage?: Coverage;
}

/** Which line of the price list: what a bill is compared with. FOCUS: SkuId, x_UsageType, x_Operation, PricingCategory. */
export interface BilledAs {
  /** `m5.large` */
  readonly type: string;
  /** `null` where the source of the price does not name it. */
  readonly sku: string | null;
  /** `EU-BoxUsage:m5.large` */
  readonly usageType: string | null;
  /** `RunInstances`, `RunInstances:0002` for Windows. */
  readonly operation: string | null;
  /** On demand is `Standard`, Spot is `Dynamic`. */
  readonly pricing: 'Standard' | 'Dynamic';
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** Whoever made the instance and would replace it: the parent is what gets changed, never its members. */
export interface Parent {
  readonly kind:
    | 'auto-scaling-group'
    | 'beanstalk'
    | 'eks'
    | 'ecs'
    | 'batch'
    | 'emr'
    | 'operator'
    | 'cloudformation-fleet'
    | 'cloudformation-stack';
  readonly name: string;
}

export interface Instance {
  readonly ref: ResourceRef;
  readonly tags: Tags;
  readonly state: InstanceState;
  /** `m5.large`. */
  readonly type: string;
  readonly platform: 'linux' | 'windows' | 'other';
  readonly tenancy: 'default' | 'dedicated' | 'host';
  readonly lifecycle: 'on-demand' | 'spot' | 'scheduled' | 'capacity-block';
  /** EC2's LaunchTime: the latest start, not the birth. */
  readonly launchedAt: Instant;
  /** When the root volume was attached, which no stop or start changes; `null` where there is none to ask. */
  readonly createdAt: Instant | null;
  /** From StateTransitionReason, when EC2 tells it: when the stop or termination it is in was asked for. */
  readonly stoppedAt: Instant | null;
  readonly rootDevice: 'ebs' | 'instance-store';
  readonly availabilityZone: string;
  readonly parent: Parent | null;
  /** `auto` is released by a stop and changes; `elastic` stays and bills on. */
  readonly publicIpv4: 'none' | 'auto' | 'elastic';
  /** Ids of the attached EBS volumes: they bill on while the instance is stopped. */
  readonly volumes: readonly string[];
  /** What another type would have to fit; absent where EC2 did not tell. */
  readonly build?: Build;
  readonly monitoring: 'basic' | 'detailed';
  readonly hibernation: boolean;
  /** DisableApiStop. `null`: not asked, because nothing proposed to stop it. */
  readonly stopProtection: boolean | null;
  /** CPUUtilization, hourly maxima in percent. `null`: not measured at this tick. */
  readonly cpuMax: Series | null;
  /** `null`: not asked for, because memory already holds one. */
  readonly baseline: Baseline | null;
  readonly price: Price | null;
}

/** Both status checks of a running instance, as DescribeInstanceStatus tells them: the worse of the two. */
export type StatusChecks = 'ok' | 'initializing' | 'impaired' | 'insufficient-data';

/** Maintenance that EC2 has announced for an instance and not yet carried out. */
export interface Maintenance {
  readonly code: 'instance-stop' | 'instance-retirement' | 'instance-reboot' | 'system-reboot' | 'system-maintenance';
  readonly notBefore: Instant;
  /** `null`: EC2 names no end. */
  readonly notAfter: Instant | null;
}

export interface Member {
  readonly id: string;
  /** Auto Scaling's LifecycleState: `Pending`, `InService`, `Terminating`, `Standby` … */
  readonly lifecycleState: string;
  readonly healthy: boolean;
  readonly scaleInProtected: boolean;
  readonly type: string | null;
  /** Units of capacity that it counts for: 1, unless a mixed instances policy weighs its types. */
  readonly weight: number;
}

/** The latest launch of a group that lacks some: Auto Scaling tried it in vain. */
export interface LaunchFailure {
  /** Auto Scaling's own words. */
  readonly why: string;
  readonly at: Instant;
}

/** An Elastic Beanstalk environment as its own option settings have it; what its group looks like is the fleet's to tell. */
export interface Environment {
  readonly application: string;
  /** `Ready`, `Updating`, …: only a ready one takes an update. */
  readonly status: string;
  /** Of `aws:autoscaling:asg`, as they will be when an update that is under way has ended. */
  readonly minSize: number;
  readonly maxSize: number;
  readonly singleInstance: boolean;
  /** The metric that its own scaling listens to: `NetworkOut`. */
  readonly trigger: string | null;
  /** One-time scheduled actions by name: when each sets the sizes. */
  readonly oneTime: Readonly<Record<string, Instant>>;
}

/** One of the metrics that a fleet's demand is read from. */
export interface Signal {
  /** For people: `CPU`, `requests of targetgroup/web/943f017f100becff`, `backlog of jobs`. */
  readonly name: string;
  readonly kind: 'cpu' | 'requests' | 'queue' | 'metric';
  /** `fleet`: a total that its instances share; `instance`: an average of them. */
  readonly of: 'fleet' | 'instance';
  /**
   * What one instance carries at 100 %, in the metric's unit: 100 for CPU, requests a minute, the messages that may wait for it.
   * `null`: to be learned from CPU.
   */
  readonly full: number | null;
  /** From the instant the asker named to the last full period. A series of holes: silent. `null`: it could not be read. */
  readonly series: Series | null;
}

/** An Auto Scaling group, or the Elastic Beanstalk environment that owns one. Sizes and capacity are in units where types are weighed. */
export interface Fleet {
  readonly ref: ResourceRef;
  /** Name of the Auto Scaling group, an environment's too: metrics and activities are told by it. */
  readonly group: string;
  readonly tags: Tags;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly members: readonly Member[];
  /** Names of processes suspended by people: `Launch`, `Terminate`, … */
  readonly suspended: readonly string[];
  /** Names of the scaling policies that AWS itself acts on, other than predictive forecasts. */
  readonly awsPolicies: readonly string[];
  /** The Beanstalk environment that owns the group, which then is the one to change. */
  readonly beanstalk: string | null;
  /** What that environment says of itself. `null`: there is none, or it was not asked, because nothing would be written. */
  readonly environment: Environment | { readonly unread: string } | null;
  /** Capacity is counted in units: types have weights. */
  readonly weighted: boolean;
  /** Initialized instances that wait in a warm pool. */
  readonly warmPool: number;
  /** Percent of the instance refresh that is under way. `null`: none, or not asked, because nothing would be removed. */
  readonly refreshing: number | null;
  /** `null`: launches succeed, or nobody asked, because nothing is missing. */
  readonly launchFailure: LaunchFailure | null;
  /** The group's DefaultInstanceWarmup, in seconds; `null` where it sets none. */
  readonly instanceWarmup: number | null;
  /** The policy's demand metric, average per instance. `null`: no policy asked for one. */
  readonly signal: Series | null;
  /** What the policy reads demand from, in its order; empty where no policy asked. */
  readonly signals: readonly Signal[];
  /** `null`: not asked for, because memory already holds one. */
  readonly baseline: Baseline | null;
  /** Of one member, on demand. */
  readonly price: Price | null;
}

/** A resource as the tag pen sees it, whatever its kind. */
export interface Tagged {
  readonly ref: ResourceRef;
  readonly tags: Tags;
  /** Why its tags could not be read, and then `tags` says nothing. */
  readonly unread: string | null;
  /** Of a group: keys of tags that its members do not get. */
  readonly unpropagated: readonly string[];
  /** `null`: AWS does not tell, as of addresses. */
  readonly createdAt: Instant | null;
  /** In the words of its service: `running`, `in-use`, `completed`, `Ready`; empty where it has none. */
  readonly state: string;
  readonly parent: Parent | null;
  /** Whose tags it may inherit: a volume's instance, a snapshot's volume. */
  readonly source: string | null;
  /** Of an instance. */
  readonly subnet: string | null;
  /**
   * What a month (730 hours) of it as it is now costs by itself; `null`: no source knows. A stopped instance costs nothing, a group only its
   * members, and what a snapshot holds is known to the bill alone.
   */
  readonly price: MonthlyCost | null;
}

export interface MonthlyCost {
  readonly perMonth: MicroUsd;
  /** For people, as of `Price`. */
  readonly source: string;
}
