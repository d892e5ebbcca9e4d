/**
 * Messages that wait for a group to work them off: what arrives and what its members can do, minute by minute. A fluid, not single
 * messages: a fleet's queue may hold millions.
 */
import type { Group } from './group.ts';

export interface Backlog {
  readonly queue: string;
  /** Messages that one member works off in a minute. */
  readonly perInstance: number;
  readonly group: Group;
  /** Epoch seconds of the first minute that was reckoned; nothing waited then. */
  readonly since: number;
  /** Minutes that are over, one after the other. */
  readonly minutes: BacklogMinute[];
  /** Epoch seconds. */
  readonly now: () => number;
}

export interface BacklogMinute {
  /** Waiting when the minute began. */
  readonly waiting: number;
  readonly arrived: number;
  readonly done: number;
  /** Of what could have been done, 0 to 1. */
  readonly busy: number;
}

const MINUTE = 60;

/** The minute in which `at` lies. One that is not over yet is reckoned as it looks now. */
export function minuteOf(backlog: Backlog, at: number): BacklogMinute {
  const { since, minutes, now } = backlog;
  const index = Math.floor((at - since) / MINUTE);
  if (index < 0) return { waiting: 0, arrived: 0, done: 0, busy: 0 };
  const over = Math.floor((now() - since) / MINUTE);
  for (let i = minutes.length; i <= Math.min(index, over - 1); i++) minutes.push(reckon(backlog, i, minutes.at(-1)));
  const known = minutes[index];
  if (known !== undefined) return known;
  let last = minutes.at(-1);
  for (let i = minutes.length; i <= index; i++) last = reckon(backlog, i, last);
  return last as BacklogMinute;
}

function reckon({ group, perInstance, since }: Backlog, index: number, before: BacklogMinute | undefined): BacklogMinute {
  const middle = since + index * MINUTE + 30;
  const waiting = before === undefined ? 0 : before.waiting + before.arrived - before.done;
  const arrived = group.demand.at(middle)(middle) * perInstance;
  const able = group.power.at(middle) * perInstance;
  const done = Math.min(waiting + arrived, able);
  return { waiting, arrived, done, busy: able === 0 ? 0 : done / able };
}

/** Of a serving member's time. */
export const busyShare = (backlog: Backlog, at: number): number => minuteOf(backlog, at).busy;

/** Waiting at `at`. */
export function waitingAt(backlog: Backlog, at: number): number {
  const { waiting, arrived, done } = minuteOf(backlog, at);
  const part = ((at - backlog.since) % MINUTE) / MINUTE;
  return Math.max(0, waiting + (arrived - done) * part);
}

/** Seconds for which the oldest of those that wait at `at` has been there: what arrived last waits, first in, first out. */
export function ageOfOldest(backlog: Backlog, at: number): number {
  let left = waitingAt(backlog, at);
  if (left < 0.5) return 0;
  for (let minute = at - MINUTE; minute >= backlog.since; minute -= MINUTE) {
    const { arrived } = minuteOf(backlog, minute);
    if (arrived >= left) return at - minute - MINUTE * (1 - left / arrived);
    left -= arrived;
  }
  return at - backlog.since;
}
