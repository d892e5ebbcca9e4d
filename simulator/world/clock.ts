/**
 * Virtual time. Two kinds of things fall due: what the world does (an instance boots, a metric is judged) and what is delivered to a
 * handler. A handler that sleeps sees the world go on; deliveries wait until it has returned, so handlers never overlap.
 */
import { Heap } from './heap.ts';

interface Due<Result> {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => Result;
}

type Anything = void | Promise<void>;

const sooner = (a: Due<unknown>, b: Due<unknown>): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export class Clock {
  #now: number;
  #sequence = 0;
  #advancing = false;
  readonly #world = new Heap<Due<void>>(sooner);
  readonly #deliveries = new Heap<Due<Anything>>(sooner);

  /** @param now epoch seconds. */
  constructor(now: number) {
    this.#now = now;
  }

  /** Epoch seconds; with a fraction only after somebody slept for part of a second. */
  now(): number {
    return this.#now;
  }

  /** Whole epoch seconds: the grain of launch times, state changes and bills. */
  second(): number {
    return Math.floor(this.#now);
  }

  /** The world does this at `at` (epoch seconds), or now if that has passed. */
  schedule(at: number, run: () => void): void {
    this.#world.push({ at, sequence: this.#sequence++, run });
  }

  /** Something is brought to a handler at `at`, or as soon as the one before has returned. */
  deliver(at: number, run: () => Anything): void {
    this.#deliveries.push({ at, sequence: this.#sequence++, run });
  }

  /**
   * Plays everything that falls due up to and including `at`, in order, awaiting each delivery.
   * @throws Error when called from inside a delivery: a handler sleeps, it does not advance.
   */
  async advanceTo(at: number): Promise<void> {
    if (this.#advancing) throw new Error('the clock is being advanced already: inside a delivery, sleep instead');
    this.#advancing = true;
    try {
      for (let next = this.#next(at); next !== null; next = this.#next(at)) {
        this.#now = Math.max(this.#now, next.at);
        await next.run();
      }
      this.#now = Math.max(this.#now, at);
    } finally {
      this.#advancing = false;
    }
  }

  /** Moves time on from inside a handler: the world goes on, deliveries wait. */
  sleep(seconds: number): void {
    const until = this.#now + Math.max(0, seconds);
    for (let due = this.#world.peek(); due !== undefined && due.at <= until; due = this.#world.peek()) {
      this.#world.pop();
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = Math.max(this.#now, Math.round(until * 1000) / 1000);
  }

  #next(until: number): Due<Anything> | null {
    const [world, delivery] = [this.#world.peek(), this.#deliveries.peek()];
    const worldFirst = delivery === undefined || (world !== undefined && sooner(world, delivery));
    const first = worldFirst ? world : delivery;
    if (first === undefined || first.at > until) return null;
    return (worldFirst ? this.#world : this.#deliveries).pop() ?? null;
  }
}
