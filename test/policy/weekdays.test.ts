import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWeekdays, type Weekday } from '../../shared/policy/weekdays.ts';

const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const day = fc.integer({ min: 0, max: 6 });
/** As people write a day: whole or short, in any case, with blanks around it. */
const written = (index: number) =>
  fc
    .tuple(fc.boolean(), fc.constantFrom('lower', 'upper', 'title'), fc.constantFrom('', ' ', '  '))
    .map(([short, look, blank]) => `${blank}${inCase(short ? (NAMES[index] ?? '').slice(0, 3) : (NAMES[index] ?? ''), look)}${blank}`);
const inCase = (name: string, look: string) =>
  look === 'upper' ? name.toUpperCase() : look === 'title' ? name.charAt(0).toUpperCase() + name.slice(1) : name;

/** A day or a range that may wrap, with the days that it means, counted one after the other. */
const part = fc.tuple(day, day, fc.boolean()).chain(([from, to, single]) =>
  fc.tuple(written(from), written(to)).map(([a, b]) => {
    const means = [from];
    for (let at = from; !single && at !== to; means.push(at)) at = (at + 1) % 7;
    return { text: single ? a : `${a}-${b}`, means };
  }),
);

test('whatever is written means the days that it counts through, each once, in order of the week', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), parts => {
      const means = new Set(parts.flatMap(p => p.means));
      expect(parseWeekdays(parts.map(p => p.text).join(','))).toEqual({ ok: [0, 1, 2, 3, 4, 5, 6].filter(d => means.has(d)) as Weekday[] });
    }),
  );
});

test('any other text is refused with the word and a remedy, and never read as no days', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^(mon|tue|fri|x|-|,| ){1,6}$/));
  fc.assert(
    fc.property(text, any => {
      const read = parseWeekdays(any);
      if ('ok' in read) expect(read.ok.length).toBeGreaterThan(0);
      else expect(read.bad.remedy).not.toBe('');
    }),
  );
  expect(parseWeekdays('')).toHaveProperty('bad');
  expect(parseWeekdays('mon-wed-fri')).toEqual({ bad: { value: 'mon-wed-fri', remedy: 'a range has one dash, such as mon-fri' } });
});
