/** CloudWatch answers, and the answer is not the whole truth: values are missing, with or without a word of it, late, or no numbers. */
import type { MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

interface Answer {
  readonly output: { readonly MetricDataResults?: MetricDataResult[] };
}

export function distortMetrics<A extends Answer>(answer: A, world: World, weather: Weather): A {
  const results = (answer.output.MetricDataResults ?? []).map(result => distort(result, world, weather));
  return { ...answer, output: { ...answer.output, MetricDataResults: results } };
}

function distort(result: MetricDataResult, world: World, weather: Weather): MetricDataResult {
  if (weather.meets('missing-metric', 'cloudwatch')) {
    const [every, said] = [weather.measure(1, 4), weather.measure(1, 8) % 2 === 0]; // 1: all of them
    const StatusCode = every === 1 ? 'InternalError' : 'PartialData';
    return { ...keep(result, (_, i) => every > 1 && i % every !== 0), ...(said && { StatusCode }) };
  }
  if (weather.meets('stale-metric', 'cloudwatch')) {
    const before = world.clock.now() - 60 * weather.measure(2, 20);
    return keep(result, at => at <= before);
  }
  if (weather.meets('nan-metric', 'cloudwatch')) {
    const every = weather.measure(1, 3);
    return { ...result, Values: (result.Values ?? []).map((value, i) => (i % every === 0 ? Number.NaN : value)) };
  }
  return result;
}

function keep(result: MetricDataResult, holds: (at: number, index: number) => boolean): MetricDataResult {
  const times = result.Timestamps ?? [];
  const kept = times.map((time, i) => holds(time.getTime() / 1000, i));
  return { ...result, Timestamps: times.filter((_, i) => kept[i]), Values: (result.Values ?? []).filter((_, i) => kept[i]) };
}
