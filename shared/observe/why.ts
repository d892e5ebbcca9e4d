/** An error in a few words for people: AWS's own code and message. */
export function why(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' || error.message === error.name ? error.name : `${error.name}: ${error.message}`;
}
