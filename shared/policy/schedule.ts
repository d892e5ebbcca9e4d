/**
 * The schedule language: when is something meant to run, and where does nobody mind? Pure and cheap: ask for every instance.
 *
 * day-plan.ts says what each date looks like on a wall clock; here that becomes instants. A schedule is reckoned eight days at a time, and
 * what was reckoned is kept as the list of its transitions: so a question is a search among a few numbers.
 *
 * **Daylight saving time.** A schedule follows a wall clock that is never turned back:
 *   · an hour that is skipped: boundaries in it happen at the jump, which is the next instant that exists;
 *   · an hour that is repeated: boundaries in it happen the first time only; while the hour is shown again, nothing changes.
 * So a period may be an hour shorter or longer on those two days, and one that lies wholly in a skipped hour does not take place.
 */
import { epochSeconds, fromEpochSeconds, type Instant, type Window } from '../model/time.ts';
import { readMoment } from './dates.ts';
import { type DayPlanner, isWeekly, plannersOf, type State, weightier } from './day-plan.ts';
import type { Schedule } from './schema.ts';
import { firstSecondAt } from './wall-clock.ts';

export type { State } from './day-plan.ts';

export interface ScheduleState {
  /** `any`: the schedule says nothing, so nothing is stopped and nothing is started. */
  readonly state: State;
  /** The latest transition at or before the instant asked about; `null` when there was none in a dozen years. */
  readonly since: Instant | null;
  /** The next transition strictly after it; `null` when there is none in a dozen years. */
  readonly until: Instant | null;
}

export interface Transition {
  readonly at: Instant;
  readonly to: State;
}

/**
 * The state at `at`, and for how long it has been and will be so.
 * @throws Error when the schedule is one that loadConfig would have refused.
 */
export function stateAt(schedule: Schedule, at: Instant): ScheduleState {
  const timeline = timelineOf(schedule);
  const second = epochSeconds(at);
  const chunk = timeline.chunk(Math.floor(second / CHUNK));
  const index = indexAt(chunk, second);
  chunk.answers[index] ??= answer(timeline, chunk, index);
  return chunk.answers[index];
}

/** The state alone, which needs no look beyond its own days. */
export function stateOnly(schedule: Schedule, at: Instant): State {
  const second = epochSeconds(at);
  const chunk = timelineOf(schedule).chunk(Math.floor(second / CHUNK));
  return chunk.states[indexAt(chunk, second)] ?? 'any';
}

/** Every transition in the half-open window, in order. */
export function* transitions(schedule: Schedule, window: Window): Generator<Transition> {
  let now = stateAt(schedule, window.start);
  if (now.since === window.start) yield { at: now.since, to: now.state };
  while (now.until !== null && now.until < window.end) {
    const at = now.until;
    now = stateAt(schedule, at);
    yield { at, to: now.state };
  }
}

/** When the schedule next turns to running, strictly after `at`; `null` when it does not in a dozen years. */
export function nextRunning(schedule: Schedule, at: Instant): Instant | null {
  const { chunk: chunkAt, reach } = timelineOf(schedule);
  const second = epochSeconds(at);
  const first = Math.floor(second / CHUNK);
  let before = stateOnly(schedule, at);
  for (let n = first; n <= first + reach; n++) {
    const { starts, states } = chunkAt(n);
    for (const [i, start] of starts.entries()) {
      if (start <= second) continue;
      const state = states[i] ?? 'any';
      if (state === 'running' && before !== 'running') return fromEpochSeconds(start);
      before = state;
    }
  }
  return null;
}

const DAY = 86_400;
const MINUTES = 1440;
/** Seconds that are reckoned at once. */
const CHUNK = 8 * DAY;
/** How far a transition is looked for: a dozen years, so that a 29 February is found; a month suffices where all weeks are alike. */
const FAR = 548;
const NEAR = 4;

/** A stretch of a timeline: `states[i]` holds from epoch second `starts[i]` to the next. The first start is the chunk's own. */
interface Chunk {
  readonly number: number;
  readonly starts: readonly number[];
  readonly states: readonly State[];
  /** Answers that were given, by index: thousands of instances share a handful of schedules. */
  readonly answers: ScheduleState[];
}

interface Timeline {
  /** Chunks to look through for a transition. */
  readonly reach: number;
  chunk(number: number): Chunk;
}

const timelines = new WeakMap<Schedule, Timeline>();

function timelineOf(schedule: Schedule): Timeline {
  const known = timelines.get(schedule);
  if (known !== undefined) return known;
  const planners = plannersOf(schedule);
  const overrides = overridesOf(schedule);
  const chunks = new Map<number, Chunk>();
  const timeline: Timeline = {
    reach: isWeekly(schedule) ? NEAR : FAR,
    chunk(number) {
      let chunk = chunks.get(number);
      if (chunk === undefined) {
        const plain = planners.map(planner => changesOf(planner, number)).reduce((a, b) => merged(a, b, weightier));
        const said = overrides.length === 0 ? plain : merged(plain, overrides, (usual, said) => said ?? usual);
        chunk = chunkOf(number, said);
        chunks.set(number, chunk);
      }
      return chunk;
    },
  };
  timelines.set(schedule, timeline);
  return timeline;
}

/** The last start that is not after `second`. */
function indexAt({ starts }: Chunk, second: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? Number.POSITIVE_INFINITY) <= second) low = middle;
    else high = middle - 1;
  }
  return low;
}

function answer({ reach, chunk: chunkAt }: Timeline, chunk: Chunk, index: number): ScheduleState {
  const state = chunk.states[index] ?? 'any';
  const since = index > 0 ? chunk.starts[index] : turnBefore(chunkAt, chunk.number, state, reach);
  const until = chunk.starts[index + 1] ?? turnAfter(chunkAt, chunk.number, state, reach);
  return {
    state,
    since: since === undefined ? null : fromEpochSeconds(since),
    until: until === undefined ? null : fromEpochSeconds(until),
  };
}

/** Where the state began that holds at the beginning of a chunk. */
function turnBefore(chunkAt: Timeline['chunk'], number: number, state: State, reach: number): number | undefined {
  for (let n = number; n > number - reach; n--) {
    const before = chunkAt(n - 1);
    if (before.states.at(-1) !== state) return n * CHUNK;
    if (before.starts.length > 1) return before.starts.at(-1);
  }
  return undefined;
}

function turnAfter(chunkAt: Timeline['chunk'], number: number, state: State, reach: number): number | undefined {
  for (let n = number + 1; n <= number + reach; n++) {
    const after = chunkAt(n);
    if (after.states[0] !== state) return n * CHUNK;
    if (after.starts.length > 1) return after.starts[1];
  }
  return undefined;
}

/** From this epoch second on. In order; several at one second mean that only the last of them is ever seen. */
interface ChangeTo<S = State> {
  readonly at: number;
  readonly to: S;
}

/** What a planner's days say from before the chunk begins until it ends. A day on a wall clock begins less than a day off UTC's. */
function changesOf({ timeZone, plan }: DayPlanner, number: number): ChangeTo[] {
  const changes: ChangeTo[] = [];
  const first = (number * CHUNK) / DAY - 1;
  let state: State | null = null;
  for (let day = first; day <= first + CHUNK / DAY + 1; day++) {
    for (const piece of plan(day)) {
      if (piece.state === state) continue;
      state = piece.state;
      changes.push({ at: firstSecondAt(timeZone, day * MINUTES + piece.from), to: state });
    }
  }
  return changes;
}

/** Two sequences of changes as one. What one of them said before its first change is what it says there. */
function merged<A extends State | null, B extends State | null>(
  a: readonly ChangeTo<A>[],
  b: readonly ChangeTo<B>[],
  say: (a: A, b: B) => State,
): ChangeTo[] {
  const changes: ChangeTo[] = [];
  let [i, j] = [0, 0];
  const [firstA, firstB] = [a[0], b[0]];
  if (firstA === undefined || firstB === undefined) throw new Error('a timeline without a beginning');
  let ofA: A = firstA.to;
  let ofB: B = firstB.to;
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i]?.at ?? Number.POSITIVE_INFINITY, b[j]?.at ?? Number.POSITIVE_INFINITY);
    for (let change = a[i]; change?.at === at; change = a[++i]) ofA = change.to;
    for (let change = b[j]; change?.at === at; change = b[++j]) ofB = change.to;
    changes.push({ at, to: say(ofA, ofB) });
  }
  return changes;
}

/** `null` where no override speaks. The one that was written last outweighs those before it. */
function overridesOf({ timeZone, overrides = [] }: Schedule): ChangeTo<State | null>[] {
  const spans = overrides.map(({ state, from, to }) => ({
    state,
    from: from === undefined ? Number.NEGATIVE_INFINITY : secondOf(from, timeZone, 'begin'),
    to: secondOf(to, timeZone, 'end'),
  }));
  if (spans.length === 0) return [];
  const cuts = [...new Set([Number.NEGATIVE_INFINITY, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return cuts.map(at => ({ at, to: spans.findLast(({ from, to }) => from <= at && at < to)?.state ?? null }));
}

function secondOf(text: string, timeZone: string, edge: 'begin' | 'end'): number {
  const at = readMoment(text, timeZone, edge);
  if (at === null) throw new Error(`"${text}" is no time, which loadConfig would have refused`);
  return epochSeconds(at);
}

function chunkOf(number: number, changes: readonly ChangeTo[]): Chunk {
  const [begins, ends] = [number * CHUNK, (number + 1) * CHUNK];
  const starts: number[] = [begins];
  const states: State[] = [];
  for (const [i, { at, to }] of changes.entries()) {
    if (at >= ends) break;
    if (at <= begins) states[0] = to;
    else if (at !== changes[i + 1]?.at && states.at(-1) !== to) {
      starts.push(at);
      states.push(to);
    }
  }
  return { number, starts, states, answers: [] };
}
