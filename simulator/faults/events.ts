/** What rings, and does not arrive, arrives twice, or arrives late (and so out of order). */
import type { BusEvent, BusListener } from '../world/bus.ts';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

/** Stands between EventBridge and everybody who listens by now. @returns the ids of instances whose state changes were lost or late. */
export function disturbEvents(world: World, weather: Weather): ReadonlySet<string> {
  const unheard = new Set<string>();
  world.listeners.splice(0, Infinity, ...world.listeners.map(listener => disturbed(listener, world, weather, unheard)));
  return unheard;
}

function disturbed(listener: BusListener, world: World, weather: Weather, unheard: Set<string>): BusListener {
  return async event => {
    const what = event['detail-type'];
    if (weather.meets('lost-event', what)) return miss(event, unheard);
    if (weather.meets('late-event', what)) {
      miss(event, unheard);
      world.clock.deliver(world.clock.second() + weather.measure(5, 900), () => listener(event));
      return;
    }
    await listener(event);
    if (weather.meets('duplicate-event', what)) world.clock.deliver(world.clock.second() + weather.measure(0, 300), () => listener(event));
  };
}

function miss({ detail }: BusEvent, unheard: Set<string>): void {
  const id = (detail as { 'instance-id'?: string } | null)?.['instance-id'];
  if (id !== undefined) unheard.add(id);
}
