/** What rings, and does not arrive, arrives twice, or arrives late (and so out of order). */
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

/**
 * Stands between EventBridge or a topic of SNS and everybody who listens by now.
 * @param unheard gets the ids of the instances of which an event was lost or late.
 */
export function disturbEvents(world: World, weather: Weather, unheard: Set<string>): void {
  const disturb = <E>(listeners: ((event: E) => void | Promise<void>)[], whatOf: (event: E) => string) =>
    listeners.splice(0, Infinity, ...listeners.map(listener => disturbed(listener, whatOf, { world, weather, unheard })));
  disturb(world.listeners, event => event['detail-type']);
  for (const { topics } of world.regions.values())
    for (const { name, subscribers } of topics.values()) disturb(subscribers, () => `sns ${name}`);
}

interface Around {
  readonly world: World;
  readonly weather: Weather;
  readonly unheard: Set<string>;
}

function disturbed<E>(
  listener: (event: E) => void | Promise<void>,
  whatOf: (event: E) => string,
  { world, weather, unheard }: Around,
): (event: E) => Promise<void> {
  return async event => {
    const what = whatOf(event);
    if (weather.meets('lost-event', what)) return missed(event, unheard);
    if (weather.meets('late-event', what)) {
      missed(event, unheard);
      world.clock.deliver(world.clock.second() + weather.measure(5, 900), () => listener(event));
      return;
    }
    await listener(event);
    if (weather.meets('duplicate-event', what)) world.clock.deliver(world.clock.second() + weather.measure(0, 300), () => listener(event));
  };
}

export function missed(event: unknown, unheard: Set<string>): void {
  const id = (event as { detail?: { 'instance-id'?: string } } | null)?.detail?.['instance-id'];
  if (id !== undefined) unheard.add(id);
}
