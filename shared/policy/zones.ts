/** Names of time zones: those of the IANA database, and what people write instead. */
import { nearest } from './suggest.ts';

/**
 * Zones of places only, in IANA's own spelling; older names that IANA links (`US/Pacific`) are places too. Not a fixed offset such as
 * `+02:00`, which would be an hour off for half the year, nor an abbreviation: `EST` knows no summer, `IST` is three countries' time.
 * @returns `null`, or what is wrong with the name.
 */
export function zoneTrouble(name: string): string | null {
  if (ABBREVIATIONS.has(name.toLowerCase()) && name !== 'UTC')
    return known(name) ? 'is an abbreviation, not a place' : 'is not an IANA zone';
  return isIanaName(name) ? null : 'is not an IANA zone';
}

/** Whether IANA knows the name at all, in its own spelling: abbreviations such as `EST` as well, though not an offset such as `+02:00`. */
export function isIanaName(name: string): boolean {
  if (proven.has(name)) return true;
  const spelling = all().find(zone => zone.toLowerCase() === name.toLowerCase());
  const good = /^[A-Za-z]/.test(name) && known(name) && (spelling ?? name) === name;
  if (good) proven.add(name);
  return good;
}

/** Asking Intl costs a third of a millisecond, and there are only so many good names. */
const proven = new Set<string>();

function known(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** IANA's spelling of a name in any case; `null` for what is no name of IANA's. */
export function properZone(name: string): string | null {
  const spelling = all().find(zone => zone.toLowerCase() === name.toLowerCase());
  return spelling ?? (isIanaName(name) ? name : null);
}

/** `try "America/Los_Angeles"`, `did you mean "Europe/Berlin"?`. */
export function suggestZone(name: string): string {
  const word = name.trim().toLowerCase().replaceAll(' ', '_');
  const meant = ABBREVIATIONS.get(word) ?? all().find(zone => zone.toLowerCase() === word || city(zone) === word);
  if (meant !== undefined) return `try ${JSON.stringify(meant)}`;
  const nearCity = nearest(word, all().map(city));
  const near = nearest(word, all()) ?? all().find(zone => city(zone) === nearCity);
  return near === undefined ? 'write continent and city, such as "Europe/Berlin"' : `did you mean ${JSON.stringify(near)}?`;
}

const city = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1).toLowerCase();

let zones: readonly string[] | undefined;
const all = (): readonly string[] => {
  zones ??= [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])];
  return zones;
};

/** What people say where IANA has a place. */
const ABBREVIATIONS = new Map([
  ...many('America/Los_Angeles', 'pacific', 'pacific_time', 'pst', 'pdt', 'pst8pdt', 'pt', 'us_pacific'),
  ...many('America/Denver', 'mountain', 'mountain_time', 'mst', 'mdt', 'mst7mdt', 'mt'),
  ...many('America/Chicago', 'central', 'central_time', 'cst', 'cdt', 'cst6cdt', 'ct'),
  ...many('America/New_York', 'eastern', 'eastern_time', 'est', 'edt', 'est5edt', 'et'),
  ...many('Europe/London', 'gmt+1', 'bst', 'uk', 'british'),
  ...many('Europe/Berlin', 'cet', 'cest', 'met', 'mez', 'mesz', 'germany'),
  ...many('Europe/Athens', 'eet', 'eest'),
  ...many('Europe/Lisbon', 'wet', 'west'),
  ...many('Asia/Kolkata', 'ist', 'india'),
  ...many('Asia/Tokyo', 'jst', 'japan'),
  ...many('Asia/Shanghai', 'china', 'prc', 'beijing'),
  ...many('Australia/Sydney', 'aest', 'aedt'),
  ...many('UTC', 'z', 'zulu', 'utc+0', 'gmt+0'),
]);

function many(zone: string, ...words: string[]): [string, string][] {
  return words.map(word => [word, zone]);
}
