/** What a single word of a config may be. A judge answers `null`, or what is wrong and, after `; `, what to do. */
import { AWS_REGIONS } from './regions.ts';
import { nearest } from './suggest.ts';
import { parseWeekdays } from './weekdays.ts';
import { suggestZone, zoneTrouble } from './zones.ts';

export type Judge = (value: string) => string | null;

const quoted = (value: string): string => JSON.stringify(value);

export const judgeZone: Judge = value => {
  const trouble = zoneTrouble(value);
  return trouble === null ? null : `${quoted(value)} ${trouble}; ${suggestZone(value)}`;
};

export const judgeWeekdays: Judge = value => {
  const days = parseWeekdays(value);
  return 'ok' in days ? null : `${quoted(days.bad.value)} is not a weekday or a range of them; ${days.bad.remedy}`;
};

export const judgeRegion: Judge = value => {
  if (AWS_REGIONS.includes(value)) return null;
  const near = nearest(value, AWS_REGIONS);
  const remedy = near === null ? 'write a code such as "eu-west-1"' : `did you mean ${quoted(near)}?`;
  return `${quoted(value)} is not an AWS region; ${remedy}`;
};

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
