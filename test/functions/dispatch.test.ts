import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { handler } from '../../functions/dispatch.ts';
import type { Doorbell } from '../../shared/model/doorbell.ts';
import { instant } from '../../shared/model/time.ts';
import { readDoorbell, ring } from '../../shared/runtime/queue.ts';
import { fifoWorker } from '../../shared/runtime/stack.ts';
import * as shapes from '../runtime/event-shapes.ts';
import { account, context, onStage, printed, QUIET, region, scope } from './stage.ts';

interface Batch {
  readonly QueueUrl: string;
  readonly Entries: readonly { Id: string; MessageBody: string; MessageGroupId: string; MessageDeduplicationId: string }[];
}

let sent: Batch[] = [];
let refuse: (dedupId: string, call: number) => boolean = () => false;
let leave: () => void = () => {};

beforeEach(() => {
  sent = [];
  refuse = () => false;
  leave = onStage({
    answer: (command, input) => {
      expect(command).toBe('SendMessageBatchCommand');
      const batch = input as Batch;
      sent.push(batch);
      const Failed = batch.Entries.filter(entry => refuse(entry.MessageDeduplicationId, sent.length));
      return { Failed: Failed.map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'try again', SenderFault: false })) };
    },
  });
});
afterEach(() => leave());

describe('dispatch', () => {
  test('a tick rings its pen in every scope, grouped by scope', async () => {
    const answer = await handler(shapes.tick('stop-start-instances', 'due'), context);
    expect(answer).toEqual({
      rung: [`stop-start-instances ${account}/eu-west-1 due`, `stop-start-instances ${account}/us-east-1 due`],
      ignored: null,
    });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.QueueUrl).toBe(QUIET.EBB_QUEUE_STOP_START_INSTANCES);
    expect(sent[0]?.Entries.map(entry => entry.MessageGroupId)).toEqual([`${account}/eu-west-1`, `${account}/us-east-1`]);
  });

  test('one event may ring two pens, each on its own queue', async () => {
    const { rung } = await handler(shapes.tagChange(), context);
    expect(rung).toEqual([`enforce-tags ${account}/${region} i-0abc`, `stop-start-instances ${account}/${region} i-0abc`]);
    expect(sent.map(batch => batch.QueueUrl)).toEqual([QUIET.EBB_QUEUE_ENFORCE_TAGS, QUIET.EBB_QUEUE_STOP_START_INSTANCES]);
  });

  test('a birth goes on its way with who made it, and is read back as it was rung', async () => {
    const { rung } = await handler(shapes.birth('CreateSnapshots', { userIdentity: shapes.SIGNED_IN }), context);
    expect(rung).toEqual([`enforce-tags ${account}/${region} snap-0a,snap-0b`]);
    const read = readDoorbell(sent[0]?.Entries[0]?.MessageBody ?? '');
    const person = { who: 'anna@example.com', known: 'identity-center' };
    expect(read).toMatchObject({ kind: 'doorbell', doorbell: { birth: { call: 'CreateSnapshots', by: { service: null, person } } } });
    await handler(shapes.tick(), context);
    expect(readDoorbell(sent.at(-1)?.Entries[0]?.MessageBody ?? '')).not.toHaveProperty('doorbell.birth');
  });

  test('a fleet that is named has a line of its own, a sweep that of its scope', async () => {
    await handler(shapes.alarm(), context);
    await handler(shapes.alarm(shapes.CONFIGURATIONS.composite), context);
    await handler(shapes.interruption(), context);
    await handler(shapes.groupActivity('Launch Successful', 'ä'.repeat(100)), context);
    expect(sent.flatMap(batch => batch.Entries.map(entry => entry.MessageGroupId))).toEqual([
      `${account}/${region}/web-asg`,
      `${account}/${region}`,
      `${account}/${region}/${shapes.SPOT}`,
      expect.stringMatching(new RegExp(`^${account}/${region}/[0-9a-f]{20}$`)),
    ]);
  });

  test('an event that concerns nobody is answered with the reason, and nothing is sent', async () => {
    expect(await handler(shapes.stateChange(), context)).toEqual({
      rung: [],
      ignored: 'state changes are written down by watch-changes and ring nothing',
    });
    expect(sent).toEqual([]);
  });

  test('an event that cannot be read is answered, not thrown: a retry would read no more of it', async () => {
    expect(await handler({ hello: 'world' }, context)).toEqual({
      rung: [],
      ignored: null,
      unreadable: 'neither a tick, an EventBridge event, an alarm nor a CloudTrail record',
    });
  });

  test('every shape of event is answered', async () => {
    for (const event of shapes.ALL) expect(await handler(event, context)).not.toHaveProperty('unreadable');
  });
});

const doorbell = (n: number, look: Doorbell['look'] = 'all'): Doorbell => ({
  ...{ pen: 'resize-fleets', scope, look, at: instant('2025-05-14T19:00:00Z'), cause: 'tick', dedupId: `tick/${n}` },
});

describe('ringing', () => {
  test('goes in tens', async () => {
    await ring(Array.from({ length: 25 }, (_, n) => doorbell(n)));
    expect(sent.map(batch => batch.Entries.length)).toEqual([10, 10, 5]);
    expect(sent.flatMap(batch => batch.Entries.map(entry => entry.MessageDeduplicationId))).toHaveLength(25);
  });

  test('what SQS refuses is tried once more, and only that', async () => {
    refuse = (dedupId, call) => dedupId === 'tick/1' && call === 1;
    await ring([doorbell(0), doorbell(1), doorbell(2)]);
    expect(sent.map(batch => batch.Entries.map(entry => entry.MessageDeduplicationId))).toEqual([
      ['tick/0', 'tick/1', 'tick/2'],
      ['tick/1'],
    ]);
  });

  test('what is refused twice is thrown by name, after all others were rung', async () => {
    refuse = dedupId => dedupId === 'tick/1';
    await expect(ring(Array.from({ length: 12 }, (_, n) => doorbell(n)))).rejects.toThrow(
      `1 of 12 doorbells could not be rung: ${account}/${region} tick/1 (InternalError: try again)`,
    );
    expect(sent.flatMap(batch => batch.Entries)).toHaveLength(13);
  });
});

const batch = (...bodies: [group: string, body: string][]): SQSEvent =>
  ({ Records: bodies.map(([group, body], n) => ({ messageId: `m${n}`, body, attributes: { MessageGroupId: group } })) }) as SQSEvent;
const bell = (group: string, n: number): [string, string] => [group, JSON.stringify(doorbell(n, [`${group}${n}`]))];

describe("a pen's worker", () => {
  test('gets doorbells as they were rung, one after the other', async () => {
    const got: Doorbell[] = [];
    const worker = fifoWorker('resize-fleets', async d => void got.push(d));
    expect(await worker(batch(bell('a', 1), bell('a', 2)), context)).toEqual({ batchItemFailures: [] });
    expect(got).toEqual([doorbell(1, ['a1']), doorbell(2, ['a2'])]);
  });

  test('gives back what failed and what follows in its group, and works on for the others', async () => {
    const worked: unknown[] = [];
    const worker = fifoWorker('resize-fleets', async ({ look }) => {
      worked.push(look[0]);
      if (look[0] === 'a2') throw new Error('throttled');
    });
    const answer = await worker(batch(bell('a', 1), bell('a', 2), bell('b', 3), bell('a', 4), bell('b', 5)), context);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }, { itemIdentifier: 'm3' }]);
    expect(worked).toEqual(['a1', 'a2', 'b3', 'b5']);
  });

  test('gives all of them back when all fail, without failing itself', async () => {
    const worker = fifoWorker('resize-fleets', () => Promise.reject(new Error('no')));
    expect((await worker(batch(bell('a', 1), bell('b', 2)), context)).batchItemFailures).toHaveLength(2);
  });

  test('takes a message that is no doorbell as done, and says why: it would never become one', async () => {
    const worker = fifoWorker('resize-fleets', async () => {});
    const strange = JSON.stringify({ ...doorbell(1), pen: 'paint-walls' });
    expect(await worker(batch(['a', 'hello'], ['a', strange], bell('a', 1)), context)).toEqual({
      batchItemFailures: [],
      unreadable: ['m0: not JSON', 'm1: pen: one of resize-fleets, stop-start-instances, enforce-tags expected'],
    });
    expect(await worker({} as SQSEvent, context)).toEqual({
      batchItemFailures: [],
      unreadable: ['no Records: not a batch of SQS messages'],
    });
  });
});

describe('what a run says about itself', () => {
  const loud = { ...QUIET, POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false', POWERTOOLS_SERVICE_NAME: 'ebbtide-dev' };
  const metric = (lines: Record<string, unknown>[], name: string) => lines.filter(line => name in line && '_aws' in line);
  const aloud = async (run: () => Promise<unknown>) => {
    const undo = onStage({ environment: loud, answer: () => ({}) });
    try {
      return await printed(run);
    } finally {
      undo();
    }
  };

  test('nothing at all where the world outside wants silence', async () => {
    const worker = fifoWorker('resize-fleets', () => Promise.reject(new Error('no')));
    expect(await printed(() => worker(batch(bell('a', 1)), context))).toEqual([]);
    expect(await printed(() => handler({ hello: 'world' }, context))).toEqual([]);
  });

  test('a tick that was answered is a heartbeat, with the dimension that the alarm watches', async () => {
    const worker = fifoWorker('resize-fleets', async () => {});
    const [heartbeat, ...more] = metric(await aloud(() => worker(batch(bell('a', 1)), context)), 'TickCompleted');
    expect(more).toEqual([]);
    expect(heartbeat).toMatchObject({ TickCompleted: 1, service: 'ebbtide-dev' });
    expect(heartbeat).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: 'Ebbtide', Dimensions: [['service']] }] } });
  });

  test('a tick that failed is none, and neither is an alarm', async () => {
    const failing = fifoWorker('resize-fleets', () => Promise.reject(new Error('throttled', { cause: new Error('Rate exceeded') })));
    const lines = await aloud(() => failing(batch(bell('a', 1)), context));
    expect(metric(lines, 'TickCompleted')).toEqual([]);
    expect(metric(lines, 'DoorbellFailed')).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        correlation_id: 'tick/1',
        error: expect.objectContaining({ message: 'throttled', cause: expect.objectContaining({ message: 'Rate exceeded' }) }),
      }),
    );
    const alarmed = fifoWorker('resize-fleets', async () => {});
    const body = JSON.stringify({ ...doorbell(1), cause: 'alarm web ALARM' });
    expect(metric(await aloud(() => alarmed(batch(['a', body]), context)), 'TickCompleted')).toEqual([]);
  });

  test('a run that throws is logged with its cause, and thrown on for the retry of Lambda', async () => {
    const lines = await aloud(() => expect(handler(shapes.tick(), {} as Context)).rejects.toThrow('no function ARN'));
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'the run failed' }));
  });

  test('a dropped message is told with its body, a rung doorbell with its correlation id', async () => {
    const worker = fifoWorker('resize-fleets', async () => {});
    expect(await aloud(() => worker(batch(['a', 'hello']), context))).toContainEqual(
      expect.objectContaining({ level: 'ERROR', messageId: 'm0', why: 'not JSON', body: 'hello' }),
    );
    expect(await aloud(() => handler(shapes.groupActivity(), context))).toContainEqual(
      expect.objectContaining({ level: 'INFO', correlation_id: shapes.ID, rung: [`resize-fleets ${account}/${region} web-asg`] }),
    );
  });
});
