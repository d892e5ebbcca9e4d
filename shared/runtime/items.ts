/** Read, change, compare and set: somebody who wrote in between is heard first. */
import type { Memory, Shelf } from '../model/ports.ts';
import type { Instant } from '../model/time.ts';

const TRIES = 5;

/** `next` gets what is held (`null`: nothing) and returns it unchanged to write nothing. Returns what is held afterwards. */
export async function changeItem<Value>(
  { memory, shelf }: { readonly memory: Memory; readonly shelf: Shelf },
  key: string,
  at: Instant,
  next: (held: Value | null) => Value | null,
): Promise<Value | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    const item = await memory.read(shelf, key, at);
    const held = (item?.value as Value | undefined) ?? null;
    const value = next(held);
    if (value === held) return held;
    const version = item?.version ?? 0;
    const written = value === null ? await memory.forget(shelf, { key, version }) : await memory.write(shelf, { key, value, version });
    if (written) return value;
  }
  throw new Error(`${key} on ${shelf} changed ${TRIES} times while we wrote it: the next run takes it up again`);
}
