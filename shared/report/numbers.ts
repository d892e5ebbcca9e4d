/** Quantities as people read them. */

/** `1 instance`, `3 instances`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** `2.1 %`, `0 %`, `60 %`. */
export const percent = (value: number): string => `${trim(value.toFixed(1))} %`;

/** A share of 1, rounded down: `99 %` of the hours is not all of them. */
export const share = (part: number): string => `${Math.floor(part * 100 + 1e-9)} %`;

/** A share of 1 that just misses `needed`: as many digits as it takes to see that it does. */
export const shareShort = (part: number, needed: number): string => `${trim(distinct(part * 100, needed * 100, 0))} %`;

/** A percentage next to its threshold: as many digits as it takes to see which is greater. `4.96 %` is not `5.0 %`. */
export const percentBeside = (value: number, threshold: number): string => `${trim(distinct(value, threshold, 1))} %`;

/** `24 hours`, `14 days`: whole days from three days on. */
export function span(seconds: number): string {
  const hours = seconds / 3600;
  if (hours >= 72 && hours % 24 === 0) return count(hours / 24, 'day');
  if (hours >= 1) return count(Math.round(hours * 10) / 10, 'hour');
  return count(Math.round(seconds / 60), 'minute');
}

/** Instance-hours: `4,310 h`, `12.5 h`, `−20 h`. */
export function hours(n: number): string {
  const rounded = Math.abs(n) >= 100 ? Math.round(n) : Math.round(n * 10) / 10;
  return `${rounded < 0 ? '−' : ''}${Math.abs(rounded).toLocaleString('en-US')} h`;
}

function distinct(value: number, other: number, digits: number): string {
  if (value === other) return value.toFixed(digits);
  while (digits < 6 && Number(value.toFixed(digits)) === Number(other.toFixed(digits))) digits++;
  return value.toFixed(digits);
}

const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
