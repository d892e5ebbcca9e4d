/** A function's log is JSON on both standard streams. Beside its answer, which may be piped, it is told on standard error in short lines. */

export interface Heard<T> {
  readonly answer: T;
  /** `INFO told tick="outbox" told=0` */
  readonly lines: readonly string[];
}

/** Runs it, and holds back what it logs meanwhile; what it throws carries nothing of the log. */
export async function logAside<T>(run: () => Promise<T>): Promise<Heard<T>> {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const originals = streams.map(stream => stream.write);
  for (const [i, stream] of streams.entries()) {
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      const short = typeof chunk === 'string' ? shortened(chunk) : null;
      if (short === null) return originals[i]?.call(stream, chunk, ...rest) ?? true;
      lines.push(short);
      return true;
    }) as typeof stream.write;
  }
  try {
    return { answer: await run(), lines };
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = originals[i] ?? stream.write;
  }
}

/** What Powertools adds to every line, and nobody at a terminal needs. */
const ALWAYS = /^(level|message|timestamp|service|cold_start|function_|sampling_rate|correlation_id|xray_trace_id)/;
const FIELD_MAX = 300;

function shortened(chunk: string): string | null {
  const line = read(chunk);
  if (line === null) return null;
  const fields = Object.entries(line).filter(([key]) => !ALWAYS.test(key));
  return [line['level'], line['message'], ...fields.map(([key, value]) => `${key}=${short(value)}`)].join(' ');
}

function read(chunk: string): Record<string, unknown> | null {
  if (!chunk.startsWith('{')) return null;
  try {
    const line = JSON.parse(chunk);
    return typeof line.level === 'string' && typeof line.message === 'string' ? line : null;
  } catch {
    return null; // not a line of a log
  }
}

/** An error by its message: where in the code it was thrown is for whoever mends it. A text of several lines stands on lines of its own. */
function short(value: unknown): string {
  const { name, message, stack } = (value ?? {}) as { name?: string; message?: string; stack?: string };
  if (typeof value === 'string' && value.includes('\n')) return `\n${value.trimEnd().replaceAll(/^/gm, '  ')}`;
  const text = JSON.stringify(stack === undefined ? value : `${name}: ${message}`) ?? 'undefined';
  return text.length > FIELD_MAX ? `${text.slice(0, FIELD_MAX - 1)}…` : text;
}
