/** "Did you mean": the nearest of a few known words, or nothing when none is near. */

/**
 * The candidate nearest to `word` by edits (insert, delete, replace, swap neighbours; case counts for nothing), when it is near enough
 * to be a typo: at most a third of the word's length, and at least one edit is always allowed.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (best === null || edits < best.edits) best = { candidate, edits };
  }
  return best !== null && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null;
}

/** `did you mean "office-hours"?`, else all there is: `there are "always", "office-hours"`, else `fallback`. */
export function suggestion(word: string, candidates: Iterable<string>, fallback: string): string {
  const known = [...candidates];
  const near = nearest(word, known);
  if (near !== null) return `did you mean ${JSON.stringify(near)}?`;
  if (known.length === 0) return fallback;
  const shown = known.slice(0, 12).map(k => JSON.stringify(k));
  return `there ${known.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${known.length > shown.length ? ' …' : ''}`;
}

/** Optimal string alignment: Levenshtein plus swapped neighbours, so that `offcie` is one slip away from `office`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = cell(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, replace, swapped ? cell(beforeLast, j - 2) + 1 : Infinity);
    }
    beforeLast = last;
    last = row;
  }
  return cell(last, b.length);
}

const cell = (row: readonly number[], index: number): number => row[index] ?? Infinity;
