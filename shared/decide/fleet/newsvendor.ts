/** How many instances: the number at which one more would cost more than the under-provisioned minutes that it is likely to spare. */
import { chanceAbove, reach, type Spread, survival } from './spread.ts';

export interface Terms {
  /** Utilization, 0 to 1, above which a minute is under-provisioned. */
  readonly utilization: number;
  readonly min: number;
  readonly max: number;
  /** What an under-provisioned minute costs, in instance-minutes. */
  readonly price: number;
}

/** A minute in which demand finds no instance at all weighs half as much again. */
const LOST = 0.5;

/** Least expected cost over the whole range of what may come, for a forecast (log of load) with its scale. */
export function cheapestCapacity(spread: Spread, forecast: number, scale: number, { utilization, min, max, price }: Terms): number {
  const chances = survival(spread);
  const { low, high } = reach(spread, forecast, scale);
  const from = Math.max(min, Math.floor(low / utilization));
  const to = Math.min(max, Math.ceil(high / utilization) + 1);
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let n = from; n <= to; n += n > 60 ? n >> 5 : 1) {
    const risk = chanceAbove(chances, n * utilization, forecast, scale) + LOST * chanceAbove(chances, n, forecast, scale);
    const cost = n + price * risk;
    if (cost < least - 1e-12) {
      least = cost;
      best = n;
    }
    if (risk === 0) break;
  }
  return best;
}
