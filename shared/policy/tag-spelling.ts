/** Letters of a value, as a requirement wants them. */
export interface Letters {
  readonly values?: readonly string[] | undefined;
  readonly case?: 'exact' | 'ignore' | 'lower' | 'upper' | undefined;
}

/** The value as it should be spelt: itself where `case` says nothing of it. */
export function caseOf({ values, case: letters = 'exact' }: Letters, value: string): string {
  switch (letters) {
    case 'exact':
      return value;
    case 'ignore':
      return values?.find(allowed => allowed.toLowerCase() === value.toLowerCase()) ?? value;
    case 'lower':
      return value.toLowerCase();
    case 'upper':
      return value.toUpperCase();
    default:
      return letters satisfies never;
  }
}
