/** What is wrong with a config folder, all of it at once, each with its place and what to do about it. */

export interface Problem {
  /** Path of the file or folder, as it was reached from the config folder's own path. */
  readonly file: string;
  /** Counted from 1; `null` where the trouble is the file itself. */
  readonly line: number | null;
  /** `idle.cpuBelow`, `required[1].key`; empty for the whole file. */
  readonly path: string;
  /** What is wrong: `"offcie-hours" is not a schedule`. */
  readonly message: string;
  /** What to do: `did you mean "office-hours"?`. */
  readonly remedy: string;
}

/** Thrown with every problem found; its message prints one line each. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemLine).join('\n'), options);
    this.problems = problems;
  }
}

/** `config/policies/dev-test.yml:14 › schedule: "offcie-hours" is not a schedule; did you mean "office-hours"?` */
function problemLine({ file, line, path, message, remedy }: Problem): string {
  const place = line === null ? file : `${file}:${line}`;
  return `${place} › ${path === '' ? '' : `${path}: `}${message}; ${remedy}`;
}
