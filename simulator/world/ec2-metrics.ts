/** AWS/EC2: CPU, network, credits and status checks of instances, and of groups over their members. */
import { type Credits, creditsUntil } from './credits.ts';
import type { Group } from './group.ts';
import { instanceType } from './instance-types.ts';
import { bytesOut, cpuOf, loadOf } from './load.ts';
import { type Machine, ranAt } from './machine.ts';
import { type MetricName, named, type Source, soleDimension } from './metric-source.ts';
import type { Publisher } from './metrics.ts';
import type { Region, World } from './world.ts';

const NAMESPACE = 'AWS/EC2';

const CREDITS = {
  CPUCreditBalance: 'balance',
  CPUCreditUsage: 'used',
  CPUSurplusCreditBalance: 'surplus',
  CPUSurplusCreditsCharged: 'charged',
} as const satisfies Readonly<Record<string, keyof Credits>>;

export const ec2Metrics: Publisher = {
  source(world, region, metric) {
    const group = region.groups.get(soleDimension(metric, 'AutoScalingGroupName') ?? '');
    if (group !== undefined) return groupSource(group, metric.name);
    const machine = machineIn(world, region, soleDimension(metric, 'InstanceId'));
    return machine === null ? null : instanceSource(world, region, machine, metric.name);
  },
  names: region => [
    ...[...region.machines.values()].flatMap(machine => {
      const { id, type } = machine;
      const credits = instanceType(type)?.burstable == null ? [] : Object.keys(CREDITS);
      const disk = hasEbsMetrics(machine) ? Object.keys(DISK) : [];
      return listed({ InstanceId: id }, ['CPUUtilization', 'StatusCheckFailed', 'NetworkIn', 'NetworkOut', ...disk, ...credits]);
    }),
    ...[...region.groups.values()].flatMap(({ name, bytesOut: bytes }) =>
      listed({ AutoScalingGroupName: name }, ['CPUUtilization', ...(bytes === null ? [] : ['NetworkOut'])]),
    ),
  ],
};

const listed = (dimensions: Readonly<Record<string, string>>, names: readonly string[]): MetricName[] =>
  names.map(name => named(NAMESPACE, name, dimensions));

/** By id, also those that are long gone: their metrics stay. */
function machineIn(world: World, region: Region, id: string | null): Machine | null {
  const machine = region.machines.get(id ?? '') ?? world.record.machine(id ?? '');
  return machine === undefined || machine.account !== world.account || machine.region !== region.name ? null : machine;
}

/** Detailed monitoring publishes each minute, basic monitoring every five. */
const stepOf = (monitoring: Machine['monitoring']): number => (monitoring === 'detailed' ? 60 : 300);

function instanceSource(world: World, region: Region, machine: Machine, name: string): Source | null {
  const cpu = cpuOf(world, region.groups, machine);
  switch (name) {
    case 'CPUUtilization': {
      const step = stepOf(machine.monitoring);
      return { step, count: at => (ranAt(machine, at + step / 2) ? 1 : 0), value: at => percent(cpu(at + step / 2)) };
    }
    case 'NetworkIn':
    case 'NetworkOut':
      return amounts(machine, name === 'NetworkOut' ? (bytesOut(region.groups, machine) ?? network(machine, cpu)) : network(machine, cpu));
    case 'EBSReadOps':
    case 'EBSWriteOps':
      return hasEbsMetrics(machine) ? amounts(machine, diskOps(machine, cpu, DISK[name])) : null;
    case 'StatusCheckFailed':
      return checks(machine);
    default:
      return name in CREDITS ? credits(world, machine, cpu, name as keyof typeof CREDITS) : null;
  }
}

/** A sum for each sample. @param perMinute by epoch seconds. */
function amounts(machine: Machine, perMinute: (at: number) => number): Source {
  const step = stepOf(machine.monitoring);
  return { step, count: at => (ranAt(machine, at + step / 2) ? 1 : 0), value: at => Math.round(sumOfMinutes(perMinute, at, step)) };
}

/** Bytes a minute in one direction: of which half a kilobyte a second is the house's own, and work moves some with every percent of CPU. */
const network = ({ network: told }: Machine, cpu: (at: number) => number): ((at: number) => number) => {
  const rate = told ?? (at => 1 + 8 * Math.max(0, cpu(at) - 5));
  return at => (rate(at) / 2) * 1000 * 60;
};

const DISK = { EBSReadOps: 0.3, EBSWriteOps: 0.7 } as const;

const diskOps = ({ diskOps: told }: Machine, cpu: (at: number) => number, part: number): ((at: number) => number) => {
  const rate = told ?? (at => 1 + Math.max(0, cpu(at) - 5) / 5);
  return at => rate(at) * part * 60;
};

/** Instances of the Nitro system tell of their volumes; older ones do not. */
const hasEbsMetrics = ({ type, rootDevice }: Machine): boolean =>
  rootDevice === 'ebs' && !/^(t2|m[1-4]|c[13-4]|r[34]|i[23]|d2|g[23]|p[23]|x1|h1)[.e]/.test(type);

/** Every five minutes, whatever the monitoring. */
function credits(world: World, machine: Machine, cpu: (at: number) => number, name: keyof typeof CREDITS): Source | null {
  const history = creditsUntil(machine, cpu, world.origin, world.clock.now());
  if (history === null) return null;
  return { step: 300, count: at => (ranAt(machine, at + 150) ? 1 : 0), value: at => history.at(at + 300)[CREDITS[name]] };
}

function checks(machine: Machine): Source {
  const failed = (at: number) => machine.impaired.some(s => at >= s.from && (s.to === null || at < s.to));
  return { step: 60, count: at => (ranAt(machine, at + 30) ? 1 : 0), value: at => (failed(at + 30) ? 1 : 0) };
}

/** Over the members that serve: those that warm up are not in the average, as in a group with an instance warm-up. */
function groupSource(group: Group, name: string): Source | null {
  const step = stepOf(group.template.monitoring);
  const count = (at: number) => group.serving.at(at + step / 2);
  const load = (at: number) => loadOf(group, at);
  if (name === 'CPUUtilization') return { step, count, value: at => percent((sumOfMinutes(load, at, step) * 60) / step) };
  const { bytesOut: full } = group;
  if (name !== 'NetworkOut' || full === null) return null;
  return { step, count, value: at => Math.round((sumOfMinutes(load, at, step) * full) / 100) };
}

/** Of what is asked for each minute of the sample, in the middle of it. */
function sumOfMinutes(perMinute: (at: number) => number, from: number, step: number): number {
  let sum = 0;
  for (let at = from + 30; at < from + step; at += 60) sum += perMinute(at);
  return sum;
}

const percent = (value: number): number => Math.round(Math.min(100, Math.max(0, value)) * 1e4) / 1e4;
