/** What AWS does that nobody asked for: takes back, runs short, loses a host, announces maintenance; drawn for a seed. */
import { addSeconds, type Instant } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import type { Box, Deed } from './plot.ts';

interface Scene {
  readonly boxes: readonly Box[];
  readonly from: Instant;
  readonly calm: Instant;
}

export function awsDeedsOf(seed: number, scene: Scene): Deed[] {
  const spot = scene.boxes.filter(({ kind }) => kind === 'spot');
  const interrupted = spot.filter(({ id }) => chance(seed, `interruption of ${id}`).maybe(0.5));
  return [
    ...interrupted.map(
      ({ id: box }): Deed => ({ id: `interrupts-${box}`, at: when(chance(seed, `taken ${box}`), scene), does: 'interrupts', box }),
    ),
    ...shortage(chance(seed, 'shortage'), scene),
    ...trouble(chance(seed, 'host'), scene),
  ];
}

/** Of a type that stands there, so that what sleeps wakes late, or as another. */
function shortage(c: Chance, scene: Scene): Deed[] {
  if (!c.maybe(0.2)) return [];
  const [{ type }, at] = [c.pick(scene.boxes), when(c, scene)];
  const left = Math.floor((Date.parse(scene.calm) - Date.parse(at)) / 60_000);
  const zone = c.maybe(0.5) ? c.pick(['eu-west-1a', 'eu-west-1b']) : null;
  return [{ id: 'lacks', at, does: 'lacks', type, zone, minutes: Math.min(c.whole(10, 60), left) }];
}

function trouble(c: Chance, scene: Scene): Deed[] {
  if (!c.maybe(0.2)) return [];
  const [{ id: box }, at, minutes] = [c.pick(scene.boxes), when(c, scene), c.whole(5, 60)];
  return [c.maybe(0.5) ? { id: 'impairs', at, does: 'impairs', box, minutes } : { id: 'announces', at, does: 'announces', box, minutes }];
}

const when = (c: Chance, { from, calm }: Scene): Instant =>
  addSeconds(from, Math.floor((c.number() * 0.9 * (Date.parse(calm) - Date.parse(from))) / 1000));
