/** The one table of mutating commands: each with ALL the IAM actions it needs, what it may lose, and how it is sent. */
import type { InstanceStateChange } from '@aws-sdk/client-ec2';
import type { ResourceKind } from '../model/ids.ts';
import type { Action, ActionKind, Loss } from '../model/plan.ts';
import type { Clients } from '../runtime/clients.ts';
import { oneTime, PAUSE, RESUME, sizeOption, UPDATE_ENVIRONMENT, updateEnvironment } from './beanstalk.ts';
import { type Attempts, SIGNED, sign } from './signature.ts';
import { createTags, deleteTags, EC2_CARRIERS, TAG_ENVIRONMENT, tagEnvironment, tagGroup } from './tags.ts';

export interface ActionRow<K extends ActionKind> {
  /** What it is for; several where one call serves them all. */
  readonly resource: ResourceKind | readonly ResourceKind[];
  readonly permissions: readonly string[];
  /** Targets in one call. */
  readonly batchMax: number;
  /** Whether somebody may miss what it takes away: counted against budgets. */
  readonly disruptive: boolean;
  /** What may not come back by itself; which of it applies to a change is for decide to say. */
  readonly mayLose: readonly Loss[];
  /** @throws the SDK's error, after its retries. `attempts` is true to them. */
  send(request: Request<K>): Promise<Sent>;
}

export interface Request<K extends ActionKind> {
  readonly clients: Clients;
  readonly targets: readonly string[];
  readonly action: Extract<Action, { kind: K }>;
  readonly changeIds: readonly string[];
  /** Told about each attempt's fate before `send` returns or throws. */
  watch(attempts: Attempts): void;
}

export interface Sent {
  readonly requestId: string | null;
  /** Of a target: whether the call changed it, found it so, or was silent about it. */
  of(target: string): 'done' | 'already-so' | 'unknown';
}

/** CloudTrail cuts long user agents off, and every change id must be on record: 20 of them take 660 characters of about 1,000. */
const IDS_PER_REQUEST = 20;

export const ACTIONS: { readonly [K in ActionKind]: ActionRow<K> } = {
  'set-desired-capacity': {
    resource: 'auto-scaling-group',
    // A group with a launch template launches in the caller's name: instances, and the role of their profile.
    permissions: ['autoscaling:SetDesiredCapacity', 'ec2:RunInstances', 'iam:PassRole'],
    batchMax: 1,
    disruptive: false,
    mayLose: ['capacity'],
    async send({ clients, targets, action, changeIds, watch }) {
      const [client, { SetDesiredCapacityCommand }] = await Promise.all([clients.autoScaling(), import('@aws-sdk/client-auto-scaling')]);
      const command = new SetDesiredCapacityCommand({
        AutoScalingGroupName: targets[0],
        DesiredCapacity: action.desiredCapacity,
        HonorCooldown: false, // the policy's own cooldown has been honoured already, and the group's may be longer
      });
      watch(sign(command, changeIds));
      const { $metadata } = await client.send(command, SIGNED);
      return { requestId: $metadata.requestId ?? null, of: () => 'done' };
    },
  },

  'set-min-size': {
    resource: 'auto-scaling-group',
    // Raised above the capacity there is, it launches in the caller's name, as above.
    permissions: ['autoscaling:UpdateAutoScalingGroup', 'ec2:RunInstances', 'iam:PassRole'],
    batchMax: 1,
    disruptive: false,
    mayLose: [],
    send: ({ action, ...request }) => updateGroup({ MinSize: action.minSize }, request),
  },

  'set-sizes': {
    resource: 'auto-scaling-group',
    permissions: ['autoscaling:UpdateAutoScalingGroup', 'ec2:RunInstances', 'iam:PassRole'],
    batchMax: 1,
    disruptive: false, // announced by its schedule, and given back by it
    mayLose: ['capacity'],
    send: ({ action, ...request }) =>
      updateGroup({ MinSize: action.minSize, MaxSize: action.maxSize, DesiredCapacity: action.desiredCapacity }, request),
  },

  'set-environment-min-size': {
    resource: 'beanstalk-environment',
    permissions: UPDATE_ENVIRONMENT,
    batchMax: 1,
    disruptive: false,
    mayLose: [],
    send: ({ action, ...request }) => updateEnvironment({ set: [sizeOption('MinSize', action.minSize)] }, request),
  },

  'pause-environment': {
    resource: 'beanstalk-environment',
    permissions: UPDATE_ENVIRONMENT,
    batchMax: 1,
    disruptive: false, // announced by its schedule, and given back by it
    mayLose: ['capacity'],
    send: ({ action: { pauseAt, resumeAt, down, back }, ...request }) =>
      updateEnvironment({ set: [...oneTime(PAUSE, pauseAt, down), ...oneTime(RESUME, resumeAt, back)] }, request),
  },

  'resume-environment': {
    resource: 'beanstalk-environment',
    permissions: UPDATE_ENVIRONMENT,
    batchMax: 1,
    disruptive: false,
    mayLose: [],
    send: ({ action: { resumeAt, back }, ...request }) =>
      updateEnvironment({ set: oneTime(RESUME, resumeAt, back), remove: oneTime(PAUSE, resumeAt, back) }, request),
  },

  'stop-instance': {
    resource: 'instance',
    permissions: ['ec2:StopInstances'],
    batchMax: IDS_PER_REQUEST,
    disruptive: true,
    mayLose: ['public-ipv4', 'memory', 'instance-store'],
    async send({ clients, targets, action, changeIds, watch }) {
      const [client, { StopInstancesCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
      const command = new StopInstancesCommand({ InstanceIds: [...targets], ...(action.hibernate ? { Hibernate: true } : {}) });
      watch(sign(command, changeIds));
      const { StoppingInstances, $metadata } = await client.send(command, SIGNED);
      return { requestId: $metadata.requestId ?? null, of: byState(StoppingInstances, ['stopping', 'stopped']) };
    },
  },

  'start-instance': {
    resource: 'instance',
    // EC2 opens encrypted volumes by a grant made in the caller's name; without it the instance falls back to stopped, with no error here.
    permissions: ['ec2:StartInstances', 'kms:CreateGrant'],
    batchMax: IDS_PER_REQUEST,
    disruptive: false,
    mayLose: [],
    async send({ clients, targets, changeIds, watch }) {
      const [client, { StartInstancesCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
      const command = new StartInstancesCommand({ InstanceIds: [...targets] });
      watch(sign(command, changeIds));
      const { StartingInstances, $metadata } = await client.send(command, SIGNED);
      return { requestId: $metadata.requestId ?? null, of: byState(StartingInstances, ['pending', 'running']) };
    },
  },

  'modify-instance-type': {
    resource: 'instance',
    permissions: ['ec2:ModifyInstanceAttribute'],
    batchMax: 1,
    disruptive: false, // EC2 takes it for stopped instances only
    mayLose: [],
    async send({ clients, targets, action, changeIds, watch }) {
      const [client, { ModifyInstanceAttributeCommand }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
      const command = new ModifyInstanceAttributeCommand({ InstanceId: targets[0], InstanceType: { Value: action.type } });
      watch(sign(command, changeIds));
      const { $metadata } = await client.send(command, SIGNED);
      return { requestId: $metadata.requestId ?? null, of: () => 'done' };
    },
  },

  'create-tags': {
    resource: EC2_CARRIERS,
    permissions: ['ec2:CreateTags'],
    batchMax: IDS_PER_REQUEST, // EC2 takes 1,000 resources
    disruptive: true, // a mark is the first step towards a stop
    mayLose: [],
    send: ({ action, ...request }) => createTags(action.tags, request),
  },

  'delete-tags': {
    resource: EC2_CARRIERS,
    permissions: ['ec2:DeleteTags'],
    batchMax: IDS_PER_REQUEST,
    disruptive: false,
    mayLose: [],
    send: ({ action, ...request }) => deleteTags(action.keys, request),
  },

  'replace-tags': {
    resource: EC2_CARRIERS,
    permissions: ['ec2:CreateTags', 'ec2:DeleteTags'],
    batchMax: IDS_PER_REQUEST,
    disruptive: true,
    mayLose: [],
    async send({ action, ...request }) {
      await createTags(action.tags, request);
      return deleteTags(action.keys, request);
    },
  },

  'tag-group': {
    resource: 'auto-scaling-group',
    permissions: ['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags'],
    batchMax: 1,
    disruptive: true,
    mayLose: [],
    send: ({ action, ...request }) => tagGroup(action, request),
  },

  'tag-environment': {
    resource: 'beanstalk-environment',
    permissions: TAG_ENVIRONMENT,
    batchMax: 1,
    disruptive: true,
    mayLose: [],
    send: ({ action, ...request }) => tagEnvironment(action, request),
  },
};

/** Only what is named is changed. */
async function updateGroup(
  sizes: { readonly MinSize: number; readonly MaxSize?: number; readonly DesiredCapacity?: number },
  { clients, targets, changeIds, watch }: Omit<Request<ActionKind>, 'action'>,
): Promise<Sent> {
  const [client, { UpdateAutoScalingGroupCommand }] = await Promise.all([clients.autoScaling(), import('@aws-sdk/client-auto-scaling')]);
  const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: targets[0], ...sizes });
  watch(sign(command, changeIds));
  const { $metadata } = await client.send(command, SIGNED);
  return { requestId: $metadata.requestId ?? null, of: () => 'done' };
}

/** EC2 answers with the state before each call: an instance that was on its way already was not sent there by us. */
function byState(answers: readonly InstanceStateChange[] | undefined, alreadySo: readonly string[]): Sent['of'] {
  const before = new Map((answers ?? []).map(a => [a.InstanceId, a.PreviousState?.Name]));
  return target => {
    const state = before.get(target);
    return state === undefined ? 'unknown' : alreadySo.includes(state) ? 'already-so' : 'done';
  };
}
