import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expressionTrouble, renamed, takesAll } from '../../shared/model/expression.ts';
import { judge } from '../../shared/policy/explain.ts';
import { policySchema } from '../../shared/policy/schema.ts';

const base = { kind: 'fleets', name: 'web', match: { names: ['web-*'] }, minSize: 1, maxSize: 4 };
const requests = { kind: 'requests', loadBalancer: 'app/web/50dc6c495c0c9188', targetGroup: 'targetgroup/web/943f017f100becff' };
const metric = { kind: 'metric', of: 'fleet', perInstance: 5 };
const orders = { namespace: 'Shop', metric: 'Orders', statistic: 'Sum' };

/** `path: message; remedy` of each finding. */
function said(policy: object): string[] {
  const result = judge(policySchema, { ...base, ...policy });
  return 'ok' in result ? [] : result.findings.map(f => `${f.path.join('.')}: ${f.message}; ${f.remedy}`);
}

describe('signals of a fleet', () => {
  test.each<[string, object]>([
    ['CPU', { signals: [{ kind: 'cpu' }] }],
    ['requests that are learned from CPU', { signals: [{ kind: 'cpu' }, requests] }],
    ['requests that say how many', { signals: [{ ...requests, perInstance: 1200 }] }],
    ['two queues', { signals: ['jobs', 'mails-{group}.fifo'].map(queue => ({ kind: 'queue', queue, perInstance: 0.5 })) }],
    ['a metric', { signals: [{ ...metric, ...orders, dimensions: { Fleet: '{group}' } }] }],
    ['a percentile', { signals: [{ ...metric, ...orders, statistic: 'p99.9' }] }],
    ['an expression', { signals: [{ ...metric, expression: 'orders / 60', metrics: { orders } }] }],
    [
      'one that speaks of all its metrics at once',
      { signals: [{ ...metric, expression: 'SUM(METRICS())', metrics: { a: orders, b: orders } }] },
    ],
    ['a search', { signals: [{ ...metric, expression: `SUM(SEARCH('{AWS/SQS,QueueName} jobs', 'Sum'))` }] }],
    ['a query', { signals: [{ ...metric, expression: 'SELECT SUM(Orders) FROM Shop' }] }],
    ['slower, and with another SLO', { signals: [{ kind: 'cpu' }], period: 300, slo: { utilization: 75, minutes: 0.1 } }],
  ])('%s: good', (_, policy) => {
    expect(said(policy)).toEqual([]);
  });

  test('an SLO is 90 % for all but one minute in a hundred, by the minute, unless told otherwise', () => {
    const result = judge(policySchema, { ...base, signals: [{ kind: 'cpu' }] });
    expect(result).toMatchObject({ ok: { slo: { utilization: 90, minutes: 1 }, period: 60 } });
  });

  test.each<[string, object]>([
    ['signals: is empty; write at least one', { signals: [] }],
    ['signals.1: stands here twice; remove one', { signals: [{ kind: 'cpu' }, { kind: 'cpu' }] }],
    ['signals.0.kind: "queu" is not a choice here; did you mean "queue"?', { signals: [{ kind: 'queu' }] }],
    [
      'signals.0.perInstance: is missing, and there is no CPU to learn it from; write perInstance, or add a signal of `kind: cpu`',
      { signals: [requests] },
    ],
    ['signals.0.perInstance: 0 is too small; write more than 0', { signals: [{ ...requests, perInstance: 0 }] }],
    [
      'signals.0.perInstance: must be a number; write digits, without quotes',
      { signals: [{ ...metric, ...orders, perInstance: Number.NaN }] },
    ],
    [
      'signals.0.loadBalancer: "web" is not a load balancer; write the end of its ARN, such as "app/web/50dc6c495c0c9188"',
      { signals: [{ ...requests, loadBalancer: 'web', perInstance: 1 }] },
    ],
    [
      'signals.0.queue: "https://sqs.eu-west-1.amazonaws.com/1/jobs" is not the name of a queue; write its name, without URL or ARN, such as "jobs"',
      { signals: [{ kind: 'queue', queue: 'https://sqs.eu-west-1.amazonaws.com/1/jobs', perInstance: 1 }] },
    ],
    ['signals.0.of: is missing; write fleet or instance', { signals: [{ kind: 'metric', perInstance: 5, ...orders }] }],
    [
      'signals.0.statistic: is missing; write namespace, metric and statistic, or an expression',
      { signals: [{ ...metric, namespace: 'Shop', metric: 'Orders' }] },
    ],
    [
      'signals.0.statistic: "Summ" is not a statistic; write Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99',
      { signals: [{ ...metric, ...orders, statistic: 'Summ' }] },
    ],
    ['signals.0.metrics: is of no use without an expression; write the `expression`', { signals: [{ ...metric, metrics: { orders } }] }],
    [
      'signals.0.metric: stands beside an expression; move it into `metrics`, or remove the expression',
      { signals: [{ ...metric, metric: 'Orders', expression: 'orders', metrics: { orders } }] },
    ],
    [
      'signals.0.expression: speaks of "order", which is not among `metrics`; add it there',
      { signals: [{ ...metric, expression: 'order / 60', metrics: { orders } }] },
    ],
    [
      'signals.0.expression: does not speak of "b"; use it, or remove it from `metrics`',
      { signals: [{ ...metric, expression: 'orders', metrics: { orders, b: orders } }] },
    ],
    ['signals.0.expression: speaks of no metric; name one of `metrics` in it', { signals: [{ ...metric, expression: '5' }] }],
    [
      'signals.0.expression: is a Metrics Insights query, which names its own metrics; remove `metrics`',
      { signals: [{ ...metric, expression: 'SELECT SUM(Orders) FROM Shop', metrics: { orders } }] },
    ],
    [
      'signals.0.metrics.Orders: "Orders" is not an id of metric math; begin with a lower-case letter',
      { signals: [{ ...metric, expression: 'orders', metrics: { Orders: orders } }] },
    ],
    [
      'signals.0.metrics: has more than 10 metrics; an alarm over it could not be made',
      { signals: [{ ...metric, expression: 'SUM(METRICS())', metrics: Object.fromEntries([...'abcdefghijk'].map(id => [id, orders])) }] },
    ],
    ['slo.utilization: 0 is too small; write more than 0', { signals: [{ kind: 'cpu' }], slo: { utilization: 0 } }],
    ['slo.minutes: 60 is too big; write at most 50', { signals: [{ kind: 'cpu' }], slo: { minutes: 60 } }],
  ])('%s', (finding, policy) => {
    expect(said(policy)).toContain(finding);
  });
});

describe('the words of an expression', () => {
  test('ids are told from functions, operators, numbers and quoted text', () => {
    const expression = `IF(a1 > 1e3 AND b_2 < 5, SUM([a1, b_2]), FILL(a1, 0)) + SEARCH('a1 "b_2"', 'Sum')`;
    expect(expressionTrouble(expression, ['a1', 'b_2'])).toBeNull();
    expect(renamed(expression, id => `m0_${id}`)).toBe(
      `IF(m0_a1 > 1e3 AND m0_b_2 < 5, SUM([m0_a1, m0_b_2]), FILL(m0_a1, 0)) + SEARCH('a1 "b_2"', 'Sum')`,
    );
    expect([takesAll('SUM(METRICS())'), takesAll('SUM( METRICS ("cpu"))'), takesAll('metrics')]).toEqual([true, true, false]);
  });

  test('a query is not rewritten: its words are no ids', () => {
    const query = 'SELECT AVG(load) FROM shop';
    expect(renamed(query, id => `m0_${id}`)).toBe(query);
  });

  test('any text at all is judged, and renaming to the same leaves it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.array(fc.stringMatching(/^[a-z]\w{0,5}$/), { maxLength: 3 }), (text, ids) => {
        expect(renamed(text, id => id)).toBe(text);
        expect(expressionTrouble(text, ids) ?? '; ').toContain('; ');
      }),
    );
  });
});
