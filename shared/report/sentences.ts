/**
 * Reasons are data; this is where they become prose: one plain sentence for every code, the same in the terminal, in Slack and in
 * `ebb why`. Names, tags and error texts are quoted through `plain`.
 */
import { dollars } from '../model/money.ts';
import type { Action, ChangeReason, Expects, LeftReason, Loss, Reason, TagFix, Unordered } from '../model/plan.ts';
import type { Outcome } from '../model/receipt.ts';
import { writtenTags } from '../model/tagging.ts';
import { lengthSeconds } from '../model/time.ts';
import { foreseen } from './foresight.ts';
import { floorWords, soonWords } from './idle-words.ts';
import { count, percent, percentBeside, share, span } from './numbers.ts';
import { plain, plainList } from './plain.ts';
import { anyPen, fleets, instances, sizes, tags } from './sentences-left.ts';
import { type Clock, clock } from './when.ts';

/**
 * @param zone the IANA zone its times are told in; the sentence names it.
 * @throws RangeError when `zone` is no IANA time zone.
 */
export function sentence(reason: Reason, zone = 'UTC'): string {
  const words = clauseOf(reason, clock(zone));
  return reason.code in changes ? `${capital(words)}.` : `Left alone: ${words}.`;
}

/** The same without `Left alone:`, for lists that say so in their heading. */
export const clause = (reason: Reason, zone = 'UTC'): string => clauseOf(reason, clock(zone));

/** A clause per code of a union of reasons; a missing or surplus code does not compile. */
export type Clauses<R extends Reason> = { readonly [Code in R['code']]: (reason: Extract<R, { code: Code }>, at: Clock) => string };

/** Reasons that somebody should look into. */
export const needsALook = (code: Reason['code']): boolean => LOOK.has(code);

/** For sorting: what needs a look, then the rest, then what is just as it should be. */
export const interest = (code: Reason['code']): number => (needsALook(code) ? 0 : AS_IT_SHOULD_BE.has(code) ? 2 : 1);

const AS_IT_SHOULD_BE: ReadonlySet<Reason['code']> = new Set([
  'compliant',
  'gone',
  'on-target',
  'as-forecast',
  'parent-owns-tags',
] as const);

const LOOK: ReadonlySet<Reason['code']> = new Set([
  'start-failing',
  'breaker',
  'over-budget',
  'unsettled',
  'bad-tag',
  'silent-metric',
  'stop-protection-unread',
  'scheduled-event',
  'thin-data',
  'at-max',
  'launch-failing',
  'suspended',
  'aws-scaling-policies',
  'bounds-contradict',
  'environment-unread',
  'never-returns',
  'marked',
  'tag-limit',
  'tags-replace',
  'tags-unread',
] as const);

const changes: Clauses<ChangeReason> = {
  'off-hours': ({ schedule, since, until }, at) =>
    `outside ${plain(schedule)} since ${at(since)} ${until === null ? 'for good' : `until ${at(until)}`}`,
  'on-hours': ({ schedule, since, stoppedAt, lastFailure, takes, unordered }, at) =>
    `${plain(schedule)} ${takes === undefined ? `began ${at(since)}` : `begins ${at(since)}, it takes ${span(Math.ceil(takes / 60) * 60)} to be ready`}, and it has been stopped by us since ${at(stoppedAt)}${lastFailure === null ? '' : `; the last start failed: ${plain(lastFailure)}`}${outOfOrder(unordered)}`,
  released: ({ stoppedAt, why }, at) => `${RELEASES[why]}, and it has been stopped by us since ${at(stoppedAt)}: given back`,
  idle: ({ cpuMax, threshold, window, coverage }) =>
    `CPU stayed under ${percent(threshold)} for ${span(lengthSeconds(window))} (peak ${percentBeside(cpuMax, threshold)}, ${share(coverage)} of hours measured)`,
  'idle-learned': ({ hours, until, floor, ...soon }, at) =>
    `idle for ${count(hours, 'hour')} until ${at(until)} by a floor of its own (${floorWords(floor)}); ${soonWords(soon)}`,
  'ahead-of-use': ({ risk, stoppedAt }, at) =>
    `likely to be used within the hour (${share(risk)} by its own past), and it has been stopped by us as idle since ${at(stoppedAt)}`,
  'above-target': ({ carriers, value, target, from, to, datapoints }) =>
    `${percentBeside(value, target)} on ${count(carriers, 'warm instance')} is above the target of ${percent(target)} for ${count(datapoints, 'datapoint')}: ${from} → ${count(to, 'instance')}`,
  'below-target': ({ value, target, from, to, datapoints }) =>
    `${percentBeside(value, target)} is below the target of ${percent(target)} for ${count(datapoints, 'datapoint')}: ${from} → ${count(to, 'instance')}`,
  forecast: ({ from, to, ...foresight }) => `${foreseen(foresight)}: ${from} → ${count(to, 'instance')}`,
  'outside-bounds': ({ from, to, min, max }) => `${count(from, 'instance')} is outside of ${min} to ${max}: ${from} → ${to}`,
  floor: ({ from, to, wanted, argued }, at) =>
    `${clauseOf(argued, at)}; ${count(wanted, 'instance')} would do, so MinSize ${from} → ${to}, and the scaling policies of AWS do the rest`,
  'floor-released': ({ from, to, why }) => `${FLOOR_RELEASES[why]}: MinSize ${from} → ${to}, as it was before us`,
  rightsize: ({ fromType: from, toType: to, cpuMax, cpuAfter, memoryMax, memoryAfter, hours, days, perHour }) =>
    `CPU reached ${percent(cpuMax)} in ${count(hours, 'hour')} of ${count(days, 'day')}, which is ${percent(cpuAfter)} of a ${plain(to)}, and memory ${memoryMax === null || memoryAfter === null ? 'is not measured, so there is no less of it' : `${percent(memoryMax)}, which is ${percent(memoryAfter)}`}: ${plain(from)} → ${plain(to)}, ${dollars(perHour)} less an hour`,
  'fallback-type': ({ fromType: from, toType: to, why }) =>
    `EC2 has no ${plain(from)} for it (${plain(why, 160)}): ${plain(to)} stands in until its next stop`,
  'type-restored': ({ fromType: from, toType: to, why, detail }) =>
    `${RESTORES[why]}${detail === null ? '' : ` (${plain(detail, 160)})`}: ${plain(from)} → ${plain(to)}, its type before us`,
  'resize-undone': ({ fromType: from, toType: to, failing }) =>
    `it cannot be used as ${plain(from)} (${plain(failing)}): stopped to give it back the ${plain(to)} that it had before us`,
  'tags-missing': ({ missing, deadline }, at) => `required tags are missing (${plainList(missing)}), to be added by ${at(deadline)}`,
  enforced: ({ schedule, since, lastFailure, unordered }, at) =>
    `${plain(schedule)} says on since ${at(since)}, and its policy enforces that${lastFailure === null ? '' : `; the last start failed: ${plain(lastFailure)}`}${outOfOrder(unordered)}`,
  asked: ({ by, via, at: asked, why, lastFailure }, at) =>
    `asked for by ${plain(by)} (${via === 'slack' ? 'Slack' : 'ebb'}, ${at(asked)})${why === null ? '' : `: “${plain(why, 160)}”`}${lastFailure === null ? '' : `; the last start failed: ${plain(lastFailure)}`}`,
  'tags-fixed': ({ fixes }) => `its tags are put right: ${fixes.map(fixPhrase).join('; ')}`,
  'tags-accepted': ({ keys, by }) => `${plain(by)} took up what was offered for ${plainList(keys)}`,
  'tag-deadline': ({ missing, deadline }, at) =>
    `required tags are still missing (${plainList(missing)}), and were to be added by ${at(deadline)}`,
  'mark-lifted': ({ markedAt, why }, at) => `${LIFTS[why]}; the mark of ${at(markedAt)} is cleared`,
  'tags-completed': ({ markedAt }, at) => `all required tags are there; the mark of ${at(markedAt)} is cleared`,
};

const RESTORES = {
  'does-not-start': 'it does not start with the smaller type',
  'checks-failing': 'its status checks do not pass with the smaller type',
  'stood-in': 'the other type stood in for want of capacity',
} as const;

const outOfOrder = (unordered: readonly Unordered[] = []): string =>
  unordered.length === 0
    ? ''
    : `; of its tag ebb:start-after it did not wait for ${unordered.map(u => `${plain(u.name)} (${UNORDERED[u.why]})`).join(', ')}`;

const UNORDERED = {
  unknown: 'no such instance here',
  cycle: 'which in turn starts after it',
  stopped: 'which nobody is about to start',
  late: 'not up within 30 minutes',
} as const;

const RELEASES = {
  'no-policy': 'no policy matches it any more',
  'opted-out': 'its tags opt out now',
  'no-schedule': 'no schedule speaks for it any more',
  'tags-forgiven': 'no missing tag is held against it any more',
} as const;

const LIFTS = {
  'no-policy': 'no policy of tags speaks for it any more',
  'opted-out': 'its tags opt out now',
  'parent-owns-tags': 'its tags come from its parent now',
} as const;

/** `owner is that of i-0abc`, `environment was Env`. */
function fixPhrase({ key, how, from }: TagFix): string {
  switch (how) {
    case 'spelling':
      return `${plain(key)} was spelt ${plain(from ?? '')}`;
    case 'inherited':
      return `${plain(key)} is that of ${plain(from ?? '')}`;
    case 'creator':
      return `${plain(key)} is who made it, ${plain(from ?? '')}`;
    case 'network':
      return `${plain(key)} is that of its network, ${plain(from ?? '')}`;
    case 'default':
      return `${plain(key)} by default`;
    case 'propagated':
      return `${plain(key)} reaches its members now`;
    default:
      return how satisfies never;
  }
}

const FLOOR_RELEASES = {
  'no-policy': RELEASES['no-policy'],
  'opted-out': RELEASES['opted-out'],
  'no-floor': 'its policy keeps no floor any more',
  'only-plans': 'its policy only plans now',
} as const;

const left: Clauses<LeftReason> = {
  ...anyPen,
  ...instances,
  ...fleets,
  ...tags,
  'notice-given': ({ at: warned, stopsAt, unanswered, would }, at) =>
    `its owner was warned ${at(warned)}, and has until ${at(stopsAt)} to answer${unanswered === 'leave' ? ' (unanswered, it is left)' : ''}; otherwise: ${clauseOf(would, at)}`,
  unanswered: ({ at: warned, would }, at) =>
    `its owner was warned ${at(warned)} and has not answered, so its policy leaves it; otherwise: ${clauseOf(would, at)}`,
  snoozed: ({ until, by, would }, at) => `put off until ${at(until)} by ${plain(by)}; otherwise: ${clauseOf(would, at)}`,
  'over-budget': ({ limit, per, would }, at) => `the budget of ${limit} ${BUDGETS[per]} is spent; otherwise: ${clauseOf(would, at)}`,
  breaker: ({ touched, of, share: most, would }, at) =>
    `the breaker is open: measurement argues for ${touched} of ${of}, more than the ${share(most)} a policy believes; otherwise: ${clauseOf(would, at)}`,
};

const BUDGETS = { run: 'changes in one run', day: 'changes in one day', owner: 'changes to one owner in one run' } as const;

const clauses: Clauses<Reason> = { ...changes, ...left };

const clauseOf = <R extends Reason>(reason: R, at: Clock): string => (clauses[reason.code] as (reason: R, at: Clock) => string)(reason, at);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What an action does, as a verb: `stop`, `resize 6 → 9`. */
export function actionPhrase(action: Action, expects: Expects = {}): string {
  switch (action.kind) {
    case 'set-desired-capacity':
      return expects.desiredCapacity === undefined
        ? `resize to ${action.desiredCapacity}`
        : `resize ${expects.desiredCapacity} → ${action.desiredCapacity}`;
    case 'set-min-size':
    case 'set-environment-min-size':
      return `resize MinSize ${expects.minSize === undefined ? 'to' : `${expects.minSize} →`} ${action.minSize}`;
    case 'set-sizes':
      return `resize to ${sizes(action)}`;
    case 'pause-environment':
      return `pause from ${action.pauseAt} to ${action.resumeAt}`;
    case 'resume-environment':
      return `resume at ${action.resumeAt}`;
    case 'stop-instance':
      return action.hibernate ? 'hibernate' : 'stop';
    case 'start-instance':
      return 'start';
    case 'modify-instance-type':
      return expects.type === undefined
        ? `change type to ${plain(action.type)}`
        : `change type ${plain(expects.type)} → ${plain(action.type)}`;
    case 'create-tags':
      return `tag ${plainList(Object.keys(action.tags))}`;
    case 'delete-tags':
      return `untag ${plainList(action.keys)}`;
    case 'replace-tags':
    case 'tag-group':
    case 'tag-environment':
      return taggingPhrase(Object.keys(writtenTags(action)), action.keys);
    default:
      return action satisfies never;
  }
}

const taggingPhrase = (written: readonly string[], removed: readonly string[]): string =>
  [...(written.length === 0 ? [] : [`tag ${plainList(written)}`]), ...(removed.length === 0 ? [] : [`untag ${plainList(removed)}`])].join(
    ', ',
  );

/** What became of it. */
export function outcomePhrase(outcome: Outcome): string {
  switch (outcome) {
    case 'done':
      return 'done';
    case 'already-so':
      return 'was so already';
    case 'stale':
      return 'no longer called for';
    case 'refused':
      return 'refused';
    case 'failed':
      return 'failed, will be tried again';
    case 'not-attempted':
      return 'not attempted';
    default:
      return outcome satisfies never;
  }
}

/** What does not come back by itself. */
export function lossPhrase(loss: Loss): string {
  switch (loss) {
    case 'public-ipv4':
      return 'its public IPv4 address changes';
    case 'memory':
      return 'what is in memory is lost';
    case 'instance-store':
      return 'data on instance store volumes is lost';
    case 'capacity':
      return 'its capacity goes back to AWS and may not be there later';
    default:
      return loss satisfies never;
  }
}
