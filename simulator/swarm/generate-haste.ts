/** Who acts in the middle of a run, who switches stop protection, and whose members are protected from scale-in; drawn for a seed. */
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import type { Box, Deed, Fleet } from './plot.ts';

interface Scene {
  readonly boxes: readonly Box[];
  readonly fleets: readonly Fleet[];
  readonly from: Instant;
  readonly calm: Instant;
}

export function hastyDeedsOf(seed: number, scene: Scene): Deed[] {
  const c = chance(seed, 'haste');
  const count = c.maybe(0.6) ? c.whole(1, 4) : 0;
  const hasty = Array.from({ length: count }, (_, i) => hastyOf(`haste-${i + 1}`, chance(seed, `haste-${i + 1}`), scene));
  return [...hasty, ...guarding(chance(seed, 'guard'), scene)];
}

/** Some groups have members that nobody but a person may take away. */
export function shielded(seed: number, fleet: Fleet): Fleet {
  const c = chance(seed, `shield of ${fleet.id}`);
  return fleet.kind === 'tracked' && c.maybe(0.2) ? { ...fleet, shielded: c.whole(1, fleet.desiredCapacity) } : fleet;
}

const when = (c: Chance, { from, calm }: Scene): Instant =>
  addSeconds(from, Math.floor((c.number() * 0.9 * (Date.parse(calm) - Date.parse(from))) / 1000));

/** By then a run has looked, or looked once more, or is about to write. */
function hastyOf(id: string, c: Chance, scene: Scene): Deed {
  const common = { id, at: when(c, scene), call: c.whole(1, 4) };
  const tracked = scene.fleets.filter(({ kind }) => kind === 'tracked');
  return tracked.length > 0 && c.maybe(0.4) ? ofFleet(common, c, c.pick(tracked).id) : ofBox(common, c, c.pick(scene.boxes).id);
}

type Common = Pick<Deed, 'id' | 'at' | 'call'>;

function ofFleet(common: Common, c: Chance, fleet: string): Deed {
  switch (c.pick(['sets-desired', 'sets-sizes', 'shields'] as const)) {
    case 'sets-desired':
      return { ...common, does: 'sets-desired', fleet, desiredCapacity: c.whole(2, 5) };
    case 'sets-sizes':
      return { ...common, does: 'sets-sizes', fleet, minSize: c.whole(0, 3), maxSize: c.whole(5, 9) };
    case 'shields':
      return { ...common, does: 'shields', fleet, members: c.whole(2, 5) };
  }
}

function ofBox(common: Common, c: Chance, box: string): Deed {
  switch (c.pick(['opts-out', 'keeps', 'retags', 'always', 'owned', 'guards', 'starts', 'stops'] as const)) {
    case 'opts-out':
      return { ...common, does: 'tags', box, tags: { 'ebb:policy': 'off' } };
    case 'keeps':
      return { ...common, does: 'tags', box, tags: { 'ebb:keep-until': addSeconds(common.at, c.whole(8, 24) * 15 * MINUTE) } };
    case 'retags':
      return { ...common, does: 'tags', box, tags: { environment: 'prod' } };
    case 'always':
      return { ...common, does: 'tags', box, tags: { 'ebb:schedule': 'always' } };
    case 'owned':
      return { ...common, does: 'tags', box, tags: { owner: 'payroll', 'cost-centre': 'CC-200' } };
    case 'guards':
      return { ...common, does: 'guards', box, on: true };
    case 'starts':
      return { ...common, does: 'starts', box };
    case 'stops':
      return { ...common, does: 'stops', box };
  }
}

/** Stop protection is switched on for a while, or off for good. */
function guarding(c: Chance, scene: Scene): Deed[] {
  if (!c.maybe(0.3)) return [];
  const [box, at] = [c.pick(scene.boxes), when(c, scene)];
  if (box.kind === 'stop-protected') return [{ id: 'unguards', at, does: 'guards', box: box.id, on: false }];
  const off = addSeconds(at, c.whole(20, 90) * MINUTE);
  const guards: Deed = { id: 'guards', at, does: 'guards', box: box.id, on: true };
  return off < scene.calm ? [guards, { id: 'unguards', at: off, does: 'guards', box: box.id, on: false }] : [guards];
}
