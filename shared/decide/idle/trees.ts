/** A boosted ensemble of small decision trees over the rows of features.ts: read from JSON, learnt by bench/idle/train.ts. */

export interface Trees {
  /** Log odds before any tree has spoken. */
  readonly bias: number;
  /** Each node is [feature, threshold, below, above]: a row goes below when its value ≤ threshold. A branch ≥ 0 is a node, −1 − i is leaf i. */
  readonly trees: readonly { readonly nodes: readonly (readonly number[])[]; readonly leaves: readonly number[] }[];
}

/** Probability, 0 to 1. */
export function probability({ bias, trees }: Trees, row: Float64Array): number {
  let odds = bias;
  for (const { nodes, leaves } of trees) {
    let at = 0;
    while (at >= 0) {
      const [feature = 0, threshold = 0, below = -1, above = -1] = nodes[at] ?? [];
      at = (row[feature] ?? 0) <= threshold ? below : above;
    }
    odds += leaves[-1 - at] ?? 0;
  }
  return 1 / (1 + Math.exp(-odds));
}
