/** GetMetricData in batches. What could not be read is named; a failed read is never an empty series. */
import type { MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { type Grid, grid, place, type Series } from '../model/metric.ts';
import type { Unread } from '../model/observation.ts';
import { toDate, type Window } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { batches } from './metric-batches.ts';
import { indexOf, queriesFor, wordsFor } from './metric-queries.ts';
import { why } from './why.ts';

/** One metric of CloudWatch, with one statistic of it. */
export interface Metric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `SampleCount`, `p99`, … */
  readonly statistic: string;
}

/** Metric math over metrics by id, or a Metrics Insights query, which names its own. */
export interface Expression {
  readonly expression: string;
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** One time series over one window. `key` is the asker's own name for it. */
export interface MetricWanted {
  readonly key: string;
  readonly asked: Metric | Expression;
  readonly periodSeconds: number;
  /** Aligned to the period at both ends. */
  readonly window: Window;
  /** For people, when it cannot be read: `CPU`, `baseline`. */
  readonly what: string;
  /** Whose it is: an instance's id, a group's name. */
  readonly of: string;
}

export interface MetricsRead {
  /** By key; a key that is missing was not read, and `unread` says why. */
  readonly series: ReadonlyMap<string, Series>;
  readonly unread: readonly Unread[];
}

/** Calls under way at a time: far below what CloudWatch takes in a second. */
const CONCURRENCY = 4;

/** Reads all that is wanted in as few calls as CloudWatch's limits allow. One that CloudWatch refuses spoils no other. */
export async function readMetrics(clients: Clients, wanted: readonly MetricWanted[]): Promise<MetricsRead> {
  const waiting = [...batches(wanted).entries()];
  const answered: Answers[] = [];
  const reader = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) answered[next[0]] = await readOrIsolate(clients, next[1]);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, reader));

  const read = new Map<string, Series>();
  const failures: Failure[] = [];
  for (const [of, answer] of answered.flat()) {
    if (typeof answer === 'string') failures.push({ of, why: answer });
    else read.set(of.key, answer);
  }
  return { series: read, unread: tally(failures) };
}

interface Failure {
  readonly of: MetricWanted;
  readonly why: string;
}

/** What was read, or why nothing was. Only numbers are kept: ten thousand instances' weeks are seven million points. */
type Answer = Series | string;
type Answers = readonly (readonly [MetricWanted, Answer])[];

/** How CloudWatch refuses a whole request for the sake of one query in it. A throttle or a denial is no such thing: all would fare alike. */
const REFUSED = /^(ValidationE|InvalidParameter|MissingRequiredParameter)/;

/** Whom the refusal names is left out and the others are asked again; where it names nobody, each half is asked alone. */
async function readOrIsolate(clients: Clients, batch: readonly MetricWanted[]): Promise<Answers> {
  try {
    return await readBatch(clients, batch);
  } catch (error) {
    const told = why(error);
    const all = (some: readonly MetricWanted[]): Answers => some.map(of => [of, wordsFor(told, of, batch.indexOf(of))]);
    if (batch.length === 1 || !(error instanceof Error) || !REFUSED.test(error.name)) return all(batch);
    const named = batch.filter((_, index) => namedIn(told, batch, index));
    if (named.length > 0 && named.length < batch.length) {
      const others = batch.filter(of => !named.includes(of));
      return [...all(named), ...(await readOrIsolate(clients, others))];
    }
    const half = Math.ceil(batch.length / 2);
    return [...(await readOrIsolate(clients, batch.slice(0, half))), ...(await readOrIsolate(clients, batch.slice(half)))];
  }
}

/** CloudWatch names an expression by its id, and anything else by its place in the list. */
function namedIn(told: string, batch: readonly MetricWanted[], index: number): boolean {
  const ids = [...told.matchAll(/['"]m(\d+)(?:_\w+)?['"]/g)].map(([, i]) => Number(i));
  const places = [...told.matchAll(/MetricDataQueries\.member\.(\d+)\b/g)].map(([, n]) => Number(n));
  if (ids.includes(index)) return true;
  if (places.length === 0) return false;
  const before = batch.slice(0, index).flatMap(queriesFor).length;
  const mine = queriesFor(batch[index] as MetricWanted, index).length;
  return places.some(place => place > before && place <= before + mine);
}

async function readBatch(clients: Clients, batch: readonly MetricWanted[]): Promise<Answers> {
  const [cloudWatch, { GetMetricDataCommand }] = await Promise.all([clients.cloudWatch(), import('@aws-sdk/client-cloudwatch')]);
  const starts = batch.map(({ window }) => window.start).sort();
  const [start, end] = [starts[0], batch[0]?.window.end];
  if (start === undefined || end === undefined) return [];

  const found = batch.map((of): Found => ({ series: grid(of.window, of.periodSeconds), labels: new Set(), status: 'no answer' }));
  let token: string | undefined;
  do {
    const page = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: toDate(start),
        EndTime: toDate(end),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: batch.flatMap(queriesFor),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    for (const result of page.MetricDataResults ?? []) {
      const mine = found[indexOf(result.Id)];
      if (mine === undefined) continue;
      place(mine.series, pointsOf(result));
      mine.labels.add(result.Label ?? '');
      // PartialData says that more pages follow, so only the last word counts.
      mine.status = result.StatusCode ?? 'Complete';
    }
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return batch.map((of, index) => [of, answerOf(found[index] as Found)]);
}

function* pointsOf({ Timestamps = [], Values = [] }: MetricDataResult): Generator<[number, number]> {
  for (const [i, at] of Timestamps.entries()) yield [at.getTime() / 1000, Values[i] ?? Number.NaN];
}

interface Found {
  /** Over all pages. */
  readonly series: Grid;
  readonly labels: Set<string>;
  status: string;
}

/** A search, or a query that groups, answers several series under one id: which of them was meant, nobody knows. */
function answerOf({ series, labels, status }: Found): Answer {
  if (status !== 'Complete') return `GetMetricData: ${status}`;
  return labels.size > 1 ? `it comes to ${labels.size} time series: make one of them, as SUM(…) or AVG(…) do` : series;
}

/** `CPU of 12 resources`, once for each reason. */
function tally(failures: readonly Failure[]): Unread[] {
  const alike = Map.groupBy(failures, f => `${f.of.what}\n${f.why}`);
  return [...alike.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const of = group.length === 1 ? first.of.of : `${group.length} resources`;
    return [{ what: `${first.of.what} of ${of}`, why: first.why }];
  });
}
