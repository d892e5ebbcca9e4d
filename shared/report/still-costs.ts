/** What costs on while its instance is stopped: volumes and Elastic IPs. Never in a saving, and said beside it. */
import { divideMicros, type MicroUsd, microUsd, sum } from '../model/money.ts';
import type { Disk, StillThere } from '../model/roll.ts';

export interface StillCosts {
  /** Instances that are stopped, as of the latest look. */
  readonly machines: number;
  /** … of which nobody knows what stays behind. */
  readonly unread: number;
  readonly gib: number;
  /** A week of their volumes, as far as prices are known, and how many have none. */
  readonly disksPerWeek: MicroUsd;
  readonly unpriced: number;
  readonly elasticIps: number;
  readonly addressesPerWeek: MicroUsd;
  readonly sources: readonly string[];
}

export interface StillPrices {
  /** A month (730 hours) of one volume; `null`: no source knows. */
  readonly disk: (disk: Disk) => { readonly perMonth: MicroUsd; readonly source: string } | null;
  readonly address: { readonly perHour: MicroUsd; readonly source: string };
}

const WEEK_HOURS = 168;
const MONTH_HOURS = 730;

/** @param stopped one entry a machine; `null`: what stays behind of it could not be read */
export function stillCosts(stopped: readonly (StillThere | null)[], prices: StillPrices): StillCosts {
  const read = stopped.flatMap(one => one ?? []);
  const disks = read.flatMap(one => one.disks);
  const priced = disks.map(prices.disk);
  const known = priced.filter(price => price !== null);
  const elasticIps = read.reduce((n, one) => n + one.elasticIps, 0);
  return {
    machines: stopped.length,
    unread: stopped.length - read.length,
    gib: disks.reduce((gib, disk) => gib + disk.gib, 0),
    disksPerWeek: divideMicros(BigInt(sum(known.map(({ perMonth }) => perMonth))) * BigInt(WEEK_HOURS), BigInt(MONTH_HOURS)),
    unpriced: priced.length - known.length,
    elasticIps,
    addressesPerWeek: microUsd(elasticIps * prices.address.perHour * WEEK_HOURS),
    sources: [...new Set([...known.map(({ source }) => source), ...(elasticIps === 0 ? [] : [prices.address.source])])].toSorted(),
  };
}

/** Of several regions, each with prices of its own. */
export const addStillCosts = (all: readonly StillCosts[]): StillCosts => ({
  machines: total(all, one => one.machines),
  unread: total(all, one => one.unread),
  gib: total(all, one => one.gib),
  disksPerWeek: sum(all.map(one => one.disksPerWeek)),
  unpriced: total(all, one => one.unpriced),
  elasticIps: total(all, one => one.elasticIps),
  addressesPerWeek: sum(all.map(one => one.addressesPerWeek)),
  sources: [...new Set(all.flatMap(one => one.sources))].toSorted(),
});

const total = (all: readonly StillCosts[], of: (one: StillCosts) => number): number => all.reduce((n, one) => n + of(one), 0);
