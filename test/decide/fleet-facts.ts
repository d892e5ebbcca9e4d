/** A fleet as observe would bring it, its memory, and what is decided of it. */
import { decideFleets } from '../../shared/decide/decide-fleets.ts';
import type { FleetMemory } from '../../shared/model/memory.ts';
import type { Environment, Fleet, Member } from '../../shared/model/observation.ts';
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy, Schedule } from '../../shared/policy/schema.ts';
import { configOf, officeHours, webFleet } from '../support/policies.ts';
import { always, answer, fleet, fleets, lastWeek, noon, scope } from './facts.ts';

export const known = (other: Partial<FleetMemory> = {}): FleetMemory => ({
  ...{ enrolledAt: lastWeek, baseline: always, lastScaleOut: null, lastScaleInAt: null, meter: null },
  ...other,
});

export const member = (other: Partial<Member> = {}, i = 0): Member => ({
  ...{ id: `i-${i}`, lifecycleState: 'InService', healthy: true, scaleInProtected: false, type: 'm5.large', weight: 1 },
  ...other,
});

/** CPU of a quarter of an hour that ended two minutes ago. */
export const cpu = (value: number, end: Instant = noon) => ({
  ...{ start: addSeconds(end, -17 * MINUTE), periodSeconds: MINUTE, values: new Array<number>(16).fill(value) },
});

/** An environment of Elastic Beanstalk that is ready, with its group. */
export const shop = (seen: Partial<Fleet> = {}, said: Partial<Environment> = {}): Fleet =>
  fleet({
    ref: { kind: 'beanstalk-environment', id: 'web', name: 'web', scope },
    beanstalk: 'shop',
    ...{ minSize: 2, maxSize: 6, desiredCapacity: 3 },
    environment: {
      ...{ application: 'shop', status: 'Ready', minSize: 2, maxSize: 6, singleInstance: false, trigger: 'NetworkOut', oneTime: {} },
      ...said,
    },
    ...seen,
  });

export interface Asked {
  readonly at?: Instant;
  readonly memory?: Partial<FleetMemory>;
  readonly policies?: readonly FleetPolicy[];
  readonly schedules?: readonly Schedule[];
}

export const decide = (one: Fleet, { at = noon, memory = {}, policies = [webFleet()], schedules = [officeHours()] }: Asked = {}) =>
  decideFleets(
    fleets(at, [one], { memory: new Map([['web', known({ capacity: asIs(one), ...memory })]]) }),
    configOf({ policies, schedules }),
  );

/** Nobody has changed its capacity since the latest look. */
const asIs = ({ desiredCapacity: is }: Fleet) => ({ is, changedAt: null });

/** The one answer, whatever it is. */
export const because = (one: Fleet, asked: Asked = {}) => answer(decide(one, asked).plan, 'web');

/** The one change, if there is one. */
export const change = (one: Fleet, asked: Asked = {}) => decide(one, asked).plan.changes[0];

/** What is remembered of it after a look, if that is new. */
export const next = (one: Fleet, asked: Asked = {}) => decide(one, asked).next.get('web');
