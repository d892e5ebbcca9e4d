/** What the house costs: counted as calls are made, kept once an hour, booked once a day, and priced to the micro-dollar. */
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stack } from '../../scripts/stack/stack.ts';
import { costOf, type OwnUnit, STANDING } from '../../shared/ledger/own-prices.ts';
import { readStatement } from '../../shared/ledger/read.ts';
import { addSeconds, DAY, HOUR, instant, utcDay } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { bookOwnCost } from '../../shared/runtime/books.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { count, keepTally } from '../../shared/runtime/tally.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { paperLedger, paperMemory } from '../support/paper.ts';

const began = instant('2025-05-14T09:30:00Z');
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function house() {
  const cloud = createCloud({ seed: 1, at: began, regions: ['eu-west-1'] });
  undo.push(useOutside(cloud.outside({ environment: {}, config: {} as Config })));
  const scope = { account: cloud.account, region: 'eu-west-1' };
  const [ledger, memory] = [paperLedger(), paperMemory()];
  const telemetry = { info: () => {}, error: (_: string, fields?: object) => Promise.reject(fields) };
  const books = (at = began) => bookOwnCost({ ledger, memory, scopes: [scope], at, telemetry });
  return { cloud, scope, ledger, memory, books };
}

describe('what the house uses', () => {
  test('is counted by what a call names, and free calls are not', async () => {
    const { memory } = house();
    const clients = clientsFor({ region: 'eu-west-1' });
    const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    const query = (Id: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, Period: 300, Stat: 'Average' },
    });
    const input = {
      StartTime: new Date('2025-05-14T08:00:00Z'),
      EndTime: new Date(began),
      MetricDataQueries: [query('a'), query('b'), query('c')],
    };
    await keepTally('stop-start-instances', memory, began);
    await (await clients.cloudWatch()).send(new GetMetricDataCommand(input));
    await (await clients.ec2()).send(new DescribeInstancesCommand({}));
    expect(await keepTally('stop-start-instances', memory, addSeconds(began, 60))).toBe(false); // its hour is not over
    expect(await keepTally('stop-start-instances', memory, addSeconds(began, HOUR))).toBe(true);
    expect(memory.all()).toEqual([{ key: '2025-05-14#stop-start-instances', value: { 'metrics-read': 3 }, version: 1 }]);
  });

  test('is kept to the last unit, whenever it was counted and whichever writes failed', async () => {
    const run = fc.record({
      after: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 9 * HOUR })),
      uses: fc.array(fc.tuple(fc.constantFrom<OwnUnit>('lambda-runs', 'sqs-requests'), fc.integer({ min: -2, max: 5 })), { maxLength: 3 }),
      fails: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 10 }), async runs => {
        const { memory } = house();
        const used: Record<string, number> = {};
        let at = began;
        const kept = () => memory.all().flatMap(({ value }) => Object.entries(value as Record<string, number>));
        const sum = (unit: string) => kept().reduce((all, [name, times]) => all + (name === unit ? times : 0), 0);
        await keepTally('resize-fleets', memory, at);
        for (const { after, uses, fails } of runs) {
          at = addSeconds(at, after);
          for (const [unit, times] of uses) {
            count(unit, times);
            used[unit] = (used[unit] ?? 0) + Math.max(0, times);
          }
          const write = fails ? () => Promise.reject(new Error('DynamoDB is away')) : memory.write;
          await keepTally('resize-fleets', { ...memory, write }, at).catch(() => false);
          for (const unit of Object.keys(used)) expect(sum(unit)).toBeLessThanOrEqual(used[unit] ?? 0);
        }
        await keepTally('resize-fleets', memory, addSeconds(at, HOUR));
        for (const unit of Object.keys(used)) expect([unit, sum(unit)]).toEqual([unit, used[unit]]);
        for (const { key } of memory.all()) expect(key >= '2025-05-14' && key.slice(0, 10) <= utcDay(at)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('is booked when its day has been over for two hours, once however often, and subtracted', async () => {
    const { memory, books, ledger, scope } = house();
    await keepTally('resize-fleets', memory, began);
    count('lambda-runs', 1_440);
    await keepTally('resize-fleets', memory, addSeconds(began, HOUR));
    await books(instant('2025-05-15T01:59:59Z'));
    expect(ledger.all().filter(row => row.kind === 'own-cost')).toEqual([]);
    for (const late of [instant('2025-05-15T02:00:00Z'), addSeconds(began, 3 * DAY)]) await books(late);
    const window = { start: instant('2025-05-14T00:00:00Z'), end: instant('2025-05-15T00:00:00Z') };
    const { ownCost, net } = await readStatement(ledger, [scope], window, addSeconds(began, 3 * DAY));
    expect(ownCost).toMatchObject({ days: 1, used: { 'lambda-runs': 1_440, ...STANDING } });
    // 1,440 × $0.20 a million = $0.000288
    expect(ownCost.byFunction).toEqual([
      { function: 'resize-fleets', cost: 288 },
      { function: 'standing', cost: costOf(STANDING) },
    ]);
    expect(net).toEqual({ low: -ownCost.cost, high: -ownCost.cost });
    expect(memory.all()).toEqual([]);
  });

  test.each([
    ['metrics-read', 345_600, 3_456_000], // 40 metrics every 5 minutes for 30 days: $3.456
    ['cost-explorer-requests', 2, 20_000],
    ['lambda-mb-ms', 512 * 1000 * 3600, 24_000], // an hour of 512 MB: 1,800 GB-seconds × $0.0000133334 = $0.02400012
    ['alarm-days', 30, 100_000],
  ])('%s: %d cost %d micro-dollars', (unit, times, micros) => expect(costOf({ [unit]: times })).toBe(micros));

  test('of alarms and metrics of our own is what the stack holds', () => {
    const { Resources } = stack({ stage: 'dev', region: 'eu-west-1' });
    const alarms = Object.values(Resources as Record<string, { readonly Type: string }>).filter(
      ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
    );
    expect(STANDING['alarm-days']).toBe(alarms.length);
  });
});
