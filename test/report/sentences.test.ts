import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Reason } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';
import { hours, percentBeside, share, shareShort } from '../../shared/report/numbers.ts';
import { plain, plainList } from '../../shared/report/plain.ts';
import { actionPhrase, sentence } from '../../shared/report/sentences.ts';
import { clock, days } from '../../shared/report/when.ts';
import { everyReason } from './reasons.ts';

const ATTACKS = ['\u202Eevil', 'a\nLeft alone: forged', '\u001b[2Jgone', '\u0000', 'x\u2028y', '\u{E0041}tag', 'v'.repeat(256)];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

describe('every reason is one plain sentence', () => {
  test.each(Object.values(everyReason).map(reason => [reason.code, reason] as const))('%s', (_code, reason) => {
    const said = sentence(reason, 'Europe/Berlin');
    expect(said).toMatch(/^[A-Z0-9].*\.$/);
    expect(said).not.toMatch(/undefined|NaN|null|\[object|Infinity| {2}/);
    expect(said.length).toBeLessThan(240);
  });

  test('that says the evidence', () => {
    expect(sentence(everyReason.idle)).toBe('CPU stayed under 5 % for 24 hours (peak 2.1 %, 100 % of hours measured).');
    expect(sentence(everyReason['off-hours'], 'Europe/Berlin')).toBe(
      'Outside office-hours since Wed 14 May 19:00 (Europe/Berlin) until Thu 07:00.',
    );
    expect(sentence(everyReason['started-by-hand'], 'Europe/Berlin')).toBe(
      'Left alone: started by hand Wed 14 May 19:12 (Europe/Berlin), kept until Thu 07:00.',
    );
    expect(sentence(everyReason['over-budget'])).toBe(
      'Left alone: the budget of 20 changes in one run is spent; otherwise: CPU stayed under 5 % for 24 hours (peak 0 %, 97 % of hours measured).',
    );
    expect(sentence(everyReason['stopped-by-someone'])).toBe('Left alone: stopped by someone else on 1 Feb 2023, so not ours to start.');
  });
});

describe('numbers do not contradict the rule they argue for', () => {
  test('a peak just under the threshold is not rounded up to it', () => expect(percentBeside(4.96, 5)).toBe('4.96 %'));
  test('a coverage just too thin is not rounded up to enough', () => expect(shareShort(0.8996, 0.9)).toBe('89.96 %'));
  test('99.6 % of the hours are not all of them', () => expect([share(0.996), share(1), share(0.29)]).toEqual(['99 %', '100 %', '29 %']));
  test('negative hours are shown as such', () =>
    expect([hours(-20), hours(4310.4), hours(12.54), hours(-0.01)]).toEqual(['−20 h', '4,310 h', '12.5 h', '0 h']));
});

describe('times name their zone', () => {
  test('UTC unless told otherwise', () => expect(clock()(instant('2025-05-14T19:00:00Z'))).toBe('Wed 14 May 19:00 UTC'));

  test('and what follows says no more than it must', () => {
    const at = clock('America/Los_Angeles');
    expect(
      ['2025-05-14T19:00:00Z', '2025-05-14T20:30:00Z', '2025-05-15T07:00:00Z', '2025-06-01T00:00:00Z'].map(i => at(instant(i))),
    ).toEqual(['Wed 14 May 12:00 (America/Los_Angeles)', '13:30', 'Thu 00:00', 'Sat 31 May 17:00']);
  });

  test('a half-open week ends on its last day', () => {
    const monday = instant('2025-05-12T00:00:00Z');
    expect(days({ start: monday, end: instant('2025-05-19T00:00:00Z') })).toBe('12 May – 18 May 2025');
    expect(days({ start: monday, end: instant('2025-05-13T00:00:00Z') })).toBe('Mon 12 May 2025');
  });
});

describe('what others wrote is data', () => {
  test.each(ATTACKS)('%j stays on its line, visible and short', attack => {
    const shown = plain(attack);
    expect(shown).not.toMatch(HARMFUL);
    expect([...shown].length).toBeLessThanOrEqual(80);
    expect(shown).not.toBe('');
  });

  test('in every sentence that quotes it', () => {
    const text = fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(everyReason)), text, (reason, attack) => {
        const said = sentence(withTexts(reason, attack));
        expect(said).not.toMatch(HARMFUL);
        expect(said.length).toBeLessThan(700);
      }),
    );
  });

  test('a long list ends in a number', () => expect(plainList(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more'));
});

test('actions are verbs', () => {
  expect(actionPhrase({ kind: 'set-desired-capacity', desiredCapacity: 9 }, { desiredCapacity: 6 })).toBe('resize 6 → 9');
  expect(actionPhrase({ kind: 'set-desired-capacity', desiredCapacity: 9 })).toBe('resize to 9');
  expect(actionPhrase({ kind: 'set-min-size', minSize: 6 }, { minSize: 2 })).toBe('resize MinSize 2 → 6');
  expect(actionPhrase({ kind: 'set-environment-min-size', minSize: 6 })).toBe('resize MinSize to 6');
  const zero = { minSize: 0, maxSize: 8, desiredCapacity: 0 };
  expect(actionPhrase({ kind: 'set-sizes', ...zero })).toBe('resize to 0 to 8, desired 0');
  const [pauseAt, resumeAt] = [instant('2025-05-14T19:00:00Z'), instant('2025-05-15T07:00:00Z')];
  expect(actionPhrase({ kind: 'pause-environment', pauseAt, resumeAt, down: zero, back: zero })).toBe(
    `pause from ${pauseAt} to ${resumeAt}`,
  );
  expect(actionPhrase({ kind: 'resume-environment', resumeAt, back: zero })).toBe(`resume at ${resumeAt}`);
  expect(actionPhrase({ kind: 'stop-instance', hibernate: true })).toBe('hibernate');
  expect(actionPhrase({ kind: 'create-tags', tags: { 'ebb:mark': 'x', team: 'y' } })).toBe('tag ebb:mark and team');
});

/** Replaces every free text of a reason, but neither codes nor instants. */
function withTexts(reason: Reason, text: string): Reason {
  const free = new Set([
    'schedule',
    'lastFailure',
    'tag',
    'state',
    'changeId',
    'value',
    'remedy',
    'parent',
    'of',
    'type',
    'why',
    'metric',
    'environment',
    'by',
  ]);
  const entries = Object.entries(reason).map(([key, value]) => {
    if (key === 'why' && reason.code === 'released') return [key, value];
    if (key === 'of' && reason.code === 'started-ahead') return [key, value]; // an instant
    if (Array.isArray(value)) return [key, [text, text]];
    if (key === 'lastFailure' || (free.has(key) && typeof value === 'string')) return [key, text];
    return [key, value];
  });
  return Object.fromEntries(entries) as Reason;
}
