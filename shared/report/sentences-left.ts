/** Why something is left alone, pen by pen. Each clause reads on from `Left alone: …`. */
import { dollars } from '../model/money.ts';
import type { LeftReason, Sizes } from '../model/plan.ts';
import { lengthSeconds } from '../model/time.ts';
import { foreseen } from './foresight.ts';
import { aboveWords, againWords, otherUseWords, soonWords } from './idle-words.ts';
import { count, percent, percentBeside, share, shareShort, span } from './numbers.ts';
import { plain, plainList } from './plain.ts';
import type { Clauses } from './sentences.ts';
import { date } from './when.ts';

type Of<Code extends LeftReason['code']> = Clauses<Extract<LeftReason, { code: Code }>>;

const BOUNDS = { min: 'minimum', max: 'maximum' } as const;

export const anyPen: Of<'no-policy' | 'opted-out' | 'gone' | 'unsettled' | 'bad-tag'> = {
  'no-policy': () => 'no policy matches it',
  'opted-out': ({ tag }) => `its tag ${plain(tag)} opts out`,
  gone: ({ state }) => `it is gone (${plain(state)})`,
  unsettled: ({ changeId, claimedAt }, at) => `the outcome of ${plain(changeId)}, claimed ${at(claimedAt)}, is still being looked up`,
  'bad-tag': ({ tag, value, remedy }) => `its tag ${plain(tag)} says “${plain(value)}”, which cannot be read; ${plain(remedy, 160)}`,
};

export const instances: Of<
  | 'kept'
  | 'spot'
  | 'member'
  | 'instance-store-root'
  | 'instance-store-data'
  | 'stop-protected'
  | 'stop-protection-unread'
  | 'scheduled-event'
  | 'surplus-credits'
  | 'covered'
  | 'on-hours-now'
  | 'left-open'
  | 'started-by-hand'
  | 'stopped-by-someone'
  | 'retained'
  | 'waits-for'
  | 'asleep'
  | 'untagged'
  | 'in-transition'
  | 'booting'
  | 'started-ahead'
  | 'start-failing'
  | 'in-use'
  | 'thin-data'
  | 'just-started'
  | 'not-measured'
  | 'learning'
  | 'above-floor'
  | 'likely-soon'
  | 'idle-unconfirmed'
  | 'just-woken'
  | 'other-use'
> = {
  kept: ({ until, by }, at) => `kept until ${at(until)} by ${by === undefined ? 'its tag ebb:keep-until' : plain(by)}`,
  spot: () => 'it is a Spot Instance',
  member: ({ parent, of }) => `it belongs to ${plain(of)} (${plain(parent)}), which would replace it`,
  'instance-store-root': () => 'its root device is instance store, so it cannot be stopped',
  'instance-store-data': ({ type }) => `a stop would erase the instance store volumes of its ${plain(type)}`,
  'stop-protected': () => 'its stop protection is on',
  'stop-protection-unread': ({ why }) => `its stop protection could not be read (${plain(why)})`,
  'scheduled-event': ({ event, from, until }, at) =>
    `AWS has scheduled ${plain(event)} for it ${at(from)}${until === null ? '' : ` to ${at(until)}`}, and a stop could collide with that`,
  'surplus-credits': ({ credits, charge, saving }) =>
    `a stop would bill the ${Math.round(credits)} CPU credits that it has borrowed (${dollars(charge)}), as much as it saves (${dollars(saving)}); running on earns them back`,
  covered: ({ source }) => `commitments have paid for its hours already (${plain(source)}), so a stop would save nothing`,
  'on-hours-now': ({ schedule, until }, at) =>
    until === null ? `its schedule (${plain(schedule)}) never turns it off` : `${plain(schedule)} says on until ${at(until)}`,
  'left-open': ({ schedule, until }, at) => `${plain(schedule)} says neither on nor off${until === null ? '' : ` until ${at(until)}`}`,
  'started-by-hand': ({ at: started, until }, at) => `started by hand ${at(started)}${until === null ? '' : `, kept until ${at(until)}`}`,
  'waits-for': ({ turn, names, until }, at) =>
    turn === 'start'
      ? `it starts after ${plainList(names)}, not up yet; ${at(until)} it starts in any case`
      : `it stops after ${plainList(names)}, which started after it; ${at(until)} it stops in any case`,
  retained: ({ at: started, schedule }, at) =>
    `started by hand ${at(started)}, outside of ${plain(schedule)}, and its policy retains what runs`,
  'stopped-by-someone': ({ at: stopped, by }) =>
    `stopped by ${by === undefined ? 'someone else' : plain(by)}${stopped === null ? '' : ` on ${date(stopped)}`}, so not ours to start`,
  asleep: ({ since, until, because }, at) =>
    `stopped by us (${because}) since ${at(since)}${until === null ? '' : `, starts again ${at(until)}`}`,
  untagged: ({ since, missing, deadline }, at) =>
    `stopped by us since ${at(since)}, and not started while ${plainList(missing)} is missing, which was to be added by ${at(deadline)}`,
  'in-transition': ({ state }) => `it is ${plain(state)}`,
  booting: ({ startedAt, failing }, at) =>
    failing === null
      ? `started by us ${at(startedAt)}, and its status checks have yet to pass`
      : `started by us ${at(startedAt)}, and its status checks do not pass (${plain(failing)}): it runs, and probably cannot be used`,
  'started-ahead': ({ schedule, of }, at) => `started by us ahead of ${plain(schedule)}, to be ready ${at(of)}`,
  'start-failing': ({ attempts, why, nextAt }, at) =>
    `it does not come back after ${count(attempts, 'start')} (${plain(why, 160)}); the next try is ${at(nextAt)}`,
  'in-use': ({ cpuMax, threshold, window, again }, at) =>
    `CPU reached ${percentBeside(cpuMax, threshold)} in ${span(lengthSeconds(window))}, and idle is under ${percent(threshold)}${againWords(again, at)}`,
  'thin-data': ({ coverage, needed, window }) =>
    `only ${shareShort(coverage, needed)} of ${span(lengthSeconds(window))} was measured, and ${share(needed)} is needed`,
  'just-started': ({ at: started, measuredFrom }, at) => `it started ${at(started)}, and idleness is measured from ${at(measuredFrom)}`,
  'not-measured': ({ nextAt }, at) => `it is not measured before ${at(nextAt)}`,
  learning: ({ hours, needed }) => `what idle means is still being learned of it: ${hours} of ${needed} hours`,
  'above-floor': ({ hour, again, ...measured }, at) =>
    `in use in the hour from ${at(hour)} (${aboveWords(measured)})${againWords(again, at)}`,
  'likely-soon': ({ again, ...soon }, at) => `idle, but ${soonWords(soon)}${againWords(again, at)}`,
  'idle-unconfirmed': ({ again, ...soon }, at) =>
    `idle and ${soonWords(soon)}, but the hour before or the coming one does not agree yet${againWords(again, at)}`,
  'just-woken': ({ again }, at) => `it has just come back, and is left alone for two hours${againWords(again, at)}`,
  'other-use': (use, at) => otherUseWords(use, at),
};

export const fleets: Of<
  | 'on-target'
  | 'as-forecast'
  | 'at-max'
  | 'at-min'
  | 'cooling-down'
  | 'warming-up'
  | 'confirming'
  | 'silent-metric'
  | 'suspended'
  | 'fleet-asleep'
  | 'floor-holds'
  | 'floor-resting'
  | 'scale-in-protected'
  | 'refreshing'
  | 'launch-failing'
  | 'beanstalk-owned'
  | 'environment-busy'
  | 'environment-unread'
  | 'single-instance'
  | 'never-returns'
  | 'pause-set'
  | 'aws-scaling-policies'
  | 'bounds-contradict'
> = {
  'as-forecast': ({ capacity, wanted, bound, ...foresight }) =>
    `${foreseen(foresight)}; ${bound === null ? `${count(capacity, 'instance')} are right` : `${count(wanted, 'instance')} are the policy's ${BOUNDS[bound]}`}`,
  'on-target': ({ value, target, capacity }) =>
    `${percent(value)} on ${count(capacity, 'instance')} suits the target of ${percent(target)}`,
  'at-max': ({ value, target, max }) =>
    `${percentBeside(value, target)} is above the target of ${percent(target)}, but ${count(max, 'instance')} is the maximum`,
  'at-min': ({ value, target, min }) =>
    `${percentBeside(value, target)} is below the target of ${percent(target)}, but ${count(min, 'instance')} is the minimum`,
  'cooling-down': ({ until, wanted }, at) => `cooling down until ${at(until)}; ${count(wanted, 'instance')} would do`,
  'warming-up': ({ pending, wanted }) => `${count(pending, 'instance')} still warming up on the way to ${wanted}`,
  confirming: ({ value, target, seen, needed }) =>
    `${percentBeside(value, target)} is off the target of ${percent(target)} for ${seen} of the ${count(needed, 'datapoint')} it takes`,
  'silent-metric': ({ metric, since }, at) => `${plain(metric)} has been silent since ${at(since)}, and silence is not idleness`,
  suspended: ({ processes }) => `people suspended ${plainList(processes)}`,
  'fleet-asleep': ({ since, until, was, changed }, at) =>
    `in off-hours since ${at(since)}${until === null ? '' : `, back ${at(until)}`}; it was ${sizes(was)}${changed ? ', and what somebody has changed since stands' : ''}`,
  'floor-holds': ({ floor, wanted }) =>
    `a MinSize of ${floor} suits the ${count(wanted, 'instance')} that would do; the scaling policies of AWS do the rest`,
  'floor-resting': ({ floor, wanted, until }, at) =>
    `MinSize stays ${floor} until ${at(until)}, for floors change seldom; ${count(wanted, 'instance')} would do`,
  'scale-in-protected': ({ protected: guarded, capacity, wanted }) =>
    `${guarded} of ${count(capacity, 'instance')} are protected from scale-in; ${wanted} would do`,
  refreshing: ({ percent: done, wanted }) =>
    `an instance refresh is under way (${percent(done)}), and nothing is removed until it ends; ${count(wanted, 'instance')} would do`,
  'launch-failing': ({ why, since, missing, tries, nextAt }, at) =>
    `${count(missing, 'instance')} cannot be launched since ${at(since)} (${plain(why, 160)}); ${again(tries, nextAt === null ? null : at(nextAt))}`,
  'beanstalk-owned': ({ environment }) =>
    `it belongs to the Elastic Beanstalk environment ${plain(environment)}, and its policy does not say \`beanstalk: true\``,
  'environment-busy': ({ status }) => `its environment is ${plain(status)}, and takes an update only when it is Ready`,
  'environment-unread': ({ why }) => `its environment could not be read (${plain(why)})`,
  'single-instance': () => 'it is a single-instance environment: its size is 1 by definition, and nobody has seen whether it can be paused',
  'never-returns': ({ schedule }) => `${plain(schedule)} never turns it on again, so there would be no second half of a pause`,
  'pause-set': ({ from, until, was }, at) => `its pause from ${at(from)} to ${at(until)} is set; it is ${sizes(was)}`,
  'aws-scaling-policies': ({ names }) =>
    `scaling policies of AWS act on it (${plainList(names)}); two drivers would fight: write \`capacity: floor\` to set MinSize alone, or \`takeOver: true\``,
  'bounds-contradict': ({ policyMin, policyMax, groupMin, groupMax }) =>
    `the policy's ${policyMin} to ${policyMax} and the group's ${groupMin} to ${groupMax} have no size in common`,
};

/** `2 to 8, desired 4` */
export const sizes = ({ minSize, maxSize, desiredCapacity }: Sizes): string => `${minSize} to ${maxSize}, desired ${desiredCapacity}`;

const again = (tries: number, next: string | null): string =>
  next === null
    ? `asked for more ${count(tries, 'time')} in vain, so no more is asked for until launches succeed`
    : `no more is asked for until ${next}`;

export const tags: Of<'compliant' | 'just-born' | 'marked' | 'parent-owns-tags' | 'tag-limit' | 'tags-replace' | 'tags-unread'> = {
  compliant: () => 'it carries every required tag',
  'just-born': ({ until }, at) => `just born; its tags count from ${at(until)}`,
  marked: ({ missing, deadline }, at) => `already marked for missing ${plainList(missing)}, to be added by ${at(deadline)}`,
  'parent-owns-tags': ({ parent }) => `its tags come from ${plain(parent)}`,
  'tags-unread': ({ why }) => `its tags could not be read (${plain(why)}), and unknown is not absent`,
  'tag-limit': ({ count: n }) => `it carries ${count(n, 'tag')} already, and AWS takes no more than 50`,
  'tags-replace': () =>
    'Elastic Beanstalk hands its tags on to its launch template (LaunchTemplateTagPropagationEnabled), so writing one would replace all of its instances',
};
