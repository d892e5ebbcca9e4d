/** What people ask for, put where the pen looks: a fact on its shelf, and a doorbell so that it need not wait for a tick. */
import { type Spent, spentWishes } from '../decide/wishes.ts';
import { shelfOf, valuesOf, wishKey } from '../memory/shelves.ts';
import type { Doorbell } from '../model/doorbell.ts';
import { fingerprint, type Pen, type Scope } from '../model/ids.ts';
import type { Wish } from '../model/memory.ts';
import type { NoticeLine } from '../model/notice.ts';
import type { Plan } from '../model/plan.ts';
import type { MemoryItem } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, DAY, earlier, type Instant } from '../model/time.ts';
import { lookSoon } from './agenda.ts';
import { post } from './outbox.ts';
import { ring } from './queue.ts';
import type { Run } from './run.ts';
import type { Tables } from './tables.ts';

/** The cause of the doorbells that are rung for a wish. */
export const ASKED = 'asked';

/**
 * The wish stands from here on, until it is spent, taken back by a later one, or expired; asking again changes nothing. Should the doorbell
 * be lost, the pen's next tick finds the wish.
 * @returns `false` where somebody asked later than this for the same resource: their wish stands.
 * @throws whatever SQS answers: the wish stands all the same, and to ask again is safe.
 */
export async function askFor(tables: Tables, scope: Scope, pen: Pen, resourceId: string, wish: Wish, at: Instant): Promise<boolean> {
  if (!(await putDown(tables, scope, pen, resourceId, wish, at))) return false;
  await lookSoon({ memory: tables.memory, shelf: shelfOf(pen, scope) }, at);
  await ring([doorbellOf(scope, pen, resourceId, wish, at)]);
  return true;
}

/** The wish alone, without a doorbell: for whoever looks himself, at once. */
export async function putDown(
  { memory }: Pick<Tables, 'memory'>,
  scope: Scope,
  pen: Pen,
  resourceId: string,
  wish: Wish,
  at: Instant,
): Promise<boolean> {
  const [shelf, key] = [shelfOf(pen, scope), wishKey(resourceId)];
  for (let tries = 0; tries < TRIES; tries++) {
    const item = await memory.read(shelf, key, at);
    const held = item === null ? null : (item.value as Wish);
    if (held?.id === wish.id) return true;
    if (held !== null && held.at > wish.at) return false;
    if (await memory.write(shelf, { key, value: wish, version: item?.version ?? 0 }, { at, expiresAt: expiryOf(wish) })) return true;
  }
  throw new Error(`${key} changed ${TRIES} times while it was asked for; ask again`);
}

const TRIES = 5;

/** The longest that anybody may ask for a box to be left alone. */
export const KEEP_MAX = 30 * DAY;
/** What is to be done at once is either done within a day, or was asked in another world. */
const AT_ONCE = DAY;

/** When a wish is over, whatever became of it. */
const expiryOf = (wish: Wish): Instant =>
  wish.want === 'keep' || wish.want === 'snooze' ? earlier(wish.until, addSeconds(wish.at, KEEP_MAX)) : addSeconds(wish.at, AT_ONCE);

/** Wishes that are over are kept as such, and who asked for what cannot be done is told why. */
export async function spendWishes(
  run: Run,
  wishes: ReadonlyMap<string, MemoryItem<Wish>>,
  plan: Plan,
  receipts: readonly Receipt[],
): Promise<void> {
  const spent = spentWishes(valuesOf(wishes), plan, receipts);
  const denied = [...spent].flatMap(([id, one]) => deniedLine(one, plan, id) ?? []);
  if (denied.length > 0) await post(run.memory, { kind: 'changes', at: run.at, scope: run.scope, pen: run.pen, lines: denied });
  for (const [id, { wish }] of spent) {
    const { key, version } = wishes.get(id) as MemoryItem<Wish>;
    // Lost a race: somebody has asked for something else.
    await run.memory.write(run.shelf, { key, version, value: { ...wish, spentAt: run.at } }, { at: run.at, expiresAt: expiryOf(wish) });
  }
}

function deniedLine({ wish, denied }: Spent, { left }: Plan, id: string): NoticeLine | null {
  const resource = left.find(one => one.resource.id === id)?.resource;
  if (denied === null || resource === undefined) return null;
  const detail = `asked for by ${wish.by}`;
  return { resource, action: ASKED_FOR[wish.want], because: denied, outcome: 'refused', detail, owner: wish.by };
}

const ASKED_FOR = { running: 'start', stopped: 'stop', tags: 'tag', approve: 'approve', keep: 'keep', snooze: 'snooze' } as const;

const doorbellOf = (scope: Scope, pen: Pen, resourceId: string, { id }: Wish, at: Instant): Doorbell => ({
  ...{ pen, scope, look: [resourceId], at, cause: ASKED },
  dedupId: `wish-${fingerprint({ scope, pen, resourceId, id })}`,
});
