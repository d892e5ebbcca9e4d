/** Pages: an opaque token that names where the next one begins. */

export interface Page<T> {
  readonly items: T[];
  readonly next: { readonly NextToken?: string };
}

/**
 * The page of `all` that begins where `token` says. The token holds the position, so pages stay true while nothing comes or goes.
 * @param invalid the service's own error for a token that it never gave out.
 */
export function page<T>(all: readonly T[], size: number, token: string | undefined, invalid: () => Error): Page<T> {
  const from = token === undefined ? 0 : position(token, invalid);
  const to = from + size;
  return { items: all.slice(from, to), next: to < all.length ? { NextToken: Buffer.from(`page:${to}`).toString('base64') } : {} };
}

function position(token: string, invalid: () => Error): number {
  const digits = /^page:(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (digits === undefined) throw invalid();
  return Number(digits);
}
