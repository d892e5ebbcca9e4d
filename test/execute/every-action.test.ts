/** Every action through verify, perform and the questions afterwards, to the last word of what people read. */
import { describe, expect, test } from '@jest/globals';
import { UPDATE_ENVIRONMENT } from '../../shared/execute/beanstalk.ts';
import { classifyError } from '../../shared/execute/classify-error.ts';
import { readPause } from '../../shared/execute/pause.ts';
import { ACTIONS, perform } from '../../shared/execute/perform.ts';
import { settleQuestions } from '../../shared/execute/questions.ts';
import { type Fresh, reread } from '../../shared/execute/reread.ts';
import { changeIdsIn } from '../../shared/execute/signature.ts';
import { EC2_CARRIERS, TAG_ENVIRONMENT } from '../../shared/execute/tags.ts';
import { isSo, verify } from '../../shared/execute/verify.ts';
import type { Environment, Fleet, Instance } from '../../shared/model/observation.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import type { Claims } from '../../shared/model/ports.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, type Instant, instant, toDate } from '../../shared/model/time.ts';
import { answering, awsError } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const now = instant('2025-05-14T19:00:00Z');
const launchedAt = instant('2025-05-14T05:00:00Z');

const change = (action: Action, other: Partial<Change> = {}): Change => ({
  id: 'chg-1',
  pen: 'stop-start-instances',
  resource: {
    kind: action.kind.includes('environment')
      ? 'beanstalk-environment'
      : action.kind.startsWith('set-')
        ? 'auto-scaling-group'
        : 'instance',
    id: 'it',
    name: null,
    scope,
  },
  action,
  because: { code: 'off-hours', schedule: 'office-hours', since: now, until: null },
  ...{ causeAt: now, expects: {}, attempt: 1, policy: 'dev-test', mode: 'act', saving: null, losing: [], owner: null },
  ...other,
});
const FLOOR: Action = { kind: 'set-min-size', minSize: 5 };
const SLEEP: Action = { kind: 'set-sizes', minSize: 0, maxSize: 6, desiredCapacity: 0 };
const back = { minSize: 2, maxSize: 6, desiredCapacity: 3 };
const EB_FLOOR: Action = { kind: 'set-environment-min-size', minSize: 5 };
const RESUME_AT = instant('2025-05-15T07:00:00Z');
const EB_PAUSE: Action = {
  ...{ kind: 'pause-environment', pauseAt: now, resumeAt: RESUME_AT, back },
  down: { minSize: 0, maxSize: 0, desiredCapacity: 0 },
};
const EB_RESUME: Action = { kind: 'resume-environment', resumeAt: RESUME_AT, back };
const STOP: Action = { kind: 'stop-instance', hibernate: false };
const START: Action = { kind: 'start-instance' };
const RESIZE: Action = { kind: 'set-desired-capacity', desiredCapacity: 4 };
const MARK: Action = { kind: 'create-tags', tags: { 'ebb:mark': 'x', owner: 'y' } };
const RETYPE: Action = { kind: 'modify-instance-type', type: 't3.small' };
const UNMARK: Action = { kind: 'delete-tags', keys: ['ebb:mark', 'owner'] };

const box = (other: Partial<Instance> & { stateReason?: string | null } = {}): Fresh =>
  ({ kind: 'instance', state: 'running', tags: {}, launchedAt, stoppedAt: null, parent: null, ...other }) as Fresh;
const group = (other: Partial<Fleet> = {}): Fresh =>
  ({ kind: 'auto-scaling-group', desiredCapacity: 3, minSize: 2, maxSize: 6, tags: {}, members: [], ...other }) as Fresh;

const member = (scaleInProtected: boolean, lifecycleState = 'InService') => ({
  ...{ id: 'i-1', lifecycleState, healthy: true, scaleInProtected, type: 'm5.large', weight: 1 },
});
const protectedTwo = [member(true), member(true), member(false)];

const environment = (other: Partial<Environment> = {}, seen: Partial<Fleet> = {}): Fresh => ({
  ...(group(seen) as Fleet & { kind: 'auto-scaling-group' }),
  kind: 'beanstalk-environment',
  environment: {
    ...{ application: 'shop', status: 'Ready', minSize: 2, maxSize: 6, singleInstance: false, trigger: 'NetworkOut', oneTime: {} },
    ...other,
  },
});
const unasked = (): Fresh => ({ ...environment(), environment: null }) as Fresh;
const unread = (): Fresh => ({ ...environment(), environment: { unread: 'AccessDenied' } }) as Fresh;

describe('whether it is so already', () => {
  test('a stop, a start and a size are so in these states and in no others', () => {
    const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;
    expect(states.filter(state => isSo(change(STOP), box({ state })))).toEqual(['stopping', 'stopped']);
    expect(states.filter(state => isSo(change(START), box({ state })))).toEqual(['pending', 'running']);
    expect([3, 4, 5].filter(desiredCapacity => isSo(change(RESIZE), group({ desiredCapacity })))).toEqual([4]);
    expect([4, 5, 6].filter(minSize => isSo(change(FLOOR), group({ minSize })))).toEqual([5]);
    expect(isSo(change(SLEEP), group({ minSize: 0, maxSize: 6, desiredCapacity: 0 }))).toBe(true);
    expect(['t3.micro', 't3.small'].filter(type => isSo(change(RETYPE), box({ type })))).toEqual(['t3.small']);
    expect(isSo(change(RETYPE), { ...group(), type: 't3.small' } as unknown as Fresh)).toBe(false);
    const nearly: readonly Partial<Fleet>[] = [{ minSize: 1 }, { maxSize: 7 }, { desiredCapacity: 1 }];
    for (const one of nearly) expect(isSo(change(SLEEP), group({ minSize: 0, maxSize: 6, desiredCapacity: 0, ...one }))).toBe(false);
    expect([isSo(change(FLOOR), box()), isSo(change(SLEEP), box())]).toEqual([false, false]);
  });

  test('an environment is so when its settings say so, whatever its group looks like', () => {
    expect([4, 5].map(minSize => isSo(change(EB_FLOOR), environment({ minSize }, { minSize: 5 })))).toEqual([false, true]);
    const times = (oneTime: Environment['oneTime']) => environment({ oneTime });
    expect(isSo(change(EB_PAUSE), times({ 'ebb-pause': now, 'ebb-resume': RESUME_AT }))).toBe(true);
    expect(isSo(change(EB_PAUSE), times({ 'ebb-pause': now }))).toBe(false);
    expect(isSo(change(EB_PAUSE), times({ 'ebb-pause': RESUME_AT, 'ebb-resume': RESUME_AT }))).toBe(false);
    expect(isSo(change(EB_PAUSE), times({ 'ebb-pause': now, 'ebb-resume': now }))).toBe(false);
    expect(isSo(change(EB_RESUME), times({ 'ebb-resume': RESUME_AT }))).toBe(true);
    expect([EB_FLOOR, EB_PAUSE, EB_RESUME].map(action => isSo(change(action), unread()))).toEqual([false, false, false]);
    expect([EB_FLOOR, EB_PAUSE, EB_RESUME].map(action => isSo(change(action), group({ minSize: 5 })))).toEqual([false, false, false]);
    expect(isSo(change(STOP), { ...group(), state: 'stopped' } as unknown as Fresh)).toBe(false);
    expect(isSo(change(START), { ...group(), state: 'running' } as unknown as Fresh)).toBe(false);
    expect(isSo(change(RESIZE), { ...box(), desiredCapacity: 4 } as unknown as Fresh)).toBe(false);
  });

  test('tags are written when all of them are there with their values, and deleted when none is there', () => {
    const marked = (tags: Instance['tags']) => isSo(change(MARK), box({ tags }));
    expect([marked({}), marked({ 'ebb:mark': 'x' }), marked({ 'ebb:mark': 'x', owner: 'z' })]).toEqual([false, false, false]);
    expect(marked({ 'ebb:mark': 'x', owner: 'y', other: 'z' })).toBe(true);
    const cleared = (tags: Instance['tags']) => isSo(change(UNMARK), box({ tags }));
    expect([cleared({ owner: 'y' }), cleared({ 'ebb:mark': 'x', owner: 'y' }), cleared({ other: 'z' })]).toEqual([false, false, true]);
  });
});

describe('what is no longer called for', () => {
  const cases: readonly [string, Change, Fresh | undefined, string][] = [
    ['gone', change(STOP), undefined, 'it is gone'],
    ['terminated', change(START), box({ state: 'terminated' }), 'it is terminated'],
    ['shutting down', change(MARK), box({ state: 'shutting-down' }), 'it is shutting-down'],
    ['a stop of what boots', change(STOP), box({ state: 'pending' }), 'it is pending, not running'],
    ['a start of what is stopping', change(START), box({ state: 'stopping' }), 'it is stopping, not stopped'],
    ['another type for what runs', change(RETYPE), box(), 'it is running, not stopped'],
    [
      'another type than was seen',
      change(RETYPE, { expects: { type: 't3.large' } }),
      box({ state: 'stopped', type: 't3.nano' }),
      'it is a t3.nano, not a t3.large',
    ],
    ['a stop of a member', change(STOP), box({ parent: { kind: 'eks', name: 'ng' } }), 'it joined eks ng'],
    ['a size below the group', change({ ...RESIZE, desiredCapacity: 1 }), group(), "1 is outside the group's 2 to 6"],
    ['a size above the group', change({ ...RESIZE, desiredCapacity: 7 }), group(), "7 is outside the group's 2 to 6"],
    ['another start', change(STOP, { expects: { launchedAt: now } }), box(), `it was started again at ${launchedAt}`],
    ['another size', change(RESIZE, { expects: { desiredCapacity: 2 } }), group(), 'its desired capacity is 3, not 2'],
    ['a floor above the group', change({ ...FLOOR, minSize: 7 }), group(), "7 is above the group's MaxSize of 6"],
    ['another floor', change(FLOOR, { expects: { minSize: 1 } }), group(), 'its MinSize is 2, not 1'],
    ['another roof', change(SLEEP, { expects: { minSize: 2, maxSize: 9 } }), group(), 'its MaxSize is 6, not 9'],
    ['an environment that is busy', change(EB_FLOOR), environment({ status: 'Updating' }), 'it is Updating, not Ready'],
    ['an environment that cannot be read', change(EB_PAUSE), unread(), 'it could not be read'],
    ['an environment that nobody has asked', change(EB_FLOOR), unasked(), 'it could not be read'],
    ['another setting', change(EB_FLOOR, { expects: { minSize: 3 } }), environment({}, { minSize: 3 }), 'its MinSize is 2, not 3'],
    ['another size of its group', change(EB_PAUSE, { expects: { maxSize: 9 } }), environment(), 'its MaxSize is 6, not 9'],
    ['less than is protected', change(SLEEP), group({ members: protectedTwo }), '2 of its 3 are protected from scale-in'],
    [
      'another value',
      change(STOP, { expects: { tags: { 'ebb:policy': 'a' } } }),
      box({ tags: { 'ebb:policy': 'b' } }),
      'its tag ebb:policy was changed',
    ],
    [
      'a new tag',
      change(STOP, { expects: { tags: { 'ebb:policy': null } } }),
      box({ tags: { 'ebb:policy': 'b' } }),
      'its tag ebb:policy was changed',
    ],
    ['a lost tag', change(STOP, { expects: { tags: { 'ebb:policy': 'a' } } }), box(), 'its tag ebb:policy was changed'],
  ];
  test.each(cases)('%s', (_, argued, fresh, detail) => {
    expect(verify(argued, fresh)).toEqual({ outcome: 'stale', detail });
  });

  test('and what still is, up to the very edges', () => {
    const go: readonly [Change, Fresh][] = [
      [change(STOP, { expects: { launchedAt, tags: { a: null, b: 'x' } } }), box({ tags: { b: 'x', c: 'y' } })],
      [change(START), box({ state: 'stopped', parent: { kind: 'eks', name: 'ng' } })],
      [change(RETYPE, { expects: { type: 't3.micro' } }), box({ state: 'stopped', type: 't3.micro' })],
      [change(RETYPE), box({ state: 'stopped', type: 't3.micro' })],
      [change({ ...RESIZE, desiredCapacity: 2 }, { expects: { desiredCapacity: 3 } }), group()],
      [change({ ...RESIZE, desiredCapacity: 6 }), group()],
      [change({ ...RESIZE, desiredCapacity: 2 }), group({ members: protectedTwo })],
      [change({ ...RESIZE, desiredCapacity: 4 }), group({ members: new Array(6).fill(member(true)) })],
      [change({ ...RESIZE, desiredCapacity: 2 }), group({ members: new Array(6).fill(member(true, 'Standby')) })],
      [change({ ...FLOOR, minSize: 6 }), group()],
      [change(SLEEP), group({ members: [member(false)] })],
      [change(EB_FLOOR, { expects: { minSize: 2 } }), environment({}, { minSize: 0 })],
      [change(EB_PAUSE, { expects: { minSize: 2, maxSize: 6 } }), environment()],
      [change(MARK), box({ parent: { kind: 'eks', name: 'ng' } })],
      [change(UNMARK), box({ state: 'stopped', tags: { owner: 'x' } })],
      // An expectation about instances says nothing of groups, and the other way round.
      [change(RESIZE, { expects: { launchedAt: now } }), { ...group(), launchedAt } as unknown as Fresh],
      [change(STOP, { expects: { desiredCapacity: 9 } }), { ...box(), desiredCapacity: 3 } as unknown as Fresh],
      [change(RESIZE, { expects: { type: 'm5.large' } }), { ...group(), type: 'mixed' } as unknown as Fresh],
      [
        change(MARK, { expects: { minSize: 1 } }),
        { kind: 'carrier', state: 'running', ref: {}, tags: {}, unread: null, parent: null, minSize: 2 } as unknown as Fresh,
      ],
    ];
    expect(go.map(([argued, fresh]) => verify(argued, fresh))).toEqual(go.map(() => 'go'));
    expect(verify(change(STOP), box({ state: 'stopped' }))).toEqual({ outcome: 'already-so', detail: 'it was so before we wrote' });
  });
});

describe('the table of actions', () => {
  test('says what each needs, may lose and disturbs', () => {
    const rows = Object.entries(ACTIONS).map(([kind, row]) => [
      kind,
      row.resource,
      row.disruptive,
      row.mayLose.join(' '),
      row.permissions.join(' '),
    ]);
    expect(rows).toEqual([
      ['set-desired-capacity', 'auto-scaling-group', false, 'capacity', 'autoscaling:SetDesiredCapacity ec2:RunInstances iam:PassRole'],
      ['set-min-size', 'auto-scaling-group', false, '', 'autoscaling:UpdateAutoScalingGroup ec2:RunInstances iam:PassRole'],
      ['set-sizes', 'auto-scaling-group', false, 'capacity', 'autoscaling:UpdateAutoScalingGroup ec2:RunInstances iam:PassRole'],
      ['set-environment-min-size', 'beanstalk-environment', false, '', UPDATE_ENVIRONMENT.join(' ')],
      ['pause-environment', 'beanstalk-environment', false, 'capacity', UPDATE_ENVIRONMENT.join(' ')],
      ['resume-environment', 'beanstalk-environment', false, '', UPDATE_ENVIRONMENT.join(' ')],
      ['stop-instance', 'instance', true, 'public-ipv4 memory instance-store', 'ec2:StopInstances'],
      ['start-instance', 'instance', false, '', 'ec2:StartInstances kms:CreateGrant'],
      ['modify-instance-type', 'instance', false, '', 'ec2:ModifyInstanceAttribute'],
      ['create-tags', EC2_CARRIERS, true, '', 'ec2:CreateTags'],
      ['delete-tags', EC2_CARRIERS, false, '', 'ec2:DeleteTags'],
      ['replace-tags', EC2_CARRIERS, true, '', 'ec2:CreateTags ec2:DeleteTags'],
      ['tag-group', 'auto-scaling-group', true, '', 'autoscaling:CreateOrUpdateTags autoscaling:DeleteTags'],
      ['tag-environment', 'beanstalk-environment', true, '', TAG_ENVIRONMENT.join(' ')],
    ]);
  });

  const states = (name: string) => [{ InstanceId: 'it', PreviousState: { Name: name } }];
  const answers: readonly [string, Action, object, string, string | null][] = [
    ['a resize', RESIZE, {}, 'done', null],
    ['a floor', FLOOR, {}, 'done', null],
    ['sizes', SLEEP, {}, 'done', null],
    ['a floor of an environment', EB_FLOOR, {}, 'done', null],
    ['a pause', EB_PAUSE, {}, 'done', null],
    ['its end', EB_RESUME, {}, 'done', null],
    ['a stop', STOP, { StoppingInstances: states('running') }, 'done', null],
    ['a stop of what was stopped', STOP, { StoppingInstances: states('stopped') }, 'already-so', 'it was so before the call'],
    ['a start', START, { StartingInstances: states('stopped') }, 'done', null],
    ['a start of what boots', START, { StartingInstances: states('pending') }, 'already-so', 'it was so before the call'],
    ['a start of what runs', START, { StartingInstances: states('running') }, 'already-so', 'it was so before the call'],
    ['a start that says nothing', START, {}, 'unknown', 'AWS did not say whether this call or another made it so'],
    [
      'a start without a state before',
      START,
      { StartingInstances: [{ InstanceId: 'it' }] },
      'unknown',
      'AWS did not say whether this call or another made it so',
    ],
    ['another type', RETYPE, {}, 'done', null],
    ['a mark', MARK, {}, 'done', null],
    ['a mark taken away', UNMARK, {}, 'done', null],
  ];
  test.each(answers)('%s', async (_, action, answer, outcome, detail) => {
    const { clients, calls } = answering(() => answer);
    const argued = change(action, { id: 'chg-00ab' });
    expect((await perform(clients, [argued])).get(argued.id)).toEqual({ outcome, requestId: 'req-1', detail });
    expect(calls.map(c => changeIdsIn(c.userAgent))).toEqual([['chg-00ab']]);
  });

  test.each([RESIZE, FLOOR, SLEEP, EB_FLOOR, EB_PAUSE, EB_RESUME, STOP, START, RETYPE, MARK, UNMARK])(
    'a lost answer to $kind is unknown, and so is a throttle after it',
    async action => {
      const lost = answering(() => {
        throw awsError('TimeoutError', 'timed out', 0);
      });
      expect((await perform(lost.clients, [change(action)])).get('chg-1')?.outcome).toBe('unknown');
      const throttled = answering(() => {
        throw awsError(
          throttled.calls.length === 1 ? 'InternalError' : 'RequestLimitExceeded',
          'x',
          throttled.calls.length === 1 ? 500 : 400,
        );
      });
      expect((await perform(throttled.clients, [change(action)])).get('chg-1')).toMatchObject({ outcome: 'unknown', requestId: 'req-e' });
    },
  );

  test('another type is asked of one instance, by its name', async () => {
    const { clients, calls } = answering(() => ({}));
    await perform(clients, [change(RETYPE)]);
    expect(calls.map(c => [c.operation, c.input])).toEqual([
      ['ModifyInstanceAttribute', { InstanceId: 'it', InstanceType: { Value: 't3.small' } }],
    ]);
  });

  test('a refusal after a lost answer is a refusal: AWS would not have carried the one out and refused the other', async () => {
    const { clients, calls } = answering(() => {
      throw calls.length === 1 ? awsError('InternalError', 'x', 500) : awsError('UnauthorizedOperation', 'no', 403);
    });
    expect((await perform(clients, [change(STOP)])).get('chg-1')).toMatchObject({ outcome: 'refused' });
  });
});

describe('looking again', () => {
  test('asks for instances and groups of the one scope, and answers by id', async () => {
    const { clients, calls } = answering(({ operation }) =>
      operation === 'DescribeInstances'
        ? {
            Reservations: [
              { Instances: [{ InstanceId: 'i-1', State: { Name: 'running' }, InstanceType: 't3.micro', LaunchTime: toDate(now) }] },
            ],
          }
        : { AutoScalingGroups: [{ AutoScalingGroupName: 'web', MinSize: 1, MaxSize: 3, DesiredCapacity: 2, CreatedTime: toDate(now) }] },
    );
    const ref = (kind: 'instance' | 'auto-scaling-group', id: string) => ({ kind, id, name: null, scope });
    const found = await reread(clients, [ref('instance', 'i-1'), ref('auto-scaling-group', 'web')]);
    expect(found.get('i-1')).toMatchObject({ kind: 'instance', state: 'running', launchedAt: now });
    expect(found.get('web')).toMatchObject({ kind: 'auto-scaling-group', desiredCapacity: 2 });
    expect([found.size, calls.length]).toEqual([2, 2]);
    expect(await reread(clients, [])).toEqual(new Map());
    expect(calls.length).toBe(2);
    const elsewhere = { ...ref('instance', 'i-2'), scope: { ...scope, region: 'eu-west-1' } };
    await expect(reread(clients, [ref('instance', 'i-1'), elsewhere])).rejects.toThrow(
      'i-2 is of 123456789012/eu-west-1, not of 123456789012/us-east-1',
    );
  });
});

describe('questions', () => {
  const claimedAt = addSeconds(now, -600);
  /** How a claim of ten minutes ago is settled, as the world shows the instance or group now. */
  async function settled(action: Action, seen: object | null, at: Instant = claimedAt): Promise<Receipt | 'open'> {
    const { clients } = answering(({ operation }) => {
      if (operation === 'DescribeInstances')
        return {
          Reservations:
            seen === null ? [] : [{ Instances: [{ InstanceId: 'it', InstanceType: 't3.micro', LaunchTime: toDate(launchedAt), ...seen }] }],
        };
      return {
        AutoScalingGroups: seen === null ? [] : [{ AutoScalingGroupName: 'it', MinSize: 0, MaxSize: 9, CreatedTime: toDate(now), ...seen }],
      };
    });
    const told: Receipt[] = [];
    const claims = {
      recall: async () => ({ settled: null }),
      settle: async (receipt: Receipt) => void told.push(receipt),
    } as unknown as Claims;
    const pending = new Map([['chg-1', { change: change(action), claimedAt: at }]]);
    const open = await settleQuestions(pending, { clients, claims, now: () => now });
    return told[0] ?? (open.has('it') ? 'open' : Promise.reject(new Error('neither settled nor open')));
  }
  const stopped = (at: Instant) => ({
    State: { Name: 'stopped' },
    StateTransitionReason: `User initiated (${at.slice(0, 19).replace('T', ' ')} GMT)`,
  });

  test('about a stop: ours from the claim on and five seconds of clock before it, at the instant that EC2 gives it', async () => {
    expect(await settled(STOP, stopped(claimedAt))).toMatchObject({ outcome: 'done', at: claimedAt, detail: 'found done when looked up' });
    const later = addSeconds(claimedAt, 5);
    expect(await settled(STOP, stopped(later))).toMatchObject({ outcome: 'done', at: later });
    expect(await settled(STOP, stopped(addSeconds(claimedAt, -5)))).toMatchObject({ outcome: 'done', at: claimedAt });
    const before = stopped(addSeconds(claimedAt, -6));
    expect(await settled(STOP, before)).toMatchObject({ outcome: 'already-so', at: now, detail: 'somebody else made it so' });
    expect(await settled(STOP, { State: { Name: 'stopped' } })).toMatchObject({ outcome: 'done', at: claimedAt });
    const running = { State: { Name: 'running' } };
    expect(await settled(STOP, running)).toMatchObject({ outcome: 'failed', detail: 'looked up: the write did not take effect' });
    expect(await settled(STOP, null)).toMatchObject({ outcome: 'stale', at: now, detail: 'it is gone' });
  });

  test('about a start: ours from the claim on and five seconds of clock before it', async () => {
    const up = (at: Instant) => ({ State: { Name: 'running' }, LaunchTime: toDate(at) });
    expect(await settled(START, up(claimedAt))).toMatchObject({ outcome: 'done', at: claimedAt });
    expect(await settled(START, up(addSeconds(claimedAt, -6)))).toMatchObject({ outcome: 'already-so' });
    expect(await settled(START, up(addSeconds(claimedAt, -5)))).toMatchObject({ outcome: 'done' });
    expect(await settled(START, { ...stopped(now), LaunchTime: toDate(now) })).toMatchObject({ outcome: 'failed' });
  });

  test('about tags and sizes: so is so', async () => {
    const tags = [
      { Key: 'ebb:mark', Value: 'x' },
      { Key: 'owner', Value: 'y' },
    ];
    expect(await settled(MARK, { State: { Name: 'running' }, Tags: tags })).toMatchObject({ outcome: 'done', at: claimedAt });
    expect(await settled(UNMARK, { State: { Name: 'running' } })).toMatchObject({ outcome: 'done', at: claimedAt });
    // A mark on a box that was stopped since: done when it was claimed, not when the box stopped.
    expect(await settled(MARK, { ...stopped(now), Tags: tags })).toMatchObject({ outcome: 'done' });
    expect(await settled(RESIZE, { DesiredCapacity: 4 })).toMatchObject({ outcome: 'done', at: claimedAt });
    expect(await settled(RESIZE, { DesiredCapacity: 5 })).toMatchObject({ outcome: 'failed' });
  });

  test('are asked two minutes after the claim and no sooner', async () => {
    expect(await settled(STOP, null, addSeconds(now, -119))).toBe('open');
    expect(await settled(STOP, null, addSeconds(now, -120))).toMatchObject({ outcome: 'stale' });
  });
});

describe('errors and pauses, to the edge', () => {
  const called = (error: object) => classifyError(error, ['i-1']);

  test('by HTTP status, where the name says nothing', () => {
    const of = (status: number) => called(awsError('Novel', 'x', status));
    expect([429, 503].map(s => of(s))).toMatchObject([{ outcome: 'throttled' }, { outcome: 'failed' }]);
    expect(of(499)).toMatchObject({ blames: 'someone', outcome: 'failed' });
    expect(of(500)).toMatchObject({ outcome: 'unknown' });
    expect(of(502)).toMatchObject({ outcome: 'unknown' });
  });

  test('what cannot hibernate yet may later; what EC2 never does is refused', () => {
    const said = (name: string, message?: string) => called({ name, ...(message !== undefined && { message }) });
    expect(said('UnsupportedOperation', 'Instance is not ready to hibernate yet')).toMatchObject({ blames: 'someone', outcome: 'failed' });
    expect(said('UnsupportedOperation', 'You cannot stop a one-time Spot instance')).toMatchObject({ outcome: 'refused' });
    expect(said('UnsupportedOperation')).toMatchObject({ blames: 'someone', outcome: 'refused' });
    expect(said('InvalidParameterCombination', 'ENA is required')).toMatchObject({ blames: 'someone', outcome: 'refused' });
    expect(said('MissingParameter', 'no ids')).toMatchObject({ blames: 'call', outcome: 'refused' });
  });

  test('a connection that was never made has written nothing; one that fell silent may have', () => {
    const timeout = (message: string) => called(Object.assign(new Error(message), { name: 'TimeoutError' }));
    expect(timeout('the socket did not establish a connection within 2000 ms')).toMatchObject({ outcome: 'failed' });
    expect(timeout('the request took too long')).toMatchObject({ outcome: 'unknown' });
    expect(called(new Error('the socket did not establish a connection'))).toMatchObject({ outcome: 'unknown' });
    expect(called({})).toMatchObject({ outcome: 'unknown' });
    expect(called({ name: 'TimeoutError' })).toMatchObject({ outcome: 'unknown' });
  });

  test('the pause parameter: absent, empty, blank and no mean running', async () => {
    const paused = async (answer: () => object) => {
      const { clients, calls } = answering(answer);
      const pause = await readPause(clients, '/ebbtide/dev/pause');
      expect(calls.map(c => c.input)).toEqual([{ Name: '/ebbtide/dev/pause' }]);
      return pause;
    };
    const running = { kind: 'running', why: null };
    for (const Value of [undefined, '', '  ', 'no', ' no '])
      expect(await paused(() => ({ Parameter: { ...(Value !== undefined && { Value }) } }))).toEqual(running);
    expect(await paused(() => ({}))).toEqual(running);
    expect(await paused(() => ({ Parameter: { Value: ' moving house ' } }))).toEqual({ kind: 'paused', why: 'paused: moving house' });
  });

  test('change ids are read from a user agent wherever they stand', () => {
    expect(changeIdsIn('ebbtide/chg-00aa aws-sdk-js/3 ebbtide/chg-00bb')).toEqual(['chg-00aa', 'chg-00bb']);
    expect(changeIdsIn('not-ebbtide/chg-00aa ebbtide/chg-00xy ebbtide/chg-')).toEqual([]);
    expect(changeIdsIn('')).toEqual([]);
  });
});
