/**
 * A file of list prices, schema `ec2-prices/1`, read into a table: `od[region][type] = [linux, windows | null, letters]` in USD an hour. What
 * such a file may not be used for is refused here: estimates, prices of nothing, and prices that have moved since.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PriceRow, PriceTable } from '../shared/observe/price-table.ts';
import { Refusal } from './exit.ts';

/** What the first letter says of the Linux figure, and the second of the Windows figure. `e` is an estimate: no figure at all. */
const SOURCES: Readonly<Record<string, string>> = {
  Y: '2025-04-04',
  B: '2025-04-04',
  K: '2026-07-20',
  a: '2023-08-30',
  d: '2025-04-04, Windows surcharge of 2023-08-30',
  h: '2019-04-05',
};
const VOLUMES_LISTED_ON = '2024-07-18';

/** Prices of ordinary types hardly move; those of accelerators and of very large memory do, by a quarter and more. */
const MOVES = /^(p\d|g\d|gr\d|inf|trn|dl\d|vt\d|u-|u7|x\d)/;
const MOVES_AFTER_DAYS = 90;

interface PriceFile {
  readonly meta?: { readonly schema?: unknown; readonly currency?: unknown } | null;
  readonly od?: unknown;
  readonly ebs?: unknown;
}

export interface PriceFileRead {
  readonly table: PriceTable;
  /** For people: what was left out, and why. */
  readonly notes: readonly string[];
}

/** @throws Refusal naming file, place and remedy. */
export function readPriceFile(path: string, today: Date): PriceFileRead {
  const file = parse(path);
  const wrong = (place: string, problem: string): never => {
    throw new Refusal(`${path} › ${place}: ${problem}`);
  };
  if (file.meta?.schema !== 'ec2-prices/1')
    wrong('meta.schema', `${JSON.stringify(file.meta?.schema ?? null)} is not known; write "ec2-prices/1"`);
  if ((file.meta?.currency ?? 'USD') !== 'USD')
    wrong('meta.currency', 'prices in another currency cannot be added to dollars; give a file in USD');
  let [estimates, moved] = [0, 0];
  const perHour: Record<string, Record<string, Record<string, PriceRow>>> = {};
  const entriesOf = (value: unknown, place: string): [string, unknown][] =>
    isMap(value) ? Object.entries(value) : wrong(place, `${JSON.stringify(value)} holds no prices by name; write an object`);
  if (file.od == null) wrong('od', 'is missing; it holds the prices by region and type');
  for (const [region, types] of entriesOf(file.od, 'od')) {
    if (region.startsWith('cn-')) wrong(`od.${region}`, 'China bills in another currency; take the region out');
    const families: Record<string, Record<string, PriceRow>> = {};
    for (const [type, row] of entriesOf(types, `od.${region}`)) {
      const place = `od.${region}.${type}`;
      const [family = '', size = ''] = type.split('.');
      if (family.startsWith('mac')) wrong(place, 'a Mac runs on a dedicated host only and has no price of its own; take it out');
      const read = readRow(row, problem => wrong(place, problem));
      if (read.estimated) estimates++;
      if (isOld(family, read.row[2], today)) moved++;
      else families[family] = { ...families[family], [size]: read.row };
    }
    perHour[region] = families;
  }
  const volumes = Object.fromEntries(
    entriesOf(file.ebs ?? {}, 'ebs').map(([region, of]) => [
      region,
      volumesOf(entriesOf(of, `ebs.${region}`), (key, problem) => wrong(`ebs.${region}.${key}`, problem)),
    ]),
  );
  const notes = [
    ...(estimates === 0 ? [] : [`${estimates} Windows prices are estimates: unknown, hours only`]),
    ...(moved === 0
      ? []
      : [`${moved} prices of accelerated and high-memory types are older than ${MOVES_AFTER_DAYS} days: unknown, hours only`]),
  ];
  return { table: { listedOn: SOURCES, perHour, volumesListedOn: VOLUMES_LISTED_ON, volumes }, notes };
}

function parse(path: string): PriceFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Refusal(`${path}: cannot be read (${(error as Error & { code?: string }).code ?? 'unknown'}); name a file of list prices`);
  }
  try {
    const value: unknown = JSON.parse((bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString());
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as PriceFile;
  } catch {
    // said below
  }
  throw new Refusal(`${path}: is no JSON object, plain or gzipped; write one of schema "ec2-prices/1"`);
}

function readRow(row: unknown, wrong: (problem: string) => never): { readonly row: PriceRow; readonly estimated: boolean } {
  if (!Array.isArray(row) || row.length < 3) return wrong('is not [linux, windows or null, letters]; write all three');
  const [linux, windows, letters] = row as unknown[];
  if (!isPrice(linux)) return wrong(`${JSON.stringify(linux)} is no price; leave out what is not known, it is never 0`);
  if (windows !== null && !isPrice(windows)) return wrong(`${JSON.stringify(windows)} is no price; write null where Windows has none`);
  if (typeof letters !== 'string' || !/^[A-Z][a-z]?$/.test(letters))
    return wrong('does not say where it comes from; write its letters, such as "Ba"');
  const [from = '', of = ''] = letters;
  if (SOURCES[from] === undefined) return wrong(`the letter ${from} stands for no date; there are ${Object.keys(SOURCES).join(', ')}`);
  if (windows !== null && of !== 'e' && SOURCES[of] === undefined)
    return wrong(`the letter ${of || 'missing'} stands for no date of its Windows price`);
  const known = windows !== null && of !== 'e';
  return { row: [micros(linux), known ? micros(windows) : null, known ? letters : from], estimated: windows !== null && of === 'e' };
}

const isMap = (value: unknown): value is object => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What rounds to nothing is no price either, nor what is too much to be added up. */
const isPrice = (value: unknown): value is number => typeof value === 'number' && micros(value) > 0 && Number.isSafeInteger(micros(value));
const micros = (dollars: number): number => Math.round(dollars * 1_000_000);

function isOld(family: string, letters: string, today: Date): boolean {
  const listed = Date.parse(SOURCES[letters.slice(0, 1)] ?? '');
  return MOVES.test(family) && today.getTime() - listed > MOVES_AFTER_DAYS * 86_400_000;
}

/** Throughput is listed for a GiB/s, and sold by the MiB/s. */
function volumesOf(of: readonly (readonly [string, unknown])[], wrong: (key: string, problem: string) => never): Record<string, number> {
  return Object.fromEntries(
    of.map(([key, dollars]) => {
      const unit = key === 'gp3ThroughputGiBps' ? 1024 : 1;
      if (!isPrice(dollars) || !isPrice(dollars / unit))
        return wrong(key, `${JSON.stringify(dollars)} is no price; leave out what is not known`);
      return [key === 'gp3ThroughputGiBps' ? 'gp3MibPerSecond' : key, micros(dollars / unit)];
    }),
  );
}
