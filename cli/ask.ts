/** `ebb start`, `stop`, `keep` and `snooze`: a wish, put where the pen looks, and carried out here where no pen can be rung. */
import { randomUUID } from 'node:crypto';
import { spentWishes } from '../shared/decide/wishes.ts';
import { label, type ResourceRef, type Scope, scopeKey } from '../shared/model/ids.ts';
import type { Wish } from '../shared/model/memory.ts';
import type { Plan } from '../shared/model/plan.ts';
import type { Receipt } from '../shared/model/receipt.ts';
import { clause } from '../shared/report/sentences.ts';
import { outside } from '../shared/runtime/outside.ts';
import { reconcile } from '../shared/runtime/reconcile.ts';
import { tables } from '../shared/runtime/tables.ts';
import { askFor, putDown } from '../shared/runtime/wishes.ts';
import { Refusal } from './exit.ts';
import { type Account, planOf, runFor } from './look.ts';
import type { Progress } from './progress.ts';

const PEN = 'stop-start-instances';

/** What somebody wants, before it has an id and an hour. */
export type Wanted = { readonly want: 'keep' | 'snooze'; readonly until: Wish['at'] } | { readonly want: 'running' | 'stopped' };

export interface Asking {
  readonly id: string;
  readonly wanted: Wanted;
  readonly by: string;
  readonly why: string | null;
}

/** What came of it. */
export interface Asked {
  readonly resource: ResourceRef;
  readonly wish: Wish;
  /** What the pen makes of it, as far as can be told now. */
  readonly plan: Plan;
  /** `rung`: its Lambda looks now; `here`: it was carried out by this command; `noted`: there was nothing to do. */
  readonly how: 'rung' | 'here' | 'noted';
  readonly receipts: readonly Receipt[];
}

interface Hooks {
  readonly progress: Progress;
  /** Before this command itself changes anything. @throws Refusal when the answer is no. */
  confirm(plan: Plan): Promise<void>;
}

/** @throws Refusal when nobody knows the instance, and when what is asked for cannot be done: with the reason. */
export async function ask(account: Account, { id, wanted, by, why }: Asking, { progress, confirm }: Hooks): Promise<Asked> {
  const resource = await find(account, id, progress);
  const wish: Wish = { id: randomUUID(), at: outside().now(), by, via: 'command', why, ...wanted };
  const plan = await planOf(account, progress, ofInstance(resource.id), new Map([[resource.id, wish]]));
  const made = { resource, wish, plan, receipts: [] };
  const over = spentWishes(new Map([[resource.id, wish]]), plan, []).get(resource.id);
  if (over !== undefined) {
    if (over.denied !== null) throw new Refusal(`${label(resource)} is not ${DONE[wish.want]}: ${clause(over.denied)}`);
    return { ...made, how: 'noted' };
  }

  const { scope } = resource;
  if (isRung()) {
    await stands(askFor(await tables(), scope, PEN, resource.id, wish, wish.at));
    return { ...made, how: 'rung' };
  }
  if (plan.changes.length > 0) await confirm(plan);
  await stands(putDown(await tables(), scope, PEN, resource.id, wish, wish.at));
  if (plan.changes.length === 0) return { ...made, how: 'noted' };
  const { receipts } = await reconcile(await runFor(PEN, scope, account, outside().now()), [resource.id]);
  return { ...made, how: 'here', receipts };
}

const DONE = { running: 'started', stopped: 'stopped', keep: 'kept', snooze: 'put off', tags: 'tagged', approve: 'approved' } as const;

const ofInstance = (id: string) => (pen: string) => (pen === PEN ? [id] : null);

/** By its id, or by its Name tag where one instance alone has it. */
async function find(account: Account, id: string, progress: Progress): Promise<ResourceRef> {
  const isId = /^i-[0-9a-f]{8,17}$/.test(id);
  const { changes, left, scopes } = await planOf(account, progress, pen => (pen !== PEN ? null : isId ? [id] : 'all'));
  const found = [...changes, ...left].map(one => one.resource).filter(one => one.id === id || one.name === id);
  const [first, ...more] = found;
  const where = scopes.map((scope: Scope) => scopeKey(scope)).join(', ');
  if (first === undefined) throw new Refusal(`there is no instance ${id} in ${where}; is it in another region (--region) or account?`);
  if (more.length > 0)
    throw new Refusal(`${found.length} instances are called ${id}; name one by its id: ${found.map(r => r.id).join(', ')}`);
  return first;
}

/** Whether the queue of the pen is named, as in the deployment. */
const isRung = (): boolean => Boolean(outside().environment['EBB_QUEUE_STOP_START_INSTANCES']);

async function stands(asked: Promise<boolean>): Promise<void> {
  if (!(await asked)) throw new Refusal('somebody has asked for something else in the meantime; look at it with ebb why');
}
