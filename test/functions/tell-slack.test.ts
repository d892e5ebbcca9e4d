import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { handler } from '../../functions/tell-slack.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { isDue, post, waiting } from '../../shared/runtime/outbox.ts';
import { type Outside, secret, useOutside } from '../../shared/runtime/outside.ts';
import { lastPeriod } from '../../shared/runtime/period.ts';
import { type Tables as Records, tables } from '../../shared/runtime/tables.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { box, change } from '../report/plans.ts';
import { meter, settled } from '../report/week.ts';
import { type StandIn, slackStandIn } from '../support/slack.ts';
import { breakerNotice, parameterStore } from './tell-slack-props.ts';

const START = instant('2025-05-14T10:00:00Z');
const config = {
  stage: 'dev',
  accounts: [{ account: 'self', regions: ['eu-west-1'], commitments: 'none' }],
  policies: [],
  schedules: {},
  slack: { channel: '#savings', summary: { timeZone: 'Europe/Berlin', hour: 9 } },
} as unknown as Config;

let dynamo: Tables;
let slack: StandIn;
let records: Records;
let restore: () => void;
let now: Instant;
let slept: number[];
let parameters: Record<string, string | Error>;
let run = 0;

beforeAll(async () => {
  dynamo = await openTables();
});
afterAll(async () => {
  await dynamo.close();
});

beforeEach(async () => {
  now = START;
  slack = await slackStandIn({ now: () => Date.parse(now) });
  slept = [];
  parameters = { '/ebbtide/dev/slack/bot-token': 'xoxb-good\n' };
  restore = useOutside(world());
  records = await tables();
  await empty();
});
afterEach(async () => {
  restore();
  await slack.close();
});

describe('the outbox is told', () => {
  test('oldest first, each once, and forgotten', async () => {
    for (const minute of [3, 1, 2]) await post(records.memory, breaker(minute));
    expect(await tick()).toEqual({ told: 3, kept: 0, failed: [] });
    expect(policies()).toEqual(['p1', 'p2', 'p3']);
    expect(await tick()).toEqual({ told: 0, kept: 0, failed: [] });
    expect(slack.posted).toHaveLength(3);
  });

  test('the same notice posted twice is told once', async () => {
    expect(await post(records.memory, breaker(1))).toBe(true);
    expect(await post(records.memory, breaker(1))).toBe(false);
    expect(await tick()).toMatchObject({ told: 1 });
  });

  test('through a webhook where there is no bot token', async () => {
    parameters = { '/ebbtide/dev/slack/webhook': 'https://hooks.slack.com/services/T/B/X' };
    await post(records.memory, breaker(1));
    expect(await tick()).toMatchObject({ told: 1 });
    expect(slack.posted[0]?.channel).toBeNull();
  });

  test('to the log where neither is configured', async () => {
    parameters = {};
    await post(records.memory, breaker(1));
    expect(await tick()).toEqual({ told: 1, kept: 0, failed: [] });
    expect(slack.calls).toEqual([]);
  });
});

describe('when Slack does not take it, nothing is lost and the order is kept', () => {
  test('429: waits as long as Slack asks, when that is not long', async () => {
    slack.fallIll({ status: 429, headers: { 'retry-after': '3' } });
    await post(records.memory, breaker(1));
    await post(records.memory, breaker(2));
    expect(await tick()).toMatchObject({ told: 2, kept: 0 });
    expect(slept).toEqual([3_000]);
    expect(policies()).toEqual(['p1', 'p2']);
  });

  test('429 for long: leaves Slack alone until then, then tells all in order', async () => {
    slack.fallIll({ status: 429, headers: { 'retry-after': '600' } });
    await post(records.memory, breaker(1));
    await post(records.memory, breaker(2));
    expect(await tick()).toMatchObject({ told: 0, kept: 2, failed: [expect.stringContaining('ratelimited')] });
    expect(slept).toEqual([]);
    expect(slack.calls.length).toBe(1);
    expect((await waiting(records.memory, now))[0]?.value.nextTryAt).toBe(addSeconds(START, 600));
    now = addSeconds(now, 600);
    expect(await tick()).toMatchObject({ told: 2, kept: 0 });
    expect(policies()).toEqual(['p1', 'p2']);
  });

  test('500: two in a row are enough for this tick; the rest is untouched', async () => {
    slack.fallIll({ status: 500 }, { status: 503 });
    for (const n of [1, 2, 3]) await post(records.memory, breaker(n));
    expect(await tick()).toMatchObject({
      told: 0,
      kept: 3,
      failed: [expect.stringContaining('HTTP 500'), expect.stringContaining('HTTP 503')],
    });
    expect(slack.calls.length).toBe(2);
    now = addSeconds(now, 5 * MINUTE);
    expect(await tick()).toMatchObject({ told: 3 });
    expect(policies()).toEqual(['p1', 'p2', 'p3']);
  });

  test('tries come after 1, 5 and 15 minutes, then hourly', async () => {
    await post(records.memory, breaker(1));
    const gaps: number[] = [];
    for (let n = 0; n < 5; n++) {
      slack.fallIll('hang-up');
      await tick();
      const next = (await waiting(records.memory, now))[0]?.value.nextTryAt as Instant;
      gaps.push((Date.parse(next) - Date.parse(now)) / 60_000);
      expect((await waiting(records.memory, now)).filter(item => isDue(item, addSeconds(next, -1)))).toEqual([]);
      now = next;
    }
    expect(gaps).toEqual([1, 5, 15, 60, 60]);
    expect(await tick()).toMatchObject({ told: 1 });
  });

  test('deaf: given up after five seconds, and kept', async () => {
    slack.fallIll('deaf');
    await post(records.memory, breaker(1));
    expect(await tick()).toMatchObject({ told: 0, kept: 1, failed: [expect.stringContaining('TimeoutError')] });
  });

  test('a wrong token: tried once in a tick, with the remedy; taken up as soon as it is mended', async () => {
    parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-old';
    for (const n of [1, 2, 3]) await post(records.memory, breaker(n));
    const answer = await tick();
    expect(answer).toMatchObject({ told: 0, kept: 3 });
    expect(answer.failed).toEqual([expect.stringMatching(/invalid_auth: put a valid bot token into the SSM parameter slack\/bot-token/)]);
    expect(slack.calls.length).toBe(1);
    parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-good';
    now = addSeconds(now, MINUTE);
    expect(await tick()).toMatchObject({ told: 3 });
    expect(policies()).toEqual(['p1', 'p2', 'p3']);
  });

  test('a secret that cannot be read is not an absent one', async () => {
    parameters['/ebbtide/dev/slack/bot-token'] = Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
    await post(records.memory, breaker(1));
    expect(await tick()).toMatchObject({ told: 0, kept: 1, failed: [expect.stringContaining('SSM')] });
  });

  test('a token that no header can carry is not quoted', async () => {
    parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-sec\nret';
    await post(records.memory, breaker(1));
    const answer = await tick();
    expect(answer).toMatchObject({ told: 0, kept: 1 });
    expect(JSON.stringify(answer)).not.toContain('xoxb-sec');
  });
});

describe('one poisoned notice does not hold up the others', () => {
  test('blocks that Slack refuses: told as text alone', async () => {
    slack.fallIll({ error: 'invalid_blocks' });
    await post(records.memory, breaker(1));
    await post(records.memory, breaker(2));
    expect(await tick()).toMatchObject({ told: 2, kept: 0 });
    expect(slack.posted[0]).toMatchObject({ text: expect.stringContaining('policy p1'), blocks: [] });
    expect(slack.posted[1]?.blocks).not.toEqual([]);
  });

  test('a notice that nobody can put into words waits by itself', async () => {
    await post(records.memory, { kind: 'from a later release', at: addSeconds(START, -2 * DAY) } as unknown as Notice);
    await post(records.memory, breaker(2));
    expect(await tick()).toMatchObject({ told: 1, kept: 1, failed: [expect.stringContaining('not put into words')] });
    expect(policies()).toEqual(['p2']);
    expect(await waiting(records.memory, now)).toHaveLength(1);
  });
});

describe('summaries', () => {
  const monday = instant('2025-05-12T22:00:00Z'); // Tuesday 00:00 in Berlin

  test('yesterday, on the wall clock of the zone, with what the ledger holds', async () => {
    const rows = [
      ...meter('m1', box(1, 'payroll-test'), addSeconds(monday, 17 * HOUR), addSeconds(monday, 20 * HOUR), {
        class: 'schedule',
        commitments: 'none',
      }),
      ...settled(change({ causeAt: addSeconds(monday, 17 * HOUR) }), addSeconds(monday, 17 * HOUR), 'done'),
    ];
    for (const row of rows) await records.ledger.append(row);
    expect(await invoke({ tick: 'summary', period: 'daily', at: '2025-05-14T07:00:00Z' })).toMatchObject({ told: 1 });
    const said = JSON.stringify(slack.posted[0]);
    expect(slack.posted[0]?.text).toBe('EC2 savings · Tue 13 May 2025 · account 123456789012: $0.32 saved, 3 h avoided');
    expect(said).toContain('stopped 1');
  });

  test('what we cost ourselves on that very day is booked before it is told, and subtracted', async () => {
    now = instant('2025-05-19T07:00:00Z');
    await records.memory.write('own-cost', { key: '2025-05-18#dispatch', value: { 'lambda-runs': 1_000_000 }, version: 0 });
    const night = instant('2025-05-18T00:00:00Z');
    for (const row of meter('m2', box(2, 'payroll-test'), night, addSeconds(night, 10 * HOUR), { class: 'schedule', commitments: 'none' }))
      await records.ledger.append(row);
    await invoke({ tick: 'summary', period: 'daily' });
    // $1.07 less $0.20 of Lambda and $0.14 that stands there anyway
    expect(slack.posted[0]?.text).toContain('$0.73 saved');
    expect(JSON.stringify(slack.posted[0])).toContain('$0.34, subtracted');
  });

  test('a summary tick that is delivered twice is told once', async () => {
    for (const _delivery of [1, 2]) await invoke({ tick: 'summary', period: 'weekly', at: '2025-06-02T07:00:00Z' });
    expect(slack.posted.map(p => p.text)).toEqual(['EC2 savings · 26 May – 1 Jun 2025 · account 123456789012: nothing to report.']);
  });

  test('a day on which nothing happened is not told', async () => {
    expect(await invoke({ tick: 'summary', period: 'daily', at: '2025-08-02T07:00:00Z' })).toMatchObject({ told: 1, kept: 0 });
    expect(slack.posted).toEqual([]);
  });

  test('a summary tells what waits as well, and waits itself when Slack is ill', async () => {
    slack.fallIll({ status: 500 }, { status: 500 });
    await post(records.memory, breaker(1));
    expect(await invoke({ tick: 'summary', period: 'weekly', at: '2025-05-19T07:00:00Z' })).toMatchObject({ told: 0, kept: 2 });
    now = addSeconds(now, 5 * MINUTE);
    expect(await tick()).toMatchObject({ told: 2 });
  });

  test('days and weeks are those of the zone, with 23 hours when the clock jumps', () => {
    expect(lastPeriod('daily', instant('2025-03-31T07:00:00Z'), 'Europe/Berlin')).toEqual({
      start: '2025-03-29T23:00:00Z',
      end: '2025-03-30T22:00:00Z',
    });
    expect(lastPeriod('weekly', instant('2025-05-20T07:00:00Z'), 'UTC')).toEqual({
      start: '2025-05-12T00:00:00Z',
      end: '2025-05-19T00:00:00Z',
    });
    expect(lastPeriod('weekly', instant('2025-05-19T00:00:00Z'), 'UTC').end).toBe('2025-05-19T00:00:00Z');
  });
});

test.each([
  [{}, 'tick must be "outbox" or "summary", and is missing'],
  [null, 'tick must be "outbox" or "summary", and is missing'],
  [{ tick: 'summary', period: 'hourly' }, 'period must be "daily" or "weekly", and is "hourly"'],
  [{ tick: 'summary', period: 'daily', at: 'soon' }, 'at must be an instant such as "2025-05-14T09:00:00Z", and is "soon"'],
])('%j is answered, not thrown', async (event, unreadable) => {
  expect(await invoke(event)).toEqual({ told: 0, kept: 0, failed: [], unreadable });
});

test('a run that is nearly over leaves the rest for the next', async () => {
  for (const n of [1, 2]) await post(records.memory, breaker(n));
  expect(await invoke({ tick: 'outbox' }, 3_000)).toMatchObject({ told: 1, kept: 1, failed: [] });
});

const tick = () => invoke({ tick: 'outbox' });

const invoke = (event: unknown, remaining = 60_000) =>
  handler(event, {
    functionName: 'tell-slack',
    awsRequestId: `r-${run++}`,
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:tell-slack',
    getRemainingTimeInMillis: () => remaining,
  } as Context);

const breaker = (minute: number): Notice => breakerNotice(minute, START);

/** Which breaker notices Slack took, in order. */
const policies = () => slack.posted.flatMap(({ text }) => /policy (p\d)/.exec(text)?.[1] ?? []);

async function empty(): Promise<void> {
  for (const shelf of ['outbox', 'cards', 'slack'] as const)
    for (const item of await records.memory.readShelf(shelf, instant(0))) await records.memory.forget(shelf, item);
}

const world = (): Outside => ({
  now: () => now,
  sleep: async milliseconds => void slept.push(milliseconds),
  environment: {
    AWS_REGION: 'eu-west-1',
    EBB_LEDGER_TABLE: dynamo.ledger,
    EBB_MEMORY_TABLE: dynamo.memory,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  },
  config: () => config,
  clientConfig: () => ({ ...dynamo.clientConfig }),
  equip: client => parameterStore(client, parameters),
  fetch: (url, init) => slack.fetch(url, init),
  secret,
});
