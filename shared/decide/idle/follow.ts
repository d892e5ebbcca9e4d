/**
 * The learner in a real account: ticks may come late or not at all, what we stopped is known from its debt, and an hour is told only once
 * it can be told for good. Pure: memory and measurements in, next memory out; told in one go or hour by hour, it learns the same.
 */
import type { HourMeasured, HourSeen } from './history.ts';
import { broughtBack, hasLearned, type Learner, learn, type RestEnd, rests, wishOf } from './learner.ts';
import type { RiskModel } from './risk.ts';

/** A stop of ours, in hours since the epoch. */
export interface OurStop {
  readonly hour: number;
  /** For idleness; a schedule's stop says nothing of whether anybody wanted it. */
  readonly idle: boolean;
  /** How it ended; `null` while it lasts. */
  readonly back: { readonly hour: number; readonly by: 'us' | 'someone' } | null;
}

/** What is known of an instance's hours, by hours since the epoch. */
export interface Happened {
  readonly stops: readonly OurStop[];
  /** Its schedule keeps it stopped in this hour, so that nobody comes proves nothing. */
  closed(hour: number): boolean;
  measured(hour: number): HourMeasured;
}

export interface Terms {
  readonly tolerance: number;
  readonly utcOffset: number;
  readonly model: RiskModel;
  /** Nothing may be stopped: it is played on paper, and what really happens teaches all the same. */
  readonly onPaper: boolean;
}

export interface Followed {
  readonly next: Learner;
  readonly ends: readonly RestEnd[];
}

/** The learner once all hours before `until` have been told. */
export function follow(learner: Learner, until: number, happened: Happened, terms: Terms): Followed {
  let next = learner;
  const ends: RestEnd[] = [];
  const ended = (step: { readonly next: Learner; readonly end: RestEnd | null }) => {
    next = step.next;
    if (step.end !== null) ends.push(step.end);
  };
  for (let hour = learner.history.end; hour < until; hour++) {
    const stop = happened.stops.find(s => s.hour <= hour && (s.back === null || hour <= s.back.hour));
    next = resting(next, stop, terms);
    if (stop?.back?.hour === hour && stop.back.by === 'us' && next.rest !== null) ended(broughtBack(next));
    ended(learn(next, hour, seenIn(hour, stop, happened)));
    if (terms.onPaper && stop === undefined) ended(played(next, terms));
  }
  return { next, ends };
}

/** A rest is real as long as our debt for it is; one on paper ends where something may be done. */
function resting(learner: Learner, stop: OurStop | undefined, { onPaper }: Terms): Learner {
  const { rest } = learner;
  if (stop?.idle) return rest === null || rest.onPaper ? { ...learner, rest: { since: stop.hour, onPaper: false } } : learner;
  const stays = rest === null || (rest.onPaper && onPaper);
  return stays ? learner : { ...learner, rest: null };
}

function seenIn(hour: number, stop: OurStop | undefined, { closed, measured }: Happened): HourSeen {
  if (stop === undefined) return measured(hour);
  if (stop.back?.hour === hour) return stop.back.by === 'someone' ? 'woken' : UNKNOWN; // a boot is work, and nobody's use
  return stop.idle && !closed(hour) ? 'undisturbed' : UNKNOWN;
}

const UNKNOWN: HourMeasured = { cpuMax: null, netMax: null };

function played(learner: Learner, { tolerance, utcOffset, model }: Terms): { readonly next: Learner; readonly end: RestEnd | null } {
  if (!hasLearned(learner)) return { next: learner, end: null };
  const { wish } = wishOf(learner, tolerance, utcOffset, model);
  if (wish === 'rest') return { next: rests(learner, true), end: null };
  return wish === 'wake' ? broughtBack(learner) : { next: learner, end: null };
}
