/** What a fleet's own past asks for, as a verdict: silence holds, and a bound that binds is named. */
import { describe, expect, test } from '@jest/globals';
import { decideFleets } from '../../shared/decide/decide-fleets.ts';
import type { Thought } from '../../shared/decide/fleet/think.ts';
import type { Fleet, Signal } from '../../shared/model/observation.ts';
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { answer, fleet, fleets, noon } from './facts.ts';
import { cpu, known } from './fleet-facts.ts';

const heardAt = addSeconds(noon, -2 * MINUTE);
const foresight = { demand: 310, forecast: 420, ahead: 6, margin: 0.1, utilization: 70, minutes: 1, learned: 20_160, saturated: false };
const thought = (other: Partial<Thought> = {}): Thought => ({ capacity: 6, foresight, heardAt, silent: [], ...other });
const signal: Signal = { name: 'CPU', kind: 'cpu', of: 'instance', full: 100, series: cpu(60) };
const { target: _, ...learning } = webFleet({ signals: [{ metric: 'cpu' }] as unknown as NonNullable<FleetPolicy['signals']> });

const decided = (said: Thought | null, other: Partial<Fleet> = {}, policy: FleetPolicy = learning) =>
  decideFleets(
    fleets(noon, [fleet({ signals: [signal], ...other })], {
      memory: new Map([['web', known()]]),
      thoughts: new Map(said === null ? [] : [['web', said]]),
    }),
    configOf({ policies: [policy] }),
  ).plan;
const because = (...asked: Parameters<typeof decided>) => answer(decided(...asked), 'web');

describe('a forecast', () => {
  test('of another capacity is a whole change, for the minute that was heard last', () => {
    expect(decided(thought()).changes[0]).toMatchObject({
      action: { kind: 'set-desired-capacity', desiredCapacity: 6 },
      because: { code: 'forecast', from: 4, to: 6, ...foresight },
      causeAt: heardAt,
      expects: { desiredCapacity: 4 },
      attempt: 1,
    });
    expect(because(thought({ capacity: 3 }))).toMatchObject({ code: 'forecast', from: 4, to: 3 });
  });

  test('of the same capacity says so, and which bound holds it there', () => {
    const same = (capacity: number) => because(thought({ capacity }), { desiredCapacity: capacity });
    expect(same(4)).toEqual({ code: 'as-forecast', capacity: 4, wanted: 4, bound: null, ...foresight });
    expect([same(20), same(2)]).toMatchObject([{ bound: 'max' }, { bound: 'min' }]);
  });

  test('that nobody has made yet is made a minute later', () => {
    expect(because(null)).toEqual({ code: 'not-measured', nextAt: addSeconds(noon, MINUTE) });
  });

  test('from silence is none', () => {
    const unheard = { capacity: null, foresight: null, heardAt: null };
    expect(because(thought({ ...unheard, silent: ['requests'] }))).toEqual({
      ...{ code: 'silent-metric', metric: 'requests', since: signal.series?.start },
    });
    expect(because(thought(unheard))).toMatchObject({ metric: 'CPU' });
    expect(because(thought(unheard), { signals: [] })).toEqual({ code: 'silent-metric', metric: 'the metric', since: noon });
    expect(because(thought(unheard), { signals: [{ ...signal, series: null }] })).toMatchObject({ metric: 'CPU', since: noon });
    for (const missing of [{ capacity: null }, { foresight: null }, { heardAt: null }])
      expect(because(thought(missing))).toMatchObject({ code: 'silent-metric' });
  });

  test('may ask for more while one of its signals is silent, and never for less', () => {
    const silent = ['requests'];
    expect(because(thought({ silent }))).toMatchObject({ code: 'forecast', to: 6 });
    const held = { code: 'silent-metric', metric: 'requests', since: heardAt };
    expect(because(thought({ silent, capacity: 3 }))).toEqual(held);
    expect(because(thought({ silent, capacity: 4 }))).toEqual(held);
  });

  test('as a floor rises ahead of demand, though there is enough now', () => {
    const floored = { ...learning, capacity: 'floor', minSize: 1 } as const;
    expect(because(thought({ capacity: 3 }), { minSize: 1 }, floored)).toMatchObject({ code: 'floor', from: 1, to: 3, wanted: 3 });
    expect(because(thought({ capacity: 4 }), { minSize: 1 }, floored)).toMatchObject({
      code: 'floor',
      to: 4,
      argued: { code: 'as-forecast' },
    });
  });

  test('is asked for while the launches before it still warm', () => {
    const memory = new Map([['web', known({ lastScaleOut: { at: addSeconds(noon, -MINUTE), from: 3 } })]]);
    const facts = fleets(noon, [fleet({ signals: [signal] })], { memory, thoughts: new Map([['web', thought()]]) });
    expect(answer(decideFleets(facts, configOf({ policies: [learning] })).plan, 'web')).toMatchObject({ code: 'forecast', to: 6 });
  });

  test('is no business of a policy that follows a target', () => {
    expect(because(thought(), { signal: cpu(48) }, webFleet())).toMatchObject({ code: 'on-target' });
  });
});
