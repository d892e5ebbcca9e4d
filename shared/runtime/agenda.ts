/** The next-transition index: a five-minute tick reads this one item, and most of the time there is nothing to do. */
import { AGENDA_KEY, type SortedShelf } from '../memory/shelves.ts';
import type { Agenda } from '../model/memory.ts';
import type { Instant } from '../model/time.ts';
import { soonest, utcDay } from '../model/time.ts';
import { changeItem } from './items.ts';
import type { Run } from './run.ts';

/** Whether anything has fallen due; also when nobody has ever looked. */
export async function isDue({ memory, shelf, at }: Run): Promise<boolean> {
  const item = await memory.read(shelf, AGENDA_KEY, at);
  if (item === null) return true;
  const { nextAt } = item.value as Agenda;
  return nextAt !== null && nextAt <= at;
}

/** Today's agenda; what was spent on another day is forgotten. */
export function agendaOf({ agenda }: SortedShelf, at: Instant): Agenda {
  const day = utcDay(at);
  if (agenda === null) return { nextAt: null, observedAt: at, day, disruptionsToday: 0 };
  return agenda.value.day === day ? agenda.value : { ...agenda.value, day, disruptionsToday: 0 };
}

/** @param whole a look at a few resources can only bring the next look forward, never put it off. */
export async function writeAgenda(run: Run, nextAt: Instant | null, disruptions: number, whole: boolean): Promise<void> {
  await changeItem<Agenda>(run, AGENDA_KEY, run.at, held => {
    const day = utcDay(run.at);
    const spent = held?.day === day ? held.disruptionsToday : 0;
    const next = whole || held === null ? nextAt : soonest([held.nextAt, nextAt]);
    const value = { nextAt: next, observedAt: run.at, day, disruptionsToday: spent + disruptions };
    return held !== null && same(held, value) ? held : value;
  });
}

/** The next five-minute tick looks. Where nobody has ever looked it does so anyway. */
export async function lookSoon(where: Pick<Run, 'memory' | 'shelf'>, at: Instant): Promise<void> {
  await changeItem<Agenda>(where, AGENDA_KEY, at, held =>
    held === null || held.nextAt === at ? held : { ...held, nextAt: soonest([held.nextAt, at]) },
  );
}

const same = (a: Agenda, b: Agenda): boolean => a.nextAt === b.nextAt && a.day === b.day && a.disruptionsToday === b.disruptionsToday;
