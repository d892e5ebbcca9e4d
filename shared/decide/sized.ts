/** What is remembered of an instance's size: the finding of a week, and when its people were told of it. */
import type { InstanceMemory, Sized } from '../model/memory.ts';
import { type Series, slice, windowOf } from '../model/metric.ts';
import type { Instance } from '../model/observation.ts';
import { addSeconds, DAY, type Instant, secondsBetween, WEEK } from '../model/time.ts';
import type { Standing } from './decide-instances.ts';
import { rightsize, type Sizing } from './resize.ts';
import { isResting } from './rules/retype.ts';

/** The same type is proposed again after so long, if it still would do. */
const TOLD_AGAIN = 30 * DAY;

interface About {
  readonly standing: Standing;
  /** `null`: its load was not read at this look. */
  readonly sizing: Sizing | null;
}

/** @returns the same object where nothing was looked at. */
export function afterSizing(memory: InstanceMemory, instance: Instance, { standing, sizing }: About): InstanceMemory {
  const { policy, at } = standing;
  if (sizing === null || policy?.resize === undefined) return memory;
  const { sized } = memory;
  const since = sized === undefined ? null : sized.from === instance.type ? sized.since : at;
  const found = { ...rightsize(instance, since === null ? sizing : from(since, sizing), policy.resize, at), since };
  const before = sized?.told;
  const { to } = found;
  const tells = to !== null && isForPeople(to, memory, instance, standing) && !isFresh(before, to, at);
  const told = tells ? { at, to } : before;
  return { ...memory, sized: { ...found, ...(told && { told }) } };
}

const from = (since: Instant, { cpu, memory, offers }: Sizing): Sizing => {
  const later = (series: Series) => slice(series, { start: since, end: windowOf(series).end });
  return { cpu: later(cpu), memory: memory === null ? null : later(memory), offers };
};

const isFresh = (told: Sized['told'], to: string, at: Instant): boolean =>
  told !== undefined && (addSeconds(told.at, WEEK) > at || (told.to === to && addSeconds(told.at, TOLD_AGAIN) > at));

/** What will be done at its next stop anyway is told when it is done; what nobody will do is proposed. */
function isForPeople(to: string, memory: InstanceMemory, instance: Instance, standing: Standing): boolean {
  if (isResting(memory, to, standing.at)) return false;
  return resizesItself(instance, standing) === 'plan' || neverStops(instance, memory, standing.at);
}

/** Nor has it been stopped since a policy first spoke for it, which may be about to. */
const neverStops = ({ state, launchedAt }: Instance, { enrolledAt }: InstanceMemory, at: Instant): boolean =>
  state === 'running' && secondsBetween(launchedAt, at) >= WEEK && secondsBetween(enrolledAt, at) >= WEEK;

/**
 * `act` where the policy does as well as its `resize`. What a CloudFormation stack has made is proposed: the stack would set its own type
 * again, or not be able to.
 */
export const resizesItself = ({ tags }: Instance, { policy }: Standing): 'plan' | 'act' =>
  policy?.mode === 'act' && policy.resize?.mode === 'act' && tags['aws:cloudformation:stack-name'] === undefined ? 'act' : 'plan';
