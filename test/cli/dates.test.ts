/** Days, instants and lengths as they are typed: what is no date is never taken for another one. */
import { describe, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { type WindowOptions, windowOf, withWindow } from '../../cli/dates.ts';
import { lastsUntil } from '../../cli/duration.ts';
import { Refusal } from '../../cli/exit.ts';
import { addSeconds, DAY, instant } from '../../shared/model/time.ts';
import { readMoment } from '../../shared/policy/dates.ts';

const now = instant('2025-05-16T12:00:00Z');

/** Refused is `null`: by the command line's own error, or by ours. Anything else is a bug, and thrown. */
function orRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || (error instanceof CommanderError && error.code === 'commander.invalidArgument')) return null;
    throw error;
  }
}

const windowFrom = (...args: string[]) => {
  const command = withWindow(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return orRefused(() => windowOf(command.parse(args, { from: 'user' }).opts<WindowOptions>(), 'UTC', now));
};

const two = (n: number): string => String(n).padStart(2, '0');
/** A year, a month and a day of their own: the 31st of each month among them. */
const written = fc.record({ year: fc.integer({ min: 0, max: 9999 }), month: fc.nat(13), day: fc.nat(32) });
const lately = fc.record({ year: fc.constant(2025), month: fc.integer({ min: 1, max: 4 }), day: fc.integer({ min: 1, max: 31 }) });
const textOf = ({ year, month, day }: { year: number; month: number; day: number }): string =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
const daysIn = (month: number): number => [31, 28, 31, 30][month - 1] ?? 0;

describe('a date that is typed', () => {
  test('is that very day, or is refused', () => {
    expect(windowFrom('--from', '2025-02-30T07:00:00Z')).toBeNull();
    fc.assert(
      fc.property(lately, fc.constantFrom('', 'T00:00Z', 'T00:00:00+00:00'), (parts, clock) => {
        const text = textOf(parts) + clock;
        const midnight = `${textOf(parts)}T00:00:00Z`;
        const isReal = parts.day <= daysIn(parts.month);
        expect(windowFrom('--from', text)?.start ?? null).toBe(isReal ? midnight : null);
        expect(readMoment(text, 'UTC', 'begin')).toBe(isReal ? midnight : null);
      }),
      { numRuns: 150 },
    );
  });

  test('and any other text, gives a window that is in order, or is refused', () => {
    const text = fc.oneof(
      fc.string(),
      written.map(textOf),
      fc.tuple(written, fc.string()).map(([day, rest]) => `${textOf(day)}T${rest}`),
    );
    fc.assert(
      fc.property(fc.constantFrom('--from=', '--to='), text, (option, value) => {
        const window = windowFrom(`${option}${value}`);
        if (window === null) return;
        for (const end of [window.start, window.end]) expect(end).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(window.start < window.end).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('beside a time and an offset is the instant that they name, in whatever zone it is read', () => {
    const hours = fc.integer({ min: -14, max: 14 });
    fc.assert(
      fc.property(
        lately,
        fc.nat(23),
        fc.nat(59),
        hours,
        fc.constantFrom('UTC', 'Asia/Kolkata', 'America/St_Johns'),
        (parts, h, m, off, zone) => {
          fc.pre(parts.day <= daysIn(parts.month));
          const text = `${textOf(parts)}T${two(h)}:${two(m)}${off < 0 ? '-' : '+'}${two(Math.abs(off))}:00`;
          expect(readMoment(text, zone, 'end')).toBe(instant(text));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('and nonsense is no moment, but never an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), written.map(textOf)), fc.constantFrom<'begin' | 'end'>('begin', 'end'), (text, edge) => {
        expect(readMoment(text, 'Europe/Berlin', edge) ?? '2000-01-01T00:00:00Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }),
      { numRuns: 300 },
    );
  });
});

test('a length ends after now and within what is allowed, or is refused', () => {
  const longest = 30 * DAY;
  const until = (options: Parameters<typeof lastsUntil>[0]) => orRefused(() => lastsUntil(options, now, longest));
  const seconds = { m: 60, h: 3_600, d: 86_400, w: 604_800 };
  fc.assert(
    fc.property(fc.nat(100_000), fc.constantFrom<keyof typeof seconds>('m', 'h', 'd', 'w'), (n, unit) => {
      const length = n * seconds[unit];
      expect(until({ for: `${n}${unit}` })).toBe(length > 0 && length <= longest ? addSeconds(now, length) : null);
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom('for', 'until'), fc.oneof(fc.string(), written.map(textOf)), (key, text) => {
      const end = until({ [key]: text });
      expect(end === null || (end > now && end <= addSeconds(now, longest))).toBe(true);
    }),
    { numRuns: 300 },
  );
});
