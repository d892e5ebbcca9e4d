/** SNS topics: what is published reaches every subscriber, about a second later. */
import { regionOf, type World } from './world.ts';

export interface Topic {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly subscribers: ((notification: Notification) => void | Promise<void>)[];
}

export interface Notification {
  readonly id: string;
  readonly subject: string | null;
  readonly message: string;
  /** Epoch seconds. */
  readonly at: number;
}

/** The topic of that name; it is there once somebody has asked for it. */
export function createTopic(world: World, { name, region: regionName }: { readonly name: string; readonly region: string }): Topic {
  const region = regionOf(world, regionName);
  const known = region.topics.get(name);
  if (known !== undefined) return known;
  const topic: Topic = { name, region: region.name, arn: `arn:aws:sns:${region.name}:${world.account}:${name}`, subscribers: [] };
  region.topics.set(name, topic);
  return topic;
}

/** @returns whether there is such a topic. */
export function notify(
  world: World,
  arn: string,
  { subject, message }: { readonly subject: string | null; readonly message: string },
): boolean {
  const [, , , regionName = '', , name = ''] = arn.split(':');
  const topic = world.regions.get(regionName)?.topics.get(name);
  if (topic === undefined) return false;
  const notification: Notification = { id: world.ids.uuid('notification'), subject, message, at: world.clock.now() };
  for (const subscriber of topic.subscribers) world.clock.deliver(world.clock.second() + 1, () => subscriber(notification));
  return true;
}
