/**
 * How many of each there may be, and in one call
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html).
 */
import { invalid } from './autoscaling-find.ts';
import { ServiceError } from './errors.ts';

const QUOTAS = {
  'Auto Scaling groups': 500, // of a region
  'scaling policies': 50, // of a group, as all below
  'step adjustments': 20, // of a policy
  'scheduled actions': 125,
  'lifecycle hooks': 50,
} as const;

/** @throws ServiceError when one more would be one too many. */
export function refuseMore(what: keyof typeof QUOTAS, there: number): void {
  if (there >= QUOTAS[what]) throw new ServiceError('LimitExceededFault', `You have reached the limit of ${QUOTAS[what]} ${what}.`);
}

/** Members of one call. */
const BATCHES = {
  AttachInstances: 20,
  DetachInstances: 20,
  SetInstanceProtection: 50,
  EnterStandby: 20,
  ExitStandby: 20,
  BatchPutScheduledUpdateGroupAction: 50,
  BatchDeleteScheduledAction: 50,
} as const;

/** @throws ServiceError for more than the call takes. */
export function refuseBatch(operation: keyof typeof BATCHES, items: readonly unknown[] | undefined): void {
  const most = BATCHES[operation];
  if ((items?.length ?? 0) > most) throw invalid(`${operation} takes at most ${most} items, not ${items?.length}.`);
}
