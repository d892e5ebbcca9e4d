/** Ridge regression by its normal equations: small, exact enough, and the same on every machine. */

export interface NormalEquations {
  readonly size: number;
  /** Lower triangle, row by row. */
  readonly matrix: Float64Array;
  readonly vector: Float64Array;
  /** Sum of the weights of the samples. */
  weight: number;
}

export const normalEquations = (size: number): NormalEquations => ({
  size,
  matrix: new Float64Array((size * (size + 1)) / 2),
  vector: new Float64Array(size),
  weight: 0,
});

/** One sample: `y` is explained by `x`, whose first entry is the constant 1. */
export function addSample(equations: NormalEquations, x: Float64Array, y: number, weight: number): void {
  const { size, matrix, vector } = equations;
  let cell = 0;
  for (let i = 0; i < size; i++) {
    const scaled = weight * (x[i] ?? 0);
    vector[i] = (vector[i] ?? 0) + scaled * y;
    for (let j = 0; j <= i; j++, cell++) matrix[cell] = (matrix[cell] ?? 0) + scaled * (x[j] ?? 0);
  }
  equations.weight += weight;
}

/** Older samples count for less. */
export function fade(equations: NormalEquations, factor: number): void {
  const { matrix, vector } = equations;
  for (let i = 0; i < matrix.length; i++) matrix[i] = (matrix[i] ?? 0) * factor;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) * factor;
  equations.weight *= factor;
}

/** Coefficients, by Cholesky. `ridge` is a penalty per unit of weight on all but the constant. */
export function solve({ size, matrix, vector, weight }: NormalEquations, ridge: number): Float64Array {
  const root = new Float64Array(matrix);
  const at = (i: number, j: number) => (i * (i + 1)) / 2 + j;
  for (let i = 1; i < size; i++) root[at(i, i)] = (root[at(i, i)] ?? 0) + ridge * weight + 1e-9;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = root[at(i, j)] ?? 0;
      for (let k = 0; k < j; k++) sum -= (root[at(i, k)] ?? 0) * (root[at(j, k)] ?? 0);
      root[at(i, j)] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (root[at(j, j)] ?? 1);
    }
  }
  const answer = new Float64Array(vector);
  for (let i = 0; i < size; i++) {
    let sum = answer[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (root[at(i, k)] ?? 0) * (answer[k] ?? 0);
    answer[i] = sum / (root[at(i, i)] ?? 1);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = answer[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= (root[at(k, i)] ?? 0) * (answer[k] ?? 0);
    answer[i] = sum / (root[at(i, i)] ?? 1);
  }
  return answer;
}

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};
