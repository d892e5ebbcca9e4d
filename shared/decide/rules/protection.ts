/** What may not be stopped, and why not: asked in the order in which EC2 would refuse or a person would mind. */
import type { Instance } from '../../model/observation.ts';
import { later } from '../../model/time.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { leave, type Rule } from './rule.ts';

type InstanceRule = Rule<Instance, InstanceContext>;

export const kept: InstanceRule = (_, { keepUntil, wish, at }) => {
  const until = later(keepUntil ?? at, at);
  if (wish?.want === 'keep' && wish.until > until) return leave({ code: 'kept', until: wish.until, by: wish.by });
  return until > at ? leave({ code: 'kept', until }) : null;
};

/**
 * A one-time Spot Instance cannot be stopped. One of a persistent request can, but its way back hangs on Spot capacity at its maximum price,
 * and it is terminated when somebody cancels the request meanwhile: that is no stop that we could promise to undo.
 */
export const spot: InstanceRule = instance => (instance.lifecycle === 'spot' ? leave({ code: 'spot' }) : null);

/** Stopping a group member makes the group launch a replacement, so members are left: the parent is the right lever. */
export const member: InstanceRule = ({ parent }) =>
  parent === null ? null : leave({ code: 'member', parent: parent.kind, of: parent.name });

export const instanceStoreRoot: InstanceRule = instance =>
  instance.rootDevice === 'instance-store' ? leave({ code: 'instance-store-root' }) : null;

/** A stop wipes local disks for good, and nobody has been asked. */
export const instanceStoreData: InstanceRule = ({ type }, { types }) => {
  const spec = types?.get(type);
  return (spec === undefined ? hasInstanceStore(type) : spec.instanceStoreGb > 0) ? leave({ code: 'instance-store-data', type }) : null;
};

export const stopProtected: InstanceRule = instance => (instance.stopProtection === true ? leave({ code: 'stop-protected' }) : null);

/** Asked only of those that a rule would stop; unknown is not absent. */
export const stopProtectionUnread: InstanceRule = (instance, { protectionUnread }) => {
  const why = protectionUnread.get(instance.ref.id);
  return why === undefined ? null : leave({ code: 'stop-protection-unread', why });
};

/**
 * Local NVMe or HDD by the type's name: a `d` after the generation (`m5d`, `c6gd`, `r5dn`), or a family that is built around local disks,
 * or an accelerated one that carries them unnamed (naming conventions and instance store specifications, EC2 instance types guide).
 */
export function hasInstanceStore(type: string): boolean {
  const family = type.split('.')[0] ?? '';
  return (
    /^[a-z]+\d+[a-z]*d[a-z]*(-|$)/.test(family) ||
    /^(i\d|is\d|im\d|hi1|hs1|d2|d3|h1|x1|m1|m2|m3|c1|c3|r3|cc2|cr1)/.test(family) ||
    /^(f1|f2|g2|g5(?!g)|g6|gr6|p4d|p5|p6|dl1|trn)/.test(family)
  );
}
