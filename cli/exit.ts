/** What went wrong, in a line that tells what to do, and the exit code that says whose move it is. */
export const EXIT = { done: 0, failed: 1, refused: 2 } as const;

/** Bad input, or something refused before anything was done. The message names the place and the remedy. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

interface Explained {
  readonly line: string;
  readonly code: 1 | 2;
}

/** Names of errors with which the SDK says that it has nobody to be. */
const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError'];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthFailure', 'InvalidClientTokenId', 'ExpiredToken'];

export function explain(error: unknown): Explained {
  const { name = 'Error', message = String(error), code } = error as { name?: string; message?: string; code?: string };
  // A trace that cannot be read says where and what was expected there.
  if (name === 'Refusal' || name === 'TraceError') return { line: message, code: EXIT.refused };
  if (name === 'PolicyError') return { line: `the policies cannot be read:\n${message}`, code: EXIT.refused };
  if (NO_CREDENTIALS.includes(name)) {
    return {
      line: `no AWS credentials: ${message.replace(/\.+$/, '')}; name a profile with --profile, or set AWS_ACCESS_KEY_ID and its like`,
      code: EXIT.refused,
    };
  }
  if (DENIED.includes(name)) return { line: `AWS said no: ${name}: ${message}`, code: EXIT.failed };
  if (name === 'ResourceNotFoundException' && process.env['EBB_LEDGER_TABLE'])
    return {
      line: `AWS finds no such table (${message}); are EBB_LEDGER_TABLE and EBB_MEMORY_TABLE tables of this account and region?`,
      code: EXIT.refused,
    };
  const cause = code ?? (error as { cause?: { code?: string } }).cause?.code;
  if (cause === 'ECONNREFUSED' || cause === 'ENOTFOUND' || cause === 'EAI_AGAIN') {
    return { line: `nothing answers: ${message || cause}; is the network up, and --endpoint-url right?`, code: EXIT.failed };
  }
  if (process.env['EBB_DEBUG']) console.error(error);
  const [line = ''] = message.split('\n');
  return { line: `${name === 'Error' ? '' : `${name}: `}${line}`, code: EXIT.failed };
}
