/** Tags through verify and perform: which calls are made for which kind, in which order, and what of them may fail alone. */
import { describe, expect, test } from '@jest/globals';
import { perform } from '../../shared/execute/perform.ts';
import type { Fresh } from '../../shared/execute/reread.ts';
import { reread } from '../../shared/execute/reread.ts';
import { changeIdsIn } from '../../shared/execute/signature.ts';
import { isSo, isUnread, verify } from '../../shared/execute/verify.ts';
import type { ResourceKind } from '../../shared/model/ids.ts';
import { fingerprint } from '../../shared/model/ids.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';
import { tagged } from '../decide/facts.ts';
import { answering, awsError } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const now = instant('2025-05-14T19:00:00Z');

const change = (kind: ResourceKind, id: string, action: Action, other: Partial<Change> = {}): Change => ({
  ...{ id: `chg-${fingerprint({ id, action })}`, pen: 'enforce-tags', resource: { kind, id, name: null, scope }, action },
  ...{ because: { code: 'tags-fixed', fixes: [] }, causeAt: now, expects: {}, attempt: 1, policy: 'owners', mode: 'act' },
  ...{ saving: null, losing: [], owner: null },
  ...other,
});
const carrier = (other: Partial<Tagged> = {}): Fresh => ({ kind: 'carrier', ...tagged('it'), ...other });

const RENAME: Action = { kind: 'replace-tags', tags: { environment: 'prod' }, keys: ['Env'] };
const GROUP: Action = { kind: 'tag-group', propagated: { owner: 'ann' }, tags: { 'ebb:mark': 'due' }, keys: ['Owner'] };
const SHOP: Action = { kind: 'tag-environment', tags: { owner: 'ann' }, keys: ['Owner'] };
const ARN = 'arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/shop-prod';

describe('what is sent', () => {
  test('a spelling: the new tag, then the old one goes; both bear the change', async () => {
    const { clients, calls } = answering(() => ({}));
    const renames = ['vol-0aaaaaaaaaaaaaaaa', 'snap-0aaaaaaaaaaaaaaaa'].map(id =>
      change(id.startsWith('vol') ? 'volume' : 'snapshot', id, RENAME),
    );
    const performed = await perform(clients, renames);
    expect(calls.map(({ operation, input }) => [operation, input.Resources.length, input.Tags])).toEqual([
      ['CreateTags', 2, [{ Key: 'environment', Value: 'prod' }]],
      ['DeleteTags', 2, [{ Key: 'Env' }]],
    ]);
    for (const { userAgent } of calls) expect(changeIdsIn(userAgent)).toEqual(renames.map(c => c.id));
    expect([...performed.values()].map(p => p.outcome)).toEqual(['done', 'done']);
  });

  test('a group: what its members get, what is its own, and what goes', async () => {
    const { clients, calls } = answering(() => ({}));
    await perform(clients, [change('auto-scaling-group', 'web', GROUP)]);
    const of = { ResourceId: 'web', ResourceType: 'auto-scaling-group' };
    expect(calls.map(({ operation, input }) => [operation, input.Tags])).toEqual([
      [
        'CreateOrUpdateTags',
        [
          { ...of, Key: 'owner', Value: 'ann', PropagateAtLaunch: true },
          { ...of, Key: 'ebb:mark', Value: 'due', PropagateAtLaunch: false },
        ],
      ],
      ['DeleteTags', [{ ...of, Key: 'Owner' }]],
    ]);
    for (const { userAgent } of calls) expect(changeIdsIn(userAgent)).toHaveLength(1);
    const clearing = answering(() => ({}));
    await perform(clearing.clients, [
      change('auto-scaling-group', 'web', { kind: 'tag-group', propagated: {}, tags: {}, keys: ['ebb:mark'] }),
    ]);
    expect(clearing.calls.map(c => c.operation)).toEqual(['DeleteTags']);
    const writing = answering(() => ({}));
    await perform(writing.clients, [change('auto-scaling-group', 'web', { ...GROUP, keys: [] })]);
    expect(writing.calls.map(c => c.operation)).toEqual(['CreateOrUpdateTags']);
    const idle = answering(() => ({}));
    const nothing = change('auto-scaling-group', 'web', { kind: 'tag-group', propagated: {}, tags: {}, keys: [] });
    expect((await perform(idle.clients, [nothing])).get(nothing.id)).toMatchObject({ outcome: 'already-so', requestId: null });
    expect(idle.calls).toEqual([]);
  });

  test('whatever can carry tags is sent them by the one call', async () => {
    const { clients, calls } = answering(() => ({}));
    const ids = { instance: 'i-1', volume: 'vol-1', snapshot: 'snap-1', 'elastic-ip': 'eipalloc-1' } as const;
    const marks = Object.entries(ids).map(([kind, id]) => change(kind as ResourceKind, id, { kind: 'create-tags', tags: { a: 'b' } }));
    await perform(clients, marks);
    expect(calls.map(c => c.input.Resources)).toEqual([Object.values(ids)]);
  });

  test('an environment: by the name that Beanstalk gives it, all in one update; one that is gone is refused', async () => {
    const described = (Environments: object[]) =>
      answering(({ operation }) => (operation === 'DescribeEnvironments' ? { Environments } : {}));
    const there = described([{ EnvironmentArn: ARN }]);
    const asked = change('beanstalk-environment', 'e-abcdefghij', SHOP);
    expect((await perform(there.clients, [asked])).get(asked.id)?.outcome).toBe('done');
    expect(changeIdsIn(there.calls.at(-1)?.userAgent ?? '')).toEqual([asked.id]);
    expect(there.calls.at(-1)).toMatchObject({
      operation: 'UpdateTagsForResource',
      input: { ResourceArn: ARN, TagsToAdd: [{ Key: 'owner', Value: 'ann' }], TagsToRemove: ['Owner'] },
    });
    expect((await perform(described([]).clients, [asked])).get(asked.id)).toMatchObject({
      outcome: 'refused',
      detail: 'ResourceNotFoundException: e-abcdefghij is gone',
    });
  });

  test.each([
    ['InvalidVolume.NotFound', "The volume 'vol-0bbbbbbbbbbbbbbbb' does not exist."],
    ['TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.'],
  ])('%s spoils only whom it is about', async (name, message) => {
    const ids = ['vol-0aaaaaaaaaaaaaaaa', 'vol-0bbbbbbbbbbbbbbbb', 'vol-0cccccccccccccccc'];
    const { clients } = answering(({ input }) => {
      if (input.Resources.includes(ids[1])) throw awsError(name, message);
      return {};
    });
    const marks = ids.map(id => change('volume', id, { kind: 'create-tags', tags: { a: 'b' } }));
    const performed = await perform(clients, marks);
    expect(marks.map(c => performed.get(c.id)?.outcome)).toEqual(['done', 'refused', 'done']);
  });

  test.each([
    ['TooManyTagsException', 'refused'],
    ['InsufficientPrivilegesException', 'refused'],
    ['OperationInProgressException', 'failed'],
  ])('%s of an environment is %s', async (name, outcome) => {
    const { clients } = answering(({ operation }) => {
      if (operation === 'DescribeEnvironments') return { Environments: [{ EnvironmentArn: ARN }] };
      throw awsError(name);
    });
    const asked = change('beanstalk-environment', 'e-abcdefghij', SHOP);
    expect((await perform(clients, [asked])).get(asked.id)?.outcome).toBe(outcome);
  });

  test('nothing that would delete every tag, and nothing for a kind that it is not for', async () => {
    const { clients, calls } = answering(() => ({}));
    await expect(perform(clients, [change('volume', 'vol-1', { ...RENAME, keys: [] })])).rejects.toThrow('replace-tags names no key');
    await expect(perform(clients, [change('auto-scaling-group', 'web', RENAME)])).rejects.toThrow(
      'replace-tags is not for an auto-scaling-group',
    );
    expect(calls).toEqual([]);
  });
});

describe('looked at again', () => {
  test('it is so when what is written is there, what is removed is not, and members get what they should', () => {
    const so = (action: Action, other: Partial<Tagged>) => isSo(change('volume', 'it', action), carrier(other));
    expect([{ environment: 'prod' }, { environment: 'prod', Env: 'prod' }, {}].map(tags => so(RENAME, { tags }))).toEqual([
      true,
      false,
      false,
    ]);
    const tags = { owner: 'ann', 'ebb:mark': 'due' };
    expect(so(GROUP, { tags, unpropagated: ['ebb:mark'] })).toBe(true);
    expect(so(GROUP, { tags, unpropagated: ['ebb:mark', 'owner'] })).toBe(false);
    expect(so(GROUP, { tags: { ...tags, Owner: 'x' } })).toBe(false);
    const two: Action = { ...GROUP, propagated: { owner: 'ann', team: 'blue' } };
    expect(so(two, { tags: { ...tags, team: 'blue' }, unpropagated: ['team'] })).toBe(false);
    expect(
      isSo(change('auto-scaling-group', 'it', GROUP), { kind: 'auto-scaling-group', tags, unpropagated: [] } as unknown as Fresh),
    ).toBe(false);
    expect([so(SHOP, { tags: { owner: 'ann' } }), so(SHOP, { tags })]).toEqual([true, true]);
    expect([isUnread(carrier()), isUnread(carrier({ unread: 'AccessDenied' }))]).toEqual([false, true]);
  });

  test.each<readonly [string, Partial<Tagged>, string]>([
    ['what is gone', { state: 'deleting' }, 'it is deleting'],
    ['what could not be read', { unread: 'AccessDenied' }, 'its tags could not be read: AccessDenied'],
    ['what a group has taken in', { parent: { kind: 'auto-scaling-group', name: 'web' } }, 'its tags come from auto-scaling-group web now'],
    [
      'an environment that is being updated',
      { ref: { kind: 'beanstalk-environment', id: 'e', name: null, scope }, state: 'Updating' },
      'it is Updating, not Ready',
    ],
    ['what goes in a group', { state: 'Terminating' }, 'it is Terminating'],
    ['a tag that somebody added', { tags: { owner: 'bob' } }, 'its tag owner was changed'],
  ])('%s is stale', (_what, other, detail) => {
    const mark = change('volume', 'it', { kind: 'create-tags', tags: { 'ebb:mark': 'x' } }, { expects: { tags: { owner: null } } });
    expect(verify(mark, carrier(other))).toEqual({ outcome: 'stale', detail });
  });

  test('an environment that is ready is written to', () => {
    const mark = change('beanstalk-environment', 'it', { kind: 'tag-environment', tags: { 'ebb:mark': 'x' }, keys: [] });
    const environment = { kind: 'beanstalk-environment', id: 'e', name: null, scope } as const;
    expect(verify(mark, carrier({ ref: environment, state: 'Ready' }))).toBe('go');
  });

  test('with the eyes that saw it first: as a carrier of tags, whose source nobody asks for', async () => {
    const { clients, calls } = answering(() => ({
      Volumes: [
        {
          VolumeId: 'vol-0aaaaaaaaaaaaaaaa',
          State: 'in-use',
          CreateTime: new Date(0),
          SnapshotId: 'snap-0aaaaaaaaaaaaaaaa',
          Attachments: [{ InstanceId: 'i-0aaaaaaaaaaaaaaaa', State: 'attached' }],
          Tags: [{ Key: 'a', Value: 'b' }],
        },
      ],
    }));
    const volume = { kind: 'volume', id: 'vol-0aaaaaaaaaaaaaaaa', name: null, scope } as const;
    const seen = await reread(clients, [volume], 'enforce-tags');
    expect(seen.get(volume.id)).toMatchObject({ kind: 'carrier', tags: { a: 'b' }, state: 'in-use' });
    expect(calls.map(c => c.operation)).toEqual(['DescribeVolumes']);
  });

  test('a mark is lifted from what a group has taken in', () => {
    const lifting = change(
      'instance',
      'it',
      { kind: 'delete-tags', keys: ['ebb:mark'] },
      { because: { code: 'mark-lifted', markedAt: now, why: 'parent-owns-tags' } },
    );
    expect(verify(lifting, carrier({ tags: { 'ebb:mark': 'x' }, parent: { kind: 'eks', name: 'ng' } }))).toBe('go');
  });

  test('a kind that may not be read is no answer: nothing is written', async () => {
    const { clients } = answering(() => {
      throw awsError('UnauthorizedOperation', 'not allowed', 403);
    });
    const volume = { kind: 'volume', id: 'vol-0aaaaaaaaaaaaaaaa', name: null, scope } as const;
    const snapshot = { kind: 'snapshot', id: 'snap-0aaaaaaaaaaaaaaaa', name: null, scope } as const;
    const denied = 'UnauthorizedOperation: not allowed';
    await expect(reread(clients, [volume], 'enforce-tags')).rejects.toThrow(denied);
    await expect(reread(clients, [volume, snapshot], 'enforce-tags')).rejects.toThrow(`${denied}; ${denied}`);
  });
});
