/** The wall clock of a zone, fast enough to be asked for every minute of four weeks. */
import { Temporal } from 'temporal-polyfill';
import { HOUR } from '../shared/model/time.ts';

export interface WallTime {
  /** 0 up to 24, with its fraction. */
  readonly hour: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

export type WallClock = (at: number) => WallTime;

/** Offsets change on whole hours only, so one is looked up per hour and kept. */
export function wallClock(timeZone = 'UTC'): WallClock {
  const offsets = new Map<number, number>();
  const offsetAt = (at: number): number => {
    if (timeZone === 'UTC') return 0;
    const hour = Math.floor(at / HOUR);
    const known = offsets.get(hour);
    if (known !== undefined) return known;
    const offset = Temporal.Instant.fromEpochMilliseconds(hour * HOUR * 1000).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e9;
    offsets.set(hour, offset);
    return offset;
  };
  return at => {
    const local = at + offsetAt(at);
    const day = Math.floor(local / 86_400);
    return { hour: (local - day * 86_400) / HOUR, weekday: ((((day + 3) % 7) + 7) % 7) + 1 };
  };
}
