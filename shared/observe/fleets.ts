/** Auto Scaling groups of one scope, with their demand where a policy asks for it. */
import type { AutoScalingGroup, DescribeAutoScalingGroupsCommandInput } from '@aws-sdk/client-auto-scaling';
import { isEnvironmentId, type ResourceRef, type Scope, type Tags } from '../model/ids.ts';
import type { Fleet, Member, Unread } from '../model/observation.ts';
import { addSeconds, floorTo, HOUR, type Instant, instant } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { countBaseline, isTooYoung, presenceWindow, tooYoung } from './baseline.ts';
import { ENVIRONMENT_ID, ENVIRONMENT_NAME } from './beanstalk.ts';
import { tagsOf } from './describe.ts';
import { observeLaunches, observeTerms } from './fleet-terms.ts';
import { type MetricWanted, readMetrics } from './metrics.ts';
import { type SignalsWanted, signalSeen, signalsAsked } from './signals.ts';

/** Decided by the caller from the facts alone. A fleet with neither a signal nor a baseline wanted costs nothing but its line in the list. */
export interface FleetWants {
  /** Names of the groups to look at; absent: the whole scope. Groups that are gone are absent from the answer. */
  readonly ids?: readonly string[];
  /** How many datapoints of the group's average CPU a rule will read, `null`: none. Two more are read: the newest may not be published yet. */
  signal(fleet: Fleet): { readonly period: 60 | 300; readonly datapoints: number } | null;
  /** Which signals to read, and from when on; `null`: none. */
  signals(fleet: Fleet): SignalsWanted | null | Promise<SignalsWanted | null>;
  /** Whether to measure the four weeks before `at`. */
  baseline(fleet: Fleet): boolean;
  /** Whether to ask for what only a change needs to know: the scaling policies of AWS, and the price of a member. */
  terms(fleet: Fleet): boolean;
  /** Whether launches are missing for so long that Auto Scaling is asked what came of them; absent: it is not asked. */
  launches?(fleet: Fleet): boolean;
}

export interface FleetsSeen {
  readonly fleets: Fleet[];
  readonly unread: Unread[];
}

/** Datapoints read beyond those asked for: CloudWatch publishes a minute or two late. */
const SLACK = 2;

/**
 * Complete, or an error. A metric that cannot be read leaves its fleet with `null` there, and `unread` says why.
 * @throws the SDK's error when groups, their policies or a member cannot be described.
 */
export async function observeFleets(clients: Clients, scope: Scope, at: Instant, wants: FleetWants): Promise<FleetsSeen> {
  const groups = await describeGroups(clients, scope, wants.ids);
  const asked = await Promise.all(
    groups.map(async group => ({
      ...group,
      signal: signalWanted(group.fleet, at, wants),
      signals: demandWanted(group.fleet, await wants.signals(group.fleet), at),
      runs: runsWanted(group, at, wants),
    })),
  );
  const wanted = groups.map(g => g.fleet).filter(wants.terms);
  const missing = groups.map(g => g.fleet).filter(fleet => wants.launches?.(fleet) ?? false);
  const [terms, launches, { series, unread }] = await Promise.all([
    observeTerms(clients, scope, wanted),
    observeLaunches(clients, missing),
    readMetrics(
      clients,
      asked.flatMap(({ signal, signals, runs }) =>
        [signal ?? [], signals.map(s => s.wanted), typeof runs === 'object' ? (runs ?? []) : []].flat(),
      ),
    ),
  ]);
  const fleets = asked.map(({ fleet, signal, signals, runs }): Fleet => {
    const measured = runs === null || runs === 'too-young' ? undefined : series.get(runs.key);
    return {
      ...fleet,
      signal: signal === null ? null : (series.get(signal.key) ?? null),
      signals: signals.map(asked => signalSeen(asked, series.get(asked.wanted.key))),
      baseline: runs === 'too-young' ? tooYoung(at) : measured === undefined ? null : countBaseline(measured, at),
      launchFailure: launches.get(fleet.ref.id) ?? null,
      ...terms.get(fleet.ref.id),
    };
  });
  return { fleets, unread: [...unread] };
}

interface Group {
  readonly fleet: Fleet;
  readonly createdAt: Instant;
}

/** Auto Scaling's limit for names in one call, and for groups on one page. */
const GROUPS_MAX = 100;

/** Every group of the scope, or those of `names` that exist, without measurements. */
export async function describeGroups(clients: Clients, scope: Scope, names?: readonly string[]): Promise<Group[]> {
  const [client, { paginateDescribeAutoScalingGroups }] = await Promise.all([
    clients.autoScaling(),
    import('@aws-sdk/client-auto-scaling'),
  ]);
  const found: Group[] = [];
  for (const input of names === undefined ? [{}] : inputsFor(new Set(names))) {
    for await (const page of paginateDescribeAutoScalingGroups({ client, pageSize: GROUPS_MAX }, input)) {
      // A status means that it is being deleted: nobody may change it any more, and it is as good as gone.
      for (const group of page.AutoScalingGroups ?? []) if (group.Status === undefined) found.push(factsOf(group, scope));
    }
  }
  return found;
}

/** Groups by their names; an environment's by the tag that it puts on it. */
function inputsFor(names: ReadonlySet<string>): DescribeAutoScalingGroupsCommandInput[] {
  const [environments, groups] = [[...names].filter(isEnvironmentId), [...names].filter(name => !isEnvironmentId(name))];
  return [
    ...slices(groups, GROUPS_MAX).map(AutoScalingGroupNames => ({ AutoScalingGroupNames })),
    ...slices(environments, FILTER_VALUES_MAX).map(Values => ({ Filters: [{ Name: `tag:${ENVIRONMENT_ID}`, Values }] })),
  ];
}

/** Auto Scaling's limit for the values of a filter. */
const FILTER_VALUES_MAX = 5;

const slices = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** A group that an environment owns is seen as the environment: that is what people name, and the only thing that may be changed. */
function refOf(name: string, tags: Tags, scope: Scope): ResourceRef {
  const id = tags[ENVIRONMENT_ID];
  if (id === undefined) return { kind: 'auto-scaling-group', id: name, name, scope };
  return { kind: 'beanstalk-environment', id, name: tags[ENVIRONMENT_NAME] ?? null, scope };
}

function factsOf(group: AutoScalingGroup, scope: Scope): Group {
  const name = told(group.AutoScalingGroupName, 'AutoScalingGroupName', group);
  const tags = tagsOf(group.Tags);
  const weights = (group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []).flatMap(o => o.WeightedCapacity ?? []);
  const fleet: Fleet = {
    ref: refOf(name, tags, scope),
    group: name,
    tags,
    minSize: told(group.MinSize, 'MinSize', group),
    maxSize: told(group.MaxSize, 'MaxSize', group),
    desiredCapacity: told(group.DesiredCapacity, 'DesiredCapacity', group),
    members: (group.Instances ?? []).map(
      (member): Member => ({
        id: member.InstanceId ?? '',
        lifecycleState: member.LifecycleState ?? '',
        healthy: member.HealthStatus === 'Healthy',
        scaleInProtected: member.ProtectedFromScaleIn ?? false,
        type: member.InstanceType ?? null,
        weight: Number(member.WeightedCapacity ?? 1),
      }),
    ),
    suspended: (group.SuspendedProcesses ?? []).flatMap(process => process.ProcessName ?? []),
    awsPolicies: [],
    beanstalk: tags[ENVIRONMENT_NAME] ?? null,
    environment: null,
    weighted: weights.length > 0,
    warmPool: group.WarmPoolSize ?? 0,
    refreshing: null,
    launchFailure: null,
    instanceWarmup: group.DefaultInstanceWarmup ?? null,
    signal: null,
    signals: [],
    baseline: null,
    price: null,
  };
  return { fleet, createdAt: instant(told(group.CreatedTime, 'CreatedTime', group)) };
}

function told<T>(value: T | undefined, field: string, group: AutoScalingGroup): T {
  if (value === undefined) throw new Error(`Auto Scaling described ${group.AutoScalingGroupName ?? 'a group'} without ${field}`);
  return value;
}

function signalWanted(fleet: Fleet, at: Instant, wants: FleetWants): MetricWanted | null {
  const signal = wants.signal(fleet);
  if (signal === null) return null;
  const end = floorTo(at, signal.period);
  return {
    key: `signal ${fleet.ref.id}`,
    asked: { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: fleet.group }, statistic: 'Average' },
    periodSeconds: signal.period,
    window: { start: addSeconds(end, -(signal.datapoints + SLACK) * signal.period), end },
    what: 'CPU',
    of: fleet.ref.id,
  };
}

const demandWanted = (fleet: Fleet, wanted: SignalsWanted | null, at: Instant) => (wanted === null ? [] : signalsAsked(fleet, wanted, at));

function runsWanted({ fleet, createdAt }: Group, at: Instant, wants: FleetWants): MetricWanted | 'too-young' | null {
  if (!wants.baseline(fleet)) return null;
  if (isTooYoung(createdAt, at)) return 'too-young';
  return {
    key: `runs ${fleet.ref.id}`,
    asked: {
      namespace: 'AWS/AutoScaling',
      metric: 'GroupInServiceInstances',
      dimensions: { AutoScalingGroupName: fleet.group },
      statistic: 'Average',
    },
    periodSeconds: HOUR,
    window: presenceWindow(at),
    what: 'baseline',
    of: fleet.ref.id,
  };
}
