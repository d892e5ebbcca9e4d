import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACTIONS, perform } from '../../shared/execute/perform.ts';
import { changeIdsIn } from '../../shared/execute/signature.ts';
import type { ResourceKind } from '../../shared/model/ids.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { useOutside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { answering, awsError, type Call, systemError } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const STOP: Action = { kind: 'stop-instance', hibernate: false };
const START: Action = { kind: 'start-instance' };

function change(id: string, action: Action, kind: ResourceKind = 'instance'): Change {
  const at = instant('2025-05-14T19:00:00Z');
  return {
    id: `chg-${Buffer.from(`${action.kind} ${id}`).toString('hex')}`,
    pen: 'stop-start-instances',
    resource: { kind, id, name: null, scope },
    action,
    because: { code: 'off-hours', schedule: 'office', since: at, until: null },
    causeAt: at,
    expects: {},
    attempt: 1,
    policy: 'dev-test',
    mode: 'act',
    saving: null,
    losing: [],
    owner: null,
  };
}

const ids = (n: number) => Array.from({ length: n }, (_, i) => `i-${String(i).padStart(4, '0')}`);

/** EC2's StopInstances and StartInstances: all ids are validated before any is acted on. */
function ec2(spoilt: ReadonlyMap<string, () => Error>, before: Readonly<Record<string, string>> = {}) {
  return ({ operation, input }: Call) => {
    for (const id of input.InstanceIds as string[]) {
      const error = spoilt.get(id);
      if (error !== undefined) throw error();
    }
    const stop = operation === 'StopInstances';
    const changes = (input.InstanceIds as string[]).map(InstanceId => ({
      InstanceId,
      PreviousState: { Name: before[InstanceId] ?? (stop ? 'running' : 'stopped') },
      CurrentState: { Name: stop ? 'stopping' : 'pending' },
    }));
    return stop ? { StoppingInstances: changes } : { StartingInstances: changes };
  };
}

const outcomes = async (clients: Parameters<typeof perform>[0], changes: readonly Change[]) => {
  const performed = await perform(clients, changes);
  return Object.fromEntries(changes.map(c => [c.resource.id, performed.get(c.id)?.outcome]));
};

describe('batches', () => {
  test('alike changes share calls of at most batchMax targets, and each change id is on record', async () => {
    const { clients, calls } = answering(ec2(new Map()));
    const changes = ids(45).map(id => change(id, STOP));
    const performed = await perform(clients, changes);
    expect([...performed.values()].every(p => p.outcome === 'done' && p.requestId !== null)).toBe(true);
    expect(calls.map(c => c.input.InstanceIds.length)).toEqual([20, 20, 5]);
    expect(calls.flatMap(c => changeIdsIn(c.userAgent))).toEqual(changes.map(c => c.id));
  });

  test('a full call stays below the 1,000 characters of user agent that CloudTrail keeps', async () => {
    const { clients, calls } = answering(ec2(new Map()));
    const real = (n: number) => `chg-${String(n).padStart(20, '0')}`;
    await perform(
      clients,
      ids(20).map((id, n) => ({ ...change(id, STOP), id: real(n) })),
    );
    expect(calls[0]?.userAgent.length).toBeLessThan(1_000);
  });

  test('changes that differ in their action go apart', async () => {
    const { clients, calls } = answering(ec2(new Map()));
    await perform(clients, [change('i-1', STOP), change('i-2', { kind: 'stop-instance', hibernate: true }), change('i-3', START)]);
    expect(calls.map(c => [c.operation, c.input])).toEqual([
      ['StopInstances', { InstanceIds: ['i-1'] }],
      ['StopInstances', { InstanceIds: ['i-2'], Hibernate: true }],
      ['StartInstances', { InstanceIds: ['i-3'] }],
    ]);
  });

  test('a resize names one group and does not wait for the cooldown of the group', async () => {
    const { clients, calls } = answering(() => ({}));
    await perform(clients, [change('web', { kind: 'set-desired-capacity', desiredCapacity: 7 }, 'auto-scaling-group')]);
    expect(calls[0]?.input).toEqual({ AutoScalingGroupName: 'web', DesiredCapacity: 7, HonorCooldown: false });
  });

  test('tags are deleted by key, whatever their values; no key at all is a bug, because EC2 would delete every tag', async () => {
    const { clients, calls } = answering(() => ({}));
    await perform(clients, [
      change('i-1', { kind: 'delete-tags', keys: ['ebb:mark'] }),
      change('i-1', { kind: 'create-tags', tags: { a: '1' } }),
    ]);
    expect(calls.map(c => c.input)).toEqual([
      { Resources: ['i-1'], Tags: [{ Key: 'ebb:mark' }] },
      { Resources: ['i-1'], Tags: [{ Key: 'a', Value: '1' }] },
    ]);
    await expect(perform(clients, [change('i-1', { kind: 'delete-tags', keys: [] })])).rejects.toThrow('names no key');
    const misplaced = change('web', { kind: 'create-tags', tags: { a: '1' } }, 'auto-scaling-group');
    await expect(perform(clients, [change('i-1', STOP), misplaced])).rejects.toThrow('is not for an auto-scaling-group');
    expect(calls).toHaveLength(2);
  });
});

describe('one bad id spoils only itself', () => {
  test('a protected and a vanished instance are named and refused; the others stop in one more call each time', async () => {
    const spoilt = new Map([
      [
        'i-0003',
        () => awsError('OperationNotPermitted', "The instance 'i-0003' may not be stopped. Modify its 'disableApiStop' instance attribute"),
      ],
      ['i-0007', () => awsError('InvalidInstanceID.NotFound', "The instance ID 'i-0007' does not exist")],
    ]);
    const { clients, calls } = answering(ec2(spoilt));
    const result = await outcomes(
      clients,
      ids(10).map(id => change(id, STOP)),
    );
    expect(result).toEqual({ ...Object.fromEntries(ids(10).map(id => [id, 'done'])), 'i-0003': 'refused', 'i-0007': 'refused' });
    expect(calls).toHaveLength(3);
  });

  test('a lack of capacity names nobody: halving finds who it is', async () => {
    const { clients, calls } = answering(
      ec2(new Map([['i-0005', () => awsError('InsufficientInstanceCapacity', 'no m5.large here', 500)]])),
    );
    const result = await outcomes(
      clients,
      ids(8).map(id => change(id, START)),
    );
    expect(result).toEqual({ ...Object.fromEntries(ids(8).map(id => [id, 'done'])), 'i-0005': 'failed' });
    expect(calls.length).toBeLessThanOrEqual(7);
  });

  test('whatever is spoilt in whatever way, every other id is done exactly once and nothing is left without an outcome', async () => {
    const kinds = ['OperationNotPermitted', 'IncorrectInstanceState', 'InsufficientInstanceCapacity', 'UnauthorizedOperation'] as const;
    const spoiling = fc.dictionary(fc.constantFrom(...ids(30)), fc.record({ name: fc.constantFrom(...kinds), named: fc.boolean() }), {
      maxKeys: 12,
    });
    await fc.assert(
      fc.asyncProperty(spoiling, fc.integer({ min: 1, max: 30 }), async (spoilt, n) => {
        const errors = new Map(
          Object.entries(spoilt).map(([id, { name, named }]) => [id, () => awsError(name, named ? `'${id}' is at fault` : 'no')]),
        );
        const written: string[] = [];
        const answer = ec2(errors);
        const { clients, calls } = answering(call => {
          const output = answer(call);
          written.push(...call.input.InstanceIds);
          return output;
        });
        const result = await outcomes(
          clients,
          ids(n).map(id => change(id, STOP)),
        );
        for (const id of ids(n)) expect([id, result[id] === 'done']).toEqual([id, !errors.has(id)]);
        expect(written.toSorted()).toEqual(ids(n).filter(id => !errors.has(id)));
        expect(calls.length).toBeLessThanOrEqual(2 * n);
      }),
      { numRuns: 60 },
    );
  });
});

test('what is stopping already, after a call that somebody spoilt who is not named, may be our own work: unknown', async () => {
  const world: Record<string, string> = {};
  const { clients } = answering(call => {
    if (call.input.InstanceIds.length > 1) {
      world['i-1'] = 'stopping';
      throw awsError('IncorrectInstanceState', 'one of them is not in a state from which it can be stopped');
    }
    return ec2(new Map(), world)(call);
  });
  const two = ['i-1', 'i-2'].map(id => change(id, STOP));
  expect(await outcomes(clients, two)).toEqual({ 'i-1': 'unknown', 'i-2': 'done' });
});

test('a group is told the sizes that were decided, and no others', async () => {
  const { clients, calls } = answering(() => ({}));
  const group = (action: Action) => change('web', action, 'auto-scaling-group');
  await perform(clients, [
    group({ kind: 'set-desired-capacity', desiredCapacity: 4 }),
    group({ kind: 'set-min-size', minSize: 2 }),
    group({ kind: 'set-sizes', minSize: 0, maxSize: 9, desiredCapacity: 0 }),
  ]);
  expect(calls.map(({ operation, input }) => ({ operation, ...input }))).toEqual([
    { operation: 'SetDesiredCapacity', AutoScalingGroupName: 'web', DesiredCapacity: 4, HonorCooldown: false },
    { operation: 'UpdateAutoScalingGroup', AutoScalingGroupName: 'web', MinSize: 2 },
    { operation: 'UpdateAutoScalingGroup', AutoScalingGroupName: 'web', MinSize: 0, MaxSize: 9, DesiredCapacity: 0 },
  ]);
});

describe('what is not the fault of an id', () => {
  test('a throttle is retried by the SDK alone; then the round ends and the rest is not sent', async () => {
    const { clients, calls } = answering(() => {
      throw awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    });
    const changes = [...ids(25).map(id => change(id, STOP)), change('i-9', START)];
    const performed = await perform(clients, changes);
    expect(calls).toHaveLength(3);
    expect(new Set([...performed.values()].map(p => p.outcome))).toEqual(new Set(['throttled']));
    expect(performed.get(changes[24]?.id ?? '')?.detail).toBe('not sent: RequestLimitExceeded: Request limit exceeded.');
  });

  test('a refusal of the whole call after a lost answer is a refusal: the one would not have been carried out and the other refused', async () => {
    const { clients, calls } = answering(() => {
      throw calls.length === 1 ? systemError('ECONNRESET') : awsError('AccessDenied', 'no', 403);
    });
    expect(await outcomes(clients, [change('i-1', STOP)])).toEqual({ 'i-1': 'refused' });
  });

  test('a call that could not even be made was not carried out', async () => {
    const { clients } = answering(() => ({}));
    const broken = { ...clients, ec2: () => Promise.reject(awsError('CredentialsProviderError', 'no credentials')) };
    expect(await outcomes(broken, [change('i-1', STOP), change('i-2', START)])).toEqual({ 'i-1': 'failed', 'i-2': 'failed' });
  });

  test('a lost answer in one half leaves the other unsent, which is a failure and no question', async () => {
    const { clients, calls } = answering(() => {
      throw calls.length === 1 ? awsError('InvalidInstanceID.NotFound', 'one of them') : awsError('InternalError', 'x', 500);
    });
    const performed = await perform(
      clients,
      ['i-1', 'i-2'].map(id => change(id, STOP)),
    );
    expect([...performed.values()]).toMatchObject([
      { outcome: 'unknown', requestId: 'req-e', detail: 'InternalError: x' },
      { outcome: 'failed', requestId: null, detail: 'not sent: InternalError: x' },
    ]);
  });

  test('a lost answer is unknown, never a failure: AWS may have carried the call out', async () => {
    const { clients } = answering(() => {
      throw systemError('ECONNRESET');
    });
    expect(await outcomes(clients, [change('i-1', STOP)])).toEqual({ 'i-1': 'unknown' });
  });

  test('already stopping, seen by a retry after a lost answer, may be our own work: unknown', async () => {
    let lost = true;
    const { clients } = answering(call => {
      if (lost) {
        lost = false;
        throw systemError('ECONNRESET');
      }
      return ec2(new Map(), { 'i-1': 'stopping' })(call);
    });
    expect(await outcomes(clients, [change('i-1', STOP), change('i-2', STOP)])).toEqual({ 'i-1': 'unknown', 'i-2': 'done' });
  });

  test('a throttle after a lost answer is unknown too', async () => {
    let tries = 0;
    const { clients } = answering(() => {
      tries += 1;
      throw tries === 1 ? systemError('ECONNRESET') : awsError('Throttling', 'Rate exceeded');
    });
    expect(await outcomes(clients, [change('i-1', STOP)])).toEqual({ 'i-1': 'unknown' });
  });

  test('stopped when it is tried again, after a call that another id spoilt: that call may have stopped it, so unknown', async () => {
    const world: Record<string, string> = {};
    const { clients } = answering(call => {
      if (call.input.InstanceIds.includes('i-2')) {
        world['i-1'] = 'stopping';
        throw awsError('OperationNotPermitted', "The instance 'i-2' may not be stopped");
      }
      return ec2(new Map(), world)(call);
    });
    expect(
      await outcomes(
        clients,
        ['i-1', 'i-2', 'i-3'].map(id => change(id, STOP)),
      ),
    ).toEqual({ 'i-1': 'unknown', 'i-2': 'refused', 'i-3': 'done' });
  });

  test('an instance that was on its way already was not sent there by us', async () => {
    const { clients } = answering(ec2(new Map(), { 'i-1': 'stopped', 'i-2': 'stopping' }));
    expect(
      await outcomes(
        clients,
        ['i-1', 'i-2', 'i-3'].map(id => change(id, STOP)),
      ),
    ).toEqual({ 'i-1': 'already-so', 'i-2': 'already-so', 'i-3': 'done' });
  });

  test('a missing permission for one action does not keep another from being tried', async () => {
    const { clients } = answering(call => {
      if (call.operation === 'SetDesiredCapacity') throw awsError('AccessDenied', 'not authorized', 403);
      return ec2(new Map())(call);
    });
    const resize = change('web', { kind: 'set-desired-capacity', desiredCapacity: 2 }, 'auto-scaling-group');
    expect(await outcomes(clients, [resize, change('i-1', START)])).toEqual({ web: 'refused', 'i-1': 'done' });
  });
});

describe('in the virtual cloud', () => {
  const at = instant('2025-05-14T19:00:00Z');
  const stage = () => {
    const cloud = createCloud({ seed: 1, at, regions: ['us-east-1'] });
    const restore = useOutside(cloud.outside({ config: {} as Config }));
    const clients = clientsFor({ region: 'us-east-1' });
    restore();
    return { cloud, clients };
  };

  test('each write is on record with the change ids that argued it, and with no other', async () => {
    const { cloud, clients } = stage();
    const changes = [change(cloud.launch(), STOP), change(cloud.launch(), STOP)];
    await perform(clients, changes.slice(0, 1));
    await perform(clients, changes.slice(1));
    expect(cloud.record.writes.map(w => changeIdsIn(w.userAgent))).toEqual(changes.map(c => [c.id]));
  });

  test('a stop whose answer is lost, and whose retry finds it stopping, is unknown', async () => {
    const { cloud, clients } = stage();
    const id = cloud.launch();
    cloud.faults.next('ec2:StopInstances', { name: 'InternalError', status: 500 }, { after: true });
    expect(await outcomes(clients, [change(id, STOP)])).toEqual({ [id]: 'unknown' });
    expect(cloud.instance(id).state).toBe('stopping');
  });
});

test('every action names all the permissions it needs, those of other services included', () => {
  expect(ACTIONS['start-instance'].permissions).toContain('kms:CreateGrant');
  expect(ACTIONS['set-desired-capacity'].permissions).toEqual(expect.arrayContaining(['ec2:RunInstances', 'iam:PassRole']));
  for (const row of Object.values(ACTIONS)) expect(row.permissions.every(p => /^[a-z0-9]+:[A-Z]\w+$/.test(p))).toBe(true);
});
