/** `--for` and `--until`: how long something is to last. */
import { addSeconds, DAY, HOUR, type Instant, MINUTE, WEEK } from '../shared/model/time.ts';
import { readMoment } from '../shared/policy/dates.ts';
import { Refusal } from './exit.ts';

export interface LastingOptions {
  readonly for?: string;
  readonly until?: string;
  readonly zone?: string;
}

const SECONDS = { m: MINUTE, h: HOUR, d: DAY, w: WEEK } as const;

/**
 * @param longest in seconds
 * @throws Refusal for what is no length and no date, for what is over already, and for what lasts too long.
 */
export function lastsUntil({ for: length, until, zone = 'UTC' }: LastingOptions, now: Instant, longest: number): Instant {
  if ((length === undefined) === (until === undefined)) throw new Refusal('say for how long: --for 2h, or --until 2025-05-16');
  const end = length === undefined ? momentOf(until ?? '', zone) : addSeconds(now, secondsOf(length));
  if (end <= now) throw new Refusal(`--until ${until}: it is ${now} already`);
  if (end > addSeconds(now, longest)) {
    throw new Refusal(
      `${length === undefined ? `--until ${until}` : `--for ${length}`}: ${longest / DAY} days is the most; a tag lasts longer`,
    );
  }
  return end;
}

function secondsOf(text: string): number {
  const [, number, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (number === undefined || Number(number) === 0) throw new Refusal(`--for ${text}: write 90m, 2h, 3d or 1w`);
  return Number(number) * SECONDS[unit as keyof typeof SECONDS];
}

function momentOf(text: string, zone: string): Instant {
  const at = readMoment(text, zone, 'end');
  if (at === null)
    throw new Refusal(`--until ${text}: write a date such as 2025-05-16, or a time such as 2025-05-16T18:00 or 2025-05-16T18:00Z`);
  return at;
}
