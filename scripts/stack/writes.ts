/**
 * What a pen may write: the permissions of perform's table, each narrowed by the policies as far as IAM can express them.
 * Ending something (stopping, resizing, tagging) is allowed only where a policy says `mode: act`; bringing back what was stopped, and
 * clearing a mark, is allowed whatever the policies say by now, so that turning one down strands nothing; but for the marks of environments,
 * which take an update of the environment.
 */
import { ACTIONS } from '../../shared/execute/actions.ts';
import { MARK_TAG, type Pen } from '../../shared/model/ids.ts';
import type { ActionKind } from '../../shared/model/plan.ts';
import { policiesOf } from '../../shared/policy/match.ts';
import type { Config, FleetPolicy, InstancePolicy, Match, TagPolicy } from '../../shared/policy/schema.ts';
import { environmentStatements } from './beanstalk.ts';
import { type Statement, sub, type Text } from './cloudformation.ts';
import { homeRegions, instancesIn } from './reads.ts';

/** What is written to Elastic Beanstalk environments. */
const BEANSTALK = ['set-environment-min-size', 'pause-environment', 'resume-environment', 'tag-environment'] as const;

/** Which pen performs what: one pen per fact. */
const DOES: Record<Pen, readonly ActionKind[]> = {
  'resize-fleets': ['set-desired-capacity', 'set-min-size', 'set-sizes', ...BEANSTALK],
  'stop-start-instances': ['stop-instance', 'start-instance', 'modify-instance-type'],
  'enforce-tags': ['create-tags', 'delete-tags', 'replace-tags', 'tag-group', 'tag-environment'],
};

type Narrow = (config: Config) => Statement[];

/** How each permission is narrowed. `null`: no policy lets it be used, so it is not given. */
const NARROWED: Readonly<Record<string, Narrow>> = {
  'ec2:StopInstances': config => acting(policiesOf(config.policies, 'instances')).flatMap(p => onInstances('ec2:StopInstances', p, config)),
  'ec2:StartInstances': config => policiesOf(config.policies, 'instances').flatMap(p => onInstances('ec2:StartInstances', p, config)),
  'ec2:ModifyInstanceAttribute': config =>
    changesTypes(policiesOf(config.policies, 'instances')).flatMap(p => onInstances('ec2:ModifyInstanceAttribute', p, config)),
  'kms:CreateGrant': config => (policiesOf(config.policies, 'instances').length === 0 ? [] : grantsForVolumes(config)),
  'autoscaling:SetDesiredCapacity': config =>
    acting(policiesOf(config.policies, 'fleets')).flatMap(p => onGroups('autoscaling:SetDesiredCapacity', p, config)),
  'autoscaling:UpdateAutoScalingGroup': config =>
    mayOwe(policiesOf(config.policies, 'fleets')).flatMap(p => onGroups('autoscaling:UpdateAutoScalingGroup', p, config)),
  'ec2:RunInstances': config => whereFleetsAct(config, fromTemplates),
  'ec2:CreateTags': config =>
    acting(policiesOf(config.policies, 'tags')).flatMap(p => tagging('ec2:CreateTags', carriersOf(p, config), writtenKeys(p), p)),
  'ec2:DeleteTags': config => [
    ...clearing('ec2:DeleteTags', carriersOf(EVERYTHING, config)),
    ...respelling(config).flatMap(p => tagging('ec2:DeleteTags', carriersOf(p, config), removedKeys(p), p)),
  ],
  'autoscaling:CreateOrUpdateTags': config =>
    acting(policiesOf(config.policies, 'tags')).flatMap(p =>
      tagging('autoscaling:CreateOrUpdateTags', taggedGroups(p, config), writtenKeys(p), p),
    ),
  'autoscaling:DeleteTags': config => [
    ...clearing('autoscaling:DeleteTags', taggedGroups(EVERYTHING, config)),
    ...respelling(config).flatMap(p => tagging('autoscaling:DeleteTags', taggedGroups(p, config), removedKeys(p), p)),
  ],
  'iam:PassRole': config => whereFleetsAct(config, passRole),
};

/** @throws Error when perform's table asks for a permission that nobody has taught this file to narrow. */
export function writeStatements(pen: Pen, config: Config): Statement[] {
  const kinds = DOES[pen];
  const own = new Set(kinds.filter(kind => !isOfBeanstalk(kind)).flatMap(kind => ACTIONS[kind].permissions));
  const environments = new Set(kinds.filter(isOfBeanstalk).flatMap(kind => ACTIONS[kind].permissions));
  const ofEnvironments = beanstalkStatements(
    [...environments],
    pen === 'enforce-tags' ? taggingEnvironments(config) : sizing(config),
    config,
  );
  return [...[...own].flatMap(permission => narrowed(NARROWED, permission)(config)), ...ofEnvironments];
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

const sizing = (config: Config): FleetPolicy[] => mayOwe(policiesOf(config.policies, 'fleets')).filter(p => p.beanstalk);
const taggingEnvironments = (config: Config): TagPolicy[] =>
  acting(policiesOf(config.policies, 'tags')).filter(p => p.match.resources.includes('beanstalk-environment'));

/** Only where a policy speaks for environments at all. */
const beanstalkStatements = (
  permissions: readonly string[],
  policies: readonly (FleetPolicy | TagPolicy)[],
  config: Config,
): Statement[] => (policies.length === 0 || permissions.length === 0 ? [] : environmentStatements(permissions, policies, config));

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

/** Also to whoever has opted out since: a machine that runs, and the type that it had before us. */
const GIVES_BACK: ReadonlySet<string> = new Set(['ec2:StartInstances', 'ec2:ModifyInstanceAttribute']);

/** Whoever only proposes types now may still owe one. */
const changesTypes = (policies: readonly InstancePolicy[]): InstancePolicy[] =>
  policies.filter(({ resize, start }) => resize !== undefined || start?.fallbackTypes !== undefined);

/** Twice: as the policy's match says, and by the tag `ebb:policy`, which overrides the match. Whoever opted out is out of reach. */
function worn(
  action: string,
  { name, match }: InstancePolicy | FleetPolicy,
  tags: Match['tags'],
  matched: Text[],
  named: Text[],
): Statement[] {
  const optedOut = GIVES_BACK.has(action) ? {} : { StringNotEqualsIgnoreCase: { 'aws:ResourceTag/ebb:policy': ['off', 'none'] } };
  const always = { ...optedOut, ...accountCondition(match) };
  return [
    ...given(action, matched, { ...tagConditions(tags), ...always }),
    ...given(action, named, { ...tagConditions({ 'ebb:policy': [name] }), ...always }),
  ];
}

/** What a policy of tags speaks of. */
type Carriers = { readonly match: Pick<TagPolicy['match'], 'resources' | 'accounts' | 'regions'> };

const EVERYTHING: Carriers = { match: { resources: ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group'] } };

/** What EC2 tags, of the kinds that the policy speaks of. Snapshots belong to no account in their names. */
const carriersOf = ({ match }: Carriers, config: Config): Text[] =>
  reach(match, config).flatMap(region => [
    ...(match.resources.includes('instance') ? [instancesIn(region)] : []),
    ...(match.resources.includes('volume') ? [sub(`arn:\${AWS::Partition}:ec2:${region}:\${AWS::AccountId}:volume/*`)] : []),
    ...(match.resources.includes('snapshot') ? [sub(`arn:\${AWS::Partition}:ec2:${region}::snapshot/*`)] : []),
    ...(match.resources.includes('elastic-ip') ? [sub(`arn:\${AWS::Partition}:ec2:${region}:\${AWS::AccountId}:elastic-ip/*`)] : []),
  ]);

const taggedGroups = ({ match }: Carriers, config: Config): Text[] =>
  match.resources.includes('auto-scaling-group') ? reach(match, config).map(region => groupsIn(region, '*')) : [];

function tagging(action: string, resources: readonly Text[], keys: readonly string[], { match }: Carriers): Statement[] {
  return given(action, resources, {
    'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
    Null: { 'aws:TagKeys': 'false' }, // "all of none" would be true: naming no key means every key to DeleteTags
    ...accountCondition(match),
  });
}

/** The mark, and whatever may be put right: by default, by inheritance, or because somebody took up what was offered. */
const writtenKeys = ({ required, inherit, normalise }: TagPolicy): string[] => [
  ...new Set([
    MARK_TAG,
    ...required.map(r => r.key),
    ...(inherit ?? []),
    ...Object.keys(normalise?.keys ?? {}),
    ...Object.keys(normalise?.values ?? {}),
  ]),
];

/** A mark goes whatever the policies say by now, also from where none speaks any more. */
const clearing = (action: string, resources: readonly Text[]): Statement[] => tagging(action, resources, [MARK_TAG], EVERYTHING);

/** Who removes another spelling of a key: only while it acts. */
const respelling = (config: Config): TagPolicy[] => acting(policiesOf(config.policies, 'tags')).filter(p => removedKeys(p).length > 1);

const removedKeys = ({ normalise }: TagPolicy): string[] => [...new Set([MARK_TAG, ...Object.values(normalise?.keys ?? {}).flat()])];

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
