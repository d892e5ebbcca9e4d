// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation and IAM write their variables like this
/** What the roles allow, computed from the policies: least privilege is a property, so it is asserted on the statements themselves. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Statement } from '../../scripts/stack/cloudformation.ts';
import { roles } from '../../scripts/stack/roles.ts';
import { stack } from '../../scripts/stack/stack.ts';
import { tables } from '../../scripts/stack/tables.ts';
import { ACTIONS } from '../../shared/execute/actions.ts';
import type { Config, Policy, TagPolicy } from '../../shared/policy/schema.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const caps = { budget: { perRun: 20, perDay: 200, perOwner: 10 }, breaker: { share: 0.5, atLeast: 5 } };

const devTest: Policy = {
  ...{
    kind: 'instances',
    name: 'dev-test',
    mode: 'act',
    hibernate: false,
    enforced: false,
    retainRunning: false,
    schedule: 'office-hours',
  },
  match: { tags: { environment: ['dev', 'test*'], team: ['a*b?'] } },
  ...caps,
};
const web: Policy = {
  ...{ kind: 'fleets', name: 'web', mode: 'act', minSize: 1, maxSize: 9, scaleOutDatapoints: 3, scaleInDatapoints: 15 },
  match: { tags: {}, names: ['web-*'] },
  target: { metric: 'CPUUtilization', value: 50, period: 60 },
  ...{ slo: { utilization: 90, minutes: 1 }, period: 60 },
  ...{ cooldown: 300, instanceWarmup: 180, takeOver: false, capacity: 'desired', beanstalk: false, overrides: [] },
  ...caps,
};
const tagging: TagPolicy = {
  ...{ kind: 'tags', name: 'tagging', mode: 'act', grace: { days: 7 }, settle: 600 },
  match: { resources: ['instance'], except: {} },
  required: [{ key: 'owner' }, { key: 'environment', default: 'dev' }],
  ...caps,
};

const config = (policies: readonly Policy[], more: Partial<Config> = {}): Config => ({
  stage: 'dev',
  accounts: [{ account: 'self', regions: ['eu-west-1', 'us-east-1'], commitments: 'unknown' }],
  policies,
  schedules: {},
  slack: { channel: '#ops', summary: { timeZone: 'UTC', hour: 9 } },
  ...more,
});
const acting = config([devTest, web, tagging]);
const environments = config([
  { ...devTest, start: { early: true, fallbackTypes: ['m6i.large'] } },
  { ...web, beanstalk: true },
  { ...tagging, match: { resources: ['instance', 'auto-scaling-group', 'beanstalk-environment'], except: {} } },
]);
const planning = config([devTest, web, tagging].map(policy => ({ ...policy, mode: 'plan' as const })));

function statementsOf(role: string, of: Config = acting): Statement[] {
  const policies = roles(of)[`${role}Role`]?.Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
const actionsOf = (role: string, of: Config = acting): string[] => statementsOf(role, of).flatMap(({ Action }) => Action);
const allowing = (role: string, action: string, of: Config = acting) =>
  statementsOf(role, of).filter(({ Action }) => Action.includes(action));

const ROLES = ['Dispatch', 'ResizeFleets', 'StopStartInstances', 'EnforceTags', 'WatchChanges', 'TellSlack', 'AnswerSlack', 'Scheduler'];
const isWrite = (action: string) => /^(ec2|autoscaling|kms|iam):(?!Describe|Get|List)/.test(action);

describe('every role', () => {
  test.each(ROLES)('%s names its actions one by one', role => {
    expect(actionsOf(role).filter(action => action.includes('*'))).toEqual([]);
  });

  test.each(ROLES)('%s says * only for reads in the configured regions, and for traces', role => {
    const wide = statementsOf(role).filter(({ Resource }) => Resource.includes('*'));
    for (const { Action, Condition } of wide)
      if (!Action.every(action => action.startsWith('xray:'))) {
        expect(Action.filter(isWrite)).toEqual([]);
        // The price list and Cost Explorer answer in one region for all.
        const regions = Action.every(action => /^(pricing|ce):/.test(action)) ? ['us-east-1'] : ['eu-west-1', 'us-east-1'];
        expect(Condition).toEqual({ StringEquals: { 'aws:RequestedRegion': regions } });
      }
  });

  test('one pen per fact: nobody else holds the permissions of an action', () => {
    const holders = (kind: keyof typeof ACTIONS) => ROLES.filter(role => ACTIONS[kind].permissions.every(p => actionsOf(role).includes(p)));
    expect(holders('set-desired-capacity')).toEqual(['ResizeFleets']);
    expect(holders('stop-instance')).toEqual(['StopStartInstances']);
    expect(holders('start-instance')).toEqual(['StopStartInstances']);
    // Where no policy changes types, nobody may.
    expect(holders('modify-instance-type')).toEqual([]);
    expect(ROLES.filter(role => actionsOf(role, environments).includes('ec2:ModifyInstanceAttribute'))).toEqual(['StopStartInstances']);
    expect(holders('create-tags')).toEqual(['EnforceTags']);
    expect(holders('delete-tags')).toEqual(['EnforceTags']);
  });

  test.each(['Dispatch', 'WatchChanges', 'TellSlack', 'AnswerSlack', 'Scheduler'])(
    '%s can write to nothing that the pens write to',
    role => {
      expect(actionsOf(role).filter(isWrite)).toEqual([]);
    },
  );

  test('the ledger is append-only for everybody', () => {
    const onLedger = ROLES.flatMap(role => statementsOf(role)).filter(({ Resource }) => JSON.stringify(Resource).includes('LedgerTable'));
    expect(new Set(onLedger.flatMap(({ Action }) => Action))).toEqual(new Set(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']));
  });
});

describe('what the code sends and what the roles allow', () => {
  const penActions = new Set(['ResizeFleets', 'StopStartInstances', 'EnforceTags'].flatMap(role => actionsOf(role, environments)));

  test.each([
    ['dispatch', 'Dispatch'],
    ['watch-changes', 'WatchChanges'],
    ['tell-slack', 'TellSlack'],
    ['answer-slack', 'AnswerSlack'],
  ])('%s is allowed all that its code can ask of AWS, and nothing that it cannot', (name, role) => {
    const asked = askedBy(`functions/${name}.ts`);
    const allowed = new Set(actionsOf(role).filter(action => !/^(logs|xray):/.test(action)));
    expect([...asked].filter(action => !allowed.has(action) && action.split(':')[0] !== 'sts')).toEqual([]);
    // A dead letter is written by Lambda in the function's name, not by its code.
    expect([...allowed].filter(action => !asked.has(action) && action !== 'sqs:SendMessage')).toEqual([]);
  });

  test.each(['resize-fleets', 'stop-start-instances', 'enforce-tags'])(
    'all that the code of %s can ask of AWS is allowed to some pen',
    name => {
      const asked = [...askedBy(`functions/${name}.ts`)];
      expect(asked.length).toBeGreaterThan(8);
      expect(asked.filter(action => !penActions.has(action) && !/^(sts|sqs):/.test(action))).toEqual([]);
    },
  );
});

/** Where IAM has another name for it. */
const ALLOWED_AS: Readonly<Record<string, string>> = { SendMessageBatch: 'SendMessage', UpdateTagsForResource: 'AddTags' };

/** IAM actions of the SDK commands that a file, or anything it imports at run time, names. */
function askedBy(entry: string): Set<string> {
  const reached = new Set([join(ROOT, entry)]);
  const asked = new Set<string>();
  for (const file of reached) {
    const written = readFileSync(file, 'utf8');
    const [lazily = ''] = written.match(/(?<=const sdk = \(\) => )import\('[^']+'\)/) ?? [];
    const source = written.replaceAll('await sdk()', `await ${lazily}`);
    for (const [, from] of source.matchAll(/^(?:import|export) (?!type )[^;']*?from '(\.[^']+)'/gm))
      reached.add(resolve(dirname(file), from ?? ''));
    for (const [, names, client] of source.matchAll(/\{([\w\s,]+)\}\]?\s*=\s*await[^;]*?import\('@aws-sdk\/client-([a-z0-9-]+)'\)/g))
      for (const [, command, paged] of names?.matchAll(/([A-Z]\w+)Command\b|\bpaginate([A-Z]\w+)/g) ?? [])
        asked.add(`${client?.replace('-', '')}:${ALLOWED_AS[command ?? paged ?? ''] ?? command ?? paged}`);
  }
  return asked;
}

describe('the instance pen', () => {
  test('stops only what wears the tags of an acting policy or names it, and never what opted out', () => {
    const optedOut = { StringNotEqualsIgnoreCase: { 'aws:ResourceTag/ebb:policy': ['off', 'none'] } };
    expect(allowing('StopStartInstances', 'ec2:StopInstances').map(({ Condition }) => Condition)).toEqual([
      { StringLike: { 'aws:ResourceTag/environment': ['dev', 'test*'], 'aws:ResourceTag/team': ['a${*}b${?}'] }, ...optedOut },
      { StringLike: { 'aws:ResourceTag/ebb:policy': ['dev-test'] }, ...optedOut },
    ]);
  });

  test('may stop nothing while every policy plans, and may still start what was stopped', () => {
    expect(actionsOf('StopStartInstances', planning).filter(isWrite)).toEqual([
      'ec2:StartInstances',
      'ec2:StartInstances',
      'kms:CreateGrant',
    ]);
  });

  test('makes grants for encrypted volumes only through EC2 and for AWS itself', () => {
    const [grant] = allowing('StopStartInstances', 'kms:CreateGrant');
    expect(grant?.Condition).toEqual({
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringLike: { 'kms:ViaService': ['ec2.eu-west-1.amazonaws.com', 'ec2.us-east-1.amazonaws.com'] },
    });
  });

  test("stays in a policy's own regions and accounts", () => {
    const there = config([{ ...devTest, match: { ...devTest.match, regions: ['us-east-1', 'sa-east-1'], accounts: ['123456789012'] } }]);
    for (const { Resource, Condition } of allowing('StopStartInstances', 'ec2:StopInstances', there)) {
      expect(Resource).toEqual([{ 'Fn::Sub': 'arn:${AWS::Partition}:ec2:us-east-1:${AWS::AccountId}:instance/*' }]);
      expect(Condition).toMatchObject({ StringEquals: { 'aws:ResourceAccount': ['123456789012'] } });
    }
  });
});

describe('the fleet pen', () => {
  test('resizes groups of the names of an acting policy', () => {
    const [matched, named] = allowing('ResizeFleets', 'autoscaling:SetDesiredCapacity');
    expect(matched?.Resource[0]).toEqual({
      'Fn::Sub': 'arn:${AWS::Partition}:autoscaling:eu-west-1:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/web-*',
    });
    expect(named?.Condition).toMatchObject({ StringLike: { 'aws:ResourceTag/ebb:policy': ['web'] } });
  });

  test('launches from templates only, and passes roles to EC2 only', () => {
    const [launch] = allowing('ResizeFleets', 'ec2:RunInstances');
    expect(Object.keys(launch?.Condition?.['ArnLike'] ?? {})).toEqual(['ec2:LaunchTemplate']);
    const [pass] = allowing('ResizeFleets', 'iam:PassRole');
    expect(pass?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  });

  test('can write nothing while every policy plans', () => {
    expect(actionsOf('ResizeFleets', planning).filter(isWrite)).toEqual([]);
  });
});

describe('environments of Elastic Beanstalk', () => {
  const made = statementsOf('ResizeFleets', environments).filter(
    s => !JSON.stringify(statementsOf('ResizeFleets')).includes(JSON.stringify(s)),
  );

  test('are out of reach of whoever no policy sends there, and of every pen but one', () => {
    expect(actionsOf('ResizeFleets')).not.toContain('elasticbeanstalk:UpdateEnvironment');
    const holders = (kind: keyof typeof ACTIONS) =>
      ROLES.filter(role => ACTIONS[kind].permissions.every(p => actionsOf(role, environments).includes(p)));
    for (const kind of ['set-environment-min-size', 'pause-environment', 'resume-environment'] as const)
      expect(holders(kind)).toEqual(['ResizeFleets']);
  });

  test('are updated by their names, and what the update touches is what Beanstalk has made', () => {
    const [update] = made.filter(({ Action }) => Action.includes('elasticbeanstalk:UpdateEnvironment'));
    expect(update?.Resource[0]).toEqual({
      'Fn::Sub': 'arn:${AWS::Partition}:elasticbeanstalk:eu-west-1:${AWS::AccountId}:environment/*/web-*',
    });
    const arns = (service: string) =>
      made.filter(({ Action }) => Action.some(a => a.startsWith(`${service}:`) && !/:Describe/.test(a))).flatMap(s => s.Resource);
    expect(arns('cloudformation').every(arn => JSON.stringify(arn).includes(':stack/awseb-*'))).toBe(true);
    expect(arns('autoscaling').every(arn => JSON.stringify(arn).includes('autoScalingGroupName/awseb-*'))).toBe(true);
    expect(arns('s3').every(arn => JSON.stringify(arn).includes(':s3:::elasticbeanstalk-'))).toBe(true);
    for (const { Action, Resource } of made) if (Resource.includes('*')) expect(Action.filter(isWrite)).toEqual([]);
  });
});

describe('the tag pen', () => {
  test('writes the mark and the keys that it may put right, and deletes the mark alone', () => {
    const named = { Null: { 'aws:TagKeys': 'false' } };
    const [create] = allowing('EnforceTags', 'ec2:CreateTags');
    expect(create?.Condition).toEqual({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['ebb:mark', 'owner', 'environment'] }, ...named });
    const [remove] = allowing('EnforceTags', 'ec2:DeleteTags');
    expect(remove?.Condition).toEqual({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['ebb:mark'] }, ...named });
  });

  const wide: TagPolicy = {
    ...tagging,
    match: {
      resources: ['volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'],
      regions: ['eu-west-1'],
      except: {},
    },
    normalise: { keys: { owner: ['Owner'] }, values: {} },
    inherit: ['team'],
  };

  test('reaches the kinds of its policy, and other spellings of a key only while it acts', () => {
    const [create] = allowing('EnforceTags', 'ec2:CreateTags', config([wide]));
    expect(create?.Resource.map(arn => JSON.stringify(arn).replace(/.*:ec2:(.*)"}/, '$1'))).toEqual([
      'eu-west-1:${AWS::AccountId}:volume/*',
      'eu-west-1::snapshot/*',
      'eu-west-1:${AWS::AccountId}:elastic-ip/*',
    ]);
    expect(create?.Condition).toMatchObject({
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['ebb:mark', 'owner', 'environment', 'team'] },
    });
    for (const action of ['ec2:DeleteTags', 'autoscaling:DeleteTags']) {
      const keys = (...policies: TagPolicy[]) =>
        allowing('EnforceTags', action, config(policies)).map(s => s.Condition?.['ForAllValues:StringEquals']);
      const mark = { 'aws:TagKeys': ['ebb:mark'] };
      expect(keys({ ...wide, mode: 'act' })).toEqual([mark, { 'aws:TagKeys': ['ebb:mark', 'Owner'] }]);
      expect([keys({ ...wide, mode: 'plan' }), keys()]).toEqual([[mark], [mark]]);
    }
    expect(allowing('EnforceTags', 'autoscaling:CreateOrUpdateTags', config([wide]))[0]?.Resource).toEqual([
      { 'Fn::Sub': 'arn:${AWS::Partition}:autoscaling:eu-west-1:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*' },
    ]);
  });

  test('takes its mark away from everything that may wear one, whatever is left of its policies', () => {
    const reached = (action: string) =>
      allowing('EnforceTags', action, config([])).flatMap(s => s.Resource.map(arn => JSON.stringify(arn).replace(/.*:(\S+?)\/.*"}/, '$1')));
    expect([...new Set(reached('ec2:DeleteTags'))]).toEqual(['instance', 'volume', 'snapshot', 'elastic-ip']);
    expect(new Set(reached('autoscaling:DeleteTags'))).toEqual(new Set(['autoScalingGroupName']));
    expect(allowing('EnforceTags', 'ec2:CreateTags', config([]))).toEqual([]);
  });

  test('tags environments where a policy speaks of them, and what that touches is what Beanstalk has made', () => {
    expect(actionsOf('EnforceTags')).not.toContain('elasticbeanstalk:AddTags');
    const made = statementsOf('EnforceTags', config([wide]));
    for (const action of ACTIONS['tag-environment'].permissions) expect(made.flatMap(s => s.Action)).toContain(action);
    expect(made.flatMap(s => s.Action)).not.toContain('elasticbeanstalk:UpdateEnvironment');
    const [stacks] = made.filter(s => s.Action.includes('cloudformation:UpdateStack'));
    expect(JSON.stringify(stacks?.Resource)).toContain(':stack/awseb-*');
  });
});

describe('the rest', () => {
  test('another account is entered by the role that the configuration names, and by no other', () => {
    const role = 'arn:aws:iam::210987654321:role/ebbtide';
    const there = { account: '210987654321', regions: ['sa-east-1'], role, externalId: 'secret', commitments: 'unknown' as const };
    const both = config([devTest], { accounts: [...acting.accounts, there] });
    expect(allowing('StopStartInstances', 'sts:AssumeRole', both).map(({ Resource }) => Resource)).toEqual([[role]]);
    expect(actionsOf('StopStartInstances')).not.toContain('sts:AssumeRole');
    expect(JSON.stringify(allowing('StopStartInstances', 'ec2:StopInstances', both))).not.toContain('sa-east-1');
  });

  test('Slack secrets are for those who speak to it, the signing secret for the one who listens', () => {
    const secrets = (role: string) => JSON.stringify(allowing(role, 'ssm:GetParameter')).includes('/slack/');
    expect(ROLES.filter(secrets)).toEqual(['TellSlack', 'AnswerSlack']);
    const signing = (role: string) => JSON.stringify(allowing(role, 'ssm:GetParameter')).includes('/slack/signing-secret');
    expect(ROLES.filter(signing)).toEqual(['AnswerSlack']);
  });

  test('on stage prod the tables are protected and retained, elsewhere they go with the stack', () => {
    for (const table of Object.values(tables('prod')))
      expect([table.DeletionPolicy, table.UpdateReplacePolicy, table.Properties['DeletionProtectionEnabled']]).toEqual([
        'Retain',
        'Retain',
        true,
      ]);
    for (const table of Object.values(tables('dev')))
      expect([table.DeletionPolicy, table.UpdateReplacePolicy, table.Properties['DeletionProtectionEnabled']]).toEqual([
        'Delete',
        'Delete',
        false,
      ]);
  });

  test('a stage or region on the command line that the policies do not name is refused, with the remedy', () => {
    expect(() => stack({ stage: 'prod', region: 'eu-west-1' }, acting)).toThrow(
      'config/scopes.yml says stage "dev", the command line "prod"',
    );
    expect(() => stack({ stage: 'dev', region: 'sa-east-1' }, acting)).toThrow('change the file instead');
  });
});
