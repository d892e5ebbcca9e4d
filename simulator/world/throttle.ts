/** Token buckets: one for each account, region and kind of call, refilled by the virtual clock. */

export interface Bucket {
  readonly capacity: number;
  /** Tokens a second. */
  readonly refill: number;
}

export class Throttle {
  readonly #left = new Map<string, { tokens: number; at: number }>();
  /** Calls that were refused so far, by bucket. */
  readonly refused = new Map<string, number>();

  /**
   * Takes `cost` tokens, all of them or none; a full bucket gives whatever is asked, once.
   * @param now epoch seconds.
   */
  take(key: string, { capacity, refill }: Bucket, cost: number, now: number): boolean {
    const before = this.#left.get(key) ?? { tokens: capacity, at: now };
    const tokens = Math.min(capacity, before.tokens + Math.max(0, now - before.at) * refill);
    const enough = tokens >= Math.min(cost, capacity);
    this.#left.set(key, { tokens: enough ? tokens - Math.min(cost, capacity) : tokens, at: now });
    if (!enough) this.refused.set(key, (this.refused.get(key) ?? 0) + 1);
    return enough;
  }
}
