/** What EC2 is asked only of those that a rule would stop: maintenance that is due, and CPU credits that a stop would bill. */
import { rateOver } from '../../model/money.ts';
import type { Instance } from '../../model/observation.ts';
import { type Change, isIdle } from '../../model/plan.ts';
import { addSeconds, DAY, HOUR } from '../../model/time.ts';
import type { InstancePolicy } from '../../policy/schema.ts';
import { compare } from '../budget.ts';
import type { InstanceContext } from '../decide-instances.ts';
import { leave, type Rule, type Verdict } from './rule.ts';

/**
 * AWS's own stop, reboot or retirement is due: to stop and start beside it is to collide with it. One that is further off is no reason: a
 * stop and a start move the instance to other hardware, which is what AWS asks for.
 */
export const maintenanceDue: Rule<Instance, InstanceContext> = (_, { checked, at }) => {
  const due = checked?.events.filter(e => e.notBefore <= addSeconds(at, DAY) && (e.notAfter === null || e.notAfter > at)) ?? [];
  const [first] = due.toSorted((a, b) => compare(a.notBefore, b.notBefore));
  return first === undefined ? null : leave({ code: 'scheduled-event', event: first.code, from: first.notBefore, until: first.notAfter });
};

/** Where the credits that a stop bills cost as much as the hours it saves, running on is the cheaper way: it earns them back. */
export function surplusBilled({ saving, because }: Change, credits: number): Exclude<Verdict, { act: unknown }> | null {
  if (because.code !== 'off-hours' && !isIdle(because)) return null; // a person's wish is not weighed
  if (saving?.charge === undefined || saving.perHour === null) return null;
  const { charge } = saving;
  const gross = rateOver(saving.perHour, saving.hours * HOUR);
  return charge < gross ? null : leave({ code: 'surplus-credits', credits, charge, saving: gross });
}

/** A stop in hours that are paid for altogether saves nothing, and costs people something: some would rather be spared. */
export function paidFor({ saving, because }: Change, policy: InstancePolicy | null): Exclude<Verdict, { act: unknown }> | null {
  if (policy?.covered !== 'leave' || (because.code !== 'off-hours' && !isIdle(because))) return null;
  const coverage = saving?.coverage;
  return coverage === undefined || coverage.covered < WHOLE ? null : leave({ code: 'covered', source: coverage.source });
}

/** Coverage is counted in parts of this. */
const WHOLE = 10_000;
