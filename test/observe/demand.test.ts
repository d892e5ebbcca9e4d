/** Every kind of signal, read from the virtual CloudWatch beside what truly happened there. */

import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, test } from '@jest/globals';
import { metricHints } from '../../cli/metric-hints.ts';
import { addSeconds, instant, MINUTE } from '../../shared/model/time.ts';
import { observeFleets } from '../../shared/observe/fleets.ts';
import type { SignalSpec } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { configOf, webFleet } from '../support/policies.ts';

const NOON = instant('2025-05-14T12:00:00Z');
let leave = () => {};
afterEach(() => leave());

/** 100 requests a minute are one busy instance: 150 of two, then 300. Ten messages a minute are one: 30 come, and 20 are worked off. */
async function world() {
  const cloud = createCloud({ seed: 1, at: NOON });
  leave = useOutside(cloud.outside({ config: configOf() }));
  const sizes = { minSize: 1, maxSize: 9, desiredCapacity: 2, monitoring: 'detailed' } as const;
  cloud.createGroup({ ...sizes, name: 'web', requests: { perMinute: at => (at < START + 600 ? 150 : 300), perInstance: 100 } });
  cloud.createGroup({ ...sizes, name: 'jobs', messages: { queue: 'orders', perMinute: at => (at < START ? 10 : 30), perInstance: 10 } });
  const clients = clientsFor({ region: 'eu-west-1' });
  const sold = async (at: number, Value: number) => {
    const MetricData = [{ MetricName: 'Sold', Dimensions: [{ Name: 'Fleet', Value: 'web' }], Value, Timestamp: new Date(at * 1000) }];
    await (await clients.cloudWatch()).send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  };
  await cloud.advanceTo(addSeconds(NOON, 20 * MINUTE));
  for (let minute = 10; minute < 20; minute++) await sold(START + minute * 60, minute);
  const { loadBalancer = '', targetGroup = '' } = cloud.group('web').balancer ?? {};
  const read = async (name: string, specs: readonly SignalSpec[], ago = 15 * MINUTE) => {
    const scope = { account: cloud.account, region: 'eu-west-1' };
    const { fleets, unread } = await observeFleets(clients, scope, cloud.now(), {
      ...{ ids: [name], signal: () => null, baseline: () => false, terms: () => false },
      signals: () => ({ period: 60, since: addSeconds(cloud.now(), -ago), specs }),
    });
    return { unread, signals: fleets[0]?.signals ?? [] };
  };
  return { cloud, clients, read, requests: { kind: 'requests', loadBalancer, targetGroup } as const };
}
const START = Date.parse(NOON) / 1000;
const sold = { namespace: 'Shop', metric: 'Sold', dimensions: { Fleet: '{group}' }, statistic: 'Sum' };
const math = (expression: string): SignalSpec => ({ kind: 'metric', of: 'fleet', perInstance: 5, expression, metrics: { sold } });

describe('in the virtual cloud', () => {
  test('CPU is at its end where requests go on: both are read in one call, the newest minute not yet', async () => {
    const { read, requests } = await world();
    const { signals, unread } = await read('web', [{ kind: 'cpu' }, requests]);
    expect(unread).toEqual([]);
    const [cpu, count] = signals.map(s => s.series);
    expect(cpu?.start).toBe('2025-05-14T12:05:00Z');
    expect(cpu?.values).toEqual([75, 75, 75, 75, 75, ...Array(9).fill(100), null]);
    expect(count?.values).toEqual([150, 150, 150, 150, 150, ...Array(9).fill(300), null]);
  });

  test('a backlog is what waits for all of them', async () => {
    const { read } = await world();
    const { signals } = await read('jobs', [{ kind: 'queue', queue: 'orders', perInstance: 20 }], 5 * MINUTE);
    expect(signals).toMatchObject([{ name: 'backlog of orders', of: 'fleet', full: 20 }]);
    const values = signals[0]?.series?.values.filter(v => v !== null) ?? [];
    expect(values.length).toBeGreaterThanOrEqual(3);
    for (const [i, value] of values.slice(1).entries()) expect(value - (values[i] ?? 0)).toBeCloseTo(10, 0); // ten more wait each minute
  });

  test('any metric and any expression of the policy; one that cannot be computed spoils no other', async () => {
    const { read, requests } = await world();
    const specs: SignalSpec[] = [
      requests,
      { kind: 'metric', of: 'instance', perInstance: 9, ...sold },
      math('sold * 2 + 1'),
      math('sold * '),
      math('SUM(METRICS()) + sold'),
    ];
    const { signals, unread } = await read('web', specs, 3 * MINUTE);
    expect(signals.map(s => s.series?.values.slice(0, 2) ?? null)).toEqual([[300, 300], [17, 18], [35, 37], null, [34, 36]]);
    expect(unread).toHaveLength(1);
    expect(unread[0]?.what).toBe('sold *  of web');
    expect(unread[0]?.why).toContain("Error in expression 'sold * '");
  });

  test('a metric that nobody publishes is silent: holes, and not unread', async () => {
    const { read } = await world();
    const { signals, unread } = await read('web', [{ kind: 'metric', of: 'fleet', perInstance: 9, ...sold, metric: 'Soled' }], 3 * MINUTE);
    expect(unread).toEqual([]);
    expect(signals[0]?.series?.values).toEqual([null, null, null]);
  });

  test.each<[string, SignalSpec, string[]]>([
    [
      'called otherwise',
      { ...math('sold'), metrics: { sold: { ...sold, metric: 'Soled' } } } as SignalSpec,
      ['Shop has had no metric "Soled" in two weeks; did you mean "Sold"?'],
    ],
    [
      'under other dimensions',
      { kind: 'metric', of: 'fleet', perInstance: 9, ...sold, dimensions: {} },
      ['Sold of Shop has had no datapoint for no dimensions in two weeks; it has for Fleet=web'],
    ],
    [
      'nowhere at all',
      { kind: 'metric', of: 'fleet', perInstance: 9, ...sold, namespace: 'Shp' },
      ['No metric of a namespace "Shp" has had a datapoint in two weeks; is it spelled so, and in this region?'],
    ],
    ['where it should be', math('sold'), []],
  ])('a silent metric that is %s', async (_, spec, hints) => {
    const { clients } = await world();
    const { target: _target, ...policy } = webFleet();
    expect(await metricHints(clients, 'web', { ...policy, signals: [spec] })).toEqual(hints);
  });
});
