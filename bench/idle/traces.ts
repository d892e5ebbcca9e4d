/** Hourly metrics of real virtual machines, and which of their hours were in use, judged with the whole trace in view: what a replay scores against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface VmSet {
  readonly name: string;
  /** UTC seconds of the first hour, and hours to add for local time. */
  readonly startEpoch: number;
  readonly utcOffsetHours: number;
  readonly hours: number;
  readonly vms: readonly Vm[];
}

/** NaN where nothing is known. */
export interface Vm {
  readonly id: string;
  readonly cpuMax: Float64Array;
  readonly netMax: Float64Array;
}

/** Reads `<folder>/traces.json` and the gzip CSV that it names (`vm,h,…,cpu_max,…,net_max`). */
export function readVmSet(folder: string, name: string): VmSet {
  const list = JSON.parse(readFileSync(join(folder, 'traces.json'), 'utf8')) as readonly Record<string, unknown>[];
  const about = list.find(entry => entry['name'] === name);
  if (about === undefined) throw new Error(`${join(folder, 'traces.json')} names no set ${name}`);

  const [head = '', ...lines] = gunzipSync(readFileSync(join(folder, String(about['file']))))
    .toString()
    .trimEnd()
    .split('\n');
  const columns = head.trim().split(',');
  const rows = lines.map(line => line.trim().split(','));
  const hours = 1 + Math.max(...rows.map(row => Number(row[1])).reduce((a, h) => (h > (a[0] ?? 0) ? [h] : a), [0]));
  const cpu = columns.indexOf('cpu_max');
  const net = columns.indexOf('net_max');
  const vms = new Map<string, Vm>();
  const number = (text: string | undefined) => (text === undefined || text === '' ? Number.NaN : Number(text));
  for (const row of rows) {
    const id = row[0] ?? '';
    let vm = vms.get(id);
    if (vm === undefined) {
      vm = { id, cpuMax: new Float64Array(hours).fill(Number.NaN), netMax: new Float64Array(hours).fill(Number.NaN) };
      vms.set(id, vm);
    }
    vm.cpuMax[Number(row[1])] = number(row[cpu]);
    if (net >= 0) vm.netMax[Number(row[1])] = number(row[net]);
  }
  return {
    name,
    startEpoch: Number(about['start_epoch']),
    utcOffsetHours: Number(about['local_utc_offset_h']),
    hours,
    vms: [...vms.values()],
  };
}

export type Truth = 'default' | 'strict' | 'lax' | 'nocron';

/** 0 idle, 1 in use, 2 not known. In use: above the floor (20th percentile of all hours) by a margin, and above a cap in any case. */
export function truthOf(set: VmSet, kind: Truth = 'default'): Uint8Array[] {
  const factor = kind === 'strict' ? 0.5 : kind === 'lax' ? 2 : 1;
  const inUse = (values: Float64Array, least: number, share: number, cap: number) => {
    const floor = percentile(values, 0.2);
    return Math.min(floor + Math.max(least * factor, share * factor * floor), cap * factor);
  };
  const truths = set.vms.map(({ cpuMax, netMax }) => {
    const cpu = inUse(cpuMax, 1.5, 0.5, 8);
    const net = inUse(netMax, 5, 1, 50);
    return Uint8Array.from(cpuMax, (c, h) => (Number.isNaN(c) ? 2 : c > cpu || (netMax[h] ?? 0) > net ? 1 : 0));
  });
  return kind === 'nocron' ? truths.map(truth => withoutHousekeeping(set, truth)) : truths;
}

/** An hour of the day that is in use on four of five workdays and weekend days, if at most four are, is housekeeping. */
function withoutHousekeeping({ startEpoch, utcOffsetHours }: VmSet, truth: Uint8Array): Uint8Array {
  const hourOf = (h: number) => Math.floor(startEpoch / 3600) + utcOffsetHours + h;
  const isWeekend = (h: number) => (Math.floor(hourOf(h) / 24) + 3) % 7 >= 5;
  const chores = Array.from({ length: 24 }, (_, q) => q).filter(q =>
    [false, true].every(weekend => {
      const known = [...truth.keys()].filter(h => truth[h] !== 2 && hourOf(h) % 24 === q && isWeekend(h) === weekend);
      return known.length > 0 && known.filter(h => truth[h] === 1).length / known.length >= 0.8;
    }),
  );
  if (chores.length === 0 || chores.length > 4) return truth;
  return truth.map((t, h) => (t === 1 && chores.includes(hourOf(h) % 24) ? 0 : t));
}

/** Linear between closest ranks; NaN of nothing. */
function percentile(values: Float64Array, share: number): number {
  const known = values.filter(v => !Number.isNaN(v)).sort();
  const rank = share * (known.length - 1);
  const low = known[Math.floor(rank)] ?? Number.NaN;
  const high = known[Math.ceil(rank)] ?? Number.NaN;
  return low + (high - low) * (rank - Math.floor(rank));
}
