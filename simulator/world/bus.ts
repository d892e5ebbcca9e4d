/** EventBridge's default bus: what happens in the world, as the JSON that AWS delivers. */
import { instant } from '../../shared/model/time.ts';
import type { World } from './world.ts';

export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Happening {
  readonly detailType: string;
  readonly source: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export type BusListener = (event: BusEvent) => void | Promise<void>;

/** Rings it to every listener `delay` seconds from now, one after the other. */
export function publish(world: World, region: string, happening: Happening, delay = 1): BusEvent {
  const { detailType, source, resources, detail } = happening;
  const event: BusEvent = {
    version: '0',
    id: world.ids.uuid('event'),
    'detail-type': detailType,
    source,
    account: world.account,
    time: instant(world.clock.now() * 1000),
    region,
    resources,
    detail,
  };
  for (const listener of world.listeners) world.clock.deliver(world.clock.second() + delay, () => listener(event));
  return event;
}
