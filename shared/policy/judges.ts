/** What a single word of a config may be. A judge answers `null`, or what is wrong and, after `; `, what to do. */

import { dayNumber } from './calendar-day.ts';
import type { BadField, FieldText } from './calendar-fields.ts';
import { readMoment } from './dates.ts';
import { AWS_REGIONS } from './regions.ts';
import { nearest } from './suggest.ts';
import { minuteOfDay } from './wall-clock.ts';
import { isIanaName, suggestZone, zoneTrouble } from './zones.ts';

export type Judge = (value: string) => string | null;

const quoted = (value: string): string => JSON.stringify(value);

export const judgeZone: Judge = value => {
  const trouble = zoneTrouble(value);
  return trouble === null ? null : `${quoted(value)} ${trouble}; ${suggestZone(value)}`;
};

/** Any name of IANA's, abbreviations too: what other schedulers take. */
export const judgeIanaName: Judge = value => (isIanaName(value) ? null : `${quoted(value)} is not an IANA zone; ${suggestZone(value)}`);

/** @param what the field is made of: `a weekday or a range of them`. */
export const judgeField =
  (parse: (text: FieldText) => { readonly ok: unknown } | { readonly bad: BadField }, what: string) =>
  (value: FieldText): string | null => {
    const read = parse(value);
    return 'ok' in read ? null : `${quoted(read.bad.value)} is not ${what}; ${read.bad.remedy}`;
  };

export const judgeClock =
  (last: '23:59' | '24:00'): Judge =>
  value =>
    minuteOfDay(value) === null || (value === '24:00' && last !== '24:00')
      ? `${quoted(value)} is not a time of day; write HH:MM, 00:00 to ${last}`
      : null;

export const judgeDate: Judge = value => {
  if (dayNumber(value) !== null) return null;
  const shaped = /^\d{4}-\d\d-\d\d$/.test(value);
  return `${quoted(value)} is not a date${shaped ? ' of the calendar; correct the day or the month' : '; write it as 2025-05-14, in quotes'}`;
};

export const judgeMoment: Judge = value =>
  readMoment(value, 'UTC', 'begin') === null
    ? `${quoted(value)} is not a day or a time; write 2025-05-14, 2025-05-14T18:00 or 2025-05-14T18:00Z, in quotes`
    : null;

export const judgeRegion: Judge = value => {
  if (AWS_REGIONS.includes(value)) return null;
  const near = nearest(value, AWS_REGIONS);
  const remedy = near === null ? 'write a code such as "eu-west-1"' : `did you mean ${quoted(near)}?`;
  return `${quoted(value)} is not an AWS region; ${remedy}`;
};

export const judgeType: Judge = value =>
  /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(value)
    ? null
    : `${quoted(value)} is not an instance type; write family and size, such as "m6i.large"`;

export const judgePattern: Judge = value =>
  value.slice(0, -1).includes('*') ? `${quoted(value)} has a * inside; only at the end does it stand for anything` : null;

/** `*` alone is any value of a tag, which says something; any name at all says nothing. */
export const judgeName: Judge = value =>
  value === '*' || value === ''
    ? `${quoted(value)} would match everything; write a name or its beginning, such as "web-*"`
    : judgePattern(value);

/** Index of the first word that stood before already, `null` when all differ. */
export function twice(words: readonly string[]): number | null {
  const index = words.findIndex((word, i) => words.indexOf(word) < i);
  return index === -1 ? null : index;
}
