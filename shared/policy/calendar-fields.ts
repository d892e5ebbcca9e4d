/**
 * The three fields that say on which dates a period takes place, as people write them:
 *
 *   weekdays    `mon-fri`, `sat,sun`, `fri-mon` (wraps), `Monday`, `0` (Monday) to `6`, `mon#1` (the first), `friL` (the last), `L` (Sunday)
 *   monthdays   `1-5`, `13-15, 29`, `L` (the last), `25-L`, `15W` (the weekday nearest to it), `LW` (the last one from Monday to Friday)
 *   months      `jan`, `3-5`, `nov-feb` (wraps), `July-June`
 *
 * and in all of them lists, steps (`1/7`: from the 1st every 7th; `1-10/2`) and `*` or `?` for all. Pure, and small enough for a bundle.
 */
import { suggestion } from './suggest.ts';

/** What a field may be in YAML and JSON: one text, one number, or a list of either. */
export type FieldText = string | number | readonly (string | number)[];

export interface BadField {
  /** The part that cannot be read. */
  readonly value: string;
  readonly remedy: string;
}

export type ReadField<T> = { readonly ok: T } | { readonly bad: BadField };

/** Bit `n` stands for the n-th of the domain: Monday is bit 0 of weekdays, the 1st bit 0 of monthdays, January bit 0 of months. */
export interface Weekdays {
  readonly every: number;
  readonly last: number;
  readonly nth: readonly { readonly weekday: number; readonly n: number }[];
}

export interface Monthdays {
  readonly every: number;
  readonly last: boolean;
  readonly lastWeekday: boolean;
  /** The weekday (Monday to Friday) of the same month that is nearest to each of these days. */
  readonly nearest: readonly number[];
}

export function parseWeekdays(text: FieldText): ReadField<Weekdays> {
  const found = { every: 0, last: 0, nth: [] as { weekday: number; n: number }[] };
  const bad = eachPart(
    text,
    WEEKDAYS,
    part => {
      if (/^l$/i.test(part)) return add(found, 1 << 6);
      const special = /^(.+?)(?:#(\d+)|l)$/i.exec(part);
      const weekday = special === null ? null : indexOfWord(special[1] ?? '', WEEKDAYS);
      if (special === null || weekday === null) return null;
      const n = special[2] === undefined ? null : Number(special[2]);
      if (n !== null && (n < 1 || n > 5)) return { value: part, remedy: 'a month has a first to a fifth of each weekday: write #1 to #5' };
      if (n === null) found.last |= 1 << weekday;
      else found.nth.push({ weekday, n });
      return 'taken';
    },
    found,
  );
  return bad === null ? { ok: found } : { bad };
}

export function parseMonthdays(text: FieldText): ReadField<Monthdays> {
  const found = { every: 0, last: false, lastWeekday: false, nearest: [] as number[] };
  const bad = eachPart(
    text,
    MONTHDAYS,
    part => {
      if (/^l$/i.test(part)) found.last = true;
      else if (/^lw$/i.test(part)) found.lastWeekday = true;
      else {
        const day = /^(\d+)w$/i.exec(part)?.[1];
        if (day === undefined) return null;
        const value = indexOfWord(day, MONTHDAYS);
        if (value === null) return unknown(day, MONTHDAYS);
        found.nearest.push(value + 1);
      }
      return 'taken';
    },
    found,
  );
  return bad === null ? { ok: found } : { bad };
}

export function parseMonths(text: FieldText): ReadField<number> {
  const found = { every: 0 };
  const bad = eachPart(text, MONTHS, () => null, found);
  return bad === null ? { ok: found.every } : { bad };
}

interface Domain {
  /** Full names in order; their first three letters will do. Empty where there are only numbers. */
  readonly names: readonly string[];
  readonly size: number;
  /** The number that people write for the first. */
  readonly first: number;
  readonly wraps: boolean;
  /** A last one that differs from month to month, so `n-L` is a range. */
  readonly endsWithL: boolean;
  readonly example: string;
}

const WEEKDAYS: Domain = {
  names: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  ...{ size: 7, first: 0, wraps: true, endsWithL: false, example: 'mon-fri' },
};
const MONTHDAYS: Domain = { names: [], size: 31, first: 1, wraps: false, endsWithL: true, example: '1-5' };
const MONTHS: Domain = {
  names: 'january february march april may june july august september october november december'.split(' '),
  ...{ size: 12, first: 1, wraps: true, endsWithL: false, example: 'jan-mar' },
};

type Taken = 'taken' | BadField | null;

/** Reads every part into `found`; `special` is asked first and says `null` for what is no speciality of its field. */
function eachPart(text: FieldText, domain: Domain, special: (part: string) => Taken, found: { every: number }): BadField | null {
  const texts = Array.isArray(text) ? (text as readonly (string | number)[]) : [text as string | number];
  if (texts.length === 0) return { value: '', remedy: `write ${domain.example}, or leave the field out` };
  for (const part of texts.flatMap(t => String(t).split(','))) {
    const taken = special(part.trim()) ?? plain(part.trim(), domain, found);
    if (taken !== 'taken') return taken;
  }
  return null;
}

/** `*`, a value, a range, or either with a step. */
function plain(part: string, domain: Domain, found: { every: number }): 'taken' | BadField {
  if (part === '*' || part === '?') return add(found, 2 ** domain.size - 1);
  const [span = '', step, moreSteps] = part.split('/').map(p => p.trim());
  const [from = '', to, more] = span.split('-').map(p => p.trim());
  const start = indexOfWord(from, domain);
  if (start === null) return unknown(from === '' && part !== '' ? part : from, domain);
  if (more !== undefined || moreSteps !== undefined) return { value: part, remedy: `a range has one dash, such as ${domain.example}` };

  const toLast = to !== undefined && domain.endsWithL && /^l$/i.test(to);
  const end = to === undefined ? null : toLast ? domain.size - 1 : indexOfWord(to, domain);
  if (to !== undefined && end === null) return unknown(to, domain);
  if (end !== null && end < start && !domain.wraps) {
    return { value: part, remedy: `days of a month do not wrap: write ${from}-L,1-${to}` };
  }
  if (step === undefined) return add(found, bits(start, end ?? start, 1, domain.size));
  if (!/^\d+$/.test(step) || Number(step) === 0) return { value: part, remedy: `a step is a whole number from 1 on: write ${span}/2` };
  return add(found, bits(start, end ?? domain.size - 1, Number(step), domain.size));
}

function add(found: { every: number }, more: number): 'taken' {
  found.every |= more;
  return 'taken';
}

/** The bits from `start` in steps to `end`, around the turn of the domain where it ends before it starts. */
function bits(start: number, end: number, step: number, size: number): number {
  let found = 0;
  const length = end < start ? end + size - start : end - start;
  for (let i = 0; i <= length; i += step) found |= 1 << ((start + i) % size);
  return found;
}

/** The place of a name or number in its domain, counted from 0. */
function indexOfWord(word: string, { names, first, size }: Domain): number | null {
  if (/^\d+$/.test(word)) {
    const value = Number(word) - first;
    return value >= 0 && value < size ? value : null;
  }
  const lower = word.toLowerCase();
  const index = names.findIndex(name => lower === name || lower === name.slice(0, 3));
  return index === -1 ? null : index;
}

function unknown(value: string, { names, first, size }: Domain): BadField {
  const last = first + size - 1;
  if (/^-?\d+$/.test(value) || names.length === 0) {
    const more = names.length === 0 ? ', L for the last day, or 15W' : ` (${names[0]} to ${names.at(-1)})`;
    return { value, remedy: `write ${first} to ${last}${more}` };
  }
  const known = [...names.map(name => name.slice(0, 3)), ...names];
  return { value, remedy: suggestion(value, known, '') };
}
