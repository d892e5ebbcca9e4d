/** What people are told beside what is done: warnings before an idle stop, later hours, checks that fail, keep-until that is over. */
import { describe, expect, test } from '@jest/globals';
import { withLaterHours, withReturn } from '../../shared/decide/boomerangs.ts';
import { decideInstances, type InstanceFacts } from '../../shared/decide/decide-instances.ts';
import { findings } from '../../shared/decide/findings.ts';
import { hoursAt } from '../../shared/decide/hours.ts';
import { withKeepOver } from '../../shared/decide/kept-over.ts';
import { underNotice } from '../../shared/decide/warnings.ts';
import type { Boomerang, Boot, InstanceMemory, Warned } from '../../shared/model/memory.ts';
import type { Instance, StatusChecks } from '../../shared/model/observation.ts';
import type { Left, LeftReason } from '../../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest, idleOnly, officeHours } from '../support/policies.ts';
import { answer, box, enrolled, hourly, instances, lastWeek } from './facts.ts';

const noon = instant('2025-05-14T12:00:00Z');
const quiet = (end: Instant) => hourly(end, new Array(12).fill(1));
const busy = (end: Instant) => hourly(end, new Array(12).fill(60));

const warning = (minutes: number, unanswered: 'stop' | 'leave' = 'stop', other: Partial<InstancePolicy> = {}): InstancePolicy =>
  idleOnly(4, { notice: { minutes, unanswered }, ...other } as Partial<InstancePolicy>);

interface Asked {
  readonly at?: Instant;
  readonly memory?: Partial<InstanceMemory>;
  readonly policy?: InstancePolicy;
  readonly one?: Partial<Instance>;
  readonly facts?: Partial<InstanceFacts>;
}
function decided({ at = noon, memory = {}, policy = warning(60), one = {}, facts = {} }: Asked = {}) {
  const idle = box('i-1', { cpuMax: quiet(at), ...one });
  const held = new Map([['i-1', enrolled(memory)]]);
  return decideInstances(instances(at, [idle], { memory: held, ...facts }), configOf({ policies: [policy] }));
}
const because = (asked?: Asked) => answer(decided(asked).plan, 'i-1');

describe('a warning before a stop for idleness', () => {
  const at = addSeconds(noon, 10 * MINUTE);
  const warned = (other: Partial<Warned> = {}): Warned => ({
    ...{ at: noon, launchedAt: lastWeek, stopsAt: addSeconds(noon, 2 * HOUR), unanswered: 'stop' },
    ...other,
  });

  test('is given once, and says until when', () => {
    const { plan, warnings, nextAt } = decided({ at });
    const given = { at, launchedAt: lastWeek, stopsAt: addSeconds(noon, 2 * HOUR), unanswered: 'stop' };
    expect(answer(plan, 'i-1')).toMatchObject({
      code: 'notice-given',
      at,
      stopsAt: given.stopsAt,
      unanswered: 'stop',
      would: { code: 'idle' },
    });
    expect(plan.left).toMatchObject([{ policy: 'dev-test', pen: 'stop-start-instances' }]);
    expect(warnings).toMatchObject({ given: [{ change: { resource: { id: 'i-1' } }, warned: given }], over: [] });
    expect(nextAt).toBeNull(); // its own hour comes anyway
    expect(decided({ at, memory: { warned: warned() } }).warnings).toEqual({ given: [], over: [] });
  });

  test('lasts for its minutes, and to the whole hour after them', () => {
    const stopsAt = (when: Instant, minutes: number) => decided({ at: when, policy: warning(minutes) }).warnings.given[0]?.warned.stopsAt;
    expect(stopsAt(noon, 60)).toBe(addSeconds(noon, HOUR));
    expect(stopsAt(addSeconds(noon, 1), 60)).toBe(addSeconds(noon, 2 * HOUR));
    expect(stopsAt(noon, 61)).toBe(addSeconds(noon, 2 * HOUR));
    expect(stopsAt(addSeconds(noon, 50 * MINUTE), 10)).toBe(addSeconds(noon, HOUR));
  });

  test('ends in the stop, or in nothing, as its owner was told, whatever the policy says by now', () => {
    const due = addSeconds(noon, 2 * HOUR);
    expect(because({ at: addSeconds(due, -1), memory: { warned: warned() } })).toMatchObject({ code: 'notice-given', at: noon });
    expect(because({ at: due, memory: { warned: warned() }, policy: warning(60, 'leave') })).toMatchObject({ code: 'idle' });
    const left = because({ at: due, memory: { warned: warned({ unanswered: 'leave' }) } });
    expect(left).toMatchObject({ code: 'unanswered', at: noon, would: { code: 'idle' } });
  });

  test('of an earlier start is none: another is given', () => {
    const { warnings, plan } = decided({ at, memory: { warned: warned({ launchedAt: addSeconds(lastWeek, -DAY) }) } });
    expect(answer(plan, 'i-1')).toMatchObject({ code: 'notice-given', at });
    expect(warnings.given).toHaveLength(1);
  });

  test('is given to nobody else: not for hours, not where it is only thought, not where the policy wants none', () => {
    expect(because({ policy: idleOnly(4) })).toMatchObject({ code: 'idle' });
    expect(decided({ policy: warning(60, 'stop', { mode: 'plan' }) }).plan.changes).toMatchObject([{ mode: 'plan' }]);
    const hours = devTest({ notice: { minutes: 60, unanswered: 'stop' } } as Partial<InstancePolicy>);
    expect(because({ at: instant('2025-05-14T19:00:00Z'), policy: hours })).toMatchObject({ code: 'off-hours' });
  });

  test('is over when the machine has come to life, and that is told', () => {
    const over = (asked: Asked) => decided({ memory: { warned: warned() }, ...asked }).warnings.over;
    expect(over({ one: { cpuMax: busy(noon), tags: { environment: 'dev', 'ebb:owner': 'u@example.com' } } })).toMatchObject([
      { owner: 'u@example.com', warned: warned(), told: { code: 'in-use' }, answer: { resource: { id: 'i-1' } } },
    ]);
  });

  test('is over without a word when something else has happened to it', () => {
    const over = (asked: Asked) => decided({ memory: { warned: warned() }, ...asked }).warnings.over;
    expect(over({ one: { state: 'stopped', stoppedAt: noon } })).toMatchObject([{ told: null, owner: null }]);
    const wish = { id: 'w', at: noon, by: 'U1', via: 'slack', why: null, want: 'stopped' } as const;
    expect(over({ facts: { wishes: new Map([['i-1', wish]]) } })).toMatchObject([{ told: null, answer: { because: { code: 'asked' } } }]);
    expect(over({ memory: {}, one: { cpuMax: busy(noon) } })).toEqual([]);
  });

  test('is given to nobody of whom nothing is known, and holds nothing of theirs back', () => {
    const [change] = decided({ policy: idleOnly(4) }).plan.changes;
    if (change === undefined) throw new Error('nothing to be warned of');
    const left: Left = { resource: change.resource, pen: change.pen, because: { code: 'spot' }, policy: null };
    const unknown = underNotice({ changes: [change], left: [left] }, new Map(), noon);
    expect(unknown).toEqual({ changes: [change], left: [left], warnings: { given: [], over: [] } });
    const unremembered = { policy: warning(60), memory: null, launchedAt: lastWeek, owner: null };
    expect(underNotice({ changes: [change], left: [left] }, new Map([['i-1', unremembered]]), noon)).toMatchObject({
      ...{ changes: [], left: [left, { because: { code: 'notice-given' } }], warnings: { given: [{ change }], over: [] } },
    });
  });

  test('stands, is over and told, or is over without a word, by the reason for which its machine is left', () => {
    const awake = ['in-use', 'above-floor', 'likely-soon', 'other-use', 'just-woken'] as const;
    const standing = [
      'notice-given',
      'unanswered',
      'over-budget',
      'breaker',
      'not-measured',
      'thin-data',
      'learning',
      'unsettled',
    ] as const;
    const unseen = ['in-transition', 'stop-protection-unread'] as const;
    const elsewhere = ['no-policy', 'opted-out', 'spot', 'kept', 'asleep', 'stopped-by-someone', 'gone'] as const;
    const told = (code: LeftReason['code']) => {
      const left = [{ resource: box('i-1').ref, pen: 'stop-start-instances', because: { code }, policy: null }] as unknown as Left[];
      const about = { policy: warning(60), memory: enrolled({ warned: warned() }), launchedAt: lastWeek, owner: null };
      return underNotice({ changes: [], left }, new Map([['i-1', about]]), noon).warnings.over.map(one => one.told?.code ?? null);
    };
    for (const code of awake) expect(told(code)).toEqual([code]);
    for (const code of [...standing, ...unseen]) expect(told(code)).toEqual([]);
    for (const code of elsewhere) expect(told(code)).toEqual([null]);
  });

  test('stands while the finding does, and while nobody could look', () => {
    const over = (asked: Asked) => decided({ memory: { warned: warned() }, ...asked }).warnings.over;
    expect(over({ at: addSeconds(noon, 3 * HOUR) })).toEqual([]); // it is stopped now
    expect(over({ one: { cpuMax: null } })).toEqual([]);
    expect(over({ one: { cpuMax: hourly(noon, [1, null, null, null, null, 1]) } })).toEqual([]);
    expect(over({ one: { state: 'stopping' } })).toEqual([]);
    expect(over({ facts: { disruptionsToday: 999 } })).toEqual([]);
    expect(over({ facts: { protectionUnread: new Map([['i-1', 'denied']]) } })).toEqual([]);
  });
});

describe('who was stopped too early', () => {
  const stop = (day: number, minute = 0): Instant => addSeconds(instant('2025-05-13T19:00:00Z'), -day * DAY + minute * MINUTE);
  const back = (day: number, other: Partial<Boomerang> = {}): Boomerang => ({
    ...{ stoppedAt: stop(day), at: addSeconds(stop(day), 20 * MINUTE), because: 'off-hours' },
    ...other,
  });

  test('is remembered who came back within the hour, once, for a fortnight', () => {
    const late = back(0, { at: addSeconds(stop(0), HOUR + 1) });
    expect(withReturn([], late)).toEqual([]);
    const just = back(0, { at: addSeconds(stop(0), HOUR) });
    expect(withReturn(undefined, just)).toEqual([just]);
    expect(withReturn([back(1)], back(0))).toEqual([back(1), back(0)]);
    expect(withReturn([back(1), back(0)], { ...back(0), at: addSeconds(stop(0), 30 * MINUTE) })).toHaveLength(2);
    const old = back(14, { at: addSeconds(back(0).at, -14 * DAY) });
    expect(withReturn([old], back(0))).toEqual([back(0)]);
    expect(withReturn([{ ...old, at: addSeconds(old.at, 1) }], back(0))).toHaveLength(2);
  });

  const hours = hoursAt(noon)(officeHours('Europe/Berlin'));
  const later = (boomerangs: readonly Boomerang[], other: Partial<InstanceMemory> = {}, seen: typeof hours | null = hours) =>
    withLaterHours(enrolled({ boomerangs, ...other }), seen, noon).later;

  test('is proposed later hours after three times, two more than the earliest of them, on the wall clock', () => {
    expect(later([back(0), back(1, { stoppedAt: stop(1, 7) }), back(2)])).toEqual({
      ...{ at: noon, schedule: 'office-hours', times: 3, from: '21:00', to: '23:00' },
    });
    expect(later([back(0), back(1)])).toBeUndefined();
    const odd = [0, 1, 2].map(day => back(day, { stoppedAt: stop(day, 128) }));
    expect(later(odd)).toMatchObject({ from: '23:05', to: '01:05' });
    const small = [0, 1, 2].map(day => back(day, { stoppedAt: stop(day, 3 * 60 + 5) }));
    expect(later(small)).toMatchObject({ from: '00:05', to: '02:05' });
  });

  test('counts what a schedule did, in the last fortnight', () => {
    expect(later([back(0), back(1), back(2, { because: 'idle' })])).toBeUndefined();
    const old = back(0, { at: addSeconds(noon, -14 * DAY) });
    expect(later([back(0), back(1), old])).toBeUndefined();
    expect(later([back(0), back(1), { ...old, at: addSeconds(old.at, 1) }])).toMatchObject({ times: 3 });
  });

  test('is not proposed anything again within a fortnight, nor where there are no hours', () => {
    const three = [back(0), back(1), back(2)];
    const told = { at: addSeconds(noon, -14 * DAY + 1), schedule: 'office-hours', times: 3, from: '21:00', to: '23:00' };
    expect(later(three, { later: told })).toBe(told);
    expect(later(three, { later: { ...told, at: addSeconds(noon, -14 * DAY) } })).toMatchObject({ at: noon });
    expect(later(three, {}, null)).toBeUndefined();
    expect(withLaterHours(enrolled(), hours, noon).later).toBeUndefined();
  });

  test('hears of it at the look that found it', () => {
    const one = box('i-1', { tags: { environment: 'dev', 'ebb:owner': 'u@example.com' } });
    const memory = enrolled({ boomerangs: [back(0), back(1), back(2)] });
    const held = new Map([['i-1', memory]]);
    const { next } = decideInstances(instances(noon, [one], { memory: held }), configOf());
    expect(findings([one], held, next, noon)).toEqual([
      {
        ...{ kind: 'proposal', resource: one.ref, owner: 'u@example.com', what: 'later-hours' },
        ...{ at: noon, schedule: 'office-hours', times: 3, from: '19:00', to: '21:00' },
      },
    ]);
    const soon = addSeconds(noon, 5 * MINUTE);
    expect(findings([one], next, next, soon)).toEqual([]);
    expect(findings([one], held, new Map(), noon)).toEqual([]);
  });
});

describe('a keep-until that is over', () => {
  const until = instant('2025-05-14T11:00:00Z');
  const one = box('i-1', { tags: { environment: 'dev', 'ebb:keep-until': '2025-05-14T11:00Z' } });

  test('is told once for each date', () => {
    const held = new Map([['i-1', enrolled()]]);
    const { next } = decideInstances(instances(noon, [one], { memory: held }), configOf());
    expect(findings([one], held, next, noon)).toEqual([{ kind: 'keep-over', at: noon, resource: one.ref, owner: null, until }]);
    const memory = next.get('i-1') ?? enrolled();
    expect(withKeepOver(memory, until, addSeconds(noon, HOUR))).toBe(memory);
    expect(withKeepOver(memory, addSeconds(until, 60), noon)).toMatchObject({ keepOver: { until: addSeconds(until, 60), at: noon } });
    expect(findings([one], next, next, addSeconds(noon, HOUR))).toEqual([]);
  });

  test('and not before', () => {
    const memory = enrolled();
    expect(withKeepOver(memory, noon, noon)).toMatchObject({ keepOver: { until: noon, at: noon } });
    expect(withKeepOver(memory, addSeconds(noon, 1), noon)).toBe(memory);
    expect(withKeepOver(memory, null, noon)).toBe(memory);
  });
});

describe('checks that fail', () => {
  const boot = (failing: string | null): Boot => ({ boundary: noon, startedAt: noon, runningAt: noon, failing });
  const look = (before: string | null, checks: StatusChecks, at = addSeconds(noon, 5 * MINUTE)) => {
    const one = box('i-1', { launchedAt: noon });
    const held = new Map([['i-1', enrolled({ boot: boot(before) })]]);
    const { next } = decideInstances(instances(at, [one], { memory: held, checks: new Map([['i-1', checks]]) }), configOf());
    return findings([one], held, next, at);
  };

  test('are told once for each way in which they fail', () => {
    const at = addSeconds(noon, 5 * MINUTE);
    expect(look(null, 'impaired')).toMatchObject([{ kind: 'checks-failing', at, startedAt: noon, failing: 'impaired', owner: null }]);
    expect(look('impaired', 'impaired')).toEqual([]);
    expect(look(null, 'initializing')).toEqual([]);
    expect(look('impaired', 'initializing', addSeconds(noon, 20 * MINUTE))).toMatchObject([{ failing: 'still initializing' }]);
    expect(look('impaired', 'ok')).toEqual([]);
  });

  test('are told though nothing was remembered before, and looked at again at the next tick', () => {
    const one = box('i-1', { launchedAt: noon });
    const after = new Map([['i-1', enrolled({ boot: boot('impaired') })]]);
    for (const before of [new Map(), new Map([['i-1', enrolled()]])])
      expect(findings([one], before, after, noon)).toMatchObject([{ kind: 'checks-failing', failing: 'impaired' }]);
    expect(decideInstances(instances(noon, [one], { memory: after }), configOf()).nextAt).toBe(noon);
    expect(decideInstances(instances(noon, [one], { memory: new Map([['i-1', enrolled()]]) }), configOf()).nextAt).not.toBe(noon);
  });

  test('are not told again after a look in which they could not be read', () => {
    const one = box('i-1', { launchedAt: noon });
    const held = new Map([['i-1', enrolled({ boot: boot('impaired') })]]);
    const at = (minutes: number) => addSeconds(noon, minutes * MINUTE);
    const { next: blind } = decideInstances(instances(at(5), [one], { memory: held }), configOf());
    const known = new Map([...held, ...blind]);
    const { next } = decideInstances(instances(at(10), [one], { memory: known, checks: new Map([['i-1', 'impaired']]) }), configOf());
    expect(findings([one], known, new Map([...known, ...next]), at(10))).toEqual([]);
  });
});
