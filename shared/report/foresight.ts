/** What was forecast for a fleet, and which margin was learned for it, in half a sentence. */
import type { Foresight } from '../model/plan.ts';
import { count, percent, share, span } from './numbers.ts';

const HOUR = 60;

export function foreseen({ demand, forecast, ahead, margin, utilization, minutes, learned, saturated }: Foresight): string {
  const now = `work for ${saturated ? 'at least ' : ''}${load(demand)} at 100 % now, ${load(forecast)} expected in ${count(ahead, 'minute')}`;
  const aim = `at most ${percent(minutes)} of minutes above ${percent(utilization)}`;
  return learned < HOUR
    ? `${now}; with ${count(learned, 'minute')} of experience a plain margin has to do until more is learned for ${aim}`
    : `${now}; ${share(Math.max(0, margin))} kept spare, as ${span(learned * 60)} have taught it, for ${aim}`;
}

const load = (instances: number): string => instances.toFixed(1);
