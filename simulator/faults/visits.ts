/**
 * What goes wrong with a run of a function: it ends between two of its calls (a crash, Lambda's timeout), its container is lost, or a
 * second worker is given the same event in the middle of it. Each run is known by its own asynchronous context, so what a dead run left
 * running in parallel stays dead.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'aws-lambda';
import type { Instant } from '../../shared/model/time.ts';
import { instant } from '../../shared/model/time.ts';
import type { Haste, Named } from '../people/haste.ts';
import type { Handler } from '../stage/lambda.ts';
import type { World } from '../world/world.ts';
import { isLook, type Look, lookOf } from './looks.ts';
import type { Threat, Weather } from './weather.ts';

/** One run of a function, as it really went. */
export interface Visit {
  readonly at: Instant;
  readonly function: string;
  /** Messages in its batch; 1 for what is no batch. */
  readonly doorbells: number;
  /** Seconds that its clock is ahead of the world's. */
  readonly skew: number;
  /** Numbers of the record's first write in it, and of the first one after it. */
  readonly writes: { readonly from: number; to: number };
  /** What it was answered when it looked, in order. */
  readonly looks: Look[];
  ended: 'answered' | 'threw' | 'crashed' | 'running';
}

export interface Visits {
  readonly all: readonly Visit[];
  /** One call of a run: the run may end here, or be overtaken, and somebody may act just before it. */
  step<T>(call: () => Promise<T>, about: About): Promise<T>;
  /** Seconds that the clock of the present run is ahead. */
  skew(): number;
  /** Runs a handler as one visit. */
  visit(name: string, handler: Handler, event: unknown, context: Context): Promise<unknown>;
}

export interface About {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

interface Inside {
  readonly visit: Visit;
  calls: number;
  readonly named: Named;
  readonly ends: (Moment & { readonly how: 'before' | 'after' | 'timeout' }) | null;
  readonly overtaken: Moment | null;
  readonly second: () => Promise<unknown>;
  dead: boolean;
  readonly die: () => void;
  readonly deadline: number;
}

/** Before or at which of its calls; a run that is over earlier meets nothing. */
interface Moment {
  readonly at: number;
  readonly strikes: Threat['strikes'];
}

/** The longest runs make some 160 calls, most make fewer than ten: drawn by powers, every step of both is met. */
const CALLS_MAX = 200;

export function visitsOf(world: World, weather: Weather, haste: Haste, onCrash: () => void): Visits {
  const inside = new AsyncLocalStorage<Inside>();
  const all: Visit[] = [];

  const visit: Visits['visit'] = async (name, handler, event, context) => {
    const skew = weather.meets('clock-skew', name) ? weather.measure(-3, 3) : 0;
    const one: Visit = {
      ...{ at: instant(world.clock.now() * 1000), function: name, doorbells: doorbellsIn(event), skew },
      writes: { from: world.record.writes.length, to: world.record.writes.length },
      looks: [],
      ended: 'running',
    };
    all.push(one);
    const death = Promise.withResolvers<never>();
    death.promise.catch(() => {});
    const present: Inside = {
      ...{ visit: one, calls: 0, named: new Map(), dead: false, ends: endOf(name, weather) },
      overtaken: momentOf(weather.threatens('two-workers', name)),
      second: () => inside.exit(() => visit(name, handler, event, context)).catch(() => null),
      deadline: world.clock.now() + context.getRemainingTimeInMillis() / 1000,
      die: () => {
        present.dead = true;
        onCrash();
        death.reject(Object.assign(new Error(`${name} ended in the middle of its run`), { name: 'Runtime.ExitError' }));
      },
    };
    try {
      const answer = await inside.run(present, () => Promise.race([handler(event, context), death.promise]));
      one.ended = 'answered';
      return answer;
    } catch (error) {
      one.ended = present.dead ? 'crashed' : 'threw';
      throw error;
    } finally {
      one.writes.to = world.record.writes.length;
    }
  };

  const step: Visits['step'] = async (once, about) => {
    const present = inside.getStore();
    if (present === undefined) return once();
    if (present.dead) return never();
    const number = ++present.calls;
    const call = isLook(about.operation) ? () => looking(present.visit, once, about) : once;
    if (NAMES.has(about.service)) haste.before(about.input, present.named);
    if (present.overtaken?.at === number) {
      present.overtaken.strikes();
      await present.second();
    }
    if (present.ends?.at !== number || present.dead) return present.dead ? never() : call();
    present.ends.strikes();
    if (present.ends.how === 'after') await call().catch(() => {});
    if (present.ends.how === 'timeout') world.clock.sleep(present.deadline - world.clock.now());
    present.die();
    return never();
  };

  const looking = async <T>({ looks }: Visit, call: () => Promise<T>, { operation, input }: About): Promise<T> => {
    const seen = world.record.writes.length;
    const answer = await call();
    looks.push(lookOf(operation, input, seen));
    return answer;
  };

  return { all, step, visit, skew: () => inside.getStore()?.visit.skew ?? 0 };
}

/** Where calls name what they are about. */
const NAMES: ReadonlySet<string> = new Set(['ec2', 'autoscaling']);

function endOf(name: string, weather: Weather): Inside['ends'] {
  for (const [kind, how] of ENDS) {
    const moment = momentOf(weather.threatens(kind, name));
    if (moment !== null) return { ...moment, how };
  }
  return null;
}

const ENDS = [
  ['crash-before-call', 'before'],
  ['crash-after-call', 'after'],
  ['lambda-timeout', 'timeout'],
] as const;

const momentOf = (threat: Threat | null): Moment | null => threat && { at: threat.step(CALLS_MAX), strikes: threat.strikes };

const never = (): Promise<never> => new Promise(() => {});

const doorbellsIn = (event: unknown): number => (event as { Records?: unknown[] } | null)?.Records?.length ?? 1;
