/** What is being done, on standard error: rewritten in place on a terminal, nothing at all elsewhere, so that output can be piped. */
export interface Progress {
  say(what: string): void;
  done(): void;
}

export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { say: () => {}, done: () => {} };
  const clear = '\r\u001b[2K';
  return {
    say: what => void stream.write(`${clear}${what.slice(0, (stream.columns ?? 80) - 1)}`),
    done: () => void stream.write(clear),
  };
}
