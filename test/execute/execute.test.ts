import { describe, expect, test } from '@jest/globals';
import { execute, type Tools } from '../../shared/execute/execute.ts';
import { type Pause, readPause } from '../../shared/execute/pause.ts';
import { settleQuestions } from '../../shared/execute/questions.ts';
import type { Fresh } from '../../shared/execute/reread.ts';
import { verify } from '../../shared/execute/verify.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import type { Claims } from '../../shared/model/ports.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, instant, toDate } from '../../shared/model/time.ts';
import { answering, awsError } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const now = instant('2025-05-14T19:00:00Z');
const launchedAt = instant('2025-05-14T05:00:00Z');

const change = (id: string, action: Action, other: Partial<Change> = {}): Change => ({
  id: `chg-${id}`,
  pen: 'stop-start-instances',
  resource: { kind: 'instance', id: `i-${id}`, name: null, scope },
  action,
  because: { code: 'off-hours', schedule: 'office-hours', since: now, until: null },
  causeAt: now,
  expects: { launchedAt },
  attempt: 1,
  policy: 'dev-test',
  mode: 'act',
  saving: null,
  losing: [],
  owner: null,
  ...other,
});
const stop = (id: string, other: Partial<Change> = {}) => change(id, { kind: 'stop-instance', hibernate: false }, other);
const start = (id: string, other: Partial<Change> = {}) => change(id, { kind: 'start-instance' }, other);

interface Seen {
  state: string;
  launchedAt?: string;
  stopped?: string;
  tags?: Record<string, string>;
  stopProtected?: boolean;
}

/** EC2 as a few states, and claims as a list of what was done to them, in one log. */
function desk(world: Record<string, Seen>, errors: Record<string, () => Error | null> = {}) {
  const log: string[] = [];
  let asleep = 0;
  const settled = new Map<string, Receipt>();
  const claimed = new Set<string>();
  const { clients } = answering(({ operation, input }) => {
    log.push(operation);
    const error = errors[operation]?.() ?? null;
    if (error !== null) throw error;
    if (operation === 'DescribeInstanceAttribute') return { DisableApiStop: { Value: world[input.InstanceId]?.stopProtected ?? false } };
    if (operation === 'DescribeInstances') {
      const ids: string[] = input.Filters[0].Values;
      const found = ids.flatMap(id => (world[id] === undefined ? [] : [described(id, world[id])]));
      return { Reservations: [{ Instances: found }] };
    }
    const ids: string[] = input.InstanceIds;
    const moved = ids.map(id => ({ InstanceId: id, PreviousState: { Name: world[id]?.state } }));
    for (const id of ids) world[id] = { ...world[id], state: operation === 'StopInstances' ? 'stopping' : 'pending' };
    return operation === 'StopInstances' ? { StoppingInstances: moved } : { StartingInstances: moved };
  });
  const claims: Claims = {
    claim: async ({ id }) => {
      log.push(`claim ${id}`);
      if (claimed.has(id)) return false;
      claimed.add(id);
      return true;
    },
    recall: async ({ id }) => (claimed.has(id) ? { settled: settled.get(id) ?? null } : null),
    settle: async receipt => {
      log.push(`settle ${receipt.change.id} ${receipt.outcome}`);
      settled.set(receipt.change.id, receipt);
    },
    drop: async ({ id }) => void log.push(`drop ${id}`),
  };
  const tools: Tools = {
    clients,
    claims,
    now: () => addSeconds(now, asleep / 1000),
    sleep: async ms => {
      log.push(`sleep ${ms}`);
      asleep += ms;
    },
    remaining: () => 300_000 - asleep,
    pause: async () => ({ kind: 'running', why: null }),
  };
  return { log, settled, claimed, claims, tools, world };
}

const described = (id: string, seen: Seen) => ({
  InstanceId: id,
  State: { Name: seen.state },
  InstanceType: 't3.micro',
  LaunchTime: toDate(instant(seen.launchedAt ?? launchedAt)),
  StateTransitionReason: seen.stopped === undefined ? '' : `User initiated (${seen.stopped.slice(0, 19).replace('T', ' ')} GMT)`,
  Tags: Object.entries(seen.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
});

const outcomes = (receipts: readonly Receipt[]) => receipts.map(r => `${r.change.id} ${r.outcome}`);

describe('the order of things', () => {
  test('a claim that fails ends the run only once the other claims have ended: none is written behind it', async () => {
    const { log, tools, claims } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'running' } });
    const { promise: slow, resolve: written } = Promise.withResolvers<void>();
    const claim: Claims['claim'] = async (change, at) => {
      if (change.id === 'chg-a') {
        setImmediate(written);
        throw new Error('the table is away');
      }
      await slow;
      return claims.claim(change, at);
    };
    const run = execute([stop('a'), stop('b')], { ...tools, claims: { ...claims, claim } }).finally(() => log.push('the run ended'));
    await expect(run).rejects.toThrow('the table is away');
    expect(log.slice(-2)).toEqual(['claim chg-b', 'the run ended']);
  });

  test('claim, look again, write, settle: and one receipt per change, in the order of the plan', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'running' } });
    expect(outcomes(await execute([stop('b'), stop('a')], tools))).toEqual(['chg-b done', 'chg-a done']);
    const asked = ['DescribeInstanceAttribute', 'DescribeInstanceAttribute'];
    const steps = ['claim chg-b', 'claim chg-a', 'DescribeInstances', 'StopInstances', 'settle chg-b done', 'settle chg-a done'];
    expect(log).toEqual([...asked, ...steps]);
  });

  test('starts go first, whatever the plan ranks first', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'stopped' } });
    const receipts = await execute([stop('a'), start('b')], tools);
    expect(outcomes(receipts)).toEqual(['chg-a done', 'chg-b done']);
    expect(log.filter(l => l.endsWith('Instances') && !l.startsWith('Describe'))).toEqual(['StartInstances', 'StopInstances']);
  });

  test('nothing to do is nothing done', async () => {
    const { log, tools } = desk({});
    const pause = () => Promise.reject(new Error('nobody needs to know'));
    expect(await execute([], { ...tools, pause })).toEqual([]);
    expect(log).toEqual([]);
  });

  test('what somebody else has claimed is not written', async () => {
    const { log, tools, claimed } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'running' } });
    claimed.add('chg-a');
    expect(await execute([stop('a'), stop('b')], tools)).toMatchObject([
      { outcome: 'not-attempted', detail: 'claimed before: this very change is settled or being settled' },
      { outcome: 'done' },
    ]);
    expect(log.filter(l => l.startsWith('settle'))).toEqual(['settle chg-b done']);
  });

  test('a run about to end begins nothing, and claims nothing', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' } });
    expect(await execute([stop('a')], { ...tools, remaining: () => 29_999 })).toMatchObject([
      { outcome: 'not-attempted', detail: 'the run was about to end: the next tick goes on' },
    ]);
    expect(log).toEqual([]);
    expect(outcomes(await execute([stop('a')], { ...tools, remaining: () => 30_000 }))).toEqual(['chg-a done']);
  });

  test('a run that has come near its end while it asked claims nothing either, and says what it has learned', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'running', stopProtected: true } });
    const remaining = () => (log.includes('DescribeInstanceAttribute') ? 29_999 : 60_000);
    expect(await execute([stop('a'), stop('b')], { ...tools, remaining })).toMatchObject([
      { change: { id: 'chg-a' }, outcome: 'not-attempted', detail: 'the run was about to end: the next tick goes on' },
      { change: { id: 'chg-b' }, outcome: 'refused', detail: 'its stop protection is on' },
    ]);
    expect(log).not.toContain('claim chg-a');
  });

  test('a pause refuses stops before they are claimed, and lets starts through', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' }, 'i-b': { state: 'stopped' } });
    const pause = async (): Promise<Pause> => ({ kind: 'paused', why: 'paused: release week' });
    const receipts = await execute([stop('a'), start('b')], { ...tools, pause });
    expect(receipts).toMatchObject([{ outcome: 'refused', detail: 'paused: release week' }, { outcome: 'done' }]);
    expect(log).not.toContain('claim chg-a');
  });
});

describe('trouble', () => {
  test('when the world cannot be read again nothing is written, and the next tick makes a new attempt', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'running' } }, { DescribeInstances: () => awsError('UnauthorizedOperation') });
    expect(await execute([stop('a')], tools)).toMatchObject([
      { outcome: 'failed', detail: expect.stringContaining('UnauthorizedOperation') },
    ]);
    expect(log).toEqual(['DescribeInstanceAttribute', 'claim chg-a', 'DescribeInstances', 'settle chg-a failed']);
  });

  test('… and what went before is told all the same', async () => {
    let describes = 0;
    const { tools } = desk(
      { 'i-a': { state: 'running' }, 'i-b': { state: 'stopped' } },
      {
        DescribeInstances: () => (++describes > 1 ? awsError('UnauthorizedOperation') : null),
      },
    );
    expect(outcomes(await execute([stop('a'), start('b')], tools))).toEqual(['chg-a failed', 'chg-b done']);
  });

  test('a write without an answer stays a question', async () => {
    const { log, tools, settled } = desk({ 'i-a': { state: 'running' } }, { StopInstances: () => awsError('InternalError', 'oops', 500) });
    expect(await execute([stop('a')], tools)).toMatchObject([
      { outcome: 'failed', detail: expect.stringContaining('looked up at the next tick') },
    ]);
    expect(settled.size).toBe(0);
    expect(log.at(-1)).toBe('StopInstances');
  });

  test('what is so already, or no longer called for, is settled without a write', async () => {
    const { log, tools } = desk({
      'i-a': { state: 'stopping' },
      'i-b': { state: 'running', launchedAt: '2025-05-14T18:59:59Z' },
      'i-c': { state: 'running', tags: { 'ebb:keep-until': '2025-05-15' } },
    });
    const spoken = { launchedAt, tags: { 'ebb:keep-until': null } };
    const receipts = await execute([stop('a'), stop('b'), stop('c', { expects: spoken }), stop('gone')], tools);
    expect(outcomes(receipts)).toEqual(['chg-a already-so', 'chg-b stale', 'chg-c stale', 'chg-gone stale']);
    expect(receipts.map(r => r.detail)).toEqual([
      'it was so before we wrote',
      'it was started again at 2025-05-14T18:59:59Z',
      'its tag ebb:keep-until was changed',
      'it is gone',
    ]);
    expect(log).not.toContain('StopInstances');
  });
});

describe('stop protection', () => {
  test('is asked of each before it is stopped, and of nobody who is started', async () => {
    const { log, tools, world } = desk({
      'i-a': { state: 'running', stopProtected: true },
      'i-b': { state: 'running' },
      'i-c': { state: 'stopped' },
    });
    const receipts = await execute([stop('a'), stop('b'), start('c')], tools);
    expect(receipts).toMatchObject([{ outcome: 'refused', detail: 'its stop protection is on' }, { outcome: 'done' }, { outcome: 'done' }]);
    expect(world['i-a']?.state).toBe('running');
    expect(log.filter(l => l === 'DescribeInstanceAttribute')).toHaveLength(2);
    expect(log).not.toContain('claim chg-a'); // it was not begun, so the next tick decides afresh
  });

  test('that cannot be read stops nobody: unknown is not absent', async () => {
    const { log, tools } = desk(
      { 'i-a': { state: 'running' } },
      { DescribeInstanceAttribute: () => awsError('UnauthorizedOperation', 'no') },
    );
    expect(await execute([stop('a')], tools)).toMatchObject([
      { outcome: 'failed', detail: 'its stop protection could not be read: UnauthorizedOperation: no' },
    ]);
    expect(log).not.toContain('StopInstances');
  });
});

describe('a throttle', () => {
  const throttledFor = (times: number) => {
    let met = 0;
    return () => (met++ < times ? awsError('RequestLimitExceeded', 'slow down', 503) : null);
  };

  test('is waited for, and the world is looked at again before the same change is sent again', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'stopped' } }, { StartInstances: throttledFor(4) }); // the SDK makes three attempts itself
    expect(outcomes(await execute([start('a')], tools))).toEqual(['chg-a done']);
    const calls = log.filter(l => l !== 'StartInstances');
    expect(calls).toEqual(['claim chg-a', 'DescribeInstances', 'sleep 5000', 'DescribeInstances', 'settle chg-a done']);
  });

  test('that lasts is a failure after a minute, for a claim must have its answer before it counts as a question', async () => {
    const { log, tools, settled } = desk({ 'i-a': { state: 'stopped' } }, { StartInstances: throttledFor(Number.POSITIVE_INFINITY) });
    expect(await execute([start('a')], tools)).toMatchObject([{ outcome: 'failed', detail: 'RequestLimitExceeded: slow down' }]);
    expect(settled.get('chg-a')).toMatchObject({ outcome: 'failed' });
    expect(log.filter(l => l.startsWith('sleep'))).toHaveLength(12);
  });

  test('is not waited for by a run that is about to end', async () => {
    const { log, tools } = desk({ 'i-a': { state: 'stopped' } }, { StartInstances: throttledFor(Number.POSITIVE_INFINITY) });
    let left = 35_000;
    const sleep = async (ms: number) => {
      log.push('sleep');
      left -= ms + 1;
    };
    expect(outcomes(await execute([start('a')], { ...tools, sleep, remaining: () => left }))).toEqual(['chg-a failed']);
    expect(log.filter(l => l === 'sleep')).toHaveLength(1);
  });

  test('is waited for by one batch at a time, so that no claim grows old', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `${i}`);
    const world = Object.fromEntries(ids.map(id => [`i-${id}`, { state: 'stopped' }]));
    let room = 60; // three calls pass, and then one every ten seconds
    const takes = (count: number) => {
      if (room < count) return awsError('RequestLimitExceeded');
      room -= count;
      return null;
    };
    const { log, tools } = desk(world, { StartInstances: () => takes(20) });
    const claimedAt: number[] = [];
    let waited = 0;
    const sleep = async (ms: number) => {
      waited += ms;
      room += ms / 500;
    };
    const claims: Claims = {
      ...tools.claims,
      claim: async (asked, at) => {
        claimedAt.push(waited);
        return tools.claims.claim(asked, at);
      },
      settle: async receipt => {
        const begun = claimedAt[log.filter(l => l.startsWith('claim')).indexOf(`claim ${receipt.change.id}`)] ?? Number.NaN;
        expect(waited - begun).toBeLessThanOrEqual(60_000);
        await tools.claims.settle(receipt);
      },
    };
    const receipts = await execute(
      ids.map(id => start(id)),
      { ...tools, claims, sleep, now: () => addSeconds(now, waited / 1000), remaining: () => 900_000 - waited },
    );
    expect(new Set(receipts.map(r => r.outcome))).toEqual(new Set(['done']));
    expect(waited).toBe(70_000); // seven of ten batches had to wait
  });

  test('is no reason to write what is no longer called for', async () => {
    const { log, tools, world } = desk({ 'i-a': { state: 'stopped' } }, { StartInstances: throttledFor(3) });
    const sleep = async () => {
      world['i-a'] = { state: 'terminated' };
    };
    expect(await execute([start('a')], { ...tools, sleep })).toMatchObject([{ outcome: 'stale', detail: 'it is terminated' }]);
    expect(log.filter(l => l === 'StartInstances')).toHaveLength(3);
  });
});

describe('many batches', () => {
  const many = Array.from({ length: 130 }, (_, i) => `${i}`);
  const world = () => Object.fromEntries(many.map(id => [`i-${id}`, { state: 'running' }]));

  test('twenty a call, several at a time, each in its own order', async () => {
    const { log, tools } = desk(world());
    const receipts = await execute(
      many.map(id => stop(id)),
      tools,
    );
    expect(outcomes(receipts)).toEqual(many.map(id => `chg-${id} done`));
    expect(log.filter(l => l === 'StopInstances')).toHaveLength(7);
    for (const id of many) expect(log.indexOf(`claim chg-${id}`)).toBeLessThan(log.indexOf(`settle chg-${id} done`));
    // the second batch is asked for its protection while the first is stopped
    const before = log.slice(0, log.indexOf('settle chg-0 done'));
    expect(before.filter(l => l === 'DescribeInstanceAttribute').length).toBeGreaterThan(20);
  });

  test('when the records fail under one, no other begins, and those under way end before the run does', async () => {
    const { log, tools, claims } = desk(world());
    const failing: Claims = {
      ...claims,
      claim: async (asked, at) => {
        if (asked.id === 'chg-25') throw new Error('no table');
        return claims.claim(asked, at);
      },
    };
    await expect(
      execute(
        many.map(id => stop(id)),
        { ...tools, claims: failing },
      ),
    ).rejects.toThrow('no table');
    const atTheEnd = [...log];
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(log).toEqual(atTheEnd);
    expect(log.filter(l => l.startsWith('settle')).length).toBe(20 * log.filter(l => l === 'StopInstances').length);
    expect(log).not.toContain('claim chg-129');
  });
});

describe('a question', () => {
  const claimedAt = addSeconds(now, -300);
  const ask = async (
    asked: Change,
    world: Record<string, Seen>,
    options: { claimed?: boolean; settled?: Receipt; at?: typeof now } = {},
  ) => {
    const found = desk(world);
    if (options.claimed !== false) found.claimed.add(asked.id);
    if (options.settled !== undefined) found.settled.set(asked.id, options.settled);
    const open = await settleQuestions(new Map([[asked.id, { change: asked, claimedAt: options.at ?? claimedAt }]]), found.tools);
    return { ...found, open };
  };
  const receiptOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).settled.get(asked[0].id);

  test('that is young stays open: the write may still be on its way', async () => {
    const { open, log } = await ask(stop('a'), { 'i-a': { state: 'running' } }, { at: addSeconds(now, -119) });
    expect([...open.keys()]).toEqual(['i-a']);
    expect(log).toEqual([]);
  });

  test('that was never claimed was never written, so it is dropped', async () => {
    expect((await ask(stop('a'), { 'i-a': { state: 'running' } }, { claimed: false })).log).toContain('drop chg-a');
  });

  test('that was settled is settled so again, for what the crash left undone', async () => {
    const settled: Receipt = { change: stop('a'), outcome: 'done', at: claimedAt, requestId: 'req-1', detail: null };
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'running' } }, { settled })).toBe(settled);
  });

  test('about a stop is answered by the date that EC2 gives it', async () => {
    const ours = addSeconds(claimedAt, 2);
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'stopped', stopped: ours } })).toMatchObject({ outcome: 'done', at: ours });
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'stopped', stopped: addSeconds(claimedAt, -60) } })).toMatchObject({
      outcome: 'already-so',
    });
    // a second of skew is no stranger; a stop without a date is taken for ours, for the box must come back
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'stopped', stopped: addSeconds(claimedAt, -1) } })).toMatchObject({
      outcome: 'done',
      at: claimedAt,
    });
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'stopped' } })).toMatchObject({ outcome: 'done', at: claimedAt });
    expect(await receiptOf(stop('a'), { 'i-a': { state: 'running' } })).toMatchObject({ outcome: 'failed' });
    expect(await receiptOf(stop('a'), {})).toMatchObject({ outcome: 'stale', detail: 'it is gone' });
  });

  test('about a start is answered by its launch time', async () => {
    const ours = addSeconds(claimedAt, 2);
    expect(await receiptOf(start('a'), { 'i-a': { state: 'running', launchedAt: ours } })).toMatchObject({ outcome: 'done', at: ours });
    const skewed = addSeconds(claimedAt, -5);
    expect(await receiptOf(start('a'), { 'i-a': { state: 'running', launchedAt: skewed } })).toMatchObject({
      outcome: 'done',
      at: claimedAt,
    });
    expect(await receiptOf(start('a'), { 'i-a': { state: 'running', launchedAt: addSeconds(skewed, -1) } })).toMatchObject({
      outcome: 'already-so',
      detail: 'somebody else made it so',
    });
    expect(await receiptOf(start('a'), { 'i-a': { state: 'running' } })).toMatchObject({ outcome: 'already-so' });
    expect(await receiptOf(start('a'), { 'i-a': { state: 'stopped', launchedAt: ours } })).toMatchObject({ outcome: 'failed' });
  });
});

describe('a question about what was done minutes after its claim', () => {
  test.each([
    ['a stop three minutes after it may be ours', 180, 'done'],
    ['a stop later than that is somebody else’s: no debt, and nothing saved', 181, 'already-so'],
  ])('%s', async (_, seconds, outcome) => {
    const claimedAt = addSeconds(now, -600);
    const { tools, claimed, settled } = desk({ 'i-a': { state: 'stopped', stopped: addSeconds(claimedAt, seconds) } });
    claimed.add('chg-a');
    await settleQuestions(new Map([['chg-a', { change: stop('a'), claimedAt }]]), tools);
    expect(settled.get('chg-a')).toMatchObject({ outcome });
  });
});

describe('a question about what has no date', () => {
  test('is answered by what is so: tags that are there are ours', async () => {
    const tagging = change('a', { kind: 'create-tags', tags: { centre: 'none' } });
    const { tools, claimed, settled } = desk({ 'i-a': { state: 'stopped', stopped: addSeconds(now, -900), tags: { centre: 'none' } } });
    claimed.add(tagging.id);
    const claimedAt = addSeconds(now, -300);
    await settleQuestions(new Map([[tagging.id, { change: tagging, claimedAt }]]), tools);
    expect(settled.get(tagging.id)).toMatchObject({ outcome: 'done', at: claimedAt, detail: 'found done when looked up' });
  });
});

describe('verify', () => {
  const seen = (other: object) =>
    ({ kind: 'instance', state: 'running', launchedAt, tags: {}, parent: null, ...other }) as unknown as Fresh;
  const group = (other: object) =>
    ({ kind: 'auto-scaling-group', minSize: 1, maxSize: 9, desiredCapacity: 4, tags: {}, ...other }) as unknown as Fresh;
  const members = [1, 2].map(n => ({ id: `i-${n}`, weight: 3, scaleInProtected: true, lifecycleState: 'InService' }));
  const sizes = (desiredCapacity: number) => change('web', { kind: 'set-sizes', minSize: 3, maxSize: 9, desiredCapacity }, { expects: {} });
  const resize = (to: number) => change('web', { kind: 'set-desired-capacity', desiredCapacity: to }, { expects: { desiredCapacity: 4 } });

  test.each([
    ['a stop of what runs', stop('a'), seen({}), 'go'],
    ['a stop of what boots', stop('a'), seen({ state: 'pending' }), 'stale'],
    ['a stop of what is going', stop('a'), seen({ state: 'shutting-down' }), 'stale'],
    ['a stop of what joined a group', stop('a'), seen({ parent: { kind: 'auto-scaling-group', name: 'web' } }), 'stale'],
    ['a start of what is stopped', start('a'), seen({ state: 'stopped' }), 'go'],
    ['a start of what is stopping', start('a'), seen({ state: 'stopping' }), 'stale'],
    ['a start of what runs', start('a'), seen({}), 'already-so'],
    ['a resize', resize(6), group({}), 'go'],
    ['a resize that is so', resize(6), group({ desiredCapacity: 6 }), 'already-so'],
    ['a resize from elsewhere', resize(6), group({ desiredCapacity: 5 }), 'stale'],
    ['a resize beyond the group', resize(10), group({}), 'stale'],
    [
      'sizes that take nobody away, though more weight is protected than is desired',
      sizes(5),
      group({ desiredCapacity: 5, members }),
      'go',
    ],
    ['sizes that would take a protected one away', sizes(4), group({ desiredCapacity: 5, members }), 'stale'],
  ] as const)('%s', (_, asked, fresh, verdict) => {
    const found = verify(asked, fresh);
    expect(found === 'go' ? found : found.outcome).toBe(verdict);
  });
});

describe('the pause parameter', () => {
  const read = (answer: () => object) => readPause(answering(answer).clients, '/ebbtide/dev/pause');
  test.each([
    [
      'absent',
      () => {
        throw awsError('ParameterNotFound');
      },
      { kind: 'running', why: null },
    ],
    ['no', () => ({ Parameter: { Value: ' no ' } }), { kind: 'running', why: null }],
    ['a reason', () => ({ Parameter: { Value: 'release week' } }), { kind: 'paused', why: 'paused: release week' }],
    ['No', () => ({ Parameter: { Value: 'No' } }), { kind: 'paused', why: 'paused: No' }],
    [
      'out of reach',
      () => {
        throw awsError('AccessDeniedException', 'denied');
      },
      { kind: 'paused', why: 'whether we are paused could not be read (AccessDeniedException: denied)' },
    ],
  ] as const)('%s', async (_, answer, verdict) => expect(await read(answer)).toEqual(verdict));
});
