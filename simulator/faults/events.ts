/** What rings, and does not arrive, arrives twice, or arrives late (and so out of order). */
import type { BusListener } from '../world/bus.ts';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

/**
 * Stands between EventBridge and everybody who listens by now.
 * @param unheard gets the ids of the instances of which an event was lost or late.
 */
export function disturbEvents(world: World, weather: Weather, unheard: Set<string>): void {
  world.listeners.splice(0, Infinity, ...world.listeners.map(listener => disturbed(listener, world, weather, unheard)));
}

function disturbed(listener: BusListener, world: World, weather: Weather, unheard: Set<string>): BusListener {
  return async event => {
    const what = event['detail-type'];
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
