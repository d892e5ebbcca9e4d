/** Which hours an instance was in use, told by its own floor: what monitoring, agents and the system itself keep up. */
import { CPU, type History, levels, measureAt, NET, UNDISTURBED, UNKNOWN, WOKEN } from './history.ts';

export interface Activity {
  /** Per hour IDLE, IN_USE or NOT_KNOWN, oldest first. */
  readonly hours: Uint8Array;
  /** Per hour the natural logarithm of level over threshold (CPU or network, whichever is higher): 0 is where use begins. */
  readonly height: Float32Array;
  readonly floor: Floor;
}

export interface Floor {
  /** Percent, and KB/s (`null`: never measured). The floor is the 20th percentile of the last three weeks. */
  readonly cpu: number;
  readonly cpuInUse: number;
  readonly net: number | null;
  readonly netInUse: number | null;
}

export const IDLE = 0;
export const IN_USE = 1;
export const NOT_KNOWN = 2;

const FLOOR_HOURS = 21 * 24;
const FLOOR_SHARE = 0.2;

/** Use begins this far above the floor; above the cap it is use whatever the floor. */
const MARGINS = { cpu: { least: 1.5, share: 0.5, cap: 8 }, net: { least: 5, share: 1, cap: 50 } } as const;

/** Quiet hours lie far below the threshold; the logarithm needs an end. */
const LOWEST = Math.log(0.02);

export function activityOf(history: History): Activity {
  const cpu = levels(history.cpu);
  const net = levels(history.net);
  const floor = floorIn(floorOf(cpu, CPU) ?? 0, floorOf(net, NET));

  const n = cpu.length;
  const hours = new Uint8Array(n);
  const height = new Float32Array(n).fill(LOWEST);
  for (let i = 0; i < n; i++) {
    const c = cpu[i] ?? UNKNOWN;
    if (c >= 0) {
      const above = (CPU_VALUES[c] ?? 0) / floor.cpuInUse;
      const traffic = NET_VALUES[net[i] ?? UNKNOWN] ?? 0;
      const ratio = floor.netInUse === null ? above : Math.max(above, traffic / floor.netInUse);
      hours[i] = ratio > 1 ? IN_USE : IDLE;
      height[i] = Math.max(LOWEST, Math.log(ratio));
    } else if (c === WOKEN) {
      hours[i] = IN_USE;
      height[i] = 0.5;
    } else hours[i] = c === UNDISTURBED ? IDLE : NOT_KNOWN;
  }
  return { hours, height, floor };
}

const CPU_VALUES = Float64Array.from({ length: 100 }, (_, level) => measureAt(level, CPU));
const NET_VALUES = Float64Array.from({ length: 100 }, (_, level) => measureAt(level, NET));

function floorIn(cpu: number, net: number | null): Floor {
  const above = (floor: number, { least, share, cap }: (typeof MARGINS)['cpu' | 'net']) =>
    Math.min(floor + Math.max(least, share * floor), cap);
  return {
    cpu,
    cpuInUse: above(cpu, MARGINS.cpu),
    net,
    netInUse: net === null ? null : above(net, MARGINS.net),
  };
}

/** What was measured at the 20th percentile; `null`: nothing was. */
function floorOf(levels: Int8Array, scale: typeof CPU): number | null {
  const counts = new Uint16Array(128);
  let n = 0;
  for (let i = Math.max(0, levels.length - FLOOR_HOURS); i < levels.length; i++) {
    const level = levels[i] ?? UNKNOWN;
    if (level < 0) continue;
    counts[level] = (counts[level] ?? 0) + 1;
    n++;
  }
  if (n === 0) return null;
  let level = 0;
  for (let seen = counts[0] ?? 0; seen <= FLOOR_SHARE * (n - 1); seen += counts[level] ?? 0) level++;
  return measureAt(level, scale);
}
