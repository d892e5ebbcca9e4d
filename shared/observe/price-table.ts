/** The shape of a table of list prices: what is shipped, and what a price file is read into. */

/** `listedOn` names the dates that the letters stand for: the first letter for Linux, the second for Windows. */
export interface PriceTable {
  readonly listedOn: Readonly<Record<string, string>>;
  /** Micro-dollars an hour by region, family and size: `["m5"]["large"]`. */
  readonly perHour: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, PriceRow>>>>>>;
  /** When the volume prices were listed. */
  readonly volumesListedOn: string;
  /** Micro-dollars a month by region: a GB of each volume type and of snapshots, and what is above the gp3 and io baselines. */
  readonly volumes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export type PriceRow = readonly [linux: number, windows: number | null, letters: string];
