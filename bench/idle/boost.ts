/** Gradient boosting for logistic loss with histogram splits, leaf by leaf: small, exact and without chance, so the same rows give the same trees. */
import type { Trees } from '../../shared/decide/idle/trees.ts';

export interface BoostOptions {
  readonly rounds: number;
  readonly leaves: number;
  readonly rate: number;
  readonly leafRowsMin: number;
  readonly l2: number;
}

const BINS = 48;

/** `rows` holds `labels.length` rows of `width` numbers, one after the other; labels are 0 or 1. */
export function boost(rows: Float32Array, width: number, labels: Uint8Array, options: BoostOptions): Trees {
  const n = labels.length;
  const cuts = Array.from({ length: width }, (_, f) => cutsOf(rows, width, f, n));
  const bins = binned(rows, width, n, cuts);
  const mean = labels.reduce((a, b) => a + b, 0) / n;
  const bias = Math.log(mean / (1 - mean));
  const odds = new Float64Array(n).fill(bias);
  const slope = new Float64Array(n);
  const bend = new Float64Array(n);
  const trees = [];
  for (let round = 0; round < options.rounds; round++) {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-(odds[i] ?? 0)));
      slope[i] = p - (labels[i] ?? 0);
      bend[i] = p * (1 - p);
    }
    trees.push(grow({ bins, cuts, width, n, slope, bend, odds, options }));
  }
  return { bias: rounded(bias), trees };
}

interface Ground {
  readonly bins: Uint8Array;
  readonly cuts: readonly (readonly number[])[];
  readonly width: number;
  readonly n: number;
  readonly slope: Float64Array;
  readonly bend: Float64Array;
  readonly odds: Float64Array;
  readonly options: BoostOptions;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
}

interface Leaf {
  readonly rows: Int32Array;
  readonly split: Split | null;
  /** Where its number is to be written in its parent. */
  readonly parent: { node: number[]; side: 2 | 3 } | null;
}

function grow(ground: Ground): Trees['trees'][number] {
  const { bins, cuts, width, n, slope, bend, odds, options } = ground;
  const nodes: number[][] = [];
  const leaves: Leaf[] = [
    leafOf(
      Int32Array.from({ length: n }, (_, i) => i),
      null,
      ground,
    ),
  ];
  while (leaves.length < options.leaves) {
    const best = leaves.reduce((a, b, i) => ((b.split?.gain ?? 0) > (leaves[a]?.split?.gain ?? 0) ? i : a), 0);
    const leaf = leaves[best];
    if (leaf?.split == null) break;
    const { feature, bin } = leaf.split;
    const node = [feature, cuts[feature]?.[bin] ?? 0, 0, 0];
    if (leaf.parent !== null) leaf.parent.node[leaf.parent.side] = nodes.length;
    nodes.push(node);
    const below = leaf.rows.filter(i => (bins[i * width + feature] ?? 0) <= bin);
    const above = leaf.rows.filter(i => (bins[i * width + feature] ?? 0) > bin);
    leaves.splice(best, 1, leafOf(below, { node, side: 2 }, ground), leafOf(above, { node, side: 3 }, ground));
  }
  const values = leaves.map(({ rows, parent }, at) => {
    let g = 0;
    let h = 0;
    for (const i of rows) {
      g += slope[i] ?? 0;
      h += bend[i] ?? 0;
    }
    const value = rounded((-options.rate * g) / (h + options.l2));
    for (const i of rows) odds[i] = (odds[i] ?? 0) + value;
    if (parent !== null) parent.node[parent.side] = -1 - at;
    return value;
  });
  return { nodes: nodes.length === 0 ? [[0, 0, -1, -1]] : nodes, leaves: values };
}

function leafOf(rows: Int32Array, parent: Leaf['parent'], ground: Ground): Leaf {
  return { rows, parent, split: bestSplit(rows, ground) };
}

function bestSplit(rows: Int32Array, { bins, cuts, width, slope, bend, options }: Ground): Split | null {
  const { leafRowsMin, l2 } = options;
  if (rows.length < 2 * leafRowsMin) return null;
  const g = new Float64Array(width * BINS);
  const h = new Float64Array(width * BINS);
  const c = new Float64Array(width * BINS);
  let gAll = 0;
  let hAll = 0;
  for (const i of rows) {
    const gi = slope[i] ?? 0;
    const hi = bend[i] ?? 0;
    gAll += gi;
    hAll += hi;
    for (let f = 0; f < width; f++) {
      const at = f * BINS + (bins[i * width + f] ?? 0);
      g[at] = (g[at] ?? 0) + gi;
      h[at] = (h[at] ?? 0) + hi;
      c[at] = (c[at] ?? 0) + 1;
    }
  }
  const whole = (gAll * gAll) / (hAll + l2);
  let best: Split | null = null;
  for (let f = 0; f < width; f++) {
    let gl = 0;
    let hl = 0;
    let cl = 0;
    for (let bin = 0; bin < (cuts[f]?.length ?? 0); bin++) {
      gl += g[f * BINS + bin] ?? 0;
      hl += h[f * BINS + bin] ?? 0;
      cl += c[f * BINS + bin] ?? 0;
      if (cl < leafRowsMin || rows.length - cl < leafRowsMin) continue;
      const gain = (gl * gl) / (hl + l2) + (gAll - gl) ** 2 / (hAll - hl + l2) - whole;
      if (gain > (best?.gain ?? 1e-9)) best = { gain, feature: f, bin };
    }
  }
  return best;
}

/** Up to BINS − 1 thresholds at even shares of the rows; a row lies in bin b when it is ≤ cut b and above cut b − 1. */
function cutsOf(rows: Float32Array, width: number, feature: number, n: number): number[] {
  const values = Float32Array.from({ length: n }, (_, i) => rows[i * width + feature] ?? 0).sort();
  const cuts = new Set<number>();
  for (let k = 1; k < BINS; k++) cuts.add(rounded(values[Math.floor((k * n) / BINS)] ?? 0));
  return [...cuts].sort((a, b) => a - b).filter(cut => cut < (values.at(-1) ?? 0));
}

function binned(rows: Float32Array, width: number, n: number, cuts: readonly (readonly number[])[]): Uint8Array {
  const out = new Uint8Array(n * width);
  for (let f = 0; f < width; f++) {
    const of = cuts[f] ?? [];
    for (let i = 0; i < n; i++) {
      const value = rows[i * width + f] ?? 0;
      let low = 0;
      let high = of.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (value <= (of[middle] ?? 0)) high = middle;
        else low = middle + 1;
      }
      out[i * width + f] = low;
    }
  }
  return out;
}

const rounded = (value: number): number => Number(value.toPrecision(4));
