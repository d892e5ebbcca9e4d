/**
 * Which type an instance's last weeks justify: the cheapest that fits it and would still have carried its worst hour. One step down at a
 * time: half the vCPUs and half the memory at most, so that what was misjudged shows before it hurts. Never more than was measured: memory
 * goes down only where it was seen in use.
 */
import { misfit, type TypeSpec } from '../model/instance-type.ts';
import type { Finding, Sized, SizeEvidence, WhyItStays } from '../model/memory.ts';
import { measured, type Series } from '../model/metric.ts';
import { microUsd } from '../model/money.ts';
import type { Instance, Price } from '../model/observation.ts';
import { DAY, epochSeconds, type Instant } from '../model/time.ts';
import type { InstancePolicy } from '../policy/schema.ts';

export interface Sizing {
  /** CPUUtilization, hourly maxima in percent. */
  readonly cpu: Series;
  /** mem_used_percent of the CloudWatch agent, hourly maxima. `null`: not published, so not known. */
  readonly memory: Series | null;
  /** What EC2 offers of its own family and of those beside it, with their prices for its platform. */
  readonly offers: readonly Offer[];
}

export interface Offer {
  readonly spec: TypeSpec;
  readonly price: Price | null;
}

/** Hours that must have been measured, over how much of the days that are looked at: a working week and its neighbours. */
const HOURS_MIN = 40;
const SPREAD = 0.6;

export function rightsize(
  instance: Instance,
  { cpu, memory, offers }: Sizing,
  policy: NonNullable<InstancePolicy['resize']>,
  at: Instant,
): Finding {
  const stay = (why: WhyItStays): Finding => ({ at, from: instance.type, to: null, why, evidence: null });
  const { build, volumes } = instance;
  const priced = offers.flatMap(({ spec, price }) => (price === null ? [] : [{ spec, price }]));
  const own = priced.find(o => o.spec.type === instance.type);
  if (instance.hibernation) return stay('hibernation');
  if (build === undefined || own === undefined || instance.tenancy !== 'default') return stay('unknown-type');
  const hours = measured(cpu).length;
  if (hours < HOURS_MIN || spread(cpu) < SPREAD * policy.days * DAY) return stay('thin-data');

  const load: Load = { own: own.spec, cpuMax: Math.max(...measured(cpu)), cpuMean: mean(measured(cpu)), memoryMax: peakOf(memory) };
  const cheaper = priced.filter(o => o.price.perHour < own.price.perHour && isStep(own.spec, o.spec));
  const fitting = cheaper.filter(o => misfit(build, volumes.length, own.spec, o.spec) === null);
  const carrying = fitting.filter(o => carries(o.spec, load, policy));
  const [best] = carrying.toSorted((a, b) => a.price.perHour - b.price.perHour || (a.spec.type < b.spec.type ? -1 : 1));
  if (best === undefined) return stay(fitting.length === 0 ? 'nothing-smaller' : whyNone(fitting, load, policy));
  const evidence = evidenceOf(
    best.spec,
    load,
    { days: policy.days, hours },
    microUsd(own.price.perHour - best.price.perHour),
    best.price.source,
  );
  return { at, from: instance.type, to: best.spec.type, why: null, evidence };
}

interface Load {
  readonly own: TypeSpec;
  readonly cpuMax: number;
  /** Of the hourly maxima: more than the mean of the load. */
  readonly cpuMean: number;
  /** `null`: not measured. */
  readonly memoryMax: number | null;
}

/** From the first measured hour to the last; there are some. */
function spread({ values, periodSeconds }: Series): number {
  const [first, last] = [values.findIndex(v => v !== null), values.findLastIndex(v => v !== null)];
  return (last - first + 1) * periodSeconds;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const peakOf = (series: Series | null): number | null =>
  series === null || measured(series).length === 0 ? null : Math.max(...measured(series));

/** The same kind of machine, half of it at the least, and no more vCPUs than now: licences count them. */
const isStep = (from: TypeSpec, to: TypeSpec): boolean =>
  isBeside(from, to) && to.vcpus <= from.vcpus && to.vcpus >= from.vcpus / 2 && to.memoryMib >= from.memoryMib / 2;

/**
 * Of one family; or of the general, compute and memory families of one generation, `m6i` `c6i` `r6i`, which differ in memory alone. So
 * credits are not exchanged for full CPUs, nor the other way.
 */
function isBeside(from: TypeSpec, to: TypeSpec): boolean {
  return familiesBeside(from.type).includes(to.type.slice(0, to.type.indexOf('.')));
}

export function familiesBeside(type: string): string[] {
  const family = type.slice(0, type.indexOf('.'));
  const kind = /^[mcr](\d.*)/.exec(family);
  return kind === null ? [family] : ['m', 'c', 'r'].map(letter => `${letter}${kind[1]}`);
}

const cpuAfter = (to: TypeSpec, { own, cpuMax }: Load): number => (cpuMax * own.vcpus) / to.vcpus;
const memoryAfter = (to: TypeSpec, { own, memoryMax }: Load): number | null =>
  memoryMax === null ? null : (memoryMax * own.memoryMib) / to.memoryMib;

const carries = (to: TypeSpec, load: Load, policy: NonNullable<InstancePolicy['resize']>): boolean =>
  carriesCpu(to, load, policy.cpuTo) && carriesMemory(to, load, policy.memoryTo);

function carriesCpu(to: TypeSpec, load: Load, most: number): boolean {
  // As many vCPUs as now are as busy as now.
  if (to.vcpus < load.own.vcpus && cpuAfter(to, load) > most) return false;
  if (!to.burstable) return true;
  const baseline = BASELINES[to.type.slice(to.type.indexOf('.') + 1)] ?? 0;
  return !to.type.startsWith('t2.') && (load.cpuMean * load.own.vcpus) / to.vcpus <= baseline;
}

/** What is not measured is not taken away. */
function carriesMemory(to: TypeSpec, load: Load, most: number): boolean {
  const after = memoryAfter(to, load);
  return to.memoryMib >= load.own.memoryMib || (after !== null && after <= most);
}

/**
 * Percent of each vCPU that a T3, T3a or T4g earns credits for (EC2 user guide, burstable baselines); what is above them is borrowed. T2
 * loses its credits at every stop, so what it carries cannot be told from what it has carried.
 */
const BASELINES: Readonly<Record<string, number>> = { nano: 5, micro: 10, small: 20, medium: 20, large: 30, xlarge: 40, '2xlarge': 40 };

const whyNone = (fitting: readonly Pick<Offer, 'spec'>[], load: Load, { cpuTo }: NonNullable<InstancePolicy['resize']>): WhyItStays =>
  fitting.some(o => carriesCpu(o.spec, load, cpuTo)) ? (load.memoryMax === null ? 'memory-unknown' : 'memory-used') : 'cpu-used';

const evidenceOf = (
  to: TypeSpec,
  load: Load,
  over: { readonly days: number; readonly hours: number },
  perHour: SizeEvidence['perHour'],
  priceSource: string,
): SizeEvidence => ({
  ...over,
  cpuMax: round(load.cpuMax),
  cpuAfter: round(cpuAfter(to, load)),
  memoryMax: known(load.memoryMax),
  memoryAfter: known(memoryAfter(to, load)),
  ...{ perHour, priceSource },
});

const known = (value: number | null): number | null => (value === null ? null : round(value));
const round = (value: number): number => Math.round(value * 10) / 10;

/** How long a finding holds: then its load is looked at again. */
export const SIZED_FOR = 7 * DAY;

/** Whether its load is worth being read now: once a week, and anew where it has another type. */
export const needsSizing = (instance: Instance, sized: Sized | undefined, at: Instant): boolean =>
  sized === undefined || sized.from !== instance.type || epochSeconds(at) - epochSeconds(sized.at) >= SIZED_FOR;
