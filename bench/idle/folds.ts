/** Machines in folds. Those whose hourly CPU moves together (correlation of logarithms above 0.9) stay together: a twin seen in training is half seen. */
import type { VmSet } from './traces.ts';

/** The fold of each machine, 0 … folds − 1; the largest groups are dealt first, each to the smallest fold. */
export function foldsOf(set: VmSet, folds: number): number[] {
  const shapes = set.vms.map(({ cpuMax }) =>
    standardised(Float64Array.from(cpuMax, c => Math.log(Math.max(Number.isNaN(c) ? 0 : c, 0.01)))),
  );
  const group = shapes.map((_, i) => i);
  for (let i = 0; i < shapes.length; i++) {
    for (let j = 0; j < i; j++) {
      if (correlation(shapes[i], shapes[j]) <= 0.9 || group[i] === group[j]) continue;
      const [from, to] = [group[i], group[j] ?? 0];
      for (let k = 0; k < group.length; k++) if (group[k] === from) group[k] = to;
    }
  }
  const groups = [...Map.groupBy(group.keys(), i => group[i] ?? i).values()].sort((a, b) => b.length - a.length);
  const sizes = new Array<number>(folds).fill(0);
  const fold = group.map(() => 0);
  for (const members of groups) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    for (const i of members) fold[i] = smallest;
    sizes[smallest] = (sizes[smallest] ?? 0) + members.length;
  }
  return fold;
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0)) || 1;
  return values.map(v => (v - mean) / spread);
}

function correlation(a: Float64Array | undefined, b: Float64Array | undefined): number {
  let sum = 0;
  if (a !== undefined && b !== undefined) for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
