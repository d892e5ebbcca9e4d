/** A replay on a page: what was played, the table, the chart. */
import { dollars, type MicroUsd, rateOver } from '../../shared/model/money.ts';
import type { Price } from '../../shared/model/observation.ts';
import { rate } from '../../shared/report/amounts.ts';
import { count } from '../../shared/report/numbers.ts';
import { table, wrap } from '../../shared/report/text.ts';
import { chart } from './chart.ts';
import type { Replay, ReplayOptions, Row } from './run.ts';

export interface Priced {
  readonly type: string;
  readonly region: string;
  /** `null`: the table does not know it. */
  readonly price: Price | null;
}

export interface PageOptions {
  readonly options: ReplayOptions;
  readonly priced: Priced | null;
  /** Minutes of the trace that the chart shows. */
  readonly shown: { readonly from: number; readonly to: number };
  readonly width: number;
}

export function page(replay: Replay, { options, priced, shown, width }: PageOptions): string {
  const { days, terms, clairvoyantHours } = replay;
  const opening = `${options.trace}: ${days.toFixed(1)} days counted after ${(terms.warmup / 1440).toFixed(1)} of warm-up. ${options.peak} busy instances at the 99th percentile, ${options.boot} s to boot, metrics ${count(options.lag, 'minute')} late. Under-provisioned is a minute above ${options.slo} %; 1 % of them may be.`;
  const head = ['', 'instance-h', 'ratio', 'under %', 'lost %', 'resizes/d', ...(priced === null ? [] : ['dollars'])];
  const rows = replay.rows.map(row => [...cells(row), ...money(row.instanceHours, priced)]);
  const least = ['clairvoyant minimum', fixed(clairvoyantHours, 0), fixed(1, 3), '', '', '', ...money(clairvoyantHours, priced)];
  return [
    wrap(opening, width),
    table([head, ...rows, least], { right: [1, 2, 3, 4, 5, 6] }),
    ...(priced === null ? [] : [wrap(priceNote(priced), width)]),
    chart(replay, shown, width),
    '',
  ].join('\n\n');
}

/** Name, instance-hours, ratio, under-provisioned, lost, resizes a day. */
export const cells = ({ name, instanceHours, ratio, under, lost, resizesPerDay }: Row): string[] => [
  name,
  ...[fixed(instanceHours, 0), fixed(ratio, 3), fixed(under, 2), fixed(lost, 3), fixed(resizesPerDay, 0)],
];

/** Digits as C and Python print them: the nearest, and of two that are as near the even one. */
function fixed(value: number, digits: number): string {
  const [whole = '', rest = ''] = value.toFixed(digits + 40).split('.');
  const kept = `${whole}${rest.slice(0, digits)}`;
  const tie = /^50*$/.test(rest.slice(digits)) && Number(kept.at(-1)) % 2 === 0;
  return tie ? `${whole}${digits > 0 ? `.${rest.slice(0, digits)}` : ''}` : value.toFixed(digits);
}

const money = (hours: number, priced: Priced | null): string[] =>
  priced === null ? [] : [priced.price === null ? 'unknown' : dollars(cost(hours, priced.price.perHour))];

/** Instance-hours at an hourly price. */
export const cost = (hours: number, perHour: MicroUsd): MicroUsd => rateOver(perHour, hours * 3600);

const priceNote = ({ type, region, price }: Priced): string =>
  price === null
    ? `What ${type} costs in ${region} is not in the price table, so there is no money.`
    : `Dollars of the days counted: ${type} in ${region}, Linux on demand, ${rate(price.perHour)} by ${price.source}.`;
