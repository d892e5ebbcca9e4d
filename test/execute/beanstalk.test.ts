/** Elastic Beanstalk's one write, word by word, and how its environments are looked at again. */
import { describe, expect, test } from '@jest/globals';
import { ACTIONS, perform } from '../../shared/execute/perform.ts';
import { settleQuestions } from '../../shared/execute/questions.ts';
import { reread } from '../../shared/execute/reread.ts';
import { changeIdsIn } from '../../shared/execute/signature.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import type { Claims } from '../../shared/model/ports.ts';
import { addSeconds, instant, toDate } from '../../shared/model/time.ts';
import { answering, awsError } from '../support/answering.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const ref = { kind: 'beanstalk-environment', id: 'e-abcdefghij', name: 'shop-prod', scope } as const;
const night = instant('2025-05-14T19:00:00Z');
const morning = instant('2025-05-15T07:00:00Z');
const back = { minSize: 2, maxSize: 6, desiredCapacity: 3 };
const down = { minSize: 0, maxSize: 1, desiredCapacity: 0 };

const change = (action: Action): Change => ({
  ...{ id: 'chg-00aa', pen: 'resize-fleets', resource: ref, action },
  because: { code: 'off-hours', schedule: 'office-hours', since: night, until: morning },
  ...{ causeAt: night, expects: {}, attempt: 1, policy: 'web', mode: 'act', saving: null, losing: [], owner: null },
});

async function sent(action: Action) {
  const { clients, calls } = answering(() => ({}));
  await perform(clients, [change(action)]);
  expect(calls.map(c => [c.operation, changeIdsIn(c.userAgent)])).toEqual([['UpdateEnvironment', ['chg-00aa']]]);
  return calls[0]?.input;
}

/** The four settings of a scheduled action that happens once. */
const action = (ResourceName: string, at: string, ...[min, max, desired]: readonly string[]) =>
  Object.entries({ StartTime: at, MinSize: min, MaxSize: max, DesiredCapacity: desired }).map(([OptionName, Value]) => ({
    ...{ Namespace: 'aws:autoscaling:scheduledaction', ResourceName, OptionName, Value },
  }));

describe('what is sent', () => {
  test('a floor is one setting, and removes none', async () => {
    expect(await sent({ kind: 'set-environment-min-size', minSize: 5 })).toEqual({
      EnvironmentId: 'e-abcdefghij',
      OptionSettings: [{ Namespace: 'aws:autoscaling:asg', OptionName: 'MinSize', Value: '5' }],
    });
  });

  test('a pause is both of its ends at once: nobody can forget the second', async () => {
    expect(await sent({ kind: 'pause-environment', pauseAt: night, resumeAt: morning, down, back })).toEqual({
      EnvironmentId: 'e-abcdefghij',
      OptionSettings: [
        ...action('ebb-pause', '2025-05-14T19:00:00Z', '0', '1', '0'),
        ...action('ebb-resume', '2025-05-15T07:00:00Z', '2', '6', '3'),
      ],
    });
  });

  test('its end takes the beginning away, by name', async () => {
    const names = ['StartTime', 'MinSize', 'MaxSize', 'DesiredCapacity'];
    expect(await sent({ kind: 'resume-environment', resumeAt: morning, back })).toEqual({
      EnvironmentId: 'e-abcdefghij',
      OptionSettings: action('ebb-resume', '2025-05-15T07:00:00Z', '2', '6', '3'),
      OptionsToRemove: names.map(OptionName => ({ Namespace: 'aws:autoscaling:scheduledaction', ResourceName: 'ebb-pause', OptionName })),
    });
  });

  test('an environment that is not ready is asked again later, whatever the error is called', async () => {
    const { clients } = answering(() => {
      throw awsError('InvalidParameterValue', 'Environment named shop-prod is in an invalid state for this operation. Must be Ready.');
    });
    const performed = await perform(clients, [change({ kind: 'set-environment-min-size', minSize: 5 })]);
    expect(performed.get('chg-00aa')?.outcome).toBe('failed');
  });
});

describe('what it needs', () => {
  const { permissions } = ACTIONS['pause-environment'];
  const tagging = ACTIONS['tag-environment'].permissions;

  test('is the update, and what an update does in its caller’s name', () => {
    for (const one of ['elasticbeanstalk:UpdateEnvironment', 'cloudformation:UpdateStack', 'autoscaling:PutScheduledUpdateGroupAction'])
      expect(permissions).toContain(one);
    for (const { resource, permissions: needed } of Object.values(ACTIONS))
      if (resource === 'beanstalk-environment') expect(needed.length).toBeGreaterThan(10);
  });

  test('of tags is the same but for the update itself, which has two names of its own', () => {
    const own = ['elasticbeanstalk:AddTags', 'elasticbeanstalk:RemoveTags', 'autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags'];
    expect([...tagging].sort()).toEqual([...permissions.filter(p => p !== 'elasticbeanstalk:UpdateEnvironment'), ...own].sort());
  });
});

/** Beanstalk and Auto Scaling as they tell of one environment; `null`: Beanstalk does not answer. */
const told = (minSize: string | null) =>
  answering(({ operation }) => {
    if (operation === 'DescribeAutoScalingGroups') {
      const Tags = Object.entries({ 'elasticbeanstalk:environment-id': ref.id, 'elasticbeanstalk:environment-name': ref.name });
      const tags = Tags.map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true }));
      return {
        AutoScalingGroups: [
          { AutoScalingGroupName: 'awseb-1', MinSize: 2, MaxSize: 6, DesiredCapacity: 3, CreatedTime: toDate(night), Tags: tags },
        ],
      };
    }
    if (minSize === null) throw awsError('AccessDeniedException', 'not allowed', 403);
    if (operation === 'DescribeEnvironments')
      return { Environments: [{ ApplicationName: 'shop', EnvironmentName: ref.name, Status: 'Ready' }] };
    const settings = { MinSize: minSize, MaxSize: '6' };
    const OptionSettings = Object.entries(settings).map(([OptionName, Value]) => ({ Namespace: 'aws:autoscaling:asg', OptionName, Value }));
    return { ConfigurationSettings: [{ OptionSettings }] };
  });

describe('looked at again', () => {
  test('it is an environment, with its group’s sizes and its own word', async () => {
    const seen = (await reread(told('5').clients, [ref])).get(ref.id);
    expect(seen).toMatchObject({ kind: 'beanstalk-environment', desiredCapacity: 3, environment: { status: 'Ready', minSize: 5 } });
  });

  /** What becomes of a claim of ten minutes ago. */
  async function settled(minSize: string | null) {
    const receipts: string[] = [];
    const claims = {
      recall: async () => ({ settled: null }),
      settle: async ({ outcome }: { outcome: string }) => void receipts.push(outcome),
    } as unknown as Claims;
    const question = { change: change({ kind: 'set-environment-min-size', minSize: 5 }), claimedAt: addSeconds(night, -600) };
    const open = await settleQuestions(new Map([['chg-00aa', question]]), { clients: told(minSize).clients, claims, now: () => night });
    return [...receipts, ...open.keys()];
  }

  test('a claim whose outcome nobody saw is answered by its settings, and stays open while they cannot be read', async () => {
    expect(await settled('5')).toEqual(['done']);
    expect(await settled('4')).toEqual(['failed']);
    expect(await settled(null)).toEqual([ref.id]);
  });
});
