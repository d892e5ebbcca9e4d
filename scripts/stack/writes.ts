/**
 * What a pen may write: the permissions of perform's table, each narrowed by the policies as far as IAM can express them.
 * Ending something (stopping, resizing, tagging) is allowed only where a policy says `mode: act`; bringing back what was stopped, and
 * clearing a mark, is allowed for every policy, so that turning a policy down strands nothing.
 */
import { ACTIONS } from '../../shared/execute/actions.ts';
import type { Pen } from '../../shared/model/ids.ts';
import type { ActionKind } from '../../shared/model/plan.ts';
import { policiesOf } from '../../shared/policy/match.ts';
import type { Config, FleetPolicy, InstancePolicy, Match, TagPolicy } from '../../shared/policy/schema.ts';
import { environmentStatements } from './beanstalk.ts';
import { type Statement, sub, type Text } from './cloudformation.ts';
import { homeRegions, instancesIn } from './reads.ts';

/** What is written to Elastic Beanstalk environments. */
const BEANSTALK = ['set-environment-min-size', 'pause-environment', 'resume-environment'] as const;

/** Which pen performs what: one pen per fact. */
const DOES: Record<Pen, readonly ActionKind[]> = {
  'resize-fleets': ['set-desired-capacity', 'set-min-size', 'set-sizes', ...BEANSTALK],
  'stop-start-instances': ['stop-instance', 'start-instance'],
  'enforce-tags': ['create-tags', 'delete-tags'],
};

type Narrow = (config: Config) => Statement[];

/** How each permission is narrowed. `null`: no policy lets it be used, so it is not given. */
const NARROWED: Readonly<Record<string, Narrow>> = {
  'ec2:StopInstances': config => acting(policiesOf(config.policies, 'instances')).flatMap(p => onInstances('ec2:StopInstances', p, config)),
  'ec2:StartInstances': config => policiesOf(config.policies, 'instances').flatMap(p => onInstances('ec2:StartInstances', p, config)),
  'kms:CreateGrant': config => (policiesOf(config.policies, 'instances').length === 0 ? [] : grantsForVolumes(config)),
  'autoscaling:SetDesiredCapacity': config =>
    acting(policiesOf(config.policies, 'fleets')).flatMap(p => onGroups('autoscaling:SetDesiredCapacity', p, config)),
  'autoscaling:UpdateAutoScalingGroup': config =>
    mayOwe(policiesOf(config.policies, 'fleets')).flatMap(p => onGroups('autoscaling:UpdateAutoScalingGroup', p, config)),
  'ec2:RunInstances': config => whereFleetsAct(config, fromTemplates),
  'ec2:CreateTags': config =>
    acting(policiesOf(config.policies, 'tags')).flatMap(p => tagging('ec2:CreateTags', writtenKeys(p), p, config)),
  'ec2:DeleteTags': config => policiesOf(config.policies, 'tags').flatMap(p => tagging('ec2:DeleteTags', ['ebb:mark'], p, config)),
  'iam:PassRole': config => whereFleetsAct(config, passRole),
};

/** @throws Error when perform's table asks for a permission that nobody has taught this file to narrow. */
export function writeStatements(pen: Pen, config: Config): Statement[] {
  const kinds = DOES[pen];
  const own = new Set(kinds.filter(kind => !isOfBeanstalk(kind)).flatMap(kind => ACTIONS[kind].permissions));
  const environments = new Set(kinds.filter(isOfBeanstalk).flatMap(kind => ACTIONS[kind].permissions));
  return [...[...own].flatMap(permission => narrowed(NARROWED, permission)(config)), ...beanstalkStatements([...environments], config)];
}

function narrowed(table: Readonly<Record<string, Narrow>>, permission: string): Narrow {
  const narrow = table[permission];
  if (narrow === undefined) throw new Error(`${permission} is in perform's table: say in scripts/stack/writes.ts how to narrow it`);
  return narrow;
}

const isOfBeanstalk = (kind: ActionKind): boolean => (BEANSTALK as readonly ActionKind[]).includes(kind);

const acting = <P extends { readonly mode: string }>(policies: readonly P[]): P[] => policies.filter(({ mode }) => mode === 'act');

/** Who acts, or may have acted before it was told to plan: a floor that was raised, a fleet that sleeps, are given back in any mode. */
const mayOwe = (policies: readonly FleetPolicy[]): FleetPolicy[] =>
  policies.filter(
    ({ mode, capacity, beanstalk, offHours }) => mode === 'act' || capacity === 'floor' || beanstalk || offHours !== undefined,
  );

/** Only where a policy speaks for environments at all. */
function beanstalkStatements(permissions: readonly string[], config: Config): Statement[] {
  const policies = mayOwe(policiesOf(config.policies, 'fleets')).filter(p => p.beanstalk);
  return policies.length === 0 ? [] : environmentStatements(permissions, policies, config);
}

const whereFleetsAct = (config: Config, statement: (config: Config) => Statement): Statement[] =>
  mayOwe(policiesOf(config.policies, 'fleets')).length === 0 ? [] : [statement(config)];

/** Instances that wear the policy's tags, or name the policy, in its regions. */
const onInstances = (action: string, policy: InstancePolicy, config: Config): Statement[] => {
  const { tags, names } = policy.match;
  const instances = reach(policy.match, config).map(instancesIn);
  return worn(action, policy, { ...tags, ...(names === undefined ? {} : { Name: names }) }, instances, instances);
};

/** Groups of the policy's names that wear its tags, or groups that name the policy, in its regions. */
function onGroups(action: string, policy: FleetPolicy, config: Config): Statement[] {
  const regions = reach(policy.match, config);
  const called = (policy.match.names ?? ['*']).flatMap(name => regions.map(region => groupsIn(region, name)));
  const any = regions.map(region => groupsIn(region, '*'));
  return worn(action, policy, policy.match.tags, called, any);
}

const groupsIn = (region: string, name: string) =>
  sub(
    `arn:\${AWS::Partition}:autoscaling:${region}:\${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/${literal(name).replaceAll('${', '${!')}`,
  );

/** Twice: as the policy's match says, and by the tag `ebb:policy`, which overrides the match. Whoever opted out is out of reach. */
function worn(
  action: string,
  { name, match }: InstancePolicy | FleetPolicy,
  tags: Match['tags'],
  matched: Text[],
  named: Text[],
): Statement[] {
  const optedOut = action === 'ec2:StartInstances' ? {} : { StringNotEqualsIgnoreCase: { 'aws:ResourceTag/ebb:policy': ['off', 'none'] } };
  const always = { ...optedOut, ...accountCondition(match) };
  return [
    ...given(action, matched, { ...tagConditions(tags), ...always }),
    ...given(action, named, { ...tagConditions({ 'ebb:policy': [name] }), ...always }),
  ];
}

function tagging(action: string, keys: readonly string[], { match }: TagPolicy, config: Config): Statement[] {
  const instances = reach(match, config).map(instancesIn);
  return given(action, instances, {
    'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
    Null: { 'aws:TagKeys': 'false' }, // "all of none" would be true: naming no key means every key to DeleteTags
    ...accountCondition(match),
  });
}

const writtenKeys = ({ required }: TagPolicy): string[] => ['ebb:mark', ...required.filter(r => r.default !== undefined).map(r => r.key)];

/** EC2 opens an encrypted volume for itself when it starts an instance: a grant for an AWS service, through EC2, and no other. */
const grantsForVolumes = (config: Config): Statement[] =>
  given(
    'kms:CreateGrant',
    homeRegions(config).map(region => sub(`arn:\${AWS::Partition}:kms:${region}:\${AWS::AccountId}:key/*`)),
    {
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      StringLike: { 'kms:ViaService': homeRegions(config).map(region => `ec2.${region}.amazonaws.com`) },
    },
  );

/** A group that grows by launch template launches in the name of whoever raised it: instances, volumes, network cards, from a template only. */
const fromTemplates = (config: Config): Statement => ({
  Effect: 'Allow',
  Action: ['ec2:RunInstances'],
  Resource: homeRegions(config).flatMap(region => [
    sub(`arn:\${AWS::Partition}:ec2:${region}:\${AWS::AccountId}:*/*`),
    sub(`arn:\${AWS::Partition}:ec2:${region}::image/*`),
    sub(`arn:\${AWS::Partition}:ec2:${region}::snapshot/*`),
  ]),
  Condition: {
    ArnLike: {
      'ec2:LaunchTemplate': homeRegions(config).map(region =>
        sub(`arn:\${AWS::Partition}:ec2:${region}:\${AWS::AccountId}:launch-template/*`),
      ),
    },
  },
});

const passRole = (): Statement => ({
  Effect: 'Allow',
  Action: ['iam:PassRole'],
  Resource: [sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/*`)],
  Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
});

const given = (action: string, Resource: readonly Text[], Condition: NonNullable<Statement['Condition']>): Statement[] =>
  Resource.length === 0 ? [] : [{ Effect: 'Allow', Action: [action], Resource, Condition }];

const reach = ({ regions }: Pick<Match, 'regions'>, config: Config): string[] =>
  homeRegions(config).filter(region => regions?.includes(region) ?? true);

const accountCondition = ({ accounts }: Pick<Match, 'accounts'>) =>
  accounts === undefined ? {} : { StringEquals: { 'aws:ResourceAccount': accounts } };

const tagConditions = (tags: Match['tags']) =>
  Object.keys(tags).length === 0
    ? {}
    : { StringLike: Object.fromEntries(Object.entries(tags).map(([key, values]) => [`aws:ResourceTag/${key}`, values.map(literal)])) };

/** A policy's `*` means something at the end only; IAM's `*`, `?` and `$` mean something everywhere. */
function literal(pattern: string): string {
  const open = pattern.endsWith('*');
  const text = (open ? pattern.slice(0, -1) : pattern).replace(/[*?$]/g, character => `\${${character}}`);
  return open ? `${text}*` : text;
}
