/** A stop as it is meant: hibernation where its policy wishes it, the instance was launched for it, and EC2 can. */
import type { Instance } from '../../model/observation.ts';
import type { Action } from '../../model/plan.ts';
import { addSeconds, WEEK } from '../../model/time.ts';
import type { InstanceContext } from '../decide-instances.ts';

/** A machine that has just booted is ready in minutes; one whose image has no agent never is, and would run on. */
const TRIES = 3;
/** … and is asked again after so long: somebody may have put the agent in. */
const RESTS = WEEK;

export const stopOf = (
  { hibernation }: Pick<Instance, 'hibernation'>,
  { policy, memory, at }: Pick<InstanceContext, 'policy' | 'memory' | 'at'>,
): Extract<Action, { kind: 'stop-instance' }> => {
  const { unhibernated: asked } = memory;
  const refuses = asked !== undefined && asked.times >= TRIES && at < addSeconds(asked.at, RESTS);
  return { kind: 'stop-instance', hibernate: policy.hibernate && hibernation && !refuses };
};
