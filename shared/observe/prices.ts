/** List prices from the shipped table: dated, on-demand, shared tenancy. What the table does not know is unknown, never a neighbour's price. */
import { type MicroUsd, microUsd, PUBLIC_ADDRESS } from '../model/money.ts';
import type { Instance, Price } from '../model/observation.ts';
import table from './price-table.json' with { type: 'json' };
import type { PriceTable } from './price-table.ts';

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
  const row = own(own(own(source.perHour, region), family), size);
  if (row === undefined) return null;
  const [linux, windows, letters] = row;
  const figure = platform === 'windows' ? windows : linux;
  const listedOn = source.listedOn[platform === 'windows' ? letters.slice(1) : letters.slice(0, 1)];
  if (figure === null || listedOn === undefined) return null;
  const operation = platform === 'windows' ? 'RunInstances:0002' : 'RunInstances';
  const billedAs = { type, sku: null, usageType: null, operation, pricing: 'Standard' } as const;
  return { perHour: microUsd(figure), source: `list price of ${listedOn} (table)`, billedAs };
}

/** The table alone answers: `constructor` is a property of every object, and no type. */
const own = <V>(of: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  of !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;

/** A public IPv4 address, in use or idle, in every commercial region. */
export const PUBLIC_IPV4: Price = { perHour: PUBLIC_ADDRESS, source: 'list price of 2024-02-01 (public IPv4)' };

export interface VolumePriced {
  readonly region: string;
  readonly volumeType: string;
  readonly gib: number;
  /** `null`: as the type has them by itself. */
  readonly iops: number | null;
  /** MiB/s, of gp3. */
  readonly throughput: number | null;
}

/** gp3 holds these without charge; io1 and io2 hold none. */
const GP3_IOPS = 3_000;
const GP3_MIB_PER_SECOND = 125;
/** Above, io2 is sold by tiers that the table does not know. */
const IO2_TIER = 32_000;

/** A volume for a month (730 hours), whether or not anything is attached to it. `null`: unknown. */
export function volumePriceOf({ region, volumeType, gib, iops, throughput }: VolumePriced): MonthlyPrice | null {
  const of = own(source.volumes, region);
  const gb = own(of, volumeType);
  if (of === undefined || gb === undefined) return null;
  const parts: (number | null)[] = [gb * gib];
  const above = (key: string, count: number) => parts.push(count <= 0 ? 0 : times(own(of, key), count));
  if (volumeType === 'gp3') {
    above('gp3Iops', (iops ?? GP3_IOPS) - GP3_IOPS);
    above('gp3MibPerSecond', (throughput ?? GP3_MIB_PER_SECOND) - GP3_MIB_PER_SECOND);
  }
  if (volumeType === 'io1' || volumeType === 'io2') {
    if (volumeType === 'io2' && (iops ?? 0) > IO2_TIER) return null;
    above(`${volumeType}Iops`, iops ?? 0);
  }
  return monthly(parts);
}

export interface MonthlyPrice {
  readonly perMonth: MicroUsd;
  readonly source: string;
}

const times = (price: number | undefined, count: number): number | null => (price === undefined ? null : price * count);

function monthly(parts: readonly (number | null)[]): MonthlyPrice | null {
  if (parts.includes(null)) return null;
  return {
    perMonth: microUsd(Math.round(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0))),
    source: `list price of ${source.volumesListedOn} (table)`,
  };
}

const shipped = table as unknown as PriceTable;
let source: PriceTable = shipped;

/** From now on this table is asked instead of the shipped one: a larger file that somebody named. */
export function usePriceTable(other: PriceTable | null): void {
  source = other ?? shipped;
}
