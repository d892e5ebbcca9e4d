/** Which groups have an alarm of their own, and what AWS's own target tracking aims at; drawn for a seed. */
import { chance } from './chance.ts';
import type { Fleet } from './plot.ts';

/** Low enough that an ordinary day rings it, and high enough that it falls silent again. */
const ABOVE = [40, 50, 60, 70];

export function watched(seed: number, fleet: Fleet): Fleet {
  if (fleet.kind === 'environment') return fleet; // it has Beanstalk's own
  const c = chance(seed, `alarm of ${fleet.id}`);
  const by = c.pick(['metric', 'metric', 'math', 'composite', 'topic'] as const);
  const alarm = { by, above: c.pick(ABOVE) };
  return { ...fleet, ...(c.maybe(0.8) && { alarm }), ...(fleet.kind === 'aws-policies' && { target: c.pick([40, 50, 60]) }) };
}
