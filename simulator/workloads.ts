/**
 * Seeded workloads: pure functions of time, so that history costs nothing until somebody asks for it. A machine's answers percent of
 * its CPU, a fleet's answers busy instances.
 */
import { epochSeconds, HOUR, type Instant, MINUTE } from '../shared/model/time.ts';
import { type WallClock, wallClock } from './wall-clock.ts';
import type { Work } from './world/found-group.ts';
import { gaussian, unit } from './world/random.ts';

/** Epoch seconds to percent, or to busy instances. */
export type Workload = (at: number) => number;

export interface Weekly {
  readonly seed: number;
  /** IANA zone in which days and office hours are meant; UTC unless told otherwise. */
  readonly timeZone?: string;
}

export interface FlashCrowd {
  readonly at: Instant;
  /** Demand at its height, as a multiple of what it would be otherwise. */
  readonly times: number;
  /** Seconds to the height, at the height, and back. */
  readonly rise?: number;
  readonly hold?: number;
  readonly fall?: number;
}

export interface WebDemand extends Weekly {
  /** Busy instances in the depth of the night and at the height of a weekday. */
  readonly night: number;
  readonly day: number;
  /** Height of a Saturday or Sunday, as a share of a weekday's. */
  readonly weekend?: number;
  readonly flash?: FlashCrowd;
}

/** People at a web site: quiet at 4 in the morning, busiest in the early afternoon, less on weekends, never quite smooth. */
export function webDemand({ seed, timeZone, night, day, weekend = 0.7, flash }: WebDemand): Workload {
  const clock = wallClock(timeZone);
  const crowd = flash === undefined ? () => 1 : flashCrowd(flash);
  return at => {
    const { hour, weekday } = clock(at);
    const height = weekday >= 6 ? night + (day - night) * weekend : day;
    const shape = (0.5 - 0.5 * Math.cos((2 * Math.PI * (hour - 4)) / 24)) ** 1.3;
    const weather = 1 + 0.04 * smooth(seed, at, 15 * MINUTE) + 0.015 * gaussian(seed + 1, Math.floor(at / MINUTE));
    return Math.max(0, (night + (height - night) * shape) * weather * crowd(at));
  };
}

/** A factor that rises to `times`, stays, and falls back to 1. */
export function flashCrowd({ at: when, times, rise = 240, hold = 2400, fall = 3600 }: FlashCrowd): Workload {
  const start = epochSeconds(when);
  return at => {
    const since = at - start;
    if (since <= 0 || since >= rise + hold + fall) return 1;
    if (since < rise) return 1 + ((times - 1) * since) / rise;
    if (since < rise + hold) return times;
    return times - ((times - 1) * (since - rise - hold)) / fall;
  };
}

/** A demand in busy instances, told as requests or messages a minute of which one instance can do so many. */
export const workOf = (demand: Workload, perInstance: number): Work => ({ perMinute: at => demand(at) * perInstance, perInstance });

export interface Batches {
  readonly seed: number;
  /** Seconds from one batch to the next. */
  readonly every: number;
  /** Messages of one, more or less; they come over so many minutes. */
  readonly size: number;
  readonly minutes?: number;
  /** Messages a minute in between. */
  readonly trickle?: number;
}

/** Messages a minute of which most come in batches: a backlog that grows at once and is worked off. */
export function batches({ seed, every, size, minutes = 5, trickle = 0 }: Batches): Workload {
  return at => {
    const batch = Math.floor(at / every);
    const within = at - batch * every < minutes * MINUTE;
    const messages = size * (0.6 + 0.8 * unit(seed, batch));
    return trickle + (within ? messages / minutes : 0);
  };
}

export interface OfficeHours extends Weekly {
  /** Wall-clock hours, Monday to Friday; 8 to 18 unless told otherwise. */
  readonly from?: number;
  readonly to?: number;
  /** Percent while somebody works; 30 unless told otherwise. */
  readonly busy?: number;
}

/** A developer's box: used in bursts in office hours, next to nothing outside. */
export function officeUse({ seed, timeZone, from = 8, to = 18, busy = 30 }: OfficeHours): Workload {
  const clock = wallClock(timeZone);
  return at => {
    const { hour, weekday } = clock(at);
    if (weekday >= 6 || hour < from || hour >= to) return quiet(seed, at);
    const atIt = unit(seed, Math.floor(at / (20 * MINUTE)), 7) < 0.7;
    return atIt ? clamp(busy * (1 + 0.5 * gaussian(seed, Math.floor(at / (5 * MINUTE))))) : quiet(seed, at);
  };
}

/** Nobody uses it: between 0.5 and 2.5 percent, and never 5. */
export const idle =
  ({ seed }: Pick<Weekly, 'seed'>): Workload =>
  at =>
    quiet(seed, at);

/** Always at work, day and night. */
export const busy =
  ({ seed, percent = 60 }: Pick<Weekly, 'seed'> & { readonly percent?: number }): Workload =>
  at =>
    clamp(percent + 12 * smooth(seed, at, HOUR) + 5 * gaussian(seed, Math.floor(at / (5 * MINUTE))));

export interface NightlyJob extends Weekly {
  /** Wall-clock hour at which it starts; 2 unless told otherwise. */
  readonly hour?: number;
  readonly minutes?: number;
  readonly percent?: number;
}

/** Idle all day, and at work for a while every night: what an idleness rule that looks at too few hours would stop. */
export function nightlyJob({ seed, timeZone, hour: start = 2, minutes = 40, percent = 75 }: NightlyJob): Workload {
  const clock = wallClock(timeZone);
  return at => {
    const { hour } = clock(at);
    const working = hour >= start && hour < start + minutes / 60;
    return working ? clamp(percent + 8 * gaussian(seed, Math.floor(at / (5 * MINUTE)))) : quiet(seed, at);
  };
}

/** Whether a weekly pattern of the wall clock is on in an hour of the UTC week of `around`: for `ranInHour`. */
export function officeHoursOfWeek(
  around: Instant,
  { timeZone, from = 8, to = 18 }: Omit<OfficeHours, 'seed'>,
): (hourOfWeek: number) => boolean {
  const clock: WallClock = wallClock(timeZone);
  const monday = Math.floor((epochSeconds(around) / HOUR + 72) / 168) * 168 - 72; // in hours since the epoch, a Thursday
  return hourOfWeek => {
    const { hour, weekday } = clock((monday + hourOfWeek) * HOUR);
    return weekday <= 5 && hour >= from && hour < to;
  };
}

const quiet = (seed: number, at: number): number =>
  0.5 + 1.2 * unit(seed, Math.floor(at / (5 * MINUTE))) + 0.8 * unit(seed, Math.floor(at / HOUR), 3);

/** Noise between about −2 and 2 that drifts: gaussian at every `step` seconds, straight lines between. */
function smooth(seed: number, at: number, step: number): number {
  const index = Math.floor(at / step);
  const part = at / step - index;
  return gaussian(seed, index) * (1 - part) + gaussian(seed, index + 1) * part;
}

const clamp = (percent: number): number => Math.min(100, Math.max(0, percent));
