import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { addSeconds, instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { setting } from '../../shared/runtime/settings.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { patternMatches } from '../../simulator/stage/pattern.ts';
import { type FunctionWiring, readWiring, type Wiring } from '../../simulator/stage/wiring.ts';
import { openStage, type Stage } from '../../simulator/stage.ts';
import { send } from '../../simulator/world/queues.ts';
import { parseSchedule } from '../../simulator/world/schedule.ts';

const AT = instant('2025-05-12T08:00:00Z');
const after = (seconds: number) => addSeconds(AT, seconds);
const config = { stage: 'dev' } as Config;
const tables = { endpoint: 'http://127.0.0.1:1', ledger: 'the-ledger', memory: 'the-memory' };

const aFunction = (name: string, more: Partial<FunctionWiring> = {}): FunctionWiring => ({
  ...{ name, timeoutSeconds: 60, environment: {}, retriesMax: 2, onFailure: null, patterns: [], schedules: [], mappings: [] },
  ...more,
});

const wiring = (functions: readonly FunctionWiring[]): Wiring => ({
  stackName: 'ebbtide-dev',
  place: { stage: 'dev', region: 'eu-west-1', account: '123456789012' },
  functions,
  topics: {},
  buckets: {},
  queues: [
    {
      ...{ logicalId: 'Work', name: 'work.fifo', visibilityTimeout: 90, contentBasedDeduplication: false, deduplicationPerGroup: true },
      redrive: { queue: 'WorkDead', maxReceiveCount: 3 },
    },
    {
      ...{ logicalId: 'WorkDead', name: 'work-dead.fifo', visibilityTimeout: 30, contentBasedDeduplication: false },
      deduplicationPerGroup: false,
      redrive: null,
    },
    {
      ...{ logicalId: 'Dead', name: 'dead', visibilityTimeout: 30, contentBasedDeduplication: false },
      deduplicationPerGroup: false,
      redrive: null,
    },
  ],
  tables: ['LedgerTable', 'MemoryTable'],
});

type Handlers = Readonly<Record<string, (event: never, context: Context) => unknown>>;

async function stageOf(functions: readonly FunctionWiring[], handlers: Handlers): Promise<{ cloud: Cloud; stage: Stage }> {
  const cloud = createCloud({ seed: 5, at: AT });
  const load = async (name: string) => handlers[name] as (event: unknown, context: Context) => unknown;
  return { cloud, stage: await openStage({ cloud, tables, config, serverless: wiring(functions), load }) };
}

const mapped = (name: string, batchSize = 10): FunctionWiring =>
  aFunction(name, { mappings: [{ queue: 'Work', batchSize, partial: true }] });

function put(cloud: Cloud, groupId: string, body: string): void {
  const queue = cloud.world.regions.get('eu-west-1')?.queues.get('work.fifo');
  if (queue === undefined) throw new Error('no queue');
  send(cloud.world, queue, { body, groupId, deduplicationId: body, delaySeconds: 0, attributes: {} });
}

describe('a schedule', () => {
  test('rings at its times with its placeholders filled, and its cadence is counted', async () => {
    const heard: unknown[] = [];
    const tick = {
      description: 'ticks',
      expression: 'rate(5 minutes)',
      timeZone: 'UTC',
      input: { tick: 'x', at: '<aws.scheduler.scheduled-time>' },
    };
    const { cloud, stage } = await stageOf([aFunction('pen', { schedules: [tick] })], { pen: event => heard.push(event) });
    await cloud.advanceTo(after(900));
    expect(heard).toEqual([0, 300, 600, 900].map(s => ({ tick: 'x', at: after(s) })));
    expect(stage.cadence).toEqual([
      { function: 'pen', description: 'ticks', expression: 'rate(5 minutes)', runs: 4, firstAt: AT, lastAt: after(900), longestGap: 300 },
    ]);
  });

  const firings = (expression: string, zone: string, from: string, n: number) => {
    const next = parseSchedule(expression, zone, Date.parse(from) / 1000);
    const times: string[] = [];
    for (let at: number | null = Date.parse(from) / 1000 - 1; times.length < n && at !== null; ) {
      at = next(at);
      if (at !== null) times.push(instant(at * 1000));
    }
    return times;
  };

  test('cron keeps the wall clock of its zone across the change to summer time', () => {
    expect(firings('cron(0 9 ? * MON-FRI *)', 'Europe/Berlin', '2025-03-27T00:00:00Z', 4)).toEqual([
      '2025-03-27T08:00:00Z',
      '2025-03-28T08:00:00Z',
      '2025-03-31T07:00:00Z',
      '2025-04-01T07:00:00Z',
    ]);
  });

  test('cron knows lists, steps, days of the month and names', () => {
    expect(firings('cron(0/20 0,12 1 JAN,3 ? 2025)', 'UTC', '2025-01-01T00:30:00Z', 5)).toEqual([
      '2025-01-01T00:40:00Z',
      '2025-01-01T12:00:00Z',
      '2025-01-01T12:20:00Z',
      '2025-01-01T12:40:00Z',
      '2025-03-01T00:00:00Z',
    ]);
    expect(firings('cron(0 9 ? * MON *)', 'UTC', '2025-05-12T09:00:00Z', 2)).toEqual(['2025-05-12T09:00:00Z', '2025-05-19T09:00:00Z']);
    expect(() => parseSchedule('cron(0 9 * *)', 'UTC', 0)).toThrow('six fields');
    expect(() => parseSchedule('cron(0 9 ? * MOON *)', 'UTC', 0)).toThrow('MOON');
    expect(() => parseSchedule('every minute', 'UTC', 0)).toThrow('every minute');
  });

  test('cron fires when the wall clock first reads what it says, and at no other minute: an hour that is skipped has no firing', () => {
    const some = (from: number, to: number) =>
      fc.oneof(fc.constant(null), fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 4 }));
    const when = fc.record({ minute: some(0, 59), hour: some(0, 4), day: some(1, 7), weekday: some(1, 7) });
    fc.assert(
      fc.property(
        when,
        fc.constantFrom(...CHANGES),
        fc.integer({ min: 0, max: 2 * 86_400 }),
        ({ day, ...fields }, [zone, change], before) => {
          const said = { ...fields, day: fields.weekday === null ? day : null };
          const after = Date.parse(change) / 1000 - before;
          const list = (of: readonly number[] | null, any = '*') => of?.join(',') ?? any;
          const days = `${list(said.day, said.weekday === null ? '*' : '?')} * ${list(said.weekday, '?')}`;
          const next = parseSchedule(`cron(${list(said.minute)} ${list(said.hour)} ${days} *)`, zone, 0)(after);
          const first = firstMinute(zone, after, 2 * 86_400, said);
          if (first !== null) expect(next).toBe(first);
          else if (next !== null) expect(next).toBeGreaterThan(after + 2 * 86_400);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('whatever is written as a schedule rings at a whole minute to come, or is refused in its own words', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '*',
        '?',
        '0',
        '9',
        '07',
        '5-3',
        '1-5',
        '*/0',
        '0/7',
        '*-3',
        'MON',
        'SUN-TUE',
        'JAN',
        '2025',
        '1e1',
        '60',
        '-1',
        'L',
        '5L',
        '',
      ),
      fc.string({ maxLength: 4 }),
    );
    const cron = fc.array(part, { minLength: 5, maxLength: 7 }).map(fields => `cron(${fields.join(' ')})`);
    const rate = fc.tuple(fc.integer({ min: -1, max: 90 }), fc.constantFrom('minute', 'minutes', 'hours', 'days', 'weeks'));
    const written = fc.oneof(
      cron,
      rate.map(([value, unit]) => `rate(${value} ${unit})`),
      fc.string(),
    );
    const at = Date.parse(AT) / 1000;
    fc.assert(
      fc.property(written, expression => {
        let next: ReturnType<typeof parseSchedule>;
        try {
          next = parseSchedule(expression, 'Europe/Berlin', at);
        } catch (error) {
          expect((error as Error).message).toContain(expression);
          return;
        }
        const rings = next(at);
        if (rings === null)
          expect(expression).toMatch(/^cron/); // a year that is over, or a day that never comes
        else expect({ later: rings > at, minute: rings % 60 }).toEqual({ later: true, minute: 0 });
      }),
      { numRuns: 300, examples: [['cron(*/0 * * * ? *)'], ['rate(0 minutes)'], ['cron(0 5-3 * * ? *)'], ['cron(? * * * ? *)']] },
    );
  });
});

/** Zones and the instants at which their clocks change. */
const CHANGES: readonly (readonly [zone: string, at: string])[] = [
  ['Europe/Berlin', '2025-03-30T01:00:00Z'],
  ['Europe/Berlin', '2025-10-26T01:00:00Z'],
  ['America/New_York', '2025-11-02T06:00:00Z'],
  ['Africa/Cairo', '2025-04-24T22:00:00Z'],
  ['Australia/Lord_Howe', '2025-10-04T15:30:00Z'],
  ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'],
];

interface Said {
  readonly minute: readonly number[] | null;
  readonly hour: readonly number[] | null;
  readonly day: readonly number[] | null;
  readonly weekday: readonly number[] | null;
}

/** Minute by minute: the first of them that the wall clock reads as said, for the first time that day; `null`: none for so long. */
function firstMinute(zone: string, after: number, seconds: number, said: Said): number | null {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  const read = (at: number): string => format.format(at * 1000);
  const start = (Math.floor(after / 60) + 1) * 60;
  const seen = new Set<string>();
  for (let at = start - 2 * 3600; at < start; at += 60) seen.add(read(at));
  for (let at = start; at <= after + seconds; at += 60) {
    const words = read(at);
    const [, day = '', weekday = '', hour = '', minute = ''] = /^(\d+) (\w+), (\d+):(\d+)$/.exec(words) ?? [];
    const is = (of: readonly number[] | null, value: number) => of === null || of.includes(value);
    const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
    const fits = is(said.minute, Number(minute)) && is(said.hour, Number(hour)) && is(said.day, Number(day));
    if (fits && is(said.weekday, weekdays.indexOf(weekday) + 1) && !seen.has(words)) return at;
    seen.add(words);
  }
  return null;
}

describe('a topic', () => {
  test('rings what is subscribed to it with what an alarm has to say, and again where that failed', async () => {
    const heard: { Records: { EventSource: string; Sns: { TopicArn: string; Message: string } }[] }[] = [];
    const flaky = (event: (typeof heard)[0]) => {
      if (heard.push(event) === 1) throw new Error('not yet');
    };
    const { cloud } = await stageOf([aFunction('pen', { topics: ['ebbtide-dev-AlarmTopic'] })], { pen: flaky as never });
    const arn = 'arn:aws:sns:eu-west-1:123456789012:ebbtide-dev-AlarmTopic';
    const metric = { namespace: 'Nobody', name: 'publishes', dimensions: [] };
    const actions = { ALARM: [arn], OK: [], INSUFFICIENT_DATA: [] };
    cloud.putAlarm({ name: 'silence', metric, threshold: 1, treatMissingData: 'breaching', actions });
    await cloud.advanceTo(after(300));
    expect(heard).toHaveLength(2);
    expect(heard[1]?.Records).toMatchObject([{ EventSource: 'aws:sns', Sns: { TopicArn: arn } }]);
    expect(JSON.parse(heard[1]?.Records[0]?.Sns.Message ?? '')).toMatchObject({ AlarmName: 'silence', NewStateValue: 'ALARM' });
  });

  test('of serverless.yml is wired by the name that CloudFormation gives it', async () => {
    const { functions } = await readWiring(fileURLToPath(new URL('../../serverless.yml', import.meta.url)), '123456789012');
    expect(functions.find(f => f.name === 'dispatch')?.topics).toEqual(['ebbtide-dev-AlarmTopic']);
  });
});

describe('a rule', () => {
  const event = { source: 'aws.ec2', 'detail-type': 'X', detail: { state: 'stopped', tags: ['a', 'b'], n: 1 } };

  test.each([
    [{ source: ['aws.ec2'] }, true],
    [{ source: ['aws.s3', 'aws.ec2'], detail: { state: ['stopped'] } }, true],
    [{ detail: { state: ['running'] } }, false],
    [{ detail: { state: [{ prefix: 'sto' }] } }, true],
    [{ detail: { state: [{ 'anything-but': ['stopped'] }] } }, false],
    [{ detail: { state: [{ 'anything-but': { prefix: 'run' } }] } }, true],
    [{ detail: { nothing: [{ exists: false }] } }, true],
    [{ detail: { state: [{ exists: false }] } }, false],
    [{ detail: { tags: ['b'] } }, true],
    [{ detail: { n: ['1'] } }, false],
    [{ nowhere: { deep: ['x'] } }, false],
  ])('%j matches: %p', (pattern, expected) => {
    expect(patternMatches(pattern, event)).toBe(expected);
  });

  test('with a condition that is not known is an error, never deaf', () => {
    expect(() => patternMatches({ source: [{ cidr: '10.0.0.0/8' }] }, event)).toThrow('cidr');
  });

  test('rings its function with the event as EventBridge has it, in the home region only', async () => {
    const heard: { detail: unknown }[] = [];
    const stopped = { description: 'stops', pattern: { source: ['aws.ec2'], detail: { state: ['stopped'] } } };
    const { cloud } = await stageOf([aFunction('watch', { patterns: [stopped] })], { watch: e => void heard.push(e) });
    const box = cloud.launch();
    cloud.human.stops(box);
    await cloud.advanceTo(after(120));
    expect(heard.map(e => e.detail)).toEqual([{ 'instance-id': box, state: 'stopped' }]);
  });
});

describe('a function', () => {
  test('stands in the virtual world while it runs: environment, clock, context, and its name on its calls', async () => {
    const seen: unknown[] = [];
    const pen = aFunction('pen', {
      environment: { EBB_LEDGER_TABLE: { Ref: 'LedgerTable' }, EBB_QUEUE_RESIZE_FLEETS: { Ref: 'Work' }, PLAIN: 'text' },
    });
    const { cloud, stage } = await stageOf([pen], {
      pen: async (_event, context) => {
        const world = outside();
        seen.push(setting('EBB_LEDGER_TABLE'), setting('EBB_QUEUE_RESIZE_FLEETS'), setting('PLAIN'), setting('AWS_REGION'));
        seen.push(context.invokedFunctionArn, context.getRemainingTimeInMillis(), world.config(), cloud.world.caller);
        await world.sleep(1500);
        seen.push(context.getRemainingTimeInMillis(), world.now());
        return 'well';
      },
    });
    const before = outside();
    expect(await stage.invoke('pen', {})).toMatchObject({ outcome: 'answered', answer: 'well', at: AT, function: 'pen', attempt: 1 });
    expect(outside()).toBe(before);
    expect(seen).toEqual([
      'the-ledger',
      'https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo',
      'text',
      'eu-west-1',
      'arn:aws:lambda:eu-west-1:123456789012:function:ebbtide-dev-pen',
      60_000,
      config,
      'function:pen',
      58_500,
      after(1),
    ]);
    await expect(async () => stage.invoke('nobody', {})).rejects.toThrow('no function nobody');
  });

  test('that throws is retried after one and two minutes, and then its event is a dead letter', async () => {
    const tick = { description: 'once', expression: 'cron(0 8 12 5 ? 2025)', timeZone: 'UTC', input: { n: 1 } };
    const { cloud, stage } = await stageOf([aFunction('pen', { schedules: [tick], onFailure: 'Dead' })], {
      pen: () => {
        throw new Error('not today');
      },
    });
    await cloud.advanceTo(after(3600));
    expect(stage.invocations.map(i => [i.at, i.attempt, i.outcome])).toEqual([
      [AT, 1, 'threw'],
      [after(60), 2, 'threw'],
      [after(180), 3, 'threw'],
    ]);
    const [dead] = stage.deadLetters();
    expect(dead?.queue).toBe('dead');
    expect(JSON.parse(dead?.messages[0]?.body ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { n: 1 },
      responsePayload: { errorMessage: 'not today' },
    });
  });
});

describe('a queue before a function', () => {
  const bodies = (event: SQSEvent) => event.Records.map(r => r.body);

  test('hands over batches in order, with the attributes that Lambda gives', async () => {
    const heard: string[][] = [];
    let first: SQSEvent['Records'][number] | undefined;
    const { cloud } = await stageOf([mapped('pen', 2)], {
      pen: (event: SQSEvent) => {
        first ??= event.Records[0];
        heard.push(bodies(event));
        return { batchItemFailures: [] };
      },
    });
    for (const body of ['a1', 'a2', 'a3']) put(cloud, 'a', body);
    put(cloud, 'b', 'b1');
    await cloud.advanceTo(after(1));
    expect(heard).toEqual([
      ['a1', 'a2'],
      ['a3', 'b1'],
    ]);
    expect(first).toMatchObject({
      attributes: {
        ApproximateReceiveCount: '1',
        MessageGroupId: 'a',
        MessageDeduplicationId: 'a1',
        SentTimestamp: String(Date.parse(AT)),
      },
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:work.fifo',
      awsRegion: 'eu-west-1',
    });
  });

  test('holds a group back while one of its messages waits, and lets other groups pass', async () => {
    const heard: string[] = [];
    let broken = true;
    const { cloud } = await stageOf([mapped('pen', 1)], {
      pen: (event: SQSEvent) => {
        const [record] = event.Records;
        heard.push(`${record?.body} ${cloud.now()}`);
        const fails = broken && record?.body === 'a1';
        broken = broken && !fails;
        return { batchItemFailures: fails ? [{ itemIdentifier: record?.messageId }] : [] };
      },
    });
    for (const [group, body] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
    ] as const)
      put(cloud, group, body);
    await cloud.advanceTo(after(200));
    expect(heard).toEqual([`a1 ${AT}`, `b1 ${AT}`, `a1 ${after(90)}`, `a2 ${after(90)}`]);
  });

  test('gives a message up after three receives, and the group goes on', async () => {
    const heard: string[] = [];
    const { cloud, stage } = await stageOf([mapped('pen', 1)], {
      pen: (event: SQSEvent) => {
        heard.push(...bodies(event));
        if (event.Records[0]?.body === 'poison') throw new Error('cannot');
        return { batchItemFailures: [] };
      },
    });
    put(cloud, 'a', 'poison');
    put(cloud, 'a', 'fine');
    await cloud.advanceTo(after(600));
    expect(heard).toEqual(['poison', 'poison', 'poison', 'fine']);
    expect(stage.deadLetters()).toMatchObject([{ queue: 'work-dead.fifo', messages: [{ body: 'poison' }] }]);
  });

  test('drops copies within a group only, where the queue says so', async () => {
    const heard: string[] = [];
    const { cloud } = await stageOf([mapped('pen')], { pen: (event: SQSEvent) => void heard.push(...bodies(event)) });
    for (const group of ['a', 'a', 'b']) put(cloud, group, 'same');
    await cloud.advanceTo(after(1));
    expect(heard).toEqual(['same', 'same']);
  });
});

test('the project’s own serverless.yml is read with its variables, its computed resources and its references', async () => {
  const read = await readWiring(fileURLToPath(new URL('../../serverless.yml', import.meta.url)), '123456789012');
  expect(read.functions.map(f => f.name)).toEqual([
    'dispatch',
    'resize-fleets',
    'stop-start-instances',
    'enforce-tags',
    'watch-changes',
    'tell-slack',
    'answer-slack',
  ]);
  const [dispatch] = read.functions;
  expect(dispatch?.schedules.map(s => s.expression)).toEqual([
    'rate(1 minute)',
    'rate(5 minutes)',
    'rate(1 hour)',
    'rate(6 hours)',
    'rate(5 minutes)',
  ]);
  const queue = read.queues.find(q => q.logicalId === 'ResizeFleetsQueue');
  expect(queue).toMatchObject({ name: `${read.stackName}-resize-fleets.fifo`, redrive: { queue: 'ResizeFleetsDeadLetters' } });
  const slack = read.functions.find(f => f.name === 'tell-slack');
  expect(slack?.schedules[1]).toMatchObject({ expression: 'cron(0 9 * * ? *)', timeZone: 'Europe/Berlin' });
  expect(slack?.onFailure).toBe('TellSlackDeadLetters');
  expect(read.tables).toEqual(['LedgerTable', 'MemoryTable']);
});
