/** Look again, then write: what argued the change must still be so at the moment the pen is lifted. Pure. */
import type { Change } from '../model/plan.ts';
import type { Fresh } from './reread.ts';

export type Verification = 'go' | { readonly outcome: 'already-so' | 'stale'; readonly detail: string };

export function verify(change: Change, fresh: Fresh | undefined): Verification {
  if (fresh === undefined) return stale('it is gone');
  if (isSo(change, fresh)) return { outcome: 'already-so', detail: 'it was so before we wrote' };
  return hinderedBy(change, fresh) ?? mismatch(change, fresh) ?? 'go';
}

/** Whether the world already shows what the change wants: the answer to a claim whose outcome nobody saw. */
export function isSo({ action }: Change, fresh: Fresh): boolean {
  switch (action.kind) {
    case 'stop-instance':
      return fresh.kind === 'instance' && (fresh.state === 'stopping' || fresh.state === 'stopped');
    case 'start-instance':
      return fresh.kind === 'instance' && (fresh.state === 'pending' || fresh.state === 'running');
    case 'set-desired-capacity':
      return fresh.kind === 'auto-scaling-group' && fresh.desiredCapacity === action.desiredCapacity;
    case 'create-tags':
      return Object.entries(action.tags).every(([key, value]) => fresh.tags[key] === value);
    case 'delete-tags':
      return action.keys.every(key => fresh.tags[key] === undefined);
    default:
      return action satisfies never;
  }
}

/** States in which EC2 or Auto Scaling would refuse, or do harm. */
function hinderedBy({ action }: Change, fresh: Fresh): Verification | null {
  if (fresh.kind === 'instance') {
    const { state, parent } = fresh;
    if (state === 'terminated' || state === 'shutting-down') return stale(`it is ${state}`);
    if (action.kind === 'stop-instance' && state !== 'running') return stale(`it is ${state}, not running`);
    if (action.kind === 'stop-instance' && parent !== null) return stale(`it joined ${parent.kind} ${parent.name}`);
    if (action.kind === 'start-instance' && state !== 'stopped') return stale(`it is ${state}, not stopped`);
    return null;
  }
  if (action.kind !== 'set-desired-capacity') return null;
  const { desiredCapacity } = action;
  const { minSize, maxSize } = fresh;
  if (desiredCapacity >= minSize && desiredCapacity <= maxSize) return null;
  return stale(`${desiredCapacity} is outside the group's ${minSize} to ${maxSize}`);
}

function mismatch({ expects }: Change, fresh: Fresh): Verification | null {
  const { launchedAt, desiredCapacity, tags = {} } = expects;
  if (launchedAt !== undefined && fresh.kind === 'instance' && fresh.launchedAt !== launchedAt) {
    return stale(`it was started again at ${fresh.launchedAt}`);
  }
  if (desiredCapacity !== undefined && fresh.kind === 'auto-scaling-group' && fresh.desiredCapacity !== desiredCapacity) {
    return stale(`its desired capacity is ${fresh.desiredCapacity}, not ${desiredCapacity}`);
  }
  for (const [key, value] of Object.entries(tags)) {
    if ((fresh.tags[key] ?? null) !== value) return stale(`its tag ${key} was changed`);
  }
  return null;
}

const stale = (detail: string): Verification => ({ outcome: 'stale', detail });
