/** `ebb release`, pen by pen and scope by scope, until nothing is owed or nobody waits any longer. */
import { rank } from '../shared/decide/budget.ts';
import type { SortedShelf } from '../shared/memory/shelves.ts';
import { PENS, type Pen, type ResourceRef, type Scope, scopeKey } from '../shared/model/ids.ts';
import type { Plan, Reason } from '../shared/model/plan.ts';
import type { Receipt } from '../shared/model/receipt.ts';
import { addSeconds, type Instant } from '../shared/model/time.ts';
import { outside } from '../shared/runtime/outside.ts';
import { owedOn, planRelease, release, shelfNow } from '../shared/runtime/release.ts';
import { type Account, runFor } from './look.ts';
import type { Progress } from './progress.ts';

/** Between two looks at what has not come back yet. */
const AGAIN_MS = 15_000;
/** A Lambda that was at work when the pause was set may still finish a batch: so long, nothing that looks given back is believed. */
const SETTLES_SECONDS = 90;

export interface Released {
  readonly receipts: readonly Receipt[];
  readonly left: readonly NotBack[];
  readonly otherTypes: readonly OtherType[];
}

/** It runs with a type from us: to give it its own again would be to stop it. */
export interface OtherType {
  readonly id: string;
  readonly scope: Scope;
  readonly type: string;
  readonly own: string;
}

/** What is not back yet, with what was last said of it. */
export interface NotBack {
  readonly resource: ResourceRef;
  readonly because: Reason;
  /** Why its latest start has not brought it up, in EC2's words. */
  readonly failure: string | null;
}

/** What would be given back, over all scopes and pens. */
export async function planOfRelease(account: Account, scopes: readonly Scope[], { say }: Progress): Promise<Plan> {
  const plans: Plan[] = [];
  for (const { pen, scope } of places(scopes)) {
    say(`${scopeKey(scope)}: ${pen} …`);
    const plan = await planRelease(await runFor(pen, scope, account, outside().now()));
    if (plan !== null) plans.push(plan);
  }
  return {
    ...{ version: 1, at: outside().now(), scopes, changes: rank(plans.flatMap(p => p.changes)) },
    ...{ left: plans.flatMap(p => p.left), unread: plans.flatMap(p => p.unread) },
  };
}

/** @param until nobody waits longer than that for what is on its way */
export async function releaseAll(account: Account, scopes: readonly Scope[], until: Instant, { say }: Progress): Promise<Released> {
  const settled = addSeconds(outside().now(), SETTLES_SECONDS);
  const receipts = new Map<string, Receipt>();
  let touched = false;
  for (;;) {
    const left: NotBack[] = [];
    const otherTypes: OtherType[] = [];
    for (const { pen, scope } of places(scopes)) {
      const run = await runFor(pen, scope, account, outside().now());
      const done = await release(run);
      for (const receipt of done.receipts) receipts.set(receipt.change.id, receipt);
      touched ||= done.plan !== null;
      const shelf = await shelfNow(run);
      const owed = owedOn(shelf);
      otherTypes.push(...otherTypesOn(shelf, scope));
      // What is gone has no answer any more, and is owed to nobody.
      for (const { resource, because } of [...(done.plan?.changes ?? []), ...(done.plan?.left ?? [])]) {
        if (owed.has(resource.id))
          left.push({ resource, because, failure: shelf.instances.get(resource.id)?.value.start?.failure ?? null });
      }
    }
    const now = outside().now();
    const isOver = left.length === 0 && (now >= settled || !touched);
    if (isOver || now >= until) return { receipts: [...receipts.values()], left, otherTypes };
    say(left.length === 0 ? 'all is back; looking once more …' : `${left.length} not back yet …`);
    await outside().sleep(AGAIN_MS);
  }
}

const otherTypesOn = ({ instances }: SortedShelf, scope: Scope): OtherType[] =>
  [...instances].flatMap(
    ([
      id,
      {
        value: { stop, retype = null },
      },
    ]) => (retype === null || stop !== null ? [] : [{ id, scope, type: retype.to, own: retype.own }]),
  );

const places = (scopes: readonly Scope[]): { readonly pen: Pen; readonly scope: Scope }[] =>
  scopes.flatMap(scope => PENS.map(pen => ({ pen, scope })));
