/** What was counted, held against the formula that stands beside it: a bench fails where they part by more than it says. */
export type Counts = ReadonlyMap<string, number>;
export type Formula = Readonly<Record<string, number>>;

/** How far a count may be from what is expected; of what the formula does not name, nothing is expected. */
export type Slack = (call: string, expected: number | null) => number;

export const NONE: Slack = () => 0;

/** @returns a sentence for each call that is further off than its slack; none where the formula holds. */
export function parted(counts: Counts, formula: Formula, slack: Slack = NONE): string[] {
  return [...new Set([...counts.keys(), ...Object.keys(formula)])].flatMap(call => {
    const [count, expected] = [counts.get(call) ?? 0, formula[call] ?? null];
    const allowed = slack(call, expected);
    const off = Math.abs(count - (expected ?? 0));
    return off <= allowed ? [] : [`${count} ${call}, not ${expected ?? 0}${allowed === 0 ? '' : ` (${allowed} more or less are allowed)`}`];
  });
}
