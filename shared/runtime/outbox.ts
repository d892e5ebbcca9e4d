/**
 * The outbox: what the house wants to say waits here until Slack has taken it. A run only posts, so Slack's troubles are never a run's.
 * A notice is forgotten after it was told: a crash in between tells it twice, and nothing is ever lost (at least once).
 */
import { fingerprint } from '../model/ids.ts';
import type { Notice, OutboxItem } from '../model/notice.ts';
import type { Memory, MemoryItem } from '../model/ports.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, later, MINUTE } from '../model/time.ts';

const SHELF = 'outbox';
const TOLD = 'told#';
/** Read as of then, a trace counts for as long as the table holds it. */
const BEGINNING = instant(0);

/** @returns `false` when this very notice waits already (or, for a summary, was told before). */
export async function post(memory: Memory, notice: Notice): Promise<boolean> {
  const key = keyOf(notice);
  // Schedules ring at least once, so a summary that was told leaves a trace: the same period is summed up once.
  if (notice.kind === 'summary' && (await memory.read(SHELF, TOLD + key, BEGINNING)) !== null) return false;
  const value: OutboxItem = { notice, tries: 0, nextTryAt: null, lastError: null };
  return memory.write(SHELF, { key, value, version: 0 });
}

/** By time first, so that the shelf's order of keys is the order in which things happened. */
const keyOf = (notice: Notice): string => `${notice.at}#${fingerprint(notice)}`;

/** Whether it is to be told at `at`. */
export const isDue = ({ value }: MemoryItem<OutboxItem>, at: Instant): boolean => value.nextTryAt === null || value.nextTryAt <= at;

/** All that waits, due or not, oldest first. */
export async function waiting(memory: Memory, at: Instant): Promise<MemoryItem<OutboxItem>[]> {
  const items = await memory.readShelf(SHELF, at);
  return items.filter((item): item is MemoryItem<OutboxItem> => !item.key.startsWith(TOLD));
}

/** Whether something was told that is told once only. */
export const wasTold = async (memory: Memory, what: string, at: Instant): Promise<boolean> =>
  (await memory.read(SHELF, TOLD + what, at)) !== null;

export async function leaveTrace(memory: Memory, what: string, at: Instant, expiresAt: Instant): Promise<void> {
  await memory.write(SHELF, { key: TOLD + what, value: { at }, version: 0 }, { at, expiresAt });
}

/** Slack has it: forget it. */
export async function told(memory: Memory, item: MemoryItem<OutboxItem>, at: Instant): Promise<void> {
  if (item.value.notice.kind === 'summary') {
    await memory.write(SHELF, { key: TOLD + item.key, value: { at }, version: 0 }, { at, expiresAt: addSeconds(at, 10 * DAY) });
  }
  await memory.forget(SHELF, item);
}

/** Slack has not: try again after 1, 5, 15 minutes, then every hour, or when Slack said it would listen again if that is later. */
export async function putOff(
  memory: Memory,
  item: MemoryItem<OutboxItem>,
  at: Instant,
  { why, notBefore, sent }: { readonly why: string; readonly notBefore: Instant | null; readonly sent?: OutboxItem['sent'] | undefined },
): Promise<void> {
  const next = addSeconds(at, BACK_OFF[Math.min(item.value.tries, BACK_OFF.length - 1)] ?? HOUR);
  const nextTryAt = notBefore === null ? next : later(next, notBefore);
  // Somebody else wrote in between: another run is at it, and its word stands.
  await memory.write(SHELF, {
    ...item,
    value: { ...item.value, tries: item.value.tries + 1, nextTryAt, lastError: why, ...(sent && { sent }) },
  });
}

const BACK_OFF = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR] as const;
