/** What hinders a resize before demand is looked at, and the bounds that demand may not cross. */
import type { Fleet } from '../../model/observation.ts';
import type { FleetContext } from '../decide-fleets.ts';
import { leave, type Rule } from './rule.ts';

type FleetRule = Rule<Fleet, FleetContext>;

/** Beanstalk's group is Beanstalk's: edits from outside are neither watched nor kept, and break its updates. */
export const beanstalkOwned: FleetRule = ({ beanstalk, ref }, { policy }) =>
  beanstalk === null || (policy.beanstalk && ref.kind === 'beanstalk-environment')
    ? null
    : leave({ code: 'beanstalk-owned', environment: beanstalk });

/** Two writers of one number would chase each other; a floor is another number. */
export const awsScalingPolicies: FleetRule = (fleet, { policy }) =>
  fleet.awsPolicies.length === 0 || policy.takeOver || policy.capacity === 'floor'
    ? null
    : leave({ code: 'aws-scaling-policies', names: fleet.awsPolicies });

/** Somebody suspended what a resize needs, and will have had a reason. */
export const suspended: FleetRule = fleet => {
  const processes = fleet.suspended.filter(p => p === 'Launch' || p === 'Terminate');
  return processes.length === 0 ? null : leave({ code: 'suspended', processes });
};

export const boundsContradict: FleetRule = (fleet, { policy, min, max }) =>
  min <= max
    ? null
    : leave({
        code: 'bounds-contradict',
        policyMin: policy.minSize,
        policyMax: policy.maxSize,
        groupMin: fleet.minSize,
        groupMax: fleet.maxSize,
      });

/** A floor is a promise: it is restored without waiting for demand to argue for it. */
export const outsideBounds: FleetRule = ({ desiredCapacity }, { min, max, at }) => {
  if (desiredCapacity >= min && desiredCapacity <= max) return null;
  const to = Math.min(Math.max(desiredCapacity, min), max);
  return {
    act: { kind: 'set-desired-capacity', desiredCapacity: to },
    because: { code: 'outside-bounds', from: desiredCapacity, to, min, max },
    causeAt: at,
    expects: { desiredCapacity },
    attempt: 1,
  };
};
