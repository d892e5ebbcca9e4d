/** Scheduled actions of a group: they set sizes at their times and never set them back. */
import type { Group } from './group.ts';
import { resize } from './scaling.ts';
import { parseSchedule } from './schedule.ts';
import type { World } from './world.ts';

/** Times in epoch seconds. */
export interface ScheduledAction {
  readonly name: string;
  /** Cron of five fields, `30 19 * * 1-5`; null: once, at `startTime`. */
  readonly recurrence: string | null;
  readonly timeZone: string;
  readonly startTime: number | null;
  /** After that it is not carried out any more; nothing is restored. */
  readonly endTime: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly desired: number | null;
}

/** Takes effect from now on, in place of an action of the same name. @throws Error for a recurrence that is none. */
export function putScheduledAction(world: World, group: Group, action: ScheduledAction): void {
  const { name, recurrence, timeZone, startTime, endTime } = action;
  group.scheduled.set(name, action);
  const next = recurrence === null ? once(startTime) : parseSchedule(sixFields(recurrence), timeZone, 0);
  const plan = (after: number): void => {
    const at = next(after);
    if (at === null || (endTime !== null && at >= endTime)) return;
    world.clock.schedule(at, () => {
      if (group.deleted || group.scheduled.get(name) !== action) return;
      carryOut(world, group, action);
      if (recurrence === null) group.scheduled.delete(name);
      else plan(at);
    });
  };
  plan(Math.max(world.clock.second(), (startTime ?? 0) - 1));
}

function carryOut(world: World, group: Group, { name, min, max, desired }: ScheduledAction): void {
  if (group.suspended.has('ScheduledActions')) return;
  const bounds = { min: min ?? group.minSize, max: max ?? group.maxSize };
  if (bounds.min > bounds.max) return;
  const wanted = desired === null ? undefined : Math.min(bounds.max, Math.max(bounds.min, desired));
  resize(world, group, { ...bounds, desired: wanted }, `the scheduled action ${name} executed,`);
}

const once =
  (startTime: number | null) =>
  (after: number): number | null =>
    startTime !== null && startTime > after ? startTime : null;

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

/** Unix cron counts weekdays from Sunday as 0, EventBridge from Sunday as 1: names are the same in both. */
function sixFields(recurrence: string): string {
  const fields = recurrence.trim().split(/\s+/);
  if (fields.length !== 5) throw new Error(`a recurrence has five fields: ${recurrence}`);
  const [minute, hour, dayOfMonth, month, dayOfWeek = '*'] = fields;
  const days = dayOfWeek.replace(/(?<![/\w])\d/g, digit => DAYS[Number(digit)] ?? digit);
  return `cron(${minute} ${hour} ${dayOfMonth} ${month} ${days} *)`;
}
