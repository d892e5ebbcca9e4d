/** Types that we change while an instance sleeps, and give back: when, for what, and when they are let be. */
import { describe, expect, test } from '@jest/globals';
import { decideInstances, type InstanceFacts } from '../../shared/decide/decide-instances.ts';
import { findings } from '../../shared/decide/findings.ts';
import type { Offer, Sizing } from '../../shared/decide/resize.ts';
import { settledType } from '../../shared/decide/rules/retype.ts';
import { resizesItself } from '../../shared/decide/sized.ts';
import type { Build, TypeSpec } from '../../shared/model/instance-type.ts';
import type { Boot, InstanceMemory, Retype, Sized, StartInFlight } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Instance, StatusChecks } from '../../shared/model/observation.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { configOf, devTest } from '../support/policies.ts';
import { answer, box, debt, enrolled, instances, lastWeek } from './facts.ts';

const evening = instant('2025-05-14T19:00:00Z'); // office hours end
const night = instant('2025-05-14T23:00:00Z');
const morning = instant('2025-05-15T07:00:00Z'); // … and begin
const after = (minutes: number, at = morning): Instant => addSeconds(at, minutes * MINUTE);

const build: Build = {
  ...{ architecture: 'x86_64', virtualization: 'hvm', ena: true, bootMode: null, interfaces: 1, ipsPerInterface: 1, productCodes: 0 },
};
const spec = (type: string, vcpus: number, gib: number): TypeSpec => ({
  ...{ type, vcpus, memoryMib: gib * 1024, architectures: ['x86_64'], virtualizations: ['hvm'], bootModes: ['legacy-bios', 'uefi'] },
  ...{ bareMetal: false, accelerated: false, burstable: false, instanceStoreGb: 0, ena: 'required', nvme: 'required' },
  ...{ interfacesMax: 3, ipsPerInterfaceMax: 10, attachmentsMax: 27, attachmentsShared: true },
});
const types = new Map(
  [
    spec('m5.xlarge', 4, 16),
    spec('m5.large', 2, 8),
    spec('m5a.xlarge', 4, 16),
    { ...spec('m6g.xlarge', 4, 16), architectures: ['arm64'] },
  ].map((one): [string, TypeSpec] => [one.type, one]),
);

const big = (other: Partial<Instance> = {}) => box('i-1', { type: 'm5.xlarge', build, state: 'stopped', stoppedAt: evening, ...other });
const resizing = (other: Partial<InstancePolicy> = {}) =>
  devTest({ resize: { mode: 'act', days: 14, cpuTo: 80, memoryTo: 80 }, ...other } as Partial<InstancePolicy>);
const evidence = {
  ...{ days: 14, hours: 336, cpuMax: 30, cpuAfter: 60, memoryMax: 30, memoryAfter: 60 },
  ...{ perHour: usd(0.096), priceSource: 'list price (table)' },
};
const sized = (other: Partial<Sized> = {}) =>
  ({ at: addSeconds(evening, -DAY), from: 'm5.xlarge', to: 'm5.large', why: null, evidence, since: null, ...other }) as Sized;
const asleep = (other: Partial<InstanceMemory> = {}) => enrolled({ stop: debt(evening), ...other });

function decided(
  one: Instance,
  memory: InstanceMemory,
  at: Instant,
  policy: InstancePolicy | null = resizing(),
  facts: Partial<InstanceFacts> = {},
) {
  const all = instances(at, [one], { memory: new Map([['i-1', memory]]), types, ...facts });
  return decideInstances(all, configOf({ policies: policy === null ? [] : [policy] }));
}
const because = (...asked: Parameters<typeof decided>) => answer(decided(...asked).plan, 'i-1');
const change = (...asked: Parameters<typeof decided>) => decided(...asked).plan.changes[0];

describe('a smaller type', () => {
  test('is given while it sleeps, as a whole change', () => {
    expect(change(big(), asleep({ sized: sized() }), night)).toMatchObject({
      action: { kind: 'modify-instance-type', type: 'm5.large' },
      because: { code: 'rightsize', fromType: 'm5.xlarge', toType: 'm5.large', ...evidence },
      causeAt: evening,
      expects: { launchedAt: lastWeek, type: 'm5.xlarge' },
      attempt: 1,
    });
  });

  test('is not given half an hour before its hours, nor to what comes back or is awake', () => {
    const memory = asleep({ sized: sized() });
    expect(because(big(), memory, after(-30))).toMatchObject({ code: 'rightsize' });
    expect(because(big(), memory, addSeconds(after(-30), 1))).toMatchObject({ code: 'asleep' });
    expect(because(big(), memory, morning)).toMatchObject({ code: 'on-hours' });
    expect(because(big({ state: 'running' }), enrolled({ sized: sized() }), after(60))).toMatchObject({ code: 'on-hours-now' });
    const starting = (failure: string | null) => because(big(), { ...memory, start: start({ failure }) }, after(2));
    expect(starting(null)).toMatchObject({ code: 'in-transition' });
    expect(starting('Server.InternalError')).toMatchObject({ code: 'start-failing' });
    expect(because(big({ launchedAt: night, stoppedAt: after(-90) }), memory, after(-60))).toMatchObject({ code: 'stopped-by-someone' });
    const { schedule: _, ...idle } = resizing();
    const forIdleness = enrolled({ stop: debt(evening, 'idle'), sized: sized() });
    expect(because(big(), forIdleness, night, idle)).toMatchObject({ code: 'rightsize' }); // nothing says when it wakes
  });

  test('is not given without a finding that still holds for this type', () => {
    const with_ = (other: Partial<Sized>) => because(big(), asleep({ sized: sized(other) }), night);
    expect(because(big(), asleep(), night)).toMatchObject({ code: 'asleep' });
    expect(with_({ to: null, why: 'cpu-used', evidence: null })).toMatchObject({ code: 'asleep' });
    expect(with_({ from: 'm5.2xlarge' })).toMatchObject({ code: 'asleep' });
    expect(with_({ at: addSeconds(night, -14 * DAY) })).toMatchObject({ code: 'rightsize' });
    expect(with_({ at: addSeconds(night, -14 * DAY - 1) })).toMatchObject({ code: 'asleep' });
    expect(because(big(), asleep({ sized: sized() }), night, devTest())).toMatchObject({ code: 'asleep' });
  });

  test('that has failed rests, and another is free to be tried', () => {
    const resting = (type: string, until: Instant) =>
      because(big(), asleep({ sized: sized(), resting: { type, until, why: 'impaired' } }), night);
    expect(resting('m5.large', addSeconds(night, 1))).toMatchObject({ code: 'asleep' });
    expect(resting('m5.large', night)).toMatchObject({ code: 'rightsize' });
    expect(resting('c5.large', addSeconds(night, HOUR))).toMatchObject({ code: 'rightsize' });
  });
});

const retype = (other: Partial<Retype> = {}): Retype => ({
  ...{ at: night, own: 'm5.xlarge', to: 'm5.large', because: 'rightsize', failing: null, back: null },
  ...other,
});
const start = (other: Partial<StartInFlight> = {}): StartInFlight => ({
  ...{ changeId: 'chg-2', boundary: morning, attempt: 1, at: morning, failure: null },
  ...other,
});
const small = (other: Partial<Instance> = {}) => big({ type: 'm5.large', ...other });

describe('its own type', () => {
  const failed = start({ at: after(1), failure: 'Server.InternalError' });

  test('is given back to what does not start with the smaller one, as a whole change', () => {
    expect(change(small(), asleep({ retype: retype(), start: failed }), after(2))).toMatchObject({
      action: { kind: 'modify-instance-type', type: 'm5.xlarge' },
      because: { code: 'type-restored', fromType: 'm5.large', toType: 'm5.xlarge', why: 'does-not-start', detail: 'Server.InternalError' },
      causeAt: night,
      expects: { launchedAt: lastWeek, type: 'm5.large' },
      attempt: 1,
    });
    const checks = retype({ failing: 'impaired' });
    expect(because(small(), asleep({ retype: checks }), after(2))).toMatchObject({ why: 'checks-failing', detail: 'impaired' });
  });

  test('is not given back for a failure that came before the smaller one', () => {
    const before = start({ at: night, failure: 'Server.InternalError' });
    expect(because(small(), asleep({ retype: retype(), start: before }), after(30))).toMatchObject({ code: 'on-hours' });
    expect(because(small(), asleep({ retype: retype(), start: { ...before, at: addSeconds(night, 1) } }), after(30))).toMatchObject({
      code: 'type-restored',
    });
    expect(because(small(), asleep({ retype: retype(), start: start() }), after(30))).toMatchObject({ code: 'on-hours' });
    expect(because(small(), asleep({ retype: retype() }), night)).toMatchObject({ code: 'asleep' });
  });

  test('that cannot be given back is tried again after half an hour, or when a start in between has failed as well', () => {
    const back = (at: Instant, started: Instant) =>
      because(small(), asleep({ retype: retype({ back: { attempt: 2, at: after(3) } }), start: { ...failed, at: started } }), at);
    expect(back(addSeconds(after(33), -1), after(1))).toMatchObject({ code: 'on-hours' });
    expect(back(after(33), after(1))).toMatchObject({ code: 'type-restored' });
    expect(back(after(10), after(3))).toMatchObject({ code: 'on-hours' });
    expect(back(after(10), addSeconds(after(3), 1))).toMatchObject({ code: 'type-restored' });
    const again = asleep({ retype: retype({ back: { attempt: 2, at: after(3) } }), start: failed });
    expect(change(small(), again, after(40))).toMatchObject({ attempt: 3 });
  });

  test('is not tried while that start is still to be made, or on its way', () => {
    const impaired = (start: StartInFlight | null) =>
      because(small(), asleep({ retype: retype({ failing: 'impaired', back: { attempt: 1, at: after(3) } }), start }), after(10));
    expect(impaired(null)).toMatchObject({ code: 'on-hours' });
    expect(impaired(start({ at: after(8) }))).toMatchObject({ code: 'in-transition' });
  });

  test('is given back, where another stood in for it, at its first sleep, or for good when nobody speaks for it', () => {
    const standIn = retype({ because: 'capacity', to: 'm5a.xlarge' });
    const one = big({ type: 'm5a.xlarge' });
    expect(because(one, asleep({ retype: standIn }), night)).toEqual({
      ...{ code: 'type-restored', fromType: 'm5a.xlarge', toType: 'm5.xlarge', why: 'stood-in', detail: null },
    });
    expect(because(one, asleep({ retype: standIn }), morning)).toMatchObject({ code: 'on-hours' });
    expect(because(one, asleep({ retype: standIn }), night, null)).toMatchObject({ code: 'type-restored', why: 'stood-in' });
    const { schedule: _, ...always } = resizing();
    expect(because(one, asleep({ retype: standIn }), night, always)).toMatchObject({ code: 'type-restored' });
  });

  test('is nobody’s business any more once somebody has given it another', () => {
    const held = asleep({ retype: retype() });
    expect(settledType(held, small())).toBe(held);
    expect(settledType(held, big())).toMatchObject({ retype: null });
    expect(settledType(held, big({ state: 'terminated' }))).toBe(held);
    const none = asleep();
    expect(settledType(none, big())).toBe(none);
  });
});

describe('a type that AWS has no room for', () => {
  const policy = (...fallbackTypes: string[]) => resizing({ start: { early: false, fallbackTypes } } as Partial<InstancePolicy>);
  const lacking = (other: Partial<StartInFlight> = {}) =>
    start({ at: after(1), failure: 'InsufficientInstanceCapacity: no room', ...other });
  const asked = (memory: Partial<InstanceMemory>, at = after(2), one = big(), types_ = ['m5a.xlarge']) =>
    because(one, asleep(memory), at, policy(...types_));

  test('gives way to the next of those that its policy names, as a whole change', () => {
    expect(change(big(), asleep({ start: lacking() }), after(2), policy('m5a.xlarge'))).toMatchObject({
      action: { kind: 'modify-instance-type', type: 'm5a.xlarge' },
      because: { code: 'fallback-type', fromType: 'm5.xlarge', toType: 'm5a.xlarge', why: 'InsufficientInstanceCapacity: no room' },
      causeAt: morning,
      expects: { launchedAt: lastWeek, type: 'm5.xlarge' },
      attempt: 1,
    });
    for (const failure of ['Server.InsufficientInstanceCapacity: none', 'InsufficientHostCapacity', 'InsufficientCapacityOnHost: x'])
      expect(asked({ start: lacking({ failure }) })).toMatchObject({ code: 'fallback-type', why: failure });
    expect(asked({ start: lacking() }, after(40))).toMatchObject({ code: 'fallback-type' }); // when it would be tried again
  });

  test('and not for another failure, before it was tried, or where no other is named', () => {
    expect(asked({ start: lacking({ failure: 'IncorrectInstanceState: busy' }) })).toMatchObject({ code: 'start-failing' });
    expect(asked({ start: lacking({ failure: null }) })).toMatchObject({ code: 'in-transition' });
    expect(asked({ start: lacking({ atOnce: true }) })).toMatchObject({ code: 'on-hours' });
    expect(asked({})).toMatchObject({ code: 'on-hours' });
    expect(asked({ start: lacking() }, after(2), big(), [])).toMatchObject({ code: 'start-failing' });
    expect(because(big(), asleep({ start: lacking() }), after(2))).toMatchObject({ code: 'start-failing' });
    const early = resizing({ start: { early: true } } as Partial<InstancePolicy>);
    expect(because(big(), asleep({ start: lacking() }), after(2), early)).toMatchObject({ code: 'start-failing' });
    const orphaned = asleep({ start: lacking({ boundary: evening }) });
    expect(because(big(), orphaned, after(2), null)).toMatchObject({ code: 'start-failing' }); // nobody speaks for it any more
    expect(asked({ start: lacking() }, night)).toMatchObject({ code: 'asleep' });
  });

  test('which has to fit, and is tried once for a morning', () => {
    expect(asked({ start: lacking() }, after(2), big(), ['m5.xlarge', 'm6g.xlarge', 'unheard.of', 'm5a.xlarge'])).toMatchObject({
      toType: 'm5a.xlarge',
    });
    const { build: _, ...unbuilt } = big();
    expect(asked({ start: lacking() }, after(2), unbuilt)).toMatchObject({ code: 'start-failing' });
    const knowing = (...known: string[]) => {
      const some = new Map([...types].filter(([type]) => known.includes(type)));
      return because(big(), asleep({ start: lacking() }), after(2), policy('m5a.xlarge'), { types: some });
    };
    expect(knowing('m5.xlarge', 'm5a.xlarge')).toMatchObject({ code: 'fallback-type' });
    for (const known of [['m5.xlarge'], ['m5a.xlarge'], []]) expect(knowing(...known)).toMatchObject({ code: 'start-failing' });
    const unread = instances(after(2), [big()], { memory: new Map([['i-1', asleep({ start: lacking() })]]) });
    expect(answer(decideInstances(unread, configOf({ policies: [policy('m5a.xlarge')] })).plan, 'i-1')).toMatchObject({
      code: 'start-failing',
    });
    const fellBack = (boundary: Instant) => asked({ start: lacking(), fellBack: { boundary, types: ['m5a.xlarge'] } });
    expect(fellBack(morning)).toMatchObject({ code: 'start-failing' });
    expect(fellBack(addSeconds(morning, -DAY))).toMatchObject({ code: 'fallback-type' });
  });

  const standIn = retype({ because: 'capacity', to: 'm5a.xlarge', at: after(1) });
  const one = big({ type: 'm5a.xlarge' });

  test('what stands in for it gives way to the next for any failure, but for none that nobody has seen', () => {
    const next = (failure: string | null, at: Instant) =>
      asked({ start: lacking({ at: after(3), failure }), retype: standIn }, at, one, ['m5a.xlarge', 'm5.large']);
    expect(next('Unsupported: not in this Availability Zone', after(4))).toMatchObject({ fromType: 'm5a.xlarge', toType: 'm5.large' });
    expect(next(null, after(40))).toMatchObject({ code: 'on-hours' }); // its start is made again
  });

  test('is tried itself again when none of them has come up', () => {
    const tried = { start: lacking({ at: after(3) }), fellBack: { boundary: morning, types: ['m5a.xlarge'] } };
    expect(asked({ ...tried, retype: standIn }, after(4), one)).toEqual({
      ...{
        code: 'type-restored',
        fromType: 'm5a.xlarge',
        toType: 'm5.xlarge',
        why: 'stood-in',
        detail: 'InsufficientInstanceCapacity: no room',
      },
    });
    const failed = { ...standIn, back: { attempt: 1, at: after(3) } };
    expect(asked({ ...tried, retype: failed }, after(4), one)).toMatchObject({ code: 'start-failing' });
  });
});

describe('a machine that came up with its smaller type and cannot be used', () => {
  const boot = (other: Partial<Boot> = {}): Boot => ({
    boundary: morning,
    startedAt: morning,
    runningAt: after(1),
    failing: 'impaired',
    ...other,
  });
  const running = small({ state: 'running', launchedAt: morning });
  const facts = (checks: StatusChecks = 'impaired') => ({ checks: new Map([['i-1', checks]]) });
  const asked = (at: Instant, memory: Partial<InstanceMemory> = {}, one = running, seen: Partial<InstanceFacts> = facts()) =>
    because(one, enrolled({ retype: retype({ failing: 'impaired' }), boot: boot(), ...memory }), at, resizing(), seen);

  test('is stopped after ten minutes, to get its own again', () => {
    expect(
      change(running, enrolled({ retype: retype({ failing: 'impaired' }), boot: boot() }), after(11), resizing(), facts()),
    ).toMatchObject({
      action: { kind: 'stop-instance', hibernate: false },
      because: { code: 'resize-undone', fromType: 'm5.large', toType: 'm5.xlarge', failing: 'impaired' },
      causeAt: night,
      expects: { launchedAt: morning },
      attempt: 1,
    });
    expect(asked(addSeconds(after(11), -1))).toMatchObject({ code: 'booting' });
  });

  test('and not for any other trouble', () => {
    expect(asked(after(20), {}, running, facts('initializing'))).toMatchObject({ code: 'booting', failing: 'still initializing' });
    expect(asked(after(20), {}, running, {})).toMatchObject({ code: 'booting' }); // its checks could not be read now
    expect(asked(after(20), { retype: null })).toMatchObject({ code: 'booting' });
    expect(asked(after(20), { retype: retype({ because: 'capacity', failing: 'impaired' }) })).toMatchObject({ code: 'booting' });
    expect(asked(after(20), { boot: null })).toMatchObject({ code: 'on-hours-now' });
    expect(asked(after(20), {}, { ...running, type: 'm5.xlarge' })).toMatchObject({ code: 'booting' });
  });

  test('each try that failed is another attempt', () => {
    const failedStop = (causeAt: Instant) => ({ failedStop: { causeAt, attempt: 2 } as InstanceMemory['failedStop'] });
    const memory = (causeAt: Instant) => enrolled({ retype: retype({ failing: 'impaired' }), boot: boot(), ...failedStop(causeAt) });
    expect(change(running, memory(night), after(20), resizing(), facts())).toMatchObject({ attempt: 3 });
    expect(change(running, memory(evening), after(20), resizing(), facts())).toMatchObject({ attempt: 1 });
  });
});

describe('what is remembered of its size', () => {
  const noon = instant('2025-05-14T12:00:00Z');
  const offer = (one: TypeSpec, dollars: number): Offer => ({ spec: one, price: { perHour: usd(dollars), source: 'list price (table)' } });
  const offers = [offer(spec('m5.xlarge', 4, 16), 0.192), offer(spec('m5.large', 2, 8), 0.096)];
  const series = (value: number, hours = 336) => ({
    start: addSeconds(noon, -hours * HOUR),
    periodSeconds: HOUR,
    values: new Array(hours).fill(value),
  });
  const sizing: Sizing = { cpu: series(30), memory: series(30), offers };
  const running = big({ state: 'running', stoppedAt: null });
  const look = (
    memory: InstanceMemory = enrolled(),
    policy: InstancePolicy | null = resizing(),
    one = running,
    read: Sizing | null = sizing,
  ) => {
    const sizings = new Map(read === null ? [] : [['i-1', read]]);
    const held = new Map([['i-1', memory]]);
    const { next } = decideInstances(
      instances(noon, [one], { memory: held, types, sizings }),
      configOf({ policies: policy === null ? [] : [policy] }),
    );
    return { sized: next.get('i-1')?.sized, told: findings([one], held, next, noon).filter(notice => notice.kind === 'proposal') };
  };
  const planning = resizing({ resize: { mode: 'plan', days: 14, cpuTo: 80, memoryTo: 80 } } as Partial<InstancePolicy>);

  test('is the finding, and nothing where nothing was read or no policy asks', () => {
    expect(look().sized).toEqual({
      at: noon,
      from: 'm5.xlarge',
      to: 'm5.large',
      why: null,
      evidence,
      since: null,
      told: { at: noon, to: 'm5.large' },
    });
    expect(look(enrolled(), resizing(), running, null).sized).toBeUndefined();
    expect(look(enrolled(), devTest()).sized).toBeUndefined();
    expect(look(enrolled(), null).sized).toBeUndefined();
  });

  test('is proposed to its people where nobody will do it, once a month for one type', () => {
    const proposal = { kind: 'proposal', at: noon, what: 'resize', fromType: 'm5.xlarge', toType: 'm5.large', evidence, owner: null };
    const told = (memory?: InstanceMemory) => look(memory, planning).told;
    expect(told()).toMatchObject([proposal]);
    expect(look(undefined, planning).sized?.told).toEqual({ at: noon, to: 'm5.large' });
    const earlier = (days: number, to = 'm5.large') =>
      told(enrolled({ sized: sized({ told: { at: addSeconds(noon, -days * DAY), to } }) }));
    expect(earlier(29.9)).toEqual([]);
    expect(earlier(30)).toMatchObject([proposal]);
    expect(earlier(6.9, 'c5.large')).toEqual([]);
    expect(earlier(7, 'c5.large')).toMatchObject([proposal]);
    expect(told(enrolled({ resting: { type: 'm5.large', until: addSeconds(noon, 1), why: 'impaired' } }))).toEqual([]);
    const busy = look(undefined, planning, running, { ...sizing, cpu: series(90) });
    expect([busy.told, busy.sized?.why, busy.sized?.told]).toEqual([[], 'cpu-used', undefined]);
  });

  test('is done and not proposed where it will sleep, and proposed to what has not slept for a week or whose policy only plans', () => {
    const since = (launched: number, enrolledDays: number, state: Instance['state'] = 'running') =>
      look(enrolled({ enrolledAt: addSeconds(noon, -enrolledDays * DAY) }), resizing(), {
        ...running,
        state,
        launchedAt: addSeconds(noon, -launched * DAY),
      }).told.length;
    expect(since(7, 7)).toBe(1);
    expect([since(6.9, 7), since(7, 6.9), since(9, 9, 'stopped')]).toEqual([0, 0, 0]);
    const asleepSince = { ...running, state: 'stopped', stoppedAt: addSeconds(noon, -HOUR) } as const;
    expect(look(undefined, planning, { ...running, launchedAt: addSeconds(noon, -HOUR) }).told).toHaveLength(1);
    expect(look(asleep({ stop: debt(addSeconds(noon, -HOUR)) }), planning, asleepSince).told).toHaveLength(1);
  });

  test('keeps what was told, and begins anew with another type', () => {
    const told = { at: addSeconds(noon, -DAY), to: 'm5.large' };
    expect(look(enrolled({ sized: sized({ told }) }), planning).sized).toMatchObject({ told });
    const other = look(enrolled({ sized: sized({ from: 'm5.2xlarge' }) }));
    expect(other.sized).toMatchObject({ from: 'm5.xlarge', to: null, why: 'thin-data', since: noon });
    const since = addSeconds(noon, -15 * DAY);
    expect(look(enrolled({ sized: sized({ since }) })).sized).toMatchObject({ to: 'm5.large', since });
    const lately = addSeconds(noon, -9 * DAY);
    expect(look(enrolled({ sized: sized({ since: lately }) })).sized).toMatchObject({ evidence: { hours: 216 }, since: lately });
    const unmeasured = { ...sizing, memory: null };
    expect(look(enrolled({ sized: sized({ since }) }), resizing(), running, unmeasured).sized).toMatchObject({ why: 'memory-unknown' });
  });

  test('is proposed of what a stack has made, whatever its policy does', () => {
    const of = (policy: InstancePolicy | null, tags = {}) =>
      resizesItself(big({ tags }), { policy } as Parameters<typeof resizesItself>[1]);
    expect(of(resizing())).toBe('act');
    expect([of(planning), of(resizing({ mode: 'plan' })), of(devTest()), of(null)]).toEqual(['plan', 'plan', 'plan', 'plan']);
    expect(of(resizing(), { 'aws:cloudformation:stack-name': 'shop' })).toBe('plan');
  });
});
