/** What people do to groups beside their sizes: processes that they suspend, tags that they put on; drawn for a seed. */
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import type { Deed, Fleet } from './plot.ts';

interface Scene {
  readonly fleets: readonly Fleet[];
  readonly from: Instant;
  readonly calm: Instant;
}

export function groupDeedsOf(seed: number, scene: Scene): Deed[] {
  const groups = scene.fleets.filter(({ kind }) => kind === 'tracked' || kind === 'aws-policies');
  if (groups.length === 0) return [];
  return [...suspending(chance(seed, 'suspend'), groups, scene), ...tagging(chance(seed, 'tag group'), groups, scene)];
}

/** For a while: whoever forgets it owns what comes of it. */
function suspending(c: Chance, groups: readonly Fleet[], scene: Scene): Deed[] {
  if (!c.maybe(0.2)) return [];
  const [{ id: fleet }, at] = [c.pick(groups), when(c, scene)];
  const processes = c.pick([['Terminate'], ['Launch'], ['ScheduledActions'], ['AlarmNotification', 'AZRebalance'], ['ReplaceUnhealthy']]);
  const again = addSeconds(at, c.whole(5, 45) * MINUTE);
  return [
    { id: 'suspends', at, does: 'suspends', fleet, processes },
    { id: 'unsuspends', at: again < scene.calm ? again : scene.calm, does: 'unsuspends', fleet, processes },
  ];
}

function tagging(c: Chance, groups: readonly Fleet[], scene: Scene): Deed[] {
  if (!c.maybe(0.2)) return [];
  const tags = c.pick<Readonly<Record<string, string>>>([{ owner: 'payroll' }, { 'cost-centre': 'CC-200' }, { Env: 'production' }]);
  return [{ id: 'tags-group', at: when(c, scene), does: 'tags-group', fleet: c.pick(groups).id, tags }];
}

const when = (c: Chance, { from, calm }: Scene): Instant =>
  addSeconds(from, Math.floor((c.number() * 0.9 * (Date.parse(calm) - Date.parse(from))) / 1000));
