/** From a verdict about an instance to a change in the plan. Pure. */
import type { Baseline } from '../model/baseline.ts';
import { PUBLIC_ADDRESS } from '../model/money.ts';
import type { Instance } from '../model/observation.ts';
import { type Change, changeId, type Loss, type Saving } from '../model/plan.ts';
import { addSeconds, DAY, earlier, type Instant } from '../model/time.ts';
import { scheduleKeys } from '../policy/schedule-tags.ts';
import type { InstancePolicy } from '../policy/schema.ts';
import { readOwner, TAG_KEEP_UNTIL, TAG_POLICY, TAG_SCHEDULE } from '../policy/tags.ts';
import { surplusCharge } from './credits.ts';
import type { InstanceFacts, Standing } from './decide-instances.ts';
import type { Act } from './rules/rule.ts';
import { lessCharge, savingOfSize, savingOfSleep } from './saving.ts';
import { resizesItself } from './sized.ts';

/** What people say with their tags must still be said when the pen is lifted, and the policy must still speak for whoever wears them. */
const SPOKEN = [TAG_POLICY, TAG_SCHEDULE, TAG_KEEP_UNTIL];

/** The whole change that a verdict comes to: under its id, with what must still hold, what it is expected to save, and what it may lose. */
export function toChange(instance: Instance, verdict: Act, standing: Standing, facts: InstanceFacts): Change {
  const { act, because, causeAt, attempt } = verdict;
  const { policy, memory } = standing;
  const { at, commitments } = facts;
  const stop = act.kind === 'stop-instance' ? act : null;
  const heard = [...SPOKEN, ...scheduleKeys(instance.tags, policy?.scheduleTags), ...matchedKeys(policy)];
  const spoken = Object.fromEntries(heard.map(key => [key, instance.tags[key] ?? null]));
  const speaks = stop !== null || because.code === 'rightsize';
  const expects = speaks ? { ...verdict.expects, tags: { ...verdict.expects.tags, ...spoken } } : verdict.expects;
  const baseline = memory?.baseline ?? notReadYet(at);
  return {
    id: changeId({ resource: instance.ref, action: act, expects, causeAt, attempt }),
    pen: 'stop-start-instances',
    resource: instance.ref,
    action: act,
    because,
    causeAt,
    expects,
    attempt,
    policy: policy?.name ?? 'none',
    mode: modeOf(because, instance, standing, stop !== null),
    saving: stop === null ? savingOfSize(because, at, { baseline, commitments }) : savingOfStop(instance, verdict, standing, facts),
    losing: stop === null ? [] : lossesOf(instance, stop.hibernate),
    owner: readOwner(instance.tags),
  };
}

const matchedKeys = (policy: InstancePolicy | null): string[] => [
  ...Object.keys(policy?.match.tags ?? {}),
  ...(policy?.match.names === undefined ? [] : ['Name']),
];

/** Until its schedule turns, or for a day. A person's own stop is no saving of ours. */
function savingOfStop(
  instance: Instance,
  { because }: Act,
  { hours, memory, checked }: Standing,
  { at, commitments }: InstanceFacts,
): Saving | null {
  if (because.code === 'asked') return null;
  const day = addSeconds(at, DAY);
  const end = earlier(hours?.until ?? day, day);
  const baseline = memory?.baseline ?? notReadYet(at);
  const saving = savingOfSleep({ start: at, end }, { price: instance.price, baseline, commitments, ...addressOf(instance) });
  return lessCharge(saving, surplusCharge(instance, checked?.surplus ?? 0));
}

const notReadYet = (at: Instant): Baseline => ({ kind: 'unknown', why: 'not-read-yet', frozenAt: at });

/** A stop gives it back; an Elastic IP stays, and is billed on. */
const addressOf = ({ publicIpv4 }: Instance) => (publicIpv4 === 'auto' ? { addressPerHour: PUBLIC_ADDRESS } : {});

/** What gives back, what a person asked for and what undoes our own doing does not wait for a policy's leave. */
function modeOf(because: Change['because'], instance: Instance, standing: Standing, isStop: boolean): Change['mode'] {
  const { policy } = standing;
  if (policy === null || because.code === 'asked' || because.code === 'resize-undone') return 'act';
  if (because.code === 'rightsize') return resizesItself(instance, standing);
  return isStop || because.code === 'enforced' ? policy.mode : 'act';
}

const lossesOf = (instance: Instance, hibernate: boolean): Loss[] => [
  ...(instance.publicIpv4 === 'auto' ? (['public-ipv4'] as const) : []),
  ...(hibernate ? [] : (['memory'] as const)),
];
