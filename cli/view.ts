/** How things are shown: the terminal's width and the reader's time zone. */
import { InvalidArgumentError, Option } from 'commander';
import { instant } from '../shared/model/time.ts';

export const pageWidth = (): number => Math.min(Math.max(process.stdout.columns ?? 100, 60), 120);

/** Schedules and lookback windows are asked about that instant; states and tags are as they are now. */
export const atOption = (what = 'decide as if it were then: what would tonight bring? (2025-05-14T21:00:00Z; default: now)'): Option =>
  new Option('--at <instant>', what).argParser((text: string) => {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text))) {
      throw new InvalidArgumentError('Write an instant with its zone, such as 2025-05-14T21:00:00Z or 2025-05-14T23:00:00+02:00.');
    }
    return instant(text);
  });

export const zoneOption = (): Option =>
  new Option('--zone <name>', 'IANA time zone to tell times in (default: UTC)').argParser((name: string) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    } catch {
      throw new InvalidArgumentError('It is not an IANA zone; write Europe/Berlin or the like.');
    }
  });
