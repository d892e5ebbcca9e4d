/** What AWS offers for the same group: target tracking, step scaling, predictive scaling. One call opens one run. */
import type { Scaler } from './group.ts';

/**
 * Above the target in three minutes: out, to as many as would meet it. Below nine tenths of it in fifteen: in. What is on its way counts, and
 * holds off scaling in (EC2 Auto Scaling user guide, target tracking).
 * @param target percent of CPU
 */
export function targetTracking(target: number): Scaler {
  let above = 0;
  let below = 0;
  return ({ newest, cpu, carriers, pending, desired }) => {
    if (newest < 0) return desired;
    above = cpu > target ? above + 1 : 0;
    below = cpu < 0.9 * target ? below + 1 : 0;
    const wanted = Math.ceil((carriers * cpu) / target - 1e-9);
    if (above >= 3) return Math.max(desired, wanted);
    if (below >= 15 && pending === 0) return Math.min(desired, Math.max(1, wanted));
    return desired;
  };
}

/** Ten points beyond the threshold a tenth of the instances, twenty points three tenths (the percent example of the user guide). */
export function stepScaling(threshold: number): Scaler {
  let above = 0;
  let below = 0;
  return ({ newest, cpu, inService, pending, desired }) => {
    if (newest < 0) return desired;
    above = cpu >= threshold + 10 ? above + 1 : 0;
    below = cpu <= threshold - 10 ? below + 1 : 0;
    const step = (far: boolean) => Math.max(1, Math.trunc(inService * (far ? 0.3 : 0.1)));
    if (above >= 3) return Math.max(desired, inService + step(cpu >= threshold + 20));
    if (below < 5 || pending > 0) return desired;
    below = 0;
    return Math.min(desired, inService - step(cpu <= threshold - 20));
  };
}

/**
 * A forecast for each hour of the next two days, made anew every six hours, is a floor under target tracking. AWS does not publish its model;
 * here it is the mean of the same hour of the week and of the day. The floor is raised five minutes ahead.
 */
export function predictive(target: number): Scaler {
  const reacting = targetTracking(target);
  const hours: number[] = [];
  let sum = 0;
  let minutes = 0;
  let floors: ReadonlyMap<number, number> = new Map();
  return seen => {
    if (seen.newest >= 0) {
      sum += (seen.cpu / 100) * seen.carriers;
      minutes++;
      if ((seen.newest + 1) % 60 === 0) {
        hours.push(sum / minutes);
        sum = 0;
        minutes = 0;
        if (hours.length >= 24 && hours.length % 6 === 0) floors = forecastHours(hours);
      }
    }
    const load = Math.max(...[seen.minute, seen.minute + 5].map(minute => floors.get(Math.floor(minute / 60)) ?? 0));
    return Math.max(reacting(seen), Math.ceil(load / (target / 100)));
  };
}

/** Load by hour, for the 48 hours after those known, from the last two weeks. */
function forecastHours(hours: readonly number[]): Map<number, number> {
  const first = Math.max(0, hours.length - 14 * 24);
  const past = (lags: readonly number[], hour: number) =>
    lags.flatMap(lag => (hour - lag >= first && hour - lag < hours.length ? [hours[hour - lag] ?? 0] : []));
  const forecast = new Map<number, number>();
  for (let hour = hours.length; hour < hours.length + 48; hour++) {
    const parts = [past([168, 336], hour), past([24, 48, 72, 96], hour).slice(0, 3)].filter(part => part.length > 0).map(mean);
    forecast.set(hour, parts.length === 0 ? 0 : mean(parts));
  }
  return forecast;
}

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
