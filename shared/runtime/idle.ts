/**
 * Learned idleness at a tick: what is remembered of each instance, which of them to measure and how far back, and what is thought of them. What
 * was learned can be learned again from CloudWatch, so it is written only where forgetting would cost something.
 */
import { type Standing, wouldMeasure } from '../decide/decide-instances.ts';
import { type Considered, consider, type Mind, recall, type Thinking } from '../decide/idle/consider.ts';
import type { Happened, OurStop, Terms } from '../decide/idle/follow.ts';
import type { RestEnd } from '../decide/idle/learner.ts';
import { begin, type Newcomer } from '../decide/idle/newcomers.ts';
import { shippedModel } from '../decide/idle/risk.ts';
import { steer, type Tolerance, tolerated } from '../decide/idle/tolerance.ts';
import type { InstanceMemory } from '../model/memory.ts';
import type { Instance } from '../model/observation.ts';
import { addSeconds, epochSeconds, fromEpochSeconds, HOUR, type Instant } from '../model/time.ts';
import { hourMeasured, type IdleSeries, PAST } from '../observe/idle-signals.ts';
import { stateOnly } from '../policy/schedule.ts';
import type { Config } from '../policy/schema.ts';
import { wallMinuteAt } from '../policy/wall-clock.ts';
import type { IdleHeld } from './idle-shelf.ts';

/** Newcomers whose six weeks are read and learned in one look: each is fifty milliseconds' work, and a hundred share a call of GetMetricData. */
const FIRSTS = 500;

export interface IdleAsking {
  /** From which hour on its CPU and network are wanted; `null`: it is not measured at this look. */
  since(instance: Instance, standing: Standing): Instant | null;
}

/** @param whole the hourly look at a scope; who asks for an instance by name has it measured at once. */
export function idleAsking(held: IdleHeld, at: Instant, whole: boolean): IdleAsking {
  const now = hourOf(at);
  let firsts = 0;
  return {
    since: (instance, standing) => {
      if (standing.policy?.idle !== 'learned' || !wouldMeasure(instance, standing)) return null;
      const mind = held.minds.get(instance.ref.id);
      if (mind === undefined) return ++firsts > FIRSTS ? null : addSeconds(at, -PAST);
      return whole && mind.askAt > now ? null : fromEpochSeconds(mind.learner.history.end * HOUR);
    },
  };
}

export interface IdleKnown {
  readonly at: Instant;
  readonly config: Config;
  readonly memory: ReadonlyMap<string, InstanceMemory>;
  standingOf(instance: Instance): Standing;
  /** Of those that were asked for; a missing one could not be read. */
  readonly series: ReadonlyMap<string, IdleSeries>;
}

export interface IdleThoughts {
  readonly thoughts: ReadonlyMap<string, Thinking>;
  /** What is worth writing, should this have been the hourly look. */
  readonly minds: ReadonlyMap<string, Mind>;
  readonly tolerance: Tolerance;
}

export function think(instances: readonly Instance[], held: IdleHeld, known: IdleKnown): IdleThoughts {
  const now = hourOf(known.at);
  const thoughts = new Map<string, Thinking>();
  const minds = new Map<string, Mind>();
  const ends: RestEnd[] = [];
  const begun = newcomers(instances, held, known);
  for (const instance of instances) {
    const { id } = instance.ref;
    const standing = known.standingOf(instance);
    if (standing.policy?.idle !== 'learned' || standing.gate !== null) continue;
    const mind = held.minds.get(id);
    const learner = mind?.learner ?? begun.learners.get(id);
    if (learner === undefined) continue;
    const terms = termsFor(standing, tolerated(begun.tolerance), known);
    const series = known.series.get(id);
    const considered =
      series !== undefined || restsByUs(instance, known)
        ? consider(learner, now, happenedTo(instance, standing, series, known), terms)
        : null;
    if (considered !== null) {
      thoughts.set(id, considered.thought);
      ends.push(...considered.ends);
      if (isWorthKeeping(mind, considered, now)) minds.set(id, considered.mind);
    } else if (mind !== undefined && mind.askAt > now && wouldMeasure(instance, standing)) thoughts.set(id, recall(mind, terms));
  }
  const learned = [...thoughts.values()].filter(t => !('busy' in t) && t.learning === null).length;
  return { thoughts, minds, tolerance: steered(begun.tolerance, held.steeredTo, now - 1, learned, ends) };
}

const restsByUs = ({ ref, state }: Instance, { memory }: IdleKnown): boolean =>
  (state === 'stopped' || state === 'stopping') && memory.get(ref.id)?.stop?.because === 'idle';

/** … which are all told the same past, hour by hour, so that their common tolerance learns as it would have then. */
function newcomers(instances: readonly Instance[], held: IdleHeld, known: IdleKnown) {
  const all = instances.flatMap((instance): Newcomer[] => {
    const series = known.series.get(instance.ref.id);
    if (series === undefined || held.minds.has(instance.ref.id)) return [];
    const standing = known.standingOf(instance);
    const { utcOffset } = termsFor(standing, 0, known);
    return [{ id: instance.ref.id, first: firstHour(series, known.at), utcOffset, measured: hourMeasured(series, instance) }];
  });
  return begin(all, hourOf(known.at) - 1, held.tolerance, shippedModel);
}

function firstHour({ cpu }: IdleSeries, at: Instant): number {
  const index = cpu.values.findIndex(v => v !== null);
  return index === -1 ? hourOf(at) - 1 : hourOf(cpu.start) + index;
}

function termsFor({ policy, hours }: Standing, tolerance: number, { at, config }: IdleKnown): Terms {
  const zone = config.schedules[hours?.schedule ?? '']?.timeZone ?? config.slack.summary.timeZone;
  const utcOffset = Math.round((wallMinuteAt(zone, at) * 60 - epochSeconds(at)) / HOUR);
  return { tolerance, utcOffset, model: shippedModel, onPaper: policy?.mode !== 'act' };
}

function happenedTo(instance: Instance, { hours }: Standing, series: IdleSeries | undefined, known: IdleKnown): Happened {
  const { stop, back } = known.memory.get(instance.ref.id) ?? {};
  const stops: OurStop[] = [];
  if (back !== undefined)
    stops.push({ hour: hourOf(back.stoppedAt), idle: back.because === 'idle', back: { hour: hourOf(back.at), by: back.by } });
  if (stop != null) stops.push({ hour: hourOf(stop.at), idle: stop.because === 'idle', back: null });
  const schedule = known.config.schedules[hours?.schedule ?? ''];
  return {
    stops,
    closed: hour => schedule !== undefined && stateOnly(schedule, fromEpochSeconds(hour * HOUR)) === 'stopped',
    measured: series === undefined ? () => NOTHING : hourMeasured(series, instance),
  };
}

const NOTHING = { cpuMax: null, netMax: null };

/** A tail of CloudWatch costs the same whatever its length, so a mind may lag behind by so many hours. */
const LAG = 24;

/** What a tail would not tell again: that it is not to be measured for a while, how a rest ended (once), and who is new. */
function isWorthKeeping(held: Mind | undefined, { mind, ends }: Considered, now: number): boolean {
  if (held === undefined || ends.length > 0 || mind.askAt > now + 1) return true;
  if (mind.learner.history.end - held.learner.history.end >= LAG) return true;
  return mind.learner.rest?.since !== held.learner.rest?.since;
}

/** Each hour once, whoever looks how often. */
function steered(tolerance: Tolerance, from: number | null, to: number, instances: number, ends: readonly RestEnd[]): Tolerance {
  let next = tolerance;
  for (let hour = Math.max(from ?? to, to - LAG); hour < to; hour++) next = steer(next, instances, []);
  return steer(next, 0, ends);
}

const hourOf = (at: Instant): number => Math.floor(epochSeconds(at) / HOUR);
