/** What the page shows, as one JSON value: figures and words made here, so that the browser only draws, sorts and filters. */
import type { Instant } from '../../model/time.ts';

export interface PageData {
  readonly version: 1;
  readonly title: string;
  readonly from: Instant;
  readonly to: Instant;
  /** As of when. */
  readonly at: Instant;
  /** IANA zone in which days and hours are told. */
  readonly zone: string;
  /** `123456789012/eu-west-1` */
  readonly scopes: readonly string[];
  readonly figures: readonly (readonly [label: string, value: string])[];
  /** Prose: why these numbers. */
  readonly notes: readonly string[];
  /** Headings with their items, each a bold beginning and what follows it: failures first. */
  readonly told: readonly { readonly heading: string; readonly bad: boolean; readonly items: readonly (readonly [string, string])[] }[];
  readonly total: PageLine;
  /** Names in each dimension; a `null` is what carries none. Everywhere else a dimension is an index into these. */
  readonly names: Readonly<Record<Dimension, readonly (string | null)[]>>;
  /** The statement's own lines, exact: by name, in the order of `names`. */
  readonly lines: Readonly<Record<Dimension, readonly PageLine[]>>;
  /** Combinations of dimensions that occur. */
  readonly groups: readonly Group[];
  /** Days in the window, in the page's zone: `2025-05-12`. */
  readonly days: readonly string[];
  /** What each group came to on each day; absent where nothing ran. */
  readonly cells: readonly Cell[];
  /** Instance-hours avoided by group and hour of the week, Monday 00:00 being 0, in the page's zone. */
  readonly heat: readonly (readonly [group: number, hour: number, hours: number])[];
  readonly fleets: readonly PageFleet[];
  /** The newest first. */
  readonly actions: readonly PageAction[];
  readonly left: readonly PageLeft[];
}

export const DIMENSIONS = ['team', 'policy', 'account', 'owner', 'class'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Indexes into `names`, in the order of DIMENSIONS. */
export type Group = readonly [team: number, policy: number, account: number, owner: number, saving: number];

/** Micro-dollars, instance-hours; `null`: nothing here has a price and a baseline. */
export interface PageLine {
  readonly low: number | null;
  readonly high: number | null;
  readonly hours: number;
  /** Hours whose worth is unknown: without a price, or without a baseline. */
  readonly unknown: number;
  readonly meters: number;
}

/** `low` and `high` are `null` where no meter of the day has a price. */
export type Cell = readonly [day: number, group: number, low: number | null, high: number | null, hours: number, unknown: number];

export interface PageFleet {
  readonly name: string;
  readonly scope: string;
  /** Epoch seconds of the first bucket, and the length of each. */
  readonly from: number;
  readonly step: number;
  /** Per bucket: instances billed on average, what the baseline expects, and demand in instances that would be busy at 100 %. */
  readonly running: readonly (number | null)[];
  readonly expected: readonly (number | null)[];
  readonly demand: readonly (number | null)[];
}

export interface PageAction {
  readonly at: Instant;
  /** `us`: claimed and settled; `plan`: what mode `plan` would have done; `people`: noted, never credited to us. */
  readonly by: 'us' | 'plan' | 'people';
  readonly what: string;
  readonly resource: string;
  readonly id: string;
  readonly team: number;
  readonly policy: number;
  readonly account: number;
  readonly owner: number;
  readonly outcome: string;
  /** Whether somebody should look: refused or failed. */
  readonly bad: boolean;
  readonly why: string;
  /** What its meter came to in the window, in micro-dollars. */
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: readonly PageRow[];
}

/** A row of the ledger as labels and values by turns. */
export type PageRow = readonly [kind: string, at: Instant, ...facts: string[]];

export interface PageLeft {
  readonly code: string;
  readonly count: number;
  /** Whether somebody should look into it. */
  readonly look: boolean;
  readonly examples: readonly (readonly [resource: string, why: string])[];
}
