/** Fields of a period, as text beside what they mean: a predicate over dates, written without a look at the language's own code. */
import fc from 'fast-check';

export interface Field {
  readonly text: string;
  /** @param date midnight, as if its wall clock were UTC's. */
  matches(date: Date): boolean;
}

const DAY = 86_400_000;
const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

const weekday = (date: Date): number => (date.getUTCDay() + 6) % 7;
const shifted = (date: Date, days: number): Date => new Date(date.getTime() + days * DAY);
const month = (date: Date): number => date.getUTCMonth();
const isLastOfMonth = (date: Date): boolean => month(shifted(date, 1)) !== month(date);
/** Which Monday (Tuesday, …) of its month it is, counted by going back week by week. */
function ordinal(date: Date): number {
  let n = 1;
  while (month(shifted(date, -7 * n)) === month(date)) n++;
  return n;
}

const digits = (from: number, to: number) => fc.integer({ min: from, max: to });

/** As people write a name: whole or short, in any case, with blanks around it. */
const named = (names: readonly string[], index: number, first: number) =>
  fc
    .tuple(fc.constantFrom('whole', 'short', 'number'), fc.constantFrom('lower', 'upper', 'title'), fc.constantFrom('', ' '))
    .map(([how, look, blank]) => {
      if (how === 'number') return `${blank}${index + first}${blank}`;
      const name = how === 'whole' ? (names[index] ?? '') : (names[index] ?? '').slice(0, 3);
      const shown = look === 'upper' ? name.toUpperCase() : look === 'title' ? name.charAt(0).toUpperCase() + name.slice(1) : name;
      return `${blank}${shown}${blank}`;
    });

/** A value, a range that may wrap, a step, or both: which of `size` values are meant, counted through one by one. */
const cyclic = (names: readonly string[], first: number): fc.Arbitrary<{ text: string; means: Set<number> }> => {
  const size = names.length;
  return fc
    .tuple(digits(0, size - 1), digits(0, size - 1), digits(1, size), fc.constantFrom('one', 'range', 'steps', 'range-steps'))
    .chain(([from, to, step, kind]) =>
      fc.tuple(named(names, from, first), named(names, to, first)).map(([a, b]) => {
        const end = kind === 'one' ? from : kind === 'steps' ? size - 1 : to;
        const means = new Set<number>();
        for (let at = from, i = 0; ; at = (at + 1) % size, i++) {
          if (i % (kind === 'one' || kind === 'range' ? 1 : step) === 0) means.add(at);
          if (at === end) break;
        }
        const span = kind === 'range' || kind === 'range-steps' ? `${a}-${b}` : a;
        return { text: kind === 'steps' || kind === 'range-steps' ? `${span}/${step}` : span, means };
      }),
    );
};

const list = (part: fc.Arbitrary<Field>): fc.Arbitrary<Field> =>
  fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => ({
    text: parts.map(p => p.text).join(','),
    matches: date => parts.some(p => p.matches(date)),
  }));

export const weekdayField: fc.Arbitrary<Field> = list(
  fc.oneof(
    { weight: 3, arbitrary: cyclic(NAMES, 0).map(({ text, means }) => ({ text, matches: (d: Date) => means.has(weekday(d)) })) },
    { weight: 1, arbitrary: fc.constant({ text: 'L', matches: (d: Date) => weekday(d) === 6 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(digits(0, 6), digits(1, 5), fc.boolean()).map(([day, n, short]) => ({
        text: `${short ? NAMES[day]?.slice(0, 3) : day}#${n}`,
        matches: (d: Date) => weekday(d) === day && ordinal(d) === n,
      })),
    },
    {
      weight: 1,
      arbitrary: digits(0, 6).map(day => ({
        text: `${NAMES[day]?.slice(0, 3)}L`,
        matches: (d: Date) => weekday(d) === day && month(shifted(d, 7)) !== month(d),
      })),
    },
  ),
);

export const monthField: fc.Arbitrary<Field> = list(
  cyclic(MONTHS, 1).map(({ text, means }) => ({ text, matches: (d: Date) => means.has(month(d)) })),
);

/** The workday of the month nearest to a day, found by walking away from it on both sides. */
function isNearestWorkday(date: Date, target: number): boolean {
  const aimed = new Date(Date.UTC(date.getUTCFullYear(), month(date), target));
  if (month(aimed) !== month(date)) return false;
  for (const away of [0, -1, 1, -2, 2]) {
    const there = shifted(aimed, away);
    if (month(there) === month(aimed) && weekday(there) < 5) return there.getTime() === date.getTime();
  }
  return false;
}

export const monthdayField: fc.Arbitrary<Field> = list(
  fc.oneof(
    digits(1, 31).map(n => ({ text: String(n), matches: (d: Date) => d.getUTCDate() === n })),
    fc.tuple(digits(1, 31), digits(1, 31), digits(1, 20)).map(([a, b, step]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      return {
        text: `${from}-${to}/${step}`,
        matches: (d: Date) => d.getUTCDate() >= from && d.getUTCDate() <= to && (d.getUTCDate() - from) % step === 0,
      };
    }),
    fc.tuple(digits(1, 31), digits(1, 20)).map(([from, step]) => ({
      text: `${from}/${step}`,
      matches: (d: Date) => d.getUTCDate() >= from && (d.getUTCDate() - from) % step === 0,
    })),
    digits(1, 31).map(from => ({ text: `${from}-L`, matches: (d: Date) => d.getUTCDate() >= from })),
    fc.constant({ text: 'L', matches: isLastOfMonth }),
    fc.constant({
      text: 'LW',
      matches: (d: Date) => {
        for (let last = new Date(Date.UTC(d.getUTCFullYear(), month(d) + 1, 0)); ; last = shifted(last, -1))
          if (weekday(last) < 5) return last.getTime() === d.getTime();
      },
    }),
    // The ends of a month, where the nearest weekday may not leave it, as often as all other days.
    fc.oneof(fc.constantFrom(1, 28, 30, 31), digits(1, 31)).map(n => ({ text: `${n}W`, matches: (d: Date) => isNearestWorkday(d, n) })),
  ),
);
