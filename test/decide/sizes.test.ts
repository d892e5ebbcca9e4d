/** Which type a load justifies, what it has to fit, how a start is followed and what is remembered of it: whole answers and their boundaries. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { afterChecks, startsAhead } from '../../shared/decide/boot.ts';
import { surplusCharge } from '../../shared/decide/credits.ts';
import { familiesBeside, needsSizing, type Offer, rightsize, SIZED_FOR, type Sizing } from '../../shared/decide/resize.ts';
import { paidFor, surplusBilled } from '../../shared/decide/rules/maintenance.ts';
import { lessCharge, savingOfSleep } from '../../shared/decide/saving.ts';
import { type Build, misfit, type TypeSpec } from '../../shared/model/instance-type.ts';
import type { Sized } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Instance } from '../../shared/model/observation.ts';
import type { Change } from '../../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import { devTest } from '../support/policies.ts';
import { always, box, enrolled, noon } from './facts.ts';

const build: Build = {
  ...{ architecture: 'x86_64', virtualization: 'hvm', ena: true, bootMode: null, interfaces: 1, ipsPerInterface: 1, productCodes: 0 },
};
const spec = (type: string, vcpus: number, gib: number, other: Partial<TypeSpec> = {}): TypeSpec => ({
  ...{ type, vcpus, memoryMib: gib * 1024, architectures: ['x86_64'], virtualizations: ['hvm'], bootModes: ['legacy-bios', 'uefi'] },
  ...{ bareMetal: false, accelerated: false, burstable: type.startsWith('t'), instanceStoreGb: 0, ena: 'required', nvme: 'required' },
  ...{ interfacesMax: 3, ipsPerInterfaceMax: 10, attachmentsMax: 27, attachmentsShared: true },
  ...other,
});
const offer = (of: TypeSpec, dollars: number): Offer => ({ spec: of, price: { perHour: usd(dollars), source: 'list price (table)' } });

const M5X = offer(spec('m5.xlarge', 4, 16), 0.192);
const M5L = offer(spec('m5.large', 2, 8), 0.096);
const R5L = offer(spec('r5.large', 2, 16), 0.126);
const C5X = offer(spec('c5.xlarge', 4, 8), 0.17);
const C5L = offer(spec('c5.large', 2, 4), 0.085);
const M52X = offer(spec('m5.2xlarge', 8, 32), 0.384);
const FAMILY = [M52X, M5X, M5L, R5L, C5X, C5L];

const one = (other: Partial<Instance> = {}) => box('i-1', { type: 'm5.xlarge', build, ...other });
const policy = { mode: 'act', days: 14, cpuTo: 80, memoryTo: 80 } as const;
const start: Instant = addSeconds(noon, -14 * DAY);
const series = (values: readonly (number | null)[]) => ({ start, periodSeconds: HOUR, values });
const flat = (value: number) => series(new Array(336).fill(value));
const sizing = (cpu: number, memory: number | null, offers = FAMILY): Sizing => ({
  cpu: flat(cpu),
  memory: memory === null ? null : flat(memory),
  offers,
});
const found = (asked: Sizing, instance = one()) => rightsize(instance, asked, policy, noon);

describe('the size that a load justifies', () => {
  test('is a whole finding', () => {
    expect(found(sizing(30, 30))).toEqual({
      ...{ at: noon, from: 'm5.xlarge', to: 'm5.large', why: null },
      evidence: {
        ...{ days: 14, hours: 336, cpuMax: 30, cpuAfter: 60, memoryMax: 30, memoryAfter: 60 },
        ...{ perHour: usd(0.096), priceSource: 'list price (table)' },
      },
    });
  });

  test.each<[string, number, number | null, string | null, string | null]>([
    ['up to the very limit', 40, 40, 'm5.large', null],
    ['not beyond it in CPU: fewer GiB for as many vCPUs', 40.1, 40, 'c5.xlarge', null],
    ['not beyond it in memory: as much of it for fewer vCPUs', 40, 40.1, 'r5.large', null],
    ['beyond both nothing', 40.1, 40.1, null, 'memory-used'],
    ['memory unknown: none of it is taken', 10, null, 'r5.large', null],
    ['memory unknown, and CPU needed', 50, null, null, 'memory-unknown'],
    ['never more than half at once', 1, 1, 'm5.large', null],
    ['busy', 95, 95, null, 'memory-used'],
  ])('%s', (_, cpu, memory, to, why) => {
    expect(found(sizing(cpu, memory))).toMatchObject({ to, why });
  });

  test.each<[string, Offer, Offer]>([
    ['half of its memory at most: c5.large has a quarter', M5X, C5L],
    ['half of its vCPUs at most: r5.large has a quarter', M52X, offer(spec('r5.large', 2, 16), 0.126)],
    ['no more vCPUs, were they cheaper: licences count them', R5L, offer(spec('c5.xlarge', 4, 16), 0.1)],
    ['nothing that costs as much', M5X, offer(spec('m5.large', 2, 8), 0.192)],
    ['nothing that costs more', M5X, offer(spec('m5.large', 2, 8), 0.2)],
    ['nothing that its image does not run on', M5X, offer(spec('m5.large', 2, 8, { architectures: ['arm64'] }), 0.096)],
    ['no other generation', M5X, offer(spec('m6i.large', 2, 8), 0.096)],
    ['no credits for full CPUs', M5X, offer(spec('t3.large', 2, 8), 0.0832)],
  ])('takes %s', (_, own, other) => {
    expect(found(sizing(1, 1, [own, other]), one({ type: own.spec.type }))).toMatchObject({ to: null, why: 'nothing-smaller' });
  });

  test('is the cheapest of those that carry it, in whatever order EC2 lists them; of two at one price the first by name', () => {
    const least = (...offers: Offer[]) => [offers, offers.toReversed()].map(listed => found(sizing(1, 1, [M5X, ...listed])).to);
    expect(least(M5L, R5L, C5X)).toEqual(['m5.large', 'm5.large']);
    expect(least(R5L, M5L, C5X)).toEqual(['m5.large', 'm5.large']);
    expect(least({ ...M5L, price: R5L.price }, R5L)).toEqual(['m5.large', 'm5.large']);
    const unpriced = { ...C5X, price: null };
    expect(least(unpriced, R5L)).toEqual(['r5.large', 'r5.large']);
  });

  test('says nothing from few hours, from a few days, or from silence', () => {
    const of = (values: readonly (number | null)[], days = 14) =>
      rightsize(one(), { ...sizing(1, 1), cpu: series(values) }, { ...policy, days }, noon);
    const silence = (hours: number): null[] => new Array(hours).fill(null);
    const hours = (count: number): number[] => new Array(count).fill(1);
    /** So many hours, evenly from the first of two weeks to the last. */
    const strewn = (count: number) => {
      const measured = new Set(hours(count).map((_, i) => Math.floor((i * 335) / (count - 1))));
      return Array.from({ length: 336 }, (_, hour) => (measured.has(hour) ? 1 : null));
    };
    const thin = { to: null, why: 'thin-data' };
    expect(of(silence(336))).toMatchObject(thin);
    expect(of([])).toMatchObject(thin);
    expect(of(strewn(39))).toMatchObject(thin);
    expect(of(strewn(40))).toMatchObject({ to: 'm5.large', evidence: { hours: 40 } });
    // Six of ten days are 144 hours, wherever they lie.
    const six = { to: 'm5.large', evidence: { days: 10, hours: 144 } };
    for (const [before, after] of [
      [0, 96],
      [96, 0],
      [50, 46],
    ] as const) {
      expect(of([...silence(before), ...hours(144), ...silence(after)], 10)).toMatchObject(six);
      expect(of([...silence(before), ...hours(143), ...silence(after + 1)], 10)).toMatchObject(thin);
    }
  });

  test('heeds the worst hour of memory, and takes a silent agent for none', () => {
    const memory = (values: readonly (number | null)[]) => found({ ...sizing(30, 30), memory: series(values) });
    const quiet = (other: number | null) => [...new Array(335).fill(30), other];
    expect(memory(quiet(30))).toMatchObject({ to: 'm5.large', evidence: { memoryMax: 30, memoryAfter: 60 } });
    expect(memory(quiet(null))).toMatchObject({ to: 'm5.large', evidence: { memoryMax: 30, memoryAfter: 60 } });
    expect(memory(quiet(95))).toMatchObject({ to: 'r5.large', evidence: { memoryMax: 95, memoryAfter: 95 } });
    const unknown = { to: 'r5.large', evidence: { cpuMax: 30, cpuAfter: 60, memoryMax: null, memoryAfter: null } };
    expect(memory(new Array(336).fill(null))).toMatchObject(unknown);
    expect(found(sizing(30, null))).toMatchObject(unknown);
  });

  test.each([
    ['m5.large', ['m5', 'c5', 'r5']],
    ['c6gn.xlarge', ['m6gn', 'c6gn', 'r6gn']],
    ['r7iz.metal', ['m7iz', 'c7iz', 'r7iz']],
    ['m7i-flex.large', ['m7i-flex', 'c7i-flex', 'r7i-flex']],
    ['t3.large', ['t3']],
    ['i4i.large', ['i4i']],
    ['im4gn.large', ['im4gn']],
    ['hpc6a.48xlarge', ['hpc6a']],
    ['mac2.metal', ['mac2']],
    ['c1.medium', ['m1', 'c1', 'r1']],
  ])('is sought for %s in families that differ in memory alone', (type, families) => {
    expect(familiesBeside(type)).toEqual(families);
  });

  test('is looked at once a week, and anew where it has another type', () => {
    const ago = (seconds: number, from = 'm5.xlarge') => ({ at: addSeconds(noon, -seconds), from }) as Sized;
    const needs = (sized?: Sized) => needsSizing(one(), sized, noon);
    expect([needs(), needs(ago(SIZED_FOR)), needs(ago(SIZED_FOR + 1)), needs(ago(0, 'm5.2xlarge'))]).toEqual([true, true, true, true]);
    expect([needs(ago(SIZED_FOR - 1)), needs(ago(0))]).toEqual([false, false]);
    expect(SIZED_FOR).toBe(7 * DAY);
  });

  test('keeps what hibernates, what is not known, and what no price is known of', () => {
    expect(found(sizing(1, 1), one({ hibernation: true }))).toMatchObject({ to: null, why: 'hibernation' });
    const { build: _, ...unbuilt } = one();
    expect(found(sizing(1, 1), unbuilt)).toMatchObject({ why: 'unknown-type' });
    expect(found(sizing(1, 1, [M5L]))).toMatchObject({ why: 'unknown-type' });
    expect(found(sizing(1, 1, [{ ...M5X, price: null }, M5L]))).toMatchObject({ why: 'unknown-type' });
    expect(found(sizing(1, 1, [M5X, { ...M5L, price: null }]))).toMatchObject({ why: 'nothing-smaller' });
    expect(found(sizing(1, 1), one({ tenancy: 'dedicated' }))).toMatchObject({ why: 'unknown-type' });
  });

  test('burstable stays burstable, and within what it earns by the hour', () => {
    const T3 = [offer(spec('t3.xlarge', 4, 16), 0.1664), offer(spec('t3.large', 2, 8), 0.0832)];
    const t3 = one({ type: 't3.xlarge' });
    // 15 % of four vCPUs are 30 % of two: what a t3.large earns.
    expect(found({ ...sizing(15, 30, [...T3, M5L]) }, t3)).toMatchObject({ to: 't3.large' });
    expect(found({ ...sizing(15.1, 30, [...T3, M5L]) }, t3)).toMatchObject({ to: null, why: 'cpu-used' });
    expect(found(sizing(1, 1, [M5X, ...T3]))).toMatchObject({ to: null });
    const T2 = [offer(spec('t2.xlarge', 4, 16), 0.19), offer(spec('t2.large', 2, 8), 0.09)];
    expect(found(sizing(1, 1, T2), one({ type: 't2.xlarge' }))).toMatchObject({ to: null, why: 'cpu-used' });
  });

  test('property: whatever it finds is cheaper, fits, would have carried every hour, and is at most one step', () => {
    const load = fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 336, maxLength: 336 });
    fc.assert(
      fc.property(load, fc.option(load), (cpu, memory) => {
        const asked = { cpu: series(cpu), memory: memory === null ? null : series(memory), offers: FAMILY };
        const { to } = rightsize(one(), asked, policy, noon);
        const chosen = FAMILY.find(o => o.spec.type === to);
        if (chosen === undefined) return;
        expect(chosen.price?.perHour).toBeLessThan(usd(0.192));
        const scale = 4 / chosen.spec.vcpus;
        if (scale > 1) for (const value of cpu) expect((value ?? 0) * scale).toBeLessThanOrEqual(80 + 1e-9);
        if (memory === null || memory.every(v => v === null)) expect(chosen.spec.memoryMib).toBeGreaterThanOrEqual(16 * 1024);
        expect(scale).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('what another type has to fit', () => {
  const from = M5X.spec;
  const to = (other: Partial<TypeSpec> = {}) => spec('m6i.large', 2, 8, other);
  test.each<[string, Partial<Build>, number, Partial<TypeSpec>, RegExp | null]>([
    ['all is well', {}, 1, {}, null],
    ['architecture', {}, 1, { architectures: ['arm64'] }, /is x86_64/],
    ['virtualization', { virtualization: 'paravirtual' }, 1, {}, /paravirtual/],
    ['UEFI', { bootMode: 'uefi' }, 1, { bootModes: ['legacy-bios'] }, /boot by uefi/],
    ['legacy BIOS', { bootMode: 'legacy-bios' }, 1, { bootModes: ['uefi'] }, /boot by legacy-bios/],
    ['UEFI where it can', { bootMode: 'uefi-preferred' }, 1, { bootModes: ['legacy-bios'] }, null],
    ['bare metal', {}, 1, { bareMetal: true }, /bare metal/],
    ['accelerators', {}, 1, { accelerated: true }, /accelerators/],
    ['instance store', {}, 1, { instanceStoreGb: 75 }, /instance store/],
    ['ENA', { ena: false }, 1, {}, /ENA driver/],
    ['ENA as a choice', { ena: false }, 1, { ena: 'supported' }, null],
    ['interfaces to the last', { interfaces: 3 }, 1, {}, null],
    ['interfaces', { interfaces: 4 }, 1, {}, /4 network interfaces/],
    ['addresses', { ipsPerInterface: 11 }, 1, {}, /11 addresses/],
    ['attachments, interfaces among them', { interfaces: 2 }, 26, {}, null],
    ['attachments', { interfaces: 2 }, 27, {}, /28 attachments/],
    ['attachments of their own', { interfaces: 2 }, 27, { attachmentsShared: false }, null],
    ['attachments that EC2 does not tell', {}, 28, { attachmentsMax: null }, /28 attachments/],
    ['Marketplace', { productCodes: 1 }, 1, {}, /Marketplace/],
  ])('%s', (_, needs, volumes, offers, why) => {
    const told = misfit({ ...build, ...needs }, volumes, from, to(offers));
    if (why === null) expect(told).toBeNull();
    else expect(told).toMatch(why);
  });

  test('NVMe volumes, only where it has known them', () => {
    expect(misfit(build, 1, spec('i3.large', 2, 8, { nvme: 'unsupported' }), to())).toMatch(/NVMe/);
    expect(misfit(build, 1, spec('i3.large', 2, 8, { nvme: 'unsupported' }), to({ nvme: 'supported' }))).toBeNull();
  });
});

describe('a start that is followed', () => {
  const boot = { boundary: noon, startedAt: noon, runningAt: addSeconds(noon, 30), failing: null };
  const running = { state: 'running' } as const;
  const after = (checks: Parameters<typeof afterChecks>[2], seconds: number, memory = enrolled({ boot })) =>
    afterChecks(memory, running, checks, addSeconds(noon, seconds));

  test('ends with its checks, and is remembered among the last ten', () => {
    const full = enrolled({ boot, boots: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    expect(after('ok', 300, full)).toEqual(enrolled({ boot: null, boots: [2, 3, 4, 5, 6, 7, 8, 9, 10, 300] }));
    expect(after('ok', 300)).toEqual(enrolled({ boot: null, boots: [300] }));
  });

  test('changes nothing while it may still pass, fails when impaired, and when a quarter of an hour has gone by', () => {
    const memory = enrolled({ boot });
    expect(after('initializing', 300, memory)).toBe(memory);
    expect(after(null, 3000, memory)).toBe(memory);
    expect(after('impaired', 300)).toMatchObject({ boot: { failing: 'impaired' } });
    expect(after('initializing', 30 + 15 * MINUTE - 1)).toMatchObject({ boot: { failing: null } });
    expect(after('initializing', 30 + 15 * MINUTE)).toMatchObject({ boot: { failing: 'still initializing' } });
  });

  test('is watched for a day, and not once it was stopped', () => {
    expect(after('impaired', 30 + DAY - 1)).toMatchObject({ boot: { failing: 'impaired' } });
    expect(after('impaired', 30 + DAY)).toMatchObject({ boot: null });
    expect(afterChecks(enrolled({ boot }), { state: 'stopping' }, null, noon)).toMatchObject({ boot: null });
    const starting = enrolled({ boot });
    expect(afterChecks(starting, { state: 'pending' }, null, noon)).toBe(starting);
    const settled = enrolled();
    expect(after('ok', 300, settled)).toBe(settled);
  });

  test('proves a smaller type, not one that stood in; and says why neither does', () => {
    const retype = { at: noon, own: 'm5.xlarge', to: 'm5.large', because: 'rightsize', failing: null, back: null } as const;
    expect(after('ok', 300, enrolled({ boot, retype }))).toMatchObject({ retype: null });
    expect(after('ok', 300, enrolled({ boot, retype: { ...retype, because: 'capacity' } }))).toMatchObject({
      retype: { own: 'm5.xlarge' },
    });
    expect(after('impaired', 300, enrolled({ boot, retype }))).toMatchObject({ retype: { failing: 'impaired' } });
    expect(after('impaired', 300)).toEqual(enrolled({ boot: { ...boot, failing: 'impaired' } })); // a type of its own is none of ours
    const told = enrolled({ boot: { ...boot, failing: 'impaired' }, retype: { ...retype, failing: 'impaired' } });
    expect(after('impaired', 600, told)).toBe(told);
  });

  test('goes ahead by what nine of ten took, two known at least, a quarter of an hour at most, and only where asked for', () => {
    const early = devTest({ start: { early: true } });
    const ahead = (boots: readonly number[], asked = early) => startsAhead(enrolled({ boots }), asked);
    expect(ahead([300])).toBe(0);
    expect(ahead([300, 300])).toBe(300);
    expect(ahead([300, 300, 300, 300, 300, 300, 300, 300, 300, 600])).toBe(300);
    expect(ahead([300, 300, 300, 300, 300, 300, 300, 300, 600, 600])).toBe(600);
    expect(ahead([3000, 3000])).toBe(15 * MINUTE);
    expect(ahead([300, 60])).toBe(300);
    expect([startsAhead(null, early), startsAhead(enrolled({ boots: [300, 300] }), null)]).toEqual([0, 0]);
    expect(ahead([300, 300], devTest())).toBe(0);
    expect(ahead([300, 300], devTest({ start: { early: false } }))).toBe(0);
  });
});

describe('hours that commitments have paid for', () => {
  const window = { start: noon, end: addSeconds(noon, 14 * HOUR) };
  const of = (covered: number | null, code = 'off-hours') => {
    const coverage = covered === null ? {} : { coverage: { covered, source: 'Cost Explorer' } };
    const price = { perHour: usd(0.0416), source: 'list price (table)', ...coverage };
    return { saving: savingOfSleep(window, { price, baseline: always, commitments: 'unknown' }), because: { code } } as Change;
  };
  const peaceful = devTest({ covered: 'leave' });

  test('are no reason to stop anything, where a policy would rather be spared: all of them, as Cost Explorer tells', () => {
    expect(paidFor(of(10_000), peaceful)).toEqual({ left: { code: 'covered', source: 'Cost Explorer' } });
    expect(paidFor(of(9_999), peaceful)).toBeNull(); // some of it is saved
    expect(paidFor(of(null), peaceful)).toBeNull(); // unknown is not paid for
    expect(paidFor(of(10_000), devTest())).toBeNull();
    expect(paidFor(of(10_000, 'asked'), peaceful)).toBeNull();
    expect(paidFor({ ...of(10_000), saving: null }, peaceful)).toBeNull(); // nothing was reckoned
    expect([of(10_000), of(5_000), of(0)].map(change => change.saving?.money?.low)).toEqual([0, usd(0.2912), usd(0.5824)]);
  });
});

describe('credits that a stop bills', () => {
  // t3.medium in us-east-1, stopped for 14 hours after a build that left a full surplus balance: 576 credits.
  const price = { perHour: usd(0.0416), source: 'list price (table)' };
  const window = { start: noon, end: addSeconds(noon, 14 * HOUR) };
  const night = savingOfSleep(window, { price, baseline: always, commitments: 'none' });
  const change = (saving: Change['saving'], code = 'off-hours') => ({ saving, because: { code } }) as Change;

  test('the worked example: $0.5824 less $0.48 is $0.1024', () => {
    const charge = surplusCharge({ type: 't3.medium', platform: 'linux' }, 576);
    expect(charge).toBe(usd(0.48));
    const left = lessCharge(night, charge);
    expect(left.money).toEqual({ low: usd(0.1024), high: usd(0.1024) });
    expect(surplusBilled(change(left), 576)).toBeNull();
  });

  test('as much as the night: it runs on; a person who asks is not told otherwise', () => {
    const dear = lessCharge(night, usd(0.5824));
    expect(surplusBilled(change(dear), 700)).toEqual({
      left: { code: 'surplus-credits', credits: 700, charge: usd(0.5824), saving: usd(0.5824) },
    });
    expect(surplusBilled(change(lessCharge(night, usd(0.582399))), 700)).toBeNull();
    expect(surplusBilled(change(dear, 'asked'), 700)).toBeNull();
    expect(surplusBilled(change(night), 0)).toBeNull();
    // Where nobody knows what an hour costs, nobody knows whether the credits are dearer.
    expect(surplusBilled(change({ ...dear, perHour: null }), 700)).toBeNull();
    expect(surplusBilled(change(null), 700)).toBeNull();
  });

  test('costs what the price page says', () => {
    expect(surplusCharge({ type: 't4g.large', platform: 'linux' }, 60)).toBe(usd(0.04));
    expect(surplusCharge({ type: 't3.large', platform: 'windows' }, 60)).toBe(usd(0.096));
    expect(surplusCharge({ type: 't3.large', platform: 'other' }, 60)).toBe(usd(0.096));
  });
});
