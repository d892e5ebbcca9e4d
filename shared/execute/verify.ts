/** Look again, then write: what argued the change must still be so at the moment the pen is lifted. Pure. */
import type { Tags } from '../model/ids.ts';
import type { Environment, Fleet, Tagged } from '../model/observation.ts';
import type { Change } from '../model/plan.ts';
import { writtenTags } from '../model/tagging.ts';
import type { Instant } from '../model/time.ts';
import { PAUSE, RESUME } from './beanstalk.ts';
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
    case 'modify-instance-type':
      return fresh.kind === 'instance' && fresh.type === action.type;
    case 'set-desired-capacity':
      return fresh.kind === 'auto-scaling-group' && fresh.desiredCapacity === action.desiredCapacity;
    case 'set-min-size':
      return fresh.kind === 'auto-scaling-group' && fresh.minSize === action.minSize;
    case 'set-sizes':
      return (
        fresh.kind === 'auto-scaling-group' &&
        fresh.minSize === action.minSize &&
        fresh.maxSize === action.maxSize &&
        fresh.desiredCapacity === action.desiredCapacity
      );
    case 'set-environment-min-size':
      return environmentOf(fresh)?.minSize === action.minSize;
    case 'pause-environment':
      return isTimed(fresh, PAUSE, action.pauseAt) && isTimed(fresh, RESUME, action.resumeAt);
    case 'resume-environment':
      return isTimed(fresh, RESUME, action.resumeAt);
    case 'create-tags':
      return isWorn(fresh, action.tags);
    case 'delete-tags':
      return isBare(fresh, action.keys);
    case 'replace-tags':
    case 'tag-environment':
      return isWorn(fresh, action.tags) && isBare(fresh, action.keys);
    case 'tag-group':
      return isWorn(fresh, writtenTags(action)) && isBare(fresh, action.keys) && reachMembers(fresh, Object.keys(action.propagated));
    default:
      return action satisfies never;
  }
}

const isWorn = ({ tags }: Fresh, wanted: Tags): boolean => Object.entries(wanted).every(([key, value]) => tags[key] === value);
const isBare = ({ tags }: Fresh, keys: readonly string[]): boolean => keys.every(key => !Object.hasOwn(tags, key));
const reachMembers = (fresh: Fresh, keys: readonly string[]): boolean =>
  fresh.kind === 'carrier' && !keys.some(key => fresh.unpropagated.includes(key));

/** `null` where it could not be read. */
const environmentOf = (fresh: Fresh): Environment | null =>
  fresh.kind !== 'beanstalk-environment' || fresh.environment === null || 'unread' in fresh.environment ? null : fresh.environment;

export const isUnread = (fresh: Fresh): boolean =>
  fresh.kind === 'carrier' ? fresh.unread !== null : fresh.kind === 'beanstalk-environment' && environmentOf(fresh) === null;

const isTimed = (fresh: Fresh, name: string, at: Instant): boolean => environmentOf(fresh)?.oneTime[name] === at;

/** States in which EC2 or Auto Scaling would refuse, or do harm. */
function hinderedBy({ action, because }: Change, fresh: Fresh): Verification | null {
  if (fresh.kind === 'carrier') return carrierHinders(fresh, because.code === 'mark-lifted');
  if (fresh.kind === 'instance') {
    const { state, parent } = fresh;
    if (state === 'terminated' || state === 'shutting-down') return stale(`it is ${state}`);
    if (action.kind === 'stop-instance' && state !== 'running') return stale(`it is ${state}, not running`);
    if (action.kind === 'stop-instance' && parent !== null) return stale(`it joined ${parent.kind} ${parent.name}`);
    const asleep = action.kind === 'start-instance' || action.kind === 'modify-instance-type';
    if (asleep && state !== 'stopped') return stale(`it is ${state}, not stopped`);
    return null;
  }
  if (fresh.kind === 'beanstalk-environment') {
    const environment = environmentOf(fresh);
    if (environment === null) return stale('it could not be read');
    return environment.status === 'Ready' ? null : stale(`it is ${environment.status}, not Ready`);
  }
  const { minSize, maxSize } = fresh;
  switch (action.kind) {
    case 'set-desired-capacity': {
      const { desiredCapacity } = action;
      if (desiredCapacity < minSize || desiredCapacity > maxSize)
        return stale(`${desiredCapacity} is outside the group's ${minSize} to ${maxSize}`);
      return belowProtected(desiredCapacity, fresh);
    }
    case 'set-min-size':
      return action.minSize > maxSize ? stale(`${action.minSize} is above the group's MaxSize of ${maxSize}`) : null;
    case 'set-sizes':
      return belowProtected(action.desiredCapacity, fresh);
    default:
      return null;
  }
}

function carrierHinders({ ref, state, unread, parent }: Tagged, isLifting: boolean): Verification | null {
  if (/^(terminated|shutting-down|deleting|deleted|Terminating|Terminated)$/.test(state)) return stale(`it is ${state}`);
  if (unread !== null) return stale(`its tags could not be read: ${unread}`);
  if (parent !== null && !isLifting) return stale(`its tags come from ${parent.kind} ${parent.name} now`);
  return ref.kind !== 'beanstalk-environment' || state === 'Ready' ? null : stale(`it is ${state}, not Ready`);
}

/** Auto Scaling would terminate whom it may, and then fail at the protected for ever. */
function belowProtected(to: number, { desiredCapacity, members }: Fleet): Verification | null {
  if (to >= desiredCapacity) return null;
  const guarded = members.filter(m => m.scaleInProtected && m.lifecycleState === 'InService').reduce((sum, m) => sum + m.weight, 0);
  return to >= guarded ? null : stale(`${guarded} of its ${desiredCapacity} are protected from scale-in`);
}

function mismatch({ action, expects }: Change, fresh: Fresh): Verification | null {
  const { launchedAt, tags = {} } = expects;
  if (launchedAt !== undefined && fresh.kind === 'instance' && fresh.launchedAt !== launchedAt) {
    return stale(`it was started again at ${fresh.launchedAt}`);
  }
  if (expects.type !== undefined && fresh.kind === 'instance' && fresh.type !== expects.type) {
    return stale(`it is a ${fresh.type}, not a ${expects.type}`);
  }
  for (const [size, called] of SIZES) {
    const expected = expects[size];
    if (expected === undefined || fresh.kind === 'instance' || fresh.kind === 'carrier') continue;
    // An environment's floor is its setting; its group follows minutes later.
    const found = action.kind === 'set-environment-min-size' ? environmentOf(fresh)?.minSize : fresh[size];
    if (found !== expected) return stale(`its ${called} is ${found}, not ${expected}`);
  }
  for (const [key, value] of Object.entries(tags)) {
    if ((fresh.tags[key] ?? null) !== value) return stale(`its tag ${key} was changed`);
  }
  return null;
}

const SIZES = [
  ['desiredCapacity', 'desired capacity'],
  ['minSize', 'MinSize'],
  ['maxSize', 'MaxSize'],
] as const;

const stale = (detail: string): Verification => ({ outcome: 'stale', detail });
