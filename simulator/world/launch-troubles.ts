/**
 * What keeps an Auto Scaling group from launching, beside missing capacity, in the words of its activities
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html and ts-as-capacity.html beside it).
 */
import type { Group } from './group.ts';
import type { Machine } from './machine.ts';
import { shortageMessage } from './shortage.ts';
import type { World } from './world.ts';

/** `kms`: the instance is launched, cannot read its volume, and is gone again. All others are refused at once. */
export type LaunchTroubleKind = 'kms' | 'image-gone' | 'bad-parameter' | 'spot-limit' | 'vcpu-limit';

export interface LaunchTrouble {
  readonly kind: LaunchTroubleKind;
  /** Half-open, epoch seconds. */
  readonly from: number;
  readonly to: number;
}

const REFUSALS: Readonly<Record<Exclude<LaunchTroubleKind, 'kms'>, string>> = {
  'image-gone': "The image id '[ami-0fb2c3d4e5f607182]' does not exist. Launching EC2 instance failed.",
  'bad-parameter':
    'Value (web-profile) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name. Launching EC2 instance failed.',
  'spot-limit': 'Max spot instance count exceeded. Placing Spot instance request failed.',
  'vcpu-limit':
    'You have requested more vCPU capacity than your current vCPU limit of 64 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.',
};

/** Why an instance of that market is not even asked for; null where nothing is known against it. */
export function refusedLaunch(world: World, group: Group, market: Machine['market']): string | null {
  const spot = market !== 'on-demand';
  for (const kind of now(world, group)) if (kind !== 'kms' && (kind !== 'spot-limit' || spot)) return REFUSALS[kind];
  return null;
}

export const hasNoKey = (world: World, group: Group): boolean => now(world, group).includes('kms');

function now({ clock }: World, { troubles }: Group): LaunchTroubleKind[] {
  const at = clock.now();
  return troubles.filter(({ from, to }) => at >= from && at < to).map(({ kind }) => kind);
}

/** What a launch without capacity says. */
export const withoutCapacity = (group: Group, market: Machine['market']): string =>
  market === 'on-demand'
    ? `${shortageMessage(group.template.type, `${group.region}a`)} Launching EC2 instance failed.`
    : 'Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed.';

/** What a launch says whose instance died before it came into service. */
export const diedOnTheWay = ({ stateReason }: Machine): string =>
  `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${stateReason?.Message ?? 'Client.UserInitiatedShutdown: User initiated shutdown'}`;
