/**
 * Protected: what the world marks as protected is never written to. A mark counts that stood when the run looked for the last time and stood
 * still when it wrote: nobody can heed what is said after the last look.
 */
import { addSeconds, epochSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Answer } from '../people/answers.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { NOTICE } from '../swarm/rules.ts';
import type { Write } from '../world/record.ts';
import { askedFor, isHushed, whyNotAsked } from './asked.ts';
import { givesBackOwn, notToUpdate } from './environments.ts';
import {
  arguedBy,
  boxOf,
  couldBeOurs,
  hoursFor,
  isOurs,
  lastCall,
  nameOf,
  ourWrites,
  pausedAt,
  runBegan,
  speaksFor,
  tagsAt,
  tagsBefore,
  tagsIn,
  targetsOf,
} from './facts.ts';
import { type Moment, type Standing, standingAt } from './looked.ts';
import { isGuarded, notBelowShielded, setMeanwhile } from './shields.ts';
import { fleetPolicyAt, ownBounds, sizesIn } from './sizes.ts';
import { notToTag } from './tagging.ts';
import { notToEscalate } from './tags.ts';
import type { Judge } from './verdict.ts';
import { type Interval, isOn, lastTurn } from './wall-clock.ts';

export const isProtected: Judge = function* (evidence) {
  for (const write of ourWrites(evidence)) {
    for (const target of targetsOf(write)) {
      const why = offence(evidence, write, target);
      if (why !== null) yield { at: write.at, what: `${write.action} on ${nameOf(evidence, target)}, ${why}` };
    }
  }
};

function offence(evidence: Evidence, write: Write, target: string): string | null {
  const began = runBegan(evidence, write);
  const standing = standingAt(evidence, write, target);
  if (!givesBack(evidence, write, target) && standing(({ at }) => pausedAt(evidence, at))) return 'while somebody has paused us';
  const asked = askedFor(evidence, write, target);
  const unasked =
    asked === null
      ? null
      : (whyNotAsked(evidence, asked, target, WANTED[write.action] ?? 'why') ?? overtaken(evidence, write, target, began));
  if (unasked !== null) return unasked;
  switch (write.action) {
    case 'StopInstances':
      return notToStop(evidence, write, target, standing);
    case 'StartInstances':
      return notToStart(evidence, write, target, began);
    case 'SetDesiredCapacity':
    case 'UpdateAutoScalingGroup':
      return notToResize(evidence, write, target, standing);
    case 'UpdateEnvironment':
      return notToUpdate(evidence, write, target, standing);
    case 'ModifyInstanceAttribute':
      return notToRetype(evidence, write, target);
    case 'CreateTags':
    case 'CreateOrUpdateTags':
    case 'DeleteTags':
    case 'UpdateTagsForResource':
      return notToTag(evidence, write, target, standing);
    default:
      return 'which is no call of ours';
  }
}

const WANTED: Readonly<Record<string, Answer['wants']>> = { StartInstances: 'running', StopInstances: 'stopped', CreateTags: 'tags' };

/** Whoever did the opposite by hand after it was asked for has spoken last. */
function overtaken(evidence: Evidence, write: Write, id: string, began: Instant): string | null {
  const opposite = write.action === 'StartInstances' ? 'StopInstances' : 'StartInstances';
  const last = lastCall(evidence, id, opposite, write.sequence);
  const asked = askedFor(evidence, write, id)?.at ?? write.at;
  const isLater = last !== null && !isOurs(last) && last.at > addSeconds(asked, SKEW) && last.at < began;
  return isLater ? `asked for at ${asked}, though somebody had done the opposite at ${last.at}` : null;
}

function notToStop(evidence: Evidence, write: Write, id: string, standing: Standing): string | null {
  const machine = evidence.cloud.record.machine(id);
  if (machine === undefined) return 'which does not exist';
  if (machine.group !== null) return `a member of ${machine.group}`;
  if (isGuarded(evidence, write, id)) return 'which is protected from being stopped';
  if (machine.market !== 'on-demand') return 'a spot instance';
  if (boxOf(evidence, id)?.kind === 'instance-store') return 'which would lose its disks';
  const tags = ({ before }: Moment) => tagsBefore(evidence, id, before);
  if (standing(m => speaksFor(evidence, tags(m), m.at) === null)) return 'for which no policy speaks';
  if (standing(m => (tags(m)['ebb:keep-until'] ?? '') > m.at)) return 'which its owner keeps';
  if (askedFor(evidence, write, id) !== null) return null;
  if (standing(({ at }) => isHushed(evidence, id, at))) return 'which somebody asked us to leave alone';
  if (standing(m => speaksFor(evidence, tags(m), m.at)?.mode === 'plan') && !isApproved(evidence, id, write.at))
    return 'whose policy only plans';
  return arguedBy(evidence, write, id) === 'tag-deadline'
    ? notToEscalate(evidence, write, id, standing)
    : notOffHours(evidence, write, id, standing);
}

/** Where hours are enforced the latest word counts: who asks for a start, and then for half an hour, gets half an hour. */
function isAskedStill(evidence: Evidence, start: Write, stop: Write, id: string): boolean {
  const isEnforced = speaksFor(evidence, tagsAt(evidence, id, stop.at), stop.at)?.enforced === true;
  const spoken = evidence.answers.some(
    a => a.box === id && (a.wants === 'keep' || a.wants === 'snooze') && a.heard !== 'refused' && a.at >= start.at && a.at < stop.at,
  );
  return askedFor(evidence, start, id) !== null && !(isEnforced && spoken);
}

/** On-hours, or a person's own start since the hours ended: only idleness, measured long enough, argues against these. */
function notOffHours(evidence: Evidence, write: Write, id: string, standing: Standing): string | null {
  const hours = ({ before }: Moment) => hoursFor(evidence, tagsBefore(evidence, id, before));
  const now: Moment = { at: write.at, before: write.sequence };
  const policy = speaksFor(evidence, tagsBefore(evidence, id, now.before), now.at);
  const start = lastCall(evidence, id, 'StartInstances', write.sequence);
  const since = epochSeconds(start?.at ?? evidence.plot.from);
  const byHand = start !== null && (isOurs(start) ? isAskedStill(evidence, start, write, id) : policy?.enforced !== true);
  // What was up before its hours began is kept for good, where the policy says so.
  const retained = (m: Moment) => policy?.retainRunning === true && !isOn(hours(m), since - SKEW) && !isOn(hours(m), since + SKEW);
  const theirs = (m: Moment) => byHand && (since > lastTurn(hours(m), epochSeconds(m.at)) + SKEW || retained(m));
  const wanted = (m: Moment) => isOn(hours(m), epochSeconds(m.at)) || theirs(m);
  if (!standing(wanted)) return startedForHours(hours(now), write, start);
  const idle = policy?.idle;
  const why = isOn(hours(now), epochSeconds(write.at)) ? 'in its on-hours' : 'which somebody had started by hand';
  if (idle === undefined) return `${why}, and no rule of idleness stands`;
  if (boxOf(evidence, id)?.load === 'busy') return `${why}, and busy`;
  if (policy?.notice?.unanswered === 'leave') return `${why}, and nobody said yes`;
  if (policy?.notice !== undefined && !isWarned(evidence, id, write.at)) return `${why}, and nobody was warned ${NOTICE} minutes before`;
  // Two ticks must agree, an hour apart.
  const least = idle === 'learned' ? 2 : idle.hours + 1;
  if (start !== null && epochSeconds(write.at) - since < least * HOUR) return `${why}, up for less than ${least} hours`;
  return null;
}

/** Up in time, and down again before its hours have begun: nobody is served by that. */
function startedForHours(hours: readonly Interval[], { at }: Write, start: Write | null): string | null {
  if (start === null || !isOurs(start)) return null;
  const [from, now] = [epochSeconds(start.at), epochSeconds(at)];
  if (isOn(hours, from)) return null; // for the hours that were on then
  const begins = hours.find(h => h.from > from && h.from <= from + AHEAD)?.from;
  return begins !== undefined && now < begins - SKEW && now > from ? 'which we have just started for its hours' : null;
}

/** In Slack, half an hour before. While Slack hears nothing the warning waits in the outbox, which keeps no past. */
function isWarned({ told, hits, ids }: Evidence, id: string, at: Instant): boolean {
  if (hits.some(hit => hit.kind.includes('slack'))) return true;
  const name = [...ids].find(([, i]) => i === id)?.[0] ?? id;
  const latest = addSeconds(at, -NOTICE * MINUTE + SKEW);
  return told.some(t => t.at <= latest && (t.body.includes(id) || t.body.includes(name)) && /idle/.test(t.body));
}

/** The most that a start may go ahead of its hours. */
const AHEAD = 20 * MINUTE;

/** A function whose clock is ahead sees a boundary that many seconds early. */
const SKEW = 5;

/** Only what we stopped ourselves, and nobody else has stopped since, is ours to start; or, in hours that are enforced, anything. */
function notToStart(evidence: Evidence, write: Write, id: string, began: Instant): string | null {
  if (askedFor(evidence, write, id) !== null) return null;
  const tags = tagsAt(evidence, id, write.at);
  const isEnforced = speaksFor(evidence, tags, write.at)?.enforced === true;
  if (isEnforced && isOn(hoursFor(evidence, tags), epochSeconds(write.at) + SKEW)) return null;
  const stop = lastCall(evidence, id, 'StopInstances', write.sequence);
  if (stop === null) return 'which nobody of us had stopped';
  const isTheirs = (!isOurs(stop) && !couldBeOurs(evidence, stop, id)) || askedFor(evidence, stop, id) !== null;
  return !isTheirs || stop.at >= began ? null : `which a person had stopped at ${stop.at}`;
}

/** Somebody who may has said yes to what was proposed, within the day. */
export const isApproved = (evidence: Evidence, id: string, at: Instant): boolean =>
  evidence.answers.some(a => a.box === id && a.wants === 'approve' && a.may && a.heard !== 'refused' && a.at <= at);

/** Only while it is stopped by our hand, and only where its policy knows of other types. What was another type before us is given back. */
function notToRetype(evidence: Evidence, write: Write, id: string): string | null {
  const machine = evidence.cloud.record.machine(id);
  const stop = lastCall(evidence, id, 'StopInstances', write.sequence);
  const start = lastCall(evidence, id, 'StartInstances', write.sequence);
  if (machine?.group != null) return `a member of ${machine.group}`;
  if (stop === null || !isOurs(stop) || (start !== null && start.sequence > stop.sequence && !fellBack(evidence, id, start, write.at)))
    return 'which we had not stopped';
  const to = (write.params as { InstanceType?: { Value?: string } }).InstanceType?.Value;
  if (to === boxOf(evidence, id)?.type) return null;
  const policy = speaksFor(evidence, tagsAt(evidence, id, write.at), write.at);
  return policy?.start?.fallbackTypes === undefined && policy?.resize === undefined ? `to ${to}, which no policy speaks of` : null;
}

/** A start that EC2 took, and after which nothing has run so far. */
const fellBack = ({ cloud }: Evidence, id: string, { at }: Write, by: Instant): boolean =>
  !cloud.record.transitions.some(t => t.instance === id && t.at >= at && t.at <= by && t.to === 'running');

function notToResize(evidence: Evidence, write: Write, name: string, standing: Standing): string | null {
  const fleet = evidence.plot.fleets.find(f => f.id === name);
  const policy = ({ at }: Pick<Moment, 'at'>) => fleetPolicyAt(evidence, at);
  const isFloor = policy(write)?.capacity === 'floor';
  // Groups that AWS's own policies resize have a number that is ours to write in mode `floor` alone.
  if (fleet?.kind !== 'tracked' && !(fleet?.kind === 'aws-policies' && isFloor)) return `a group of the kind ${fleet?.kind ?? 'unknown'}`;
  if (isFloor && write.action === 'SetDesiredCapacity') return 'whose capacity is left to AWS';
  if (!givesBack(evidence, write, name) && standing(m => policy(m)?.mode === 'plan')) return 'whose policy only plans';
  return notBelowShielded(evidence, write, name) ?? setMeanwhile(evidence, write, name);
}

/** A start, the type it had or one to start as for want of it, or sizes as they were before us. */
function givesBack(evidence: Evidence, write: Write, target: string): boolean {
  if (write.action === 'StartInstances') return true;
  if (write.action === 'UpdateEnvironment') return givesBackOwn(evidence, write, target);
  // A release clears our marks, too.
  if (write.action === 'DeleteTags')
    return write.caller === 'function:ebb' && tagsIn(write, target).removed.every(key => key === 'ebb:mark');
  if (write.action === 'ModifyInstanceAttribute') {
    const to = (write.params as { InstanceType?: { Value?: string } }).InstanceType?.Value ?? '';
    const policy = speaksFor(evidence, tagsAt(evidence, target, write.at), write.at);
    return to === boxOf(evidence, target)?.type || (policy?.start?.fallbackTypes ?? []).includes(to);
  }
  if (write.action !== 'UpdateAutoScalingGroup') return false;
  const own = ownBounds(evidence, target, write.sequence);
  const { MinSize = own.minSize, MaxSize = own.maxSize } = sizesIn(write);
  return MinSize === own.minSize && MaxSize === own.maxSize;
}
