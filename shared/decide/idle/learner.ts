/**
 * What is learnt of one instance, and what follows from it for the coming hour. Pure: memory in, next memory out.
 * A stop that somebody undoes within GAP hours was wrong: the instance is trusted less, and earns trust back slowly.
 */
import { activityOf, IN_USE } from './activity.ts';
import { earlierBy, emptyHistory, type History, type HourSeen, hoursKnown, tell } from './history.ts';
import { GAP, nextHourRisk, type Risk, type RiskModel, riskOf } from './risk.ts';

export interface Learner {
  readonly version: 1;
  readonly history: History;
  /** 1: its risk is believed as it stands; 0.4: it is only stopped at 0.4 of the risk that others may have. */
  readonly trust: number;
  /** Set while it rests: stopped for idleness by us. */
  readonly rest: Rest | null;
  /** Hours since the epoch: after it was woken or brought back it is left alone until then. */
  readonly notBefore: number;
}

export interface Rest {
  /** Hours since the epoch. */
  readonly since: number;
  /** Stopped in thought only, as long as nothing may be done: what it really does then teaches trust and tolerance all the same. */
  readonly onPaper: boolean;
}

export const newLearner = (hour: number): Learner => ({ version: 1, history: emptyHistory(hour), trust: 1, rest: null, notBefore: 0 });

/** Eight days and a bit: nothing is said of an instance before, nor while less than half of them is known. */
export const HISTORY_MIN = 200;

export const hasLearned = ({ history }: Learner): boolean => history.cpu.length >= HISTORY_MIN && hoursKnown(history) >= HISTORY_MIN / 2;

/** How a rest ended, or that it has outlived GAP hours (told once); a blocked wake is one where somebody found it stopped. */
export interface RestEnd {
  readonly rightful: boolean | null;
  readonly blocked: boolean;
}

const AFTER_WRONG = 0.4;
const AFTER_RIGHT = 1.6;
const REGAINED_PER_HOUR = 1.003;
const LEFT_ALONE = 2;

/** The learner after one more hour: what was measured in it, or what became of its rest. */
export function learn(learner: Learner, hour: number, seen: HourSeen): { readonly next: Learner; readonly end: RestEnd | null } {
  const { rest } = learner;
  const history = tell(learner.history, hour, seen);
  const next = { ...learner, history, trust: Math.min(1, learner.trust * REGAINED_PER_HOUR) };
  if (rest === null) return { next, end: null };

  const rested = hour - rest.since;
  const wanted = activityOf(history).hours.at(-1) === IN_USE;
  if (wanted) {
    const wrong = rested < GAP;
    const woken = { ...next, rest: null, trust: wrong ? next.trust * AFTER_WRONG : next.trust, notBefore: hour + LEFT_ALONE };
    return { next: woken, end: { rightful: wrong ? false : null, blocked: true } };
  }
  if (rested + 1 !== GAP) return { next, end: null };
  return { next: { ...next, trust: Math.min(1, next.trust * AFTER_RIGHT) }, end: { rightful: true, blocked: false } };
}

export type Wish =
  | { readonly wish: 'rest'; readonly risk: Risk & { state: 'idle' }; readonly may: number }
  | { readonly wish: 'wake' | 'sleep-on'; readonly next: number }
  | {
      readonly wish: 'leave';
      readonly risk: Risk;
      readonly may: number;
      /** `unconfirmed`: it would rest, were the hour before, or the coming one, of the same mind. */
      readonly why: 'in-use' | 'unknown' | 'just-woken' | 'likely-soon' | 'unconfirmed';
    };

/** Brought back ahead of likely use: sooner while the rest is young, since somebody who came now would make it wrong. */
const WAKES_AT = 0.1;
const WAKES_YOUNG_AT = 0.04;

/** What it should do in the hour after its history. `tolerance`: the risk that its fleet may take at present. */
export function wishOf(learner: Learner, tolerance: number, utcOffset: number, model: RiskModel): Wish {
  const { history, rest, trust, notBefore } = learner;
  if (rest !== null) {
    const next = nextHourRisk(history, utcOffset, model);
    return next > (history.end - rest.since < GAP ? WAKES_YOUNG_AT : WAKES_AT) ? { wish: 'wake', next } : { wish: 'sleep-on', next };
  }
  const may = tolerance * trust;
  const risk = riskOf(history, utcOffset, model);
  if (risk.state !== 'idle') return { wish: 'leave', risk, may, why: risk.state };
  if (history.end < notBefore) return { wish: 'leave', risk, may, why: 'just-woken' };
  if (risk.soon >= may) return { wish: 'leave', risk, may, why: 'likely-soon' };
  const before = riskOf(earlierBy(history, 1), utcOffset, model);
  const agreed = before.state === 'idle' && before.soon < may && nextHourRisk(history, utcOffset, model) <= WAKES_AT;
  return agreed ? { wish: 'rest', risk, may } : { wish: 'leave', risk, may, why: 'unconfirmed' };
}

/** It is stopped for idleness at the beginning of the hour after its history, or would be, if anything might be done. */
export const rests = (learner: Learner, onPaper: boolean): Learner => ({ ...learner, rest: { since: learner.history.end, onPaper } });

/** We bring it back before anybody came. A rest that ends young was right so far. */
export function broughtBack(learner: Learner): { readonly next: Learner; readonly end: RestEnd | null } {
  const { rest, history } = learner;
  const young = rest !== null && history.end - rest.since < GAP;
  return { next: { ...learner, rest: null, notBefore: history.end + LEFT_ALONE }, end: young ? { rightful: true, blocked: false } : null };
}
