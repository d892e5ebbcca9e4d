/**
 * The tags of Cloud Custodian's off-hours filters, as schedules: `off=(M-F,19);on=(M-F,7);tz=et`. There an instance is stopped when a run
 * meets the hour and started when a run meets the other; here it is running from each `on` to the next `off`.
 *
 * Pure. Stricter than Custodian, to which every text that it cannot read means "stop at seven in the evening": whatever is in doubt is
 * `bad`, and whoever gets that leaves the instance alone.
 */
import type { BadField } from './calendar-fields.ts';
import type { Period, Schedule } from './schema.ts';
import { suggestion } from './suggest.ts';
import { properZone, suggestZone } from './zones.ts';

/** What a tag leaves unsaid, as Custodian's policy says it: `default_tz`, `onhour`, `offhour`. */
export interface CustodianDefaults {
  readonly timeZone: string;
  /** 0 to 23, on Monday to Friday. */
  readonly onHour: number;
  readonly offHour: number;
}

/** Custodian's own. */
export const CUSTODIAN_DEFAULTS: CustodianDefaults = { timeZone: 'America/New_York', onHour: 7, offHour: 19 };

export type CustodianTag =
  | { readonly ok: Pick<Schedule, 'timeZone' | 'periods'> | 'opted-out'; readonly notes: readonly string[] }
  | { readonly bad: BadField };

export function parseCustodianTag(tag: string, defaults: CustodianDefaults = CUSTODIAN_DEFAULTS): CustodianTag {
  const text = unescaped(
    tag
      .trim()
      .replace(/^(['"])(.*)\1$/, '$2')
      .trim()
      .toLowerCase(),
  );
  if (text === 'off') return { ok: 'opted-out', notes: [] };
  const parts = partsOf(['', 'on', 'true'].includes(text) ? '' : text);
  if ('bad' in parts) return parts;

  const zone = parts.ok.get('tz');
  const timeZone = zone === undefined || zone === '' ? defaults.timeZone : zoneNamed(zone);
  if (timeZone === null) return bad(zone ?? '', `it is no zone; ${suggestZone(zone ?? '')}`);
  const [on, off] = [timesOf(parts.ok.get('on'), defaults.onHour), timesOf(parts.ok.get('off'), defaults.offHour)];
  if ('bad' in on) return on;
  if ('bad' in off) return off;
  const both = on.ok.find(minute => off.ok.includes(minute));
  if (both !== undefined)
    return bad(tag.trim(), `it goes on and off in the same hour, ${DAYS[Math.floor(both / DAY)]} ${(both % DAY) / 60}`);

  const missing = ['on', 'off'].filter(key => text !== '' && text !== 'on' && text !== 'true' && !parts.ok.has(key));
  const hourOf = (key: string): number => (key === 'on' ? defaults.onHour : defaults.offHour);
  const notes = missing.map(
    key => `it says nothing of ${key}: ${hourOf(key)} o'clock on Monday to Friday, the default, as Custodian takes it`,
  );
  return { ok: { timeZone, periods: periodsOf(on.ok, off.ok) }, notes };
}

const bad = (value: string, remedy: string): { readonly bad: BadField } => ({ bad: { value, remedy } });

/** Some services allow no brackets in tags, so Custodian lets people write `u28` for `(`, and so on. */
const unescaped = (text: string): string =>
  text.replace(/u([0-9a-f]{2})/g, (all, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return '()[],;='.includes(character) ? character : all;
  });

const KEYS = ['off', 'on', 'tz'];
const EXAMPLE = 'write off=(M-F,19);on=(M-F,7);tz=et';

function partsOf(text: string): { readonly ok: ReadonlyMap<string, string> } | { readonly bad: BadField } {
  const parts = new Map<string, string>();
  for (const part of text.split(';').filter(p => p.trim() !== '')) {
    const [key = '', value, more] = part.split('=').map(p => p.trim());
    if (value === undefined || more !== undefined) return bad(part.trim(), EXAMPLE);
    if (!KEYS.includes(key)) return bad(key, suggestion(key, KEYS, EXAMPLE));
    if (parts.has(key)) return bad(part.trim(), `${key} stands here twice; remove one`);
    parts.set(key, value);
  }
  return { ok: parts };
}

const DAY = 1440;
const WEEK = 7 * DAY;
const LETTERS = 'mtwhfsu';
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** `[(m-f,21),(u,18)]` → the minutes of the week, in order. */
function timesOf(text: string | undefined, hour: number): { readonly ok: readonly number[] } | { readonly bad: BadField } {
  if (text === undefined) return { ok: [0, 1, 2, 3, 4].map(day => day * DAY + hour * 60) };
  const inside = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const pairs = [...inside.matchAll(/\(\s*([a-z]+(?:\s*-\s*[a-z]+)?)\s*,\s*(\d+)\s*\)\s*(,|$)\s*/g)];
  if (pairs.length === 0 || pairs.map(([all]) => all).join('') !== inside.trimStart()) return bad(text, EXAMPLE);
  if (pairs.at(-1)?.[3] === ',') return bad(text, EXAMPLE);
  const minutes = new Set<number>();
  for (const [, days = '', hours = ''] of pairs) {
    const range = daysOf(days);
    if (range === null) return bad(days, 'the days are M, T, W, H (Thursday), F, S and U (Sunday), one or a range');
    if (Number(hours) > 23) return bad(hours, 'an hour is 0 to 23');
    for (const day of range) minutes.add(day * DAY + Number(hours) * 60);
  }
  return { ok: [...minutes].sort((a, b) => a - b) };
}

function daysOf(text: string): number[] | null {
  const [from = -1, to = from] = text.split('-').map(day => (day.trim().length === 1 ? LETTERS.indexOf(day.trim()) : -1));
  if (from === -1 || to === -1) return null;
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, i) => (from + i) % 7);
}

/** From each `on` to the `off` that follows it, day by day; days that are alike are one period. */
function periodsOf(on: readonly number[], off: readonly number[]): Period[] {
  const running = new Array<boolean>(WEEK / 60).fill(false);
  for (const start of on) for (let t = start; !off.includes(t % WEEK) && t < start + WEEK; t += 60) running[(t % WEEK) / 60] = true;
  const spans = new Map<string, number[]>();
  for (let day = 0; day < 7; day++) {
    for (const [begin, end] of spansOf(running.slice(day * 24, day * 24 + 24))) {
      const key = `${clock(begin)} ${clock(end)}`;
      spans.set(key, [...(spans.get(key) ?? []), day]);
    }
  }
  return [...spans].map(([span, days]) => {
    const [begin = '', end = ''] = span.split(' ');
    const weekdays = weekdaysText(days);
    return begin === '00:00' && end === '24:00' ? { weekdays } : { weekdays, begin, end };
  });
}

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

function spansOf(hours: readonly boolean[]): [begin: number, end: number][] {
  const spans: [number, number][] = [];
  for (const [hour, on] of hours.entries()) {
    const last = spans.at(-1);
    if (on && last?.[1] === hour) last[1] = hour + 1;
    else if (on) spans.push([hour, hour + 1]);
  }
  return spans;
}

/** `mon-fri`, `mon,wed`. */
function weekdaysText(days: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === day - 1) last[1] = day;
    else runs.push([day, day]);
  }
  const short = (day: number): string => (DAYS[day] ?? '').slice(0, 3).toLowerCase();
  return runs.map(([from, to]) => (from === to ? short(from) : `${short(from)}-${short(to)}`)).join(',');
}

const zoneNamed = (name: string): string | null => ALIASES.get(name) ?? properZone(name);

/** As Custodian has them: `ist` is Ireland's time, India's is `it`. */
const ALIASES = new Map<string, string>([
  ...(['pdt', 'pt', 'pst'] as const).map(name => [name, 'America/Los_Angeles'] as const),
  ...(['ast', 'at'] as const).map(name => [name, 'America/Phoenix'] as const),
  ...(['est', 'edt', 'et'] as const).map(name => [name, 'America/New_York'] as const),
  ...(['cst', 'cdt', 'ct'] as const).map(name => [name, 'America/Chicago'] as const),
  ...(['mst', 'mdt', 'mt'] as const).map(name => [name, 'America/Denver'] as const),
  ...([
    ['gmt', 'Etc/GMT'],
    ['gt', 'Etc/GMT'],
    ['bst', 'Europe/London'],
    ['ist', 'Europe/Dublin'],
    ['cet', 'Europe/Berlin'],
  ] as const),
  ...([
    ['it', 'Asia/Kolkata'],
    ['jst', 'Asia/Tokyo'],
    ['kst', 'Asia/Seoul'],
    ['sgt', 'Asia/Singapore'],
  ] as const),
  ...([
    ['aet', 'Australia/Sydney'],
    ['brt', 'America/Sao_Paulo'],
    ['nzst', 'Pacific/Auckland'],
    ['utc', 'Etc/UTC'],
  ] as const),
]);
