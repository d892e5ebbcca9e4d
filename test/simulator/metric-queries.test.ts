import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { createTopic } from '../../simulator/world/topics.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const REGION = 'eu-west-1';
const after = (seconds: number) => addSeconds(AT, seconds);

let cloud: Cloud;
let cw: CloudWatchClient;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', REGION)));
});

/** Label → values, of everything that one expression comes to, over the hour before now. */
async function ask(Expression: string, more: Partial<MetricDataQuery> = {}, metrics: MetricDataQuery[] = []) {
  const now = epochSeconds(cloud.now());
  const { MetricDataResults } = await cw.send(
    new GetMetricDataCommand({
      ...{ StartTime: new Date((now - HOUR) * 1000), EndTime: new Date(now * 1000), ScanBy: 'TimestampAscending' },
      MetricDataQueries: [{ Id: 'q', Expression, Period: 300, ...more }, ...metrics],
    }),
  );
  return Object.fromEntries((MetricDataResults ?? []).map(r => [r.Label ?? '', r.Values ?? []] as const));
}
const put = (MetricName: string, Value: number, dimensions: Readonly<Record<string, string>>) => {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Timestamp = new Date((epochSeconds(cloud.now()) - 600) * 1000);
  return cw.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName, Value, Timestamp, Dimensions }] }));
};
async function shops() {
  await put('Orders', 4, { Shop: 'north', Till: 'one' });
  await put('Orders', 6, { Shop: 'north', Till: 'two' });
  await put('Orders', 20, { Shop: 'south', Till: 'one' });
  await put('OrdersFailed', 1, { Shop: 'south' });
  await cloud.advanceTo(after(60));
}

describe('SEARCH', () => {
  beforeEach(shops);

  test.each<[string, readonly string[]]>([
    ['{Shop,Shop,Till} MetricName="Orders"', ['north one', 'north two', 'south one']],
    ['{Shop,Shop,Till} south', ['south one']],
    ['{Shop,Shop} failed', ['south']],
    ['Namespace=Shop NOT Till=one', ['north two Orders', 'south OrdersFailed']],
    ['Namespace=Shop (Till=two OR MetricName=OrdersFailed)', ['north two Orders', 'south OrdersFailed']],
    ['{Shop,Till,Shop} MetricName="Order"', []], // a quoted word is the whole name
    ['{Shop,Shop,Till} orders AND one', ['north one', 'south one']],
    ['{AWS/EC2,InstanceId} cpu', []],
  ])('%s', async (terms, labels) => {
    expect(Object.keys(await ask(`SEARCH('${terms}', 'Sum', 300)`))).toEqual(labels);
  });

  test('is a list of series to metric math', async () => {
    expect(Object.values(await ask(`SUM(SEARCH('{Shop,Shop,Till} Orders', 'Sum', 300))`))).toEqual([[30]]);
    expect(await ask(`SEARCH('{Shop,Shop,Till} north', 'Sum', 300) * 2`, { Label: 'twice' })).toEqual({
      ...{ 'twice north one': [8], 'twice north two': [12] },
    });
  });

  test('finds the CPU of every instance', async () => {
    const ids = [cloud.launch({ cpu: () => 7 }), cloud.launch({ cpu: () => 9 })];
    const found = await ask(`SEARCH('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', 'Average', 300)`);
    expect(Object.entries(found).map(([label, values]) => [label, values.at(-1)])).toEqual([
      [ids[0], 7],
      [ids[1], 9],
    ]);
  });

  test.each([
    "SEARCH('{Shop} (orders', 'Sum', 300)",
    "SEARCH('orders', 'Total', 300)",
    "SEARCH(orders, 'Sum', 300)",
    "SEARCH('a OR', 'Sum')",
  ])('refuses %s', async expression => {
    await expect(ask(expression)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('comes in pages as well', async () => {
    const send = (NextToken?: string) =>
      cw.send(
        new GetMetricDataCommand({
          ...{ StartTime: new Date(addSeconds(AT, -HOUR)), EndTime: new Date(AT), MaxDatapoints: 2, NextToken },
          MetricDataQueries: [{ Id: 'q', Expression: `SEARCH('{Shop,Shop,Till} Orders', 'Sum', 300)` }],
        }),
      );
    const first = await send();
    expect(first.MetricDataResults?.map(r => r.Label)).toEqual(['north one', 'north two']);
    const second = await send(first.NextToken);
    expect([second.MetricDataResults?.map(r => r.Label), second.NextToken]).toEqual([['south one'], undefined]);
  });
});

describe('Metrics Insights', () => {
  beforeEach(shops);

  test.each<[string, Readonly<Record<string, readonly number[]>>]>([
    ['SELECT SUM(Orders) FROM SCHEMA("Shop", Shop, Till)', { q: [30] }],
    ['SELECT AVG(Orders) FROM Shop', { q: [10] }],
    ["select max(Orders) from Shop where Till = 'one'", { q: [20] }],
    ["SELECT COUNT(Orders) FROM Shop WHERE Till = 'one' AND Shop != 'north'", { q: [1] }],
    ['SELECT SUM(Orders) FROM SCHEMA(Shop, Shop, Till) GROUP BY Shop', { north: [10], south: [20] }],
    ['SELECT SUM(Orders) FROM Shop GROUP BY Shop, Till ORDER BY SUM() DESC LIMIT 2', { 'south one': [20], 'north two': [6] }],
    ['SELECT MIN(Orders) FROM Shop GROUP BY Till ORDER BY MIN() ASC', { one: [4], two: [6] }],
    ['SELECT SUM(Orders) FROM SCHEMA("Shop", Shop)', { q: [] }],
  ])('%s', async (query, wanted) => {
    const answer = await ask(query);
    expect(answer).toEqual(wanted);
    expect(Object.keys(answer)).toEqual(Object.keys(wanted));
  });

  test('needs a period, stands alone in its request, and is understood or refused', async () => {
    const query = 'SELECT SUM(Orders) FROM Shop';
    await expect(ask(query, { Period: undefined })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask(query, {}, [{ Id: 'r', Expression: query, Period: 60 }])).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask('SELECT Orders FROM Shop')).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask("SELECT SUM(Orders) FROM Shop WHERE tag.team = 'a'")).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

const AVERAGE = 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", AutoScalingGroupName)';

describe('alarms', () => {
  const alarm = (more: Partial<PutMetricAlarmCommandInput>) =>
    cw.send(
      new PutMetricAlarmCommand({
        AlarmName: 'a',
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        ...more,
      } as PutMetricAlarmCommandInput),
    );
  const standing = async () => (await cw.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0];
  const group = (demand: (at: number) => number) => cloud.createGroup({ name: 'web', minSize: 1, maxSize: 9, desiredCapacity: 4, demand });
  const cpu: MetricDataQuery = {
    Id: 'm1',
    MetricStat: {
      Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }] },
      ...{ Period: 300, Stat: 'Average' },
    },
  };
  const band = (Expression = 'ANOMALY_DETECTION_BAND(m1, 2)') => ({
    ...{ ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' as const, ThresholdMetricId: 'ad1' },
    Metrics: [
      { ...cpu, ReturnData: true },
      { Id: 'ad1', Expression, ReturnData: true },
    ],
  });

  test('judge a Metrics Insights query that comes to one series', async () => {
    group(at => (at >= epochSeconds(after(600)) ? 4 : 2));
    await alarm({ Threshold: 80, Metrics: [{ Id: 'q', Expression: AVERAGE, Period: 60 }] });
    await cloud.advanceTo(after(600));
    expect((await standing())?.StateValue).toBe('OK');
    await cloud.advanceTo(after(900));
    expect((await standing())?.StateValue).toBe('ALARM');
    await expect(alarm({ Threshold: 1, Metrics: [{ Id: 'q', Expression: `SEARCH('cpu', 'Sum')` }] })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'SEARCH is not supported on Metric Alarms.',
    });
  });

  // Half of four by day, a quarter by night, give or take a little from day to day.
  const daily = (at: number): number => {
    const hour = Math.floor(at / HOUR) % 24;
    return (hour >= 6 && hour < 20 ? 2 : 1) + 0.02 * (Math.floor(at / 86_400) % 3);
  };

  test('ring where a metric leaves what is expected at that time of day, though it did not leave what is usual at another', async () => {
    group(at => (at >= epochSeconds(after(HOUR)) ? 1 : daily(at))); // the night’s load at nine in the morning
    await alarm(band());
    await cloud.advanceTo(after(HOUR));
    expect((await standing())?.StateValue).toBe('OK');
    await cloud.advanceTo(after(HOUR + 900));
    const { StateValue, StateReason, ThresholdMetricId, Threshold } = (await standing()) ?? {};
    expect([StateValue, ThresholdMetricId, Threshold]).toEqual(['ALARM', 'ad1', undefined]);
    expect(StateReason).toMatch(
      /^Thresholds Crossed: 1 out of the last 1 datapoints \[25\.0 .*\] was less than the lower thresholds \[4\d\.\d+\] or greater than the upper/,
    );
  });

  test('expect nothing of what is younger than a day', async () => {
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 9, desiredCapacity: 4, demand: () => 2, since: AT });
    await alarm(band());
    await cloud.advanceTo(after(2 * HOUR));
    expect((await standing())?.StateValue).toBe('INSUFFICIENT_DATA');
  });

  test('have a band as two series, upper first', async () => {
    group(daily);
    await cloud.advanceTo(after(HOUR));
    const answer = await ask('ANOMALY_DETECTION_BAND(m1, 3)', {}, [{ ...cpu, ReturnData: false }]);
    const [upper = [], lower = []] = Object.values(answer);
    expect(Object.keys(answer)).toEqual(['CPUUtilization (expected, upper)', 'CPUUtilization (expected, lower)']);
    expect(upper.every((value, i) => value > 50 && value < 53 && (lower[i] ?? 0) > 48 && (lower[i] ?? 0) < 51)).toBe(true);
    expect(upper).toHaveLength(12);
  });

  test.each<[string, Partial<PutMetricAlarmCommandInput>]>([
    ['two limits', { ...band(), Threshold: 5 }],
    ['a band and a plain comparison', { ...band(), ComparisonOperator: 'GreaterThanThreshold' }],
    ['a band that is none', band('m1 * 2')],
    ['no limit', { Metrics: [cpu] }],
    ['a comparison that is none', { Threshold: 1, ComparisonOperator: 'Odd' as 'GreaterThanThreshold', Metrics: [cpu] }],
  ])('with %s are refused', async (_, input) => {
    await expect(alarm(input)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('keep their peace while their actions are disabled, and are found by their metric', async () => {
    const topic = createTopic(cloud.world, { name: 'pager', region: REGION });
    const paged: string[] = [];
    topic.subscribers.push(({ subject }) => void paged.push(subject ?? ''));
    group(at => (Math.floor(at / HOUR) % 2 === 0 ? 1 : 4)); // a quarter from eight to nine, all of them from nine to ten
    const { Namespace, MetricName, Dimensions } = cpu.MetricStat?.Metric ?? {};
    const metric = { Namespace, MetricName, Dimensions };
    await alarm({ ...metric, Statistic: 'Average', Period: 60, Threshold: 80, AlarmActions: [topic.arn] });
    await cw.send(new DisableAlarmActionsCommand({ AlarmNames: ['a'] }));
    await cloud.advanceTo(after(1.5 * HOUR));
    expect([(await standing())?.StateValue, paged]).toEqual(['ALARM', []]);
    await cw.send(new EnableAlarmActionsCommand({ AlarmNames: ['a'] }));
    await cloud.advanceTo(after(3.5 * HOUR));
    expect(paged).toEqual(['ALARM: "a" in eu-west-1']);
    const { MetricAlarms } = await cw.send(new DescribeAlarmsForMetricCommand(metric));
    expect(MetricAlarms?.map(a => a.AlarmName)).toEqual(['a']);
  });
});
