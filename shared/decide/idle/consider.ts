/** What is thought of one instance at a tick: what its learner knows by then, what it wishes, and when it is worth measuring again. */
import type { OtherUse } from '../../model/plan.ts';
import { follow, type Happened, type Terms } from './follow.ts';
import { type HourMeasured, hoursKnown, latestOf, tell } from './history.ts';
import { HISTORY_MIN, hasLearned, type Learner, type RestEnd, type Wish, wishOf } from './learner.ts';

/** What is kept of an instance from tick to tick. */
export interface Mind {
  /** Told to the hour before the latest: CloudWatch may have published that one by halves, so it is read again. */
  readonly learner: Learner;
  /** Hours since the epoch: it is not measured before. */
  readonly askAt: number;
}

export interface IdleThought {
  /** Hours since the epoch: the thought rests on what was known then. */
  readonly until: number;
  /** Of the hour before. */
  readonly latest: HourMeasured;
  /** Hours that are known, of those it takes; `null`: enough. */
  readonly learning: { readonly hours: number; readonly needed: number } | null;
  readonly wish: Wish;
  /** It rests on, but not into the hour after this one, should nobody come before: that hour, and the risk of use in it. */
  readonly wakes: { readonly hour: number; readonly risk: number } | null;
  /** When it is measured again, in hours since the epoch. */
  readonly again: number;
}

/** By the fixed rule: it was in use in an hour that its window still holds. */
export interface StillBusy {
  readonly busy: { readonly hour: number; readonly cpuMax: number };
  readonly again: number;
}

export type Thinking = (IdleThought & { readonly otherUse?: OtherUse | null }) | StillBusy;

export interface Considered {
  readonly mind: Mind;
  readonly ends: readonly RestEnd[];
  readonly thought: IdleThought;
}

/** At the tick that ends the hour before `hour`, with that hour and all before it measured, or known from our own stop. */
export function consider(held: Learner, hour: number, happened: Happened, terms: Terms): Considered {
  const settled = follow(held, hour - 1, happened, terms);
  const { next } = follow(settled.next, hour, happened, terms);
  const thought = thoughtOf(next, terms);
  const again = thought.wish.wish === 'leave' ? earliestRest(standing(next), terms) : hour + 1;
  return { mind: { learner: settled.next, askAt: again }, ends: settled.ends, thought: { ...thought, again } };
}

/** Of an instance that is not measured at this tick: what was thought of it last. */
export const recall = ({ learner, askAt }: Mind, terms: Terms): IdleThought => ({ ...thoughtOf(learner, terms), again: askAt });

/** All but when it is next measured. */
function thoughtOf(learner: Learner, terms: Terms): Omit<IdleThought, 'again'> {
  const { tolerance, utcOffset, model } = terms;
  const { history } = learner;
  const wish = wishOf(standing(learner), tolerance, utcOffset, model);
  const learning = hasLearned(learner) ? null : { hours: hoursKnown(history), needed: HISTORY_MIN };
  const wakes = wish.wish === 'sleep-on' ? wakesNext(learner, terms) : null;
  return { until: history.end, latest: latestOf(history), learning, wish, wakes };
}

/** On paper it rests in thought alone: what is asked is whether it would be stopped now. */
const standing = (learner: Learner): Learner => (learner.rest?.onPaper ? { ...learner, rest: null } : learner);

/** What takes minutes to boot has to be woken in the hour before. */
function wakesNext(learner: Learner, { tolerance, utcOffset, model }: Terms): IdleThought['wakes'] {
  const { history } = learner;
  const undisturbed = { ...learner, history: tell(history, history.end, 'undisturbed') };
  const wish = wishOf(undisturbed, tolerance, utcOffset, model);
  return wish.wish === 'wake' ? { hour: history.end + 1, risk: wish.next } : null;
}

/** No farther ahead than this: the longer nothing is seen, the more may be missed. */
const AHEAD = 12;
/** Its tolerance may grow while nobody looks. */
const SLACK = 1.1;

/**
 * When it could first be wished to rest, if from now on nothing came but quiet: measured before then, it would be left alone all the same.
 * What is learned in between is not lost, since CloudWatch tells it later, and one question costs as much for ten hours as for one.
 */
export function earliestRest(learner: Learner, { tolerance, utcOffset, model }: Terms): number {
  let quiet = learner;
  while (quiet.history.end < learner.history.end + AHEAD) {
    quiet = { ...quiet, history: tell(quiet.history, quiet.history.end, SILENT) };
    const enough = quiet.history.cpu.length >= HISTORY_MIN;
    if (enough && wishOf(quiet, tolerance * SLACK, utcOffset, model).wish === 'rest') break;
  }
  return quiet.history.end;
}

const SILENT: HourMeasured = { cpuMax: 0, netMax: 0 };
