import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';
import { parseRule } from '../../simulator/world/composite-alarms.ts';
import { evaluate } from '../../simulator/world/math-parser.ts';
import { MathError, type MathValue, TimeSeries } from '../../simulator/world/metric-math.ts';
import { createTopic } from '../../simulator/world/topics.ts';

const AT = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;
const after = (seconds: number) => addSeconds(AT, seconds);
const REGION = 'eu-west-1';

let cloud: Cloud;
let cw: CloudWatchClient;
beforeEach(() => {
  cloud = createCloud({ seed: 3, at: AT });
  const out = cloud.outside({ config: {} as Config });
  cw = out.equip(new CloudWatchClient(out.clientConfig('cloudwatch', REGION)));
});

const put = (MetricName: string, Value: number, at: number, more = {}) =>
  cw.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName, Value, Timestamp: new Date(after(at)), ...more }] }));
const shop = (Id: string, MetricName: string, Stat = 'Sum', Period = 60): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period, Stat },
});
async function get(MetricDataQueries: MetricDataQuery[], seconds = HOUR) {
  const { MetricDataResults } = await cw.send(
    new GetMetricDataCommand({
      StartTime: new Date(AT),
      EndTime: new Date(after(seconds)),
      MetricDataQueries,
      ScanBy: 'TimestampAscending',
    }),
  );
  return Object.fromEntries((MetricDataResults ?? []).map(r => [r.Id ?? '', r.Values ?? []] as const));
}

describe('metrics that somebody puts', () => {
  test('are rolled up value by value, percentiles included', async () => {
    for (let i = 1; i <= 100; i++) await put('Latency', i, i % 60);
    await put('Sizes', 0, 0, { Value: undefined, Values: [1, 5], Counts: [3, 1] });
    await put('Sets', 0, 0, { Value: undefined, StatisticValues: { SampleCount: 4, Sum: 20, Minimum: 1, Maximum: 9 } });
    await cloud.advanceTo(after(300));
    const stats = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p99', 'p100'];
    const values = await get(stats.map((stat, i) => shop(`m${i}`, 'Latency', stat)));
    expect(Object.values(values).map(v => v[0])).toEqual([50.5, 1, 100, 100, 50.5, 99.01, 100]);
    expect(await get([shop('a', 'Sizes', 'Average'), shop('s', 'Sets', 'Sum'), shop('x', 'Sets', 'Maximum')])).toEqual({
      ...{ a: [2], s: [20], x: [9] },
    });
  });

  test('may not take AWS’s names, nor be no number', async () => {
    const data = [{ MetricName: 'x', Value: 1 }];
    await expect(cw.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData: data }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    const many = Array.from({ length: 1001 }, () => ({ MetricName: 'x', Value: 1 }));
    await expect(cw.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: many }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('are listed beside AWS’s own', async () => {
    const box = cloud.launch({ type: 'm5.large' });
    cloud.createGroup({ name: 'web', minSize: 0, maxSize: 1, desiredCapacity: 0, demand: () => 0 });
    await put('Orders', 1, 0, { Dimensions: [{ Name: 'Shop', Value: 'north' }] });
    const list = async (input: object) => (await cw.send(new ListMetricsCommand(input))).Metrics?.map(m => m.MetricName);
    expect(await list({ Namespace: 'Shop' })).toEqual(['Orders']);
    expect(await list({ Dimensions: [{ Name: 'InstanceId', Value: box }] })).toEqual([
      ...['CPUUtilization', 'StatusCheckFailed', 'NetworkIn', 'NetworkOut', 'EBSReadOps', 'EBSWriteOps'],
    ]);
    expect(await list({ Namespace: 'AWS/AutoScaling' })).toHaveLength(8);
    expect(await list({ Dimensions: [{ Name: 'Shop' }] })).toEqual(['Orders']);
  });

  test('GetMetricStatistics gives several statistics at once, and at most 1,440 points', async () => {
    for (const [i, value] of [2, 4, 9].entries()) await put('Latency', value, i);
    await cloud.advanceTo(after(300));
    const ask = (seconds: number) =>
      cw.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: 'Shop', MetricName: 'Latency', StartTime: new Date(AT), EndTime: new Date(after(seconds)), Period: 60 },
          ...{ Statistics: ['Average', 'Maximum'], ExtendedStatistics: ['p50'] },
        }),
      );
    expect((await ask(300)).Datapoints).toEqual([{ Timestamp: new Date(AT), Average: 5, Maximum: 9, ExtendedStatistics: { p50: 4 } }]);
    await expect(ask(25 * HOUR)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});

describe('metric math', () => {
  const series = (values: Record<number, number>): TimeSeries => new TimeSeries(Object.entries(values).map(([t, v]) => [Number(t), v]));
  const named: Readonly<Record<string, TimeSeries>> = {
    m1: series({ 0: 10, 60: 20, 120: 30 }),
    m2: series({ 0: 2, 120: 0 }),
    none: series({}),
  };
  const calc = (text: string): MathValue =>
    evaluate(text, {
      series: id => named[id] ?? fail(id),
      metrics: () => [named['m1'] ?? fail(''), named['m2'] ?? fail('')],
      times: [0, 60, 120],
      search: () => [],
      band: id => fail(id),
    });
  const fail = (id: string): never => {
    throw new MathError(id);
  };
  const plain = (text: string) => {
    const value = calc(text);
    const object = (one: MathValue) => (one instanceof Map ? Object.fromEntries(one) : one);
    return Array.isArray(value) ? value.map(object) : object(value);
  };

  test.each<[string, unknown]>([
    ['1 + 2 * 3 - 4 / 2', 5],
    ['(1 + 2) * -3', -9],
    ['m1 + m2', { 0: 12, 120: 30 }], // only where both have a value
    ['m1 / m2', { 0: 5 }], // what is divided by zero has no value
    ['100 * m1 / 50', { 0: 20, 60: 40, 120: 60 }],
    ['m1 > 15', { 0: 0, 60: 1, 120: 1 }],
    ['m1 > 15 AND m1 < 25', { 0: 0, 60: 1, 120: 0 }],
    ['IF(m1 > 15, m1, 0)', { 0: 0, 60: 20, 120: 30 }],
    ['IF(m1 > 15, m1)', { 60: 20, 120: 30 }],
    ['FILL(m2, 7)', { 0: 2, 60: 7, 120: 0 }],
    ['FILL(m2, REPEAT)', { 0: 2, 60: 2, 120: 0 }],
    ['FILL(m2, m1)', { 0: 2, 60: 20, 120: 0 }],
    ['m1 / MAX(m1)', { 0: 10 / 30, 60: 20 / 30, 120: 1 }],
    ['MAX([m1, m2])', { 0: 10, 60: 20, 120: 30 }],
    ['AVG(METRICS())', { 0: 6, 60: 20, 120: 15 }],
    ['SUM([m1, m2, m1])', { 0: 22, 60: 40, 120: 60 }],
    ['CEIL(m1 / 3)', { 0: 4, 60: 7, 120: 10 }],
    ['none + 1', {}],
    ['m1 / PERIOD(m1)', { 0: 10 / 60, 60: 20 / 60, 120: 0.5 }],
    ['RATE(m1)', { 60: 10 / 60, 120: 10 / 60 }],
    ['DIFF(m2)', { 120: -2 }],
    ['DIFF_TIME(m2)', { 120: 120 }],
    ['RUNNING_SUM(m1)', { 0: 10, 60: 30, 120: 60 }],
    ['DATAPOINT_COUNT(m2)', 2],
    ['STDDEV([m1, m2])', { 0: 4, 60: 0, 120: 15 }],
    ['LOG10(m1 * 10)', { 0: 2, 60: Math.log10(200), 120: Math.log10(300) }],
    ['MINUTE(m1)', { 0: 0, 60: 1, 120: 2 }],
    ['IF(DAY(m1) < 6, 1, 0)', { 0: 1, 60: 1, 120: 1 }], // the epoch began on a Thursday
    ['TIME_SERIES(3)', { 0: 3, 60: 3, 120: 3 }],
    [
      'RATE([m1, m1])',
      [
        { 60: 10 / 60, 120: 10 / 60 },
        { 60: 10 / 60, 120: 10 / 60 },
      ],
    ],
  ])('%s', (text, wanted) => {
    expect(plain(text)).toEqual(wanted);
  });

  test.each(['1 +', 'm1 m2', 'f(1)', '(m1', '[m1', 'm1 ^ 2', 'process.exit()', 'IF(m1'])('refuses %s', text => {
    expect(() => calc(text)).toThrow(/not understood|does not know/);
  });

  test('whatever is written, it answers or refuses', () => {
    const parts = fc.constantFrom(
      'm1',
      'm2',
      'none',
      '1',
      '2.5',
      '+',
      '-',
      '*',
      '/',
      '(',
      ')',
      '>',
      'IF(',
      'MAX(',
      'FILL(',
      ',',
      '[',
      ']',
      'AND',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), words => {
        try {
          calc(words.join(' '));
        } catch (error) {
          expect((error as Error).name).toBe('MathError');
        }
      }),
    );
  });

  test('through GetMetricData: over metrics that are not returned themselves, and refused where it comes to a number', async () => {
    for (const [i, value] of [5, 10].entries()) await put('Errors', value, 60 * i);
    for (const [i, value] of [50, 40].entries()) await put('Orders', value, 60 * i);
    await cloud.advanceTo(after(600));
    const parts = [
      { ...shop('errors', 'Errors'), ReturnData: false },
      { ...shop('orders', 'Orders'), ReturnData: false },
    ];
    expect(
      await get([...parts, { Id: 'rate', Expression: 'share * 100' }, { Id: 'share', Expression: 'errors / orders', ReturnData: false }]),
    ).toEqual({
      rate: [10, 25],
    });
    await expect(get([...parts, { Id: 'e', Expression: 'SUM(errors)' }])).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(
      get([
        { Id: 'a', Expression: 'b + 1' },
        { Id: 'b', Expression: 'a + 1' },
      ]),
    ).rejects.toThrow('refers to itself');
    await expect(get([{ Id: 'a', Expression: 'gone * 2' }])).rejects.toThrow('nothing is called gone');
  });
});

describe('alarms through the API', () => {
  const alarm = (AlarmName: string, more: object = {}) =>
    cw.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, Namespace: 'Shop', MetricName: 'Orders', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 50 },
        ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching', ...more },
      }),
    );
  const state = async (name: string) => {
    const { MetricAlarms, CompositeAlarms } = await cw.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    return (MetricAlarms?.[0] ?? CompositeAlarms?.[0])?.StateValue;
  };
  const rung = () => {
    const heard: BusEvent[] = [];
    cloud.onEvent(event => void (event['detail-type'] === 'CloudWatch Alarm State Change' && heard.push(event)));
    return () => heard.map(e => e.detail as { alarmName: string; state: { value: string } }).map(d => `${d.alarmName} ${d.state.value}`);
  };

  test('ring ALARM, OK and INSUFFICIENT_DATA, on the bus and at their topics', async () => {
    const topic = createTopic(cloud.world, { name: 'pager', region: REGION });
    const paged: string[] = [];
    topic.subscribers.push(({ subject, message }) => void paged.push(`${subject} ← ${JSON.parse(message).OldStateValue}`));
    const told = rung();
    await alarm('busy', {
      AlarmActions: [topic.arn],
      OKActions: [topic.arn],
      InsufficientDataActions: [topic.arn],
      TreatMissingData: 'missing',
    });
    for (const [minute, value] of [10, 10, 90, 90, 10, 10].entries()) await put('Orders', value, 60 * minute);
    await cloud.advanceTo(after(HOUR));
    expect(told()).toEqual(['busy OK', 'busy ALARM', 'busy OK', 'busy INSUFFICIENT_DATA']);
    expect(paged).toEqual([
      'OK: "busy" in eu-west-1 ← INSUFFICIENT_DATA',
      'ALARM: "busy" in eu-west-1 ← OK',
      'OK: "busy" in eu-west-1 ← ALARM',
      'INSUFFICIENT_DATA: "busy" in eu-west-1 ← OK',
    ]);
  });

  test('judge metric math, and say of which metrics', async () => {
    await cw.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'rate', EvaluationPeriods: 1, Threshold: 0.2, ComparisonOperator: 'GreaterThanThreshold' },
        Metrics: [
          { ...shop('e', 'Errors'), ReturnData: false },
          { ...shop('o', 'Orders'), ReturnData: false },
          { Id: 'rate', Expression: 'FILL(e, 0) / o', ReturnData: true },
        ],
      }),
    );
    await put('Orders', 10, 0);
    await put('Errors', 3, 0);
    await cloud.advanceTo(after(179));
    expect(await state('rate')).toBe('ALARM');
    const { MetricAlarms } = await cw.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.[0]?.Metrics?.map(m => m.Id)).toEqual(['e', 'o', 'rate']);
    await expect(alarm('two', { Metrics: [shop('a', 'A'), shop('b', 'B')] })).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('a composite follows its children at once, and keeps them from being deleted', async () => {
    const told = rung();
    await alarm('busy');
    await alarm('night', { MetricName: 'Night' });
    const rule = { AlarmName: 'busy-by-day', AlarmRule: 'ALARM("busy") AND NOT ALARM(night)' };
    await cw.send(new PutCompositeAlarmCommand(rule));
    await put('Orders', 90, 0);
    await cloud.advanceTo(after(179));
    expect(told()).toEqual(expect.arrayContaining(['busy ALARM', 'busy-by-day ALARM']));
    await cw.send(new SetAlarmStateCommand({ AlarmName: 'night', StateValue: 'ALARM', StateReason: 'a test' }));
    expect(await state('busy-by-day')).toBe('OK');
    await expect(cw.send(new DeleteAlarmsCommand({ AlarmNames: ['busy'] }))).rejects.toMatchObject({ name: 'ValidationError' });
    await cw.send(new DeleteAlarmsCommand({ AlarmNames: ['busy', 'night', 'busy-by-day'] }));
    expect(await state('busy')).toBeUndefined();
    await expect(cw.send(new PutCompositeAlarmCommand(rule))).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('put again keeps its state, and is judged by what was put last', async () => {
    await alarm('busy');
    await put('Orders', 90, 0);
    await cloud.advanceTo(after(179));
    expect(await state('busy')).toBe('ALARM');
    await alarm('busy', { Threshold: 1000 });
    expect(await state('busy')).toBe('ALARM');
    await put('Orders', 90, 240);
    await cloud.advanceTo(after(400));
    expect(await state('busy')).toBe('OK');
    expect(cloud.record.writes.filter(w => w.action === 'PutMetricAlarm').map(w => w.changed)).toEqual([['busy'], ['busy']]);
  });

  test.each([
    ['ALARM(a) OR OK(b)', true],
    ['ALARM(b) OR ALARM(c) AND ALARM(b)', false],
    ['(ALARM(b) OR ALARM(a)) AND TRUE', true],
    ['NOT INSUFFICIENT_DATA("c")', false],
    ['ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a")', true],
  ])('the rule %s', (text, holds) => {
    const states = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' } as const;
    expect(parseRule(text).rule(name => states[name as 'a'])).toBe(holds);
  });
});
