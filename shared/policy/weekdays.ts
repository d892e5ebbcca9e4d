/** Weekdays as people write them: `mon-fri`, `sat,sun`, `fri-mon`, `Monday`. */
import { suggestion } from './suggest.ts';

/** 0 is Monday, 6 is Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export type Weekdays = { readonly ok: readonly Weekday[] } | { readonly bad: { readonly value: string; readonly remedy: string } };

/** Names or their first three letters in any case, single or as ranges that may wrap past Sunday, joined by commas. */
export function parseWeekdays(text: string): Weekdays {
  const days = new Set<Weekday>();
  for (const part of text.split(',')) {
    const ends = part.split('-').map(word => ({ word: word.trim(), day: weekday(word.trim()) }));
    const unknown = ends.find(end => end.day === null);
    if (unknown !== undefined) return { bad: { value: unknown.word, remedy: suggestion(unknown.word, NAMES_AND_SHORT, 'write mon-fri') } };
    const [from, to, more] = ends;
    if (from?.day == null || to?.day === null || more !== undefined)
      return { bad: { value: part.trim(), remedy: 'a range has one dash, such as mon-fri' } };
    for (const day of range(from.day, to?.day ?? from.day)) days.add(day);
  }
  return { ok: [...days].sort() };
}

const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const NAMES_AND_SHORT = [...NAMES.map(name => name.slice(0, 3)), ...NAMES];

function weekday(word: string): Weekday | null {
  const lower = word.toLowerCase();
  const index = NAMES.findIndex(name => lower === name || lower === name.slice(0, 3));
  return index === -1 ? null : (index as Weekday);
}

function range(from: Weekday, to: Weekday): Weekday[] {
  const length = ((to - from + 7) % 7) + 1;
  return Array.from({ length }, (_, i) => ((from + i) % 7) as Weekday);
}
