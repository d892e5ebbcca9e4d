/** The alarms that a fleet's policy needs, as PutMetricAlarm takes them. They only ring: what follows is decided from what is seen then. */
import type { Dimension, MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { ALARM_PREFIX, alarmName } from '../../shared/model/alarm-name.ts';
import { isInsights } from '../../shared/model/expression.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import type { Expression, Metric } from '../../shared/observe/metrics.ts';
import { meaning, source } from '../../shared/observe/signals.ts';
import type { FleetPolicy, SignalSpec } from '../../shared/policy/schema.ts';

export interface AlarmWanted {
  readonly policy: string;
  readonly group: string;
  /** For people: `CPU > 90`, `backlog of jobs for each instance > 90`. */
  readonly rings: string;
  readonly input: AlarmInput;
}

/** A signal that rings by no alarm of its own; the minute tick reads it all the same. */
export interface WithoutAlarm {
  readonly policy: string;
  readonly group: string;
  readonly signal: string;
  readonly why: string;
}

export type AlarmInput = PutMetricAlarmInput & { readonly AlarmName: string; readonly AlarmDescription: string };

/** One above the policy's utilization for each of its signals that an alarm can watch. */
export function alarmsWanted({ group }: Pick<Fleet, 'group'>, policy: FleetPolicy, stage: string): (AlarmWanted | WithoutAlarm)[] {
  const signals = policy.signals ?? [{ kind: 'cpu' } as const];
  const keys = keysOf(signals);
  return signals.map((spec, index) => {
    const { name, full, of } = meaning(spec, group);
    const why = unwatchable(spec, full);
    if (why !== null || full === null) return { policy: policy.name, group, signal: name, why: why ?? '' };
    const threshold = rounded((full * policy.slo.utilization) / 100);
    return {
      policy: policy.name,
      group,
      rings: `${name}${of === 'fleet' ? ' for each instance' : ''} > ${threshold}`,
      input: {
        AlarmName: alarmName(policy.name, group, keys[index] ?? spec.kind),
        AlarmDescription: description(name, group, stage),
        ...watched(spec, group, policy.period),
        Threshold: threshold,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        // Silence of what should always speak is worth a look (INSUFFICIENT_DATA rings, too); no requests are simply none.
        TreatMissingData: spec.kind === 'requests' || spec.kind === 'queue' ? 'notBreaching' : 'missing',
        ActionsEnabled: false, // EventBridge tells the house of every change of state
        Tags: [
          { Key: 'ebb:policy', Value: policy.name },
          { Key: 'ebb:stage', Value: stage },
        ],
      },
    };
  });
}

function unwatchable(spec: SignalSpec, full: number | null): string | null {
  if (full === null) return 'what one instance serves has yet to be learned: the alarm on its CPU rings';
  if (spec.kind !== 'metric' || spec.expression === undefined) return null;
  if (/\bSEARCH\s*\(/.test(spec.expression)) return 'CloudWatch makes no alarm over a SEARCH';
  return isInsights(spec.expression) && spec.of === 'fleet' ? 'a Metrics Insights query cannot be divided by the instances' : null;
}

/** `cpu`, `requests`; a second one of a kind is `requests-2`. */
function keysOf(signals: readonly SignalSpec[]): string[] {
  return signals.map((spec, i) => {
    const before = signals.slice(0, i).filter(s => s.kind === spec.kind).length;
    return before === 0 ? spec.kind : `${spec.kind}-${before + 1}`;
  });
}

/** Whose alarm it is, also where its name had to be cut. */
const description = (what: string, group: string, stage: string): string =>
  `${what.slice(0, 300)} of ${group}: Ebbtide looks at the fleet when this changes. Made by ebb alarms. ebb:fleets=${group} ${ofStage(stage)}`;

const ofStage = (stage: string): string => `ebb:stage=${stage}`;

/** Two stages may stand in one account: each prunes its own. */
export const isOurs = (name: string | undefined, text: string | undefined, stage: string): boolean =>
  (name ?? '').startsWith(ALARM_PREFIX) && (text ?? '').split(' ').includes(ofStage(stage));

type Watched = Pick<
  PutMetricAlarmInput,
  'Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'ExtendedStatistic' | 'Period' | 'Metrics'
>;

/** What a fleet shares is watched for each instance, or a fleet that has grown would ring for ever. */
function watched(spec: SignalSpec, group: string, period: number): Watched {
  if (spec.kind === 'requests') {
    // The load balancer itself divides by its targets.
    const dimensions = { LoadBalancer: spec.loadBalancer, TargetGroup: spec.targetGroup };
    const perTarget = { namespace: 'AWS/ApplicationELB', metric: 'RequestCountPerTarget', dimensions, statistic: 'Sum' };
    return period === 60 ? plain(perTarget, period) : mathOf({ expression: 'requests / 5', metrics: { requests: perTarget } }, period);
  }
  const asked = source(spec, group);
  const of = meaning(spec, group).of;
  if (of === 'fleet') return mathOf(forEachInstance(asked, group), period);
  return 'expression' in asked ? mathOf(asked, period) : plain(asked, period);
}

const INSTANCES = 'ebb_instances';

/** With no instance at all, whatever waits is too much for it. */
function forEachInstance(asked: Metric | Expression, group: string): Expression {
  const total: Expression = 'expression' in asked ? asked : { expression: 'total', metrics: { total: asked } };
  const instances = {
    ...{ namespace: 'AWS/AutoScaling', metric: 'GroupInServiceInstances', statistic: 'Average' },
    dimensions: { AutoScalingGroupName: group },
  };
  return {
    expression: `(${total.expression}) / IF(FILL(${INSTANCES}, 0) > 0, FILL(${INSTANCES}, 0), 1)`,
    metrics: { ...total.metrics, [INSTANCES]: instances },
  };
}

const PLAIN = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;

function plain({ namespace, metric, dimensions, statistic }: Metric, Period: number): Watched {
  const common = PLAIN.find(name => name === statistic);
  return {
    ...{ Namespace: namespace, MetricName: metric, Dimensions: dimensionsOf(dimensions), Period },
    ...(common === undefined ? { ExtendedStatistic: statistic } : { Statistic: common }),
  };
}

const mathOf = ({ expression, metrics }: Expression, Period: number): Watched => ({
  Metrics: [
    { Id: 'ebb_load', Expression: expression, ReturnData: true, ...(Object.keys(metrics).length === 0 ? { Period } : {}) },
    ...Object.entries(metrics).map(
      ([Id, { namespace, metric, dimensions, statistic }]): MetricDataQuery => ({
        Id,
        MetricStat: {
          Metric: { Namespace: namespace, MetricName: metric, Dimensions: dimensionsOf(dimensions) },
          ...{ Period, Stat: statistic },
        },
        ReturnData: false,
      }),
    ),
  ],
});

const dimensionsOf = (dimensions: Readonly<Record<string, string>>): Dimension[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** 90 % of 1,200.3, without the dust of floating point. */
const rounded = (value: number): number => Number(value.toPrecision(12));

/** What CloudWatch bills for: an alarm on metric math counts each of its metrics. A query counts as one here, and may analyse more. */
export const billedMetrics = ({ Metrics }: Pick<PutMetricAlarmInput, 'Metrics'>): number =>
  Math.max(1, (Metrics ?? []).filter(query => query.MetricStat !== undefined).length);
