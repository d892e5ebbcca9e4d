/** A value that changes now and then, with its whole history: looked up in any order, stored only where it changed. */
export class Steps<T> {
  readonly #times: number[] = [];
  readonly #values: T[] = [];
  readonly #before: (at: number) => T;

  /** @param before what it was before the first change. */
  constructor(before: (at: number) => T) {
    this.#before = before;
  }

  /** From `at` on (epoch seconds, never earlier than the change before) it is `value`. */
  set(at: number, value: T): void {
    const last = this.#times.length - 1;
    if (last >= 0 && this.#times[last] === at) {
      this.#values[last] = value;
      return;
    }
    this.#times.push(at);
    this.#values.push(value);
  }

  /** Whether it was set anew after `from` and not after `to`. */
  changedBetween(from: number, to: number): boolean {
    const last = this.#times.findLast(time => time <= to);
    return last !== undefined && last > from;
  }

  at(time: number): T {
    let low = 0;
    let high = this.#times.length;
    // Nearly every question is about the recent past, so look there before halving.
    if (high > 8 && (this.#times[high - 8] as number) <= time) low = high - 8;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) <= time) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? this.#before(time) : (this.#values[low - 1] as T);
  }
}
