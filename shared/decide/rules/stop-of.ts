/** A stop as it is meant: hibernation where its policy wishes it, the instance was launched for it, and EC2 can. */

import type { Instance } from '../../model/observation.ts';
import type { Action } from '../../model/plan.ts';
import type { InstanceContext } from '../decide-instances.ts';

/** A machine that has just booted is ready in minutes; one whose image has no agent never is, and would run on every night. */
const TRIES = 3;

export const stopOf = (
  { hibernation }: Pick<Instance, 'hibernation'>,
  { policy, memory }: Pick<InstanceContext, 'policy' | 'memory'>,
): Extract<Action, { kind: 'stop-instance' }> => ({
  kind: 'stop-instance',
  hibernate: policy.hibernate && hibernation && (memory?.failedStop?.awake ?? 0) < TRIES,
});
