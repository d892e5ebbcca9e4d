import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fleet } from '../../shared/model/observation.ts';
import { addSeconds, DAY, epochSeconds, HOUR, type Instant, instant, MINUTE, secondsBetween } from '../../shared/model/time.ts';
import { batches } from '../../shared/observe/metric-batches.ts';
import { queriesFor } from '../../shared/observe/metric-queries.ts';
import { type MetricWanted, readMetrics } from '../../shared/observe/metrics.ts';
import { type SignalsWanted, signalSeen, signalsAsked } from '../../shared/observe/signals.ts';
import type { SignalSpec } from '../../shared/policy/schema.ts';
import { answering, awsError, type Call } from '../support/answering.ts';

const at = instant('2025-05-14T19:20:30Z');
const minute = instant('2025-05-14T19:20:00Z');
const fleet = (name = 'web') => ({ ref: { id: name }, group: name }) as Fleet;

const CPU: SignalSpec = { kind: 'cpu' };
const REQUESTS: SignalSpec = {
  kind: 'requests',
  loadBalancer: 'app/web/50dc6c495c0c9188',
  targetGroup: 'targetgroup/web/943f017f100becff',
};
const QUEUE: SignalSpec = { kind: 'queue', queue: 'jobs-of-{group}', perInstance: 100 };
const orders = { namespace: 'Shop', metric: 'Orders', dimensions: { Fleet: '{group}' }, statistic: 'Sum' };
const MATH: SignalSpec = {
  kind: 'metric',
  of: 'fleet',
  perInstance: 9,
  expression: 'orders / 60 + IF(orders > 5, 1)',
  metrics: { orders },
};
const SOLD: SignalSpec = { kind: 'metric', of: 'instance', perInstance: 40, namespace: 'Shop', metric: 'Sold', statistic: 'p90' };

const asked = (specs: readonly SignalSpec[], other: Partial<SignalsWanted> = {}) =>
  signalsAsked(fleet(), { period: 60, since: addSeconds(minute, -5 * MINUTE), specs, ...other }, at);

describe('what a signal of a policy means', () => {
  test('names for people, what one instance carries, and where CloudWatch keeps it', () => {
    const all = asked([CPU, REQUESTS, { ...REQUESTS, perInstance: 1200 }, QUEUE, SOLD]);
    expect(all.map(({ signal }) => signal)).toEqual([
      { name: 'CPU', kind: 'cpu', of: 'instance', full: 100 },
      { name: 'requests of targetgroup/web/943f017f100becff', kind: 'requests', of: 'fleet', full: null },
      { name: 'requests of targetgroup/web/943f017f100becff', kind: 'requests', of: 'fleet', full: 1200 },
      { name: 'backlog of jobs-of-web', kind: 'queue', of: 'fleet', full: 100 },
      { name: 'Sold of Shop', kind: 'metric', of: 'instance', full: 40 },
    ]);
    expect(all.map(({ wanted }) => wanted.asked)).toEqual([
      { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: 'web' }, statistic: 'Average' },
      ...Array.from({ length: 2 }, () => ({
        ...{ namespace: 'AWS/ApplicationELB', metric: 'RequestCount', statistic: 'Sum' },
        dimensions: { LoadBalancer: 'app/web/50dc6c495c0c9188', TargetGroup: 'targetgroup/web/943f017f100becff' },
      })),
      {
        ...{ namespace: 'AWS/SQS', metric: 'ApproximateNumberOfMessagesVisible', statistic: 'Average' },
        dimensions: { QueueName: 'jobs-of-web' },
      },
      { namespace: 'Shop', metric: 'Sold', dimensions: {}, statistic: 'p90' },
    ]);
  });

  test('an expression brings its metrics along, under ids that no other expression of the request has; quoted text stays', () => {
    const [first, second] = asked([MATH, { ...MATH, expression: `METRICS("orders") / orders` }]).map(({ wanted }) => wanted);
    expect(queriesFor(first as MetricWanted, 3)).toEqual([
      { Id: 'm3', Expression: 'm3_orders / 60 + IF(m3_orders > 5, 1)', Period: 60 },
      {
        ...{ Id: 'm3_orders', ReturnData: false },
        MetricStat: {
          Metric: { Namespace: 'Shop', MetricName: 'Orders', Dimensions: [{ Name: 'Fleet', Value: 'web' }] },
          ...{ Period: 60, Stat: 'Sum' },
        },
      },
    ]);
    expect(queriesFor(second as MetricWanted, 0)[0]).toMatchObject({ Expression: 'METRICS("orders") / m0_orders' });
  });

  test('requests are told by the minute, whatever the period', () => {
    const [one] = asked([REQUESTS], { period: 300 });
    const read = { start: minute, periodSeconds: 300, values: [3000, null, 0] };
    expect(signalSeen(one as NonNullable<typeof one>, read).series).toEqual({ start: minute, periodSeconds: 300, values: [600, null, 0] });
    expect(signalSeen(one as NonNullable<typeof one>, undefined).series).toBeNull();
  });
});

describe('only the tail is read', () => {
  const window = (since: Instant, period: 60 | 300 = 60) => asked([CPU], { since, period })[0]?.wanted.window;

  test('from the newest datapoint that is known, which is read again, to the last full minute', () => {
    expect(window(addSeconds(minute, -3 * MINUTE))).toEqual({ start: '2025-05-14T19:17:00Z', end: '2025-05-14T19:20:00Z' });
    expect(window(instant('2025-05-14T19:02:00Z'), 300)).toEqual({ start: '2025-05-14T19:00:00Z', end: '2025-05-14T19:20:00Z' });
  });

  test('no further back than CloudWatch keeps it, and never an empty window, which CloudWatch would refuse', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100 * DAY, max: DAY }), fc.constantFrom(60 as const, 300 as const), (ago, period) => {
        const { start = at, end = at } = window(addSeconds(at, ago), period) ?? {};
        expect(secondsBetween(start, end)).toBeGreaterThanOrEqual(period);
        expect(secondsBetween(start, at)).toBeLessThan((period === 60 ? 15 : 63) * DAY);
        expect([epochSeconds(start) % period, epochSeconds(end) % period]).toEqual([0, 0]);
        expect(end <= at).toBe(true);
      }),
    );
  });
});

const wanted = (key: string, seconds: number, other: Partial<MetricWanted> = {}): MetricWanted => ({
  key,
  asked: { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: key }, statistic: 'Average' },
  ...{ periodSeconds: 60, window: { start: addSeconds(minute, -seconds), end: minute }, what: 'CPU', of: key },
  ...other,
});
const math = (key: string, expression: string, ids: readonly string[] = ['a'], seconds = HOUR): MetricWanted =>
  wanted(key, seconds, { asked: { expression, metrics: Object.fromEntries(ids.map(id => [id, orders])) }, what: expression });

describe('metrics share a call', () => {
  test('tails of different length do, and the call begins with the longest; each keeps its own window', async () => {
    const { clients, calls } = answering(({ input }) => ({
      MetricDataResults: input.MetricDataQueries.map(({ Id }: { Id: string }) => ({
        ...{ Id, StatusCode: 'Complete' },
        Timestamps: [addSeconds(minute, -2 * MINUTE), addSeconds(minute, -10 * MINUTE)].map(t => new Date(t)),
        Values: [2, 10],
      })),
    }));
    const { series } = await readMetrics(clients, [wanted('short', 3 * MINUTE), wanted('long', 11 * MINUTE)]);
    expect(calls.map(c => [c.input.StartTime, c.input.EndTime])).toEqual([[new Date('2025-05-14T19:09:00Z'), new Date(minute)]]);
    expect(series.get('short')?.values).toEqual([null, 2, null]);
    expect(series.get('long')?.values).toEqual([null, 10, ...Array(7).fill(null), 2, null]);
  });

  test('a first reading of two weeks goes five to a call, and lengthens nobody’s tail', () => {
    const first = Array.from({ length: 6 }, (_, i) => wanted(`first-${i}`, 14 * DAY));
    const tails = Array.from({ length: 3 }, (_, i) => wanted(`tail-${i}`, (i + 1) * HOUR));
    expect(batches([...tails, ...first]).map(b => b.map(w => w.key[0]).join(''))).toEqual(['fffff', 'f', 'ttt']);
  });

  test('an expression takes the places of its metrics; one that takes in every metric of its request is asked alone', () => {
    const expressions = Array.from({ length: 200 }, (_, i) => math(`e${i}`, 'a + b', ['a', 'b']));
    expect(batches(expressions).map(b => b.length)).toEqual([166, 34]); // 166 × 3 ≤ 500
    expect(batches([wanted('x', HOUR), math('all', 'SUM(METRICS())'), wanted('y', HOUR)]).map(b => b.map(w => w.key))).toEqual([
      ['x', 'y'],
      ['all'],
    ]);
    const query = (key: string) => math(key, 'SELECT AVG(CPUUtilization) FROM "AWS/EC2"', []);
    expect(batches([query('p'), wanted('x', HOUR), query('q')]).map(b => b.map(w => w.key))).toEqual([['x'], ['p'], ['q']]);
  });

  test('searches go five to a call, apart from what is asked for by name', () => {
    const search = (key: string): MetricWanted =>
      math(key, `MAX(SEARCH('MetricName="mem_used_percent" InstanceId="${key}"', 'Maximum', 60))`, []);
    const all = Array.from({ length: 12 }, (_, i) => [wanted(`cpu ${i}`, HOUR), search(`i-${i}`)]).flat();
    const made = batches(all);
    expect(made.map(b => b.length).toSorted((a, b) => b - a)).toEqual([12, 5, 5, 2]);
    expect(made.flat()).toHaveLength(all.length);
  });

  test('no call is beyond the limits of CloudWatch, and nobody is left out or asked twice', () => {
    const one = fc.record({ seconds: fc.integer({ min: 1, max: 20_000 }), ids: fc.integer({ min: 0, max: 10 }), hourly: fc.boolean() });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 700 }), many => {
        const all = many.map(({ seconds, ids, hourly }, i) =>
          ids === 0
            ? wanted(`k${i}`, seconds * MINUTE, hourly ? { periodSeconds: 3600 } : {})
            : math(
                `k${i}`,
                'a',
                Array.from({ length: ids }, (_, n) => `i${n}`),
                seconds * MINUTE,
              ),
        );
        const made = batches(all);
        expect(
          made
            .flat()
            .map(w => w.key)
            .sort(),
        ).toEqual(all.map(w => w.key).sort());
        for (const batch of made) {
          const queries = batch.flatMap(queriesFor).length;
          const longest = Math.max(...batch.map(w => secondsBetween(w.window.start, w.window.end) / w.periodSeconds));
          expect(queries).toBeLessThanOrEqual(500);
          if (batch.length > 1) expect(queries * longest).toBeLessThanOrEqual(100_800);
          expect(new Set(batch.map(w => `${w.window.end} ${w.periodSeconds}`)).size).toBe(1);
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** CloudWatch refuses a request for the sake of one query in it, as it words it. */
const refusing = (
  isBad: (query: { Id: string; Expression?: string; MetricStat?: { Stat?: string } }) => boolean,
  words: (bad: Bad) => string,
) =>
  answering(({ input }: Call) => {
    const queries = input.MetricDataQueries as { Id: string }[];
    const place = queries.findIndex(isBad);
    const bad = queries[place];
    if (bad !== undefined) throw awsError('ValidationError', words({ id: bad.Id, place: place + 1 }));
    return { MetricDataResults: queries.map(({ Id }) => ({ Id, StatusCode: 'Complete', Timestamps: [], Values: [] })) };
  });
type Bad = { readonly id: string; readonly place: number };

describe('one bad query spoils no other', () => {
  const batch = [wanted('x', HOUR), math('bad', 'a +', ['a']), wanted('y', HOUR), wanted('z', HOUR)];
  const isBad = ({ Expression }: { Expression?: string }) => Expression?.endsWith('+') ?? false;

  test('it is named by its id, and asked no more; people read their own words', async () => {
    const { clients, calls } = refusing(isBad, ({ id }) => `Error in expression '${id}': Unexpected end at '${id}_a +'`);
    const { series, unread } = await readMetrics(clients, batch);
    expect([...series.keys()].sort()).toEqual(['x', 'y', 'z']);
    expect(unread).toEqual([{ what: 'a + of bad', why: `ValidationError: Error in expression 'a +': Unexpected end at 'a +'` }]);
    expect(calls).toHaveLength(2);
  });

  test('it is named by its place in the list', async () => {
    const bad = wanted('bad', HOUR, { asked: { ...orders, statistic: 'Summ' } });
    const { clients, calls } = refusing(
      ({ MetricStat }) => MetricStat?.Stat === 'Summ',
      ({ place }) => `The value for parameter MetricDataQueries.member.${place}.MetricStat.Stat is not a valid statistic.`,
    );
    const { series, unread } = await readMetrics(clients, [math('m', 'a', ['a']), bad, wanted('y', HOUR)]);
    expect([...series.keys()].sort()).toEqual(['m', 'y']);
    expect(unread).toMatchObject([{ what: 'CPU of bad' }]);
    expect(calls).toHaveLength(2);
  });

  test('it is not named: each half is asked alone, down to the one', async () => {
    const { clients, calls } = refusing(isBad, () => 'The request is not valid.');
    const { series, unread } = await readMetrics(clients, batch);
    expect([...series.keys()].sort()).toEqual(['x', 'y', 'z']);
    expect(unread).toEqual([{ what: 'a + of bad', why: 'ValidationError: The request is not valid.' }]);
    expect(calls.length).toBeLessThanOrEqual(7);
  });

  test('what is refused to everybody is nobody’s fault: nothing is asked again, and all are unread', async () => {
    const { clients, calls } = answering(() => {
      throw awsError('AccessDenied', 'not yours', 403);
    });
    const { series, unread } = await readMetrics(clients, batch);
    expect(series.size).toBe(0);
    expect(unread.map(u => u.why)).toEqual(['AccessDenied: not yours', 'AccessDenied: not yours']);
    expect(calls).toHaveLength(1);
  });

  test('what comes to several series is nobody’s demand', async () => {
    const { clients } = answering(() => ({
      MetricDataResults: ['web-a', 'web-b'].map(Label => ({
        Id: 'm0',
        Label,
        StatusCode: 'Complete',
        Timestamps: [new Date(minute)],
        Values: [1],
      })),
    }));
    const { series, unread } = await readMetrics(clients, [math('s', `SEARCH('{AWS/EC2}', 'Average')`, [])]);
    expect(series.size).toBe(0);
    expect(unread[0]?.why).toBe('it comes to 2 time series: make one of them, as SUM(…) or AVG(…) do');
  });

  test('values that are no numbers are holes', async () => {
    const { clients } = answering(() => ({
      MetricDataResults: [
        {
          ...{ Id: 'm0', StatusCode: 'Complete', Values: [Number.NaN, 0, Number.POSITIVE_INFINITY] },
          Timestamps: [3, 2, 1].map(ago => new Date(addSeconds(minute, -ago * MINUTE))),
        },
      ],
    }));
    const { series } = await readMetrics(clients, [wanted('x', 3 * MINUTE)]);
    expect(series.get('x')?.values).toEqual([null, 0, null]);
  });
});
