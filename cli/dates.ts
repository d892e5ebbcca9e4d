/** `--from` and `--to`: days of the reader's zone, or instants. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addSeconds, DAY, epochSeconds, type Instant, type Window } from '../shared/model/time.ts';
import { readMoment } from '../shared/policy/dates.ts';
import { firstInstantAt, wallMinuteAt } from '../shared/policy/wall-clock.ts';
import { Refusal } from './exit.ts';

/** What was written, not yet laid into a zone. */
export type Written = { readonly day: number; readonly text: string } | { readonly instant: Instant; readonly text: string };

export interface WindowOptions {
  readonly from?: Written;
  readonly to?: Written;
}

const USUAL_DAYS = 30;
/** A window is read day by day: what is longer was hardly meant. */
const LONGEST = 5 * 366 * DAY;

export const withWindow = (command: Command): Command =>
  command
    .addOption(
      new Option('--from <day>', `first day, such as 2025-05-01, or an instant (default: ${USUAL_DAYS} days before the end)`).argParser(
        written,
      ),
    )
    .addOption(
      new Option('--to <day>', 'last day, which is counted too, or the instant at which to end (default: now)').argParser(written),
    );

function written(text: string): Written {
  // Date.parse would take the 30th of February for the 2nd of March.
  const at = readMoment(text, 'UTC', 'begin');
  if (at !== null && /^\d{4}-\d\d-\d\d$/.test(text)) return { day: epochSeconds(at) / DAY, text };
  if (at !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)) return { instant: at, text };
  throw new InvalidArgumentError('Write a day such as 2025-05-01, or an instant with its zone such as 2025-05-01T07:00:00Z.');
}

/**
 * @param zone in which days begin and end
 * @throws Refusal for a window that is empty, lies in the future or is longer than five years
 */
export function windowOf({ from, to }: WindowOptions, zone: string, now: Instant): Window {
  const end = to === undefined ? now : 'instant' in to ? to.instant : midnight(zone, to.day + 1);
  const usual = Math.floor(wallMinuteAt(zone, addSeconds(end, -1)) / 1440) - USUAL_DAYS + 1;
  const start = from === undefined ? midnight(zone, usual) : 'instant' in from ? from.instant : midnight(zone, from.day);
  if (start >= now) throw new Refusal(`--from ${from?.text ?? start}: it is ${now}, and there is no account of the future`);
  if (start >= end) throw new Refusal(`--from ${from?.text ?? start} is not before --to ${to?.text ?? 'now'}; --to names the last day`);
  if (Date.parse(end) - Date.parse(start) > LONGEST * 1000)
    throw new Refusal(`--from ${from?.text} is more than five years before --to; ask for a year`);
  return { start, end };
}

const midnight = (zone: string, day: number): Instant => firstInstantAt(zone, day * 1440);
