/** List prices from the shipped table: dated, on-demand, shared tenancy. What the table does not know is unknown, never a neighbour's price. */
import { microUsd } from '../model/money.ts';
import type { Instance, Price } from '../model/observation.ts';
import table from './price-table.json' with { type: 'json' };

export interface Priced {
  readonly region: string;
  /** `m5.large`. */
  readonly type: string;
  readonly platform: Instance['platform'];
  readonly tenancy: Instance['tenancy'];
}

/** Per instance-hour, before any discount or commitment. `null`: unknown, so hours are shown and no money. */
export function priceOf({ region, type, platform, tenancy }: Priced): Price | null {
  if (tenancy !== 'default' || platform === 'other') return null;
  const [family = '', size = ''] = type.split('.');
  const row = own(own(own(perHour, region), family), size);
  if (row === undefined) return null;
  const [linux, windows, letters] = row;
  const figure = platform === 'windows' ? windows : linux;
  const listedOn = listed[platform === 'windows' ? letters.slice(1) : letters.slice(0, 1)];
  if (figure === null || listedOn === undefined) return null;
  return { perHour: microUsd(figure), source: `list price of ${listedOn} (table)` };
}

/** The table alone answers: `constructor` is a property of every object, and no type. */
const own = <V>(of: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  of !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;

/** A public IPv4 address, in use or idle, in every commercial region since 2024-02-01 (Amazon VPC price list). */
export const PUBLIC_IPV4: Price = { perHour: microUsd(5_000), source: 'list price of 2024-02-01 (public IPv4)' };

type Row = readonly [linux: number, windows: number | null, letters: string];
const perHour = table.perHour as unknown as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Row>>>>>>;
const listed: Readonly<Record<string, string>> = table.listedOn;
