/** What starts after what: names in `ebb:start-after`, also of what is not there, of oneself, and in a circle. */
import { chance } from './chance.ts';
import type { Box } from './plot.ts';

export function withOrders(seed: number, boxes: readonly Box[]): Box[] {
  const c = chance(seed, 'orders');
  if (!c.maybe(0.4)) return [...boxes];
  const names = [...boxes.map(({ id }) => id), 'nobody'];
  const circle = c.maybe(0.25);
  return boxes.map((box, i) => {
    const own = chance(seed, `order-${box.id}`);
    const before = circle ? names : names.slice(0, i);
    if (before.length === 0 || !own.maybe(0.5)) return box;
    const after = [...new Set([own.pick(before), ...(own.maybe(0.3) ? [own.pick(names)] : [])])];
    return { ...box, tags: { ...box.tags, 'ebb:start-after': after.join(', ') } };
  });
}
