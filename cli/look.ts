/** `ebb plan` is the pens' own look at every scope, and no more: nothing is written. */
import { rank } from '../shared/decide/budget.ts';
import { type SortedShelf, shelfOf, sortShelf, valuesOf, wishKey } from '../shared/memory/shelves.ts';
import type { Doorbell } from '../shared/model/doorbell.ts';
import { PENS, type Pen, type Scope, scopeKey } from '../shared/model/ids.ts';
import type { Wish } from '../shared/model/memory.ts';
import type { Plan } from '../shared/model/plan.ts';
import type { Instant } from '../shared/model/time.ts';
import type { Config } from '../shared/policy/schema.ts';
import { scopesOf } from '../shared/runtime/doorbells.ts';
import { outside } from '../shared/runtime/outside.ts';
import { lookAt } from '../shared/runtime/reconcile.ts';
import { accountFor, type Run, standingOf } from '../shared/runtime/run.ts';
import { tables } from '../shared/runtime/tables.ts';
import type { Progress } from './progress.ts';

export interface Account {
  readonly account: string;
  readonly config: Config;
}

/** Whether the deployment's tables are named: without them nothing is remembered, and nothing may be claimed. */
export const hasTables = (): boolean => {
  const { environment } = outside();
  return Boolean(environment['EBB_LEDGER_TABLE'] && environment['EBB_MEMORY_TABLE']);
};

export async function runFor(pen: Pen, scope: Scope, { account, config }: Account, at: Instant): Promise<Run> {
  return {
    pen,
    scope,
    at,
    ...standingOf(accountFor(config, scope, account), scope),
    ...(hasTables() ? await tables() : forgetful),
    shelf: shelfOf(pen, scope),
    config,
    remaining: () => Number.MAX_SAFE_INTEGER, // half of it must be less than it
  };
}

/** The plan over all scopes and pens. `look` narrows it to some resources; `wishes`, by resource id, are heard as if they had been asked. */
export async function planOf(
  account: Account,
  { say }: Progress,
  look: (pen: Pen) => Doorbell['look'] | null = () => 'all',
  wishes: ReadonlyMap<string, Wish> = new Map(),
): Promise<Plan> {
  const at = outside().now();
  const scopes = scopesOf(account.config, account.account);
  const plans: Plan[] = [];
  for (const scope of scopes) {
    for (const pen of PENS) {
      const where = look(pen);
      if (where === null) continue;
      say(`${scopeKey(scope)}: ${WHAT[pen]} …`);
      const run = await runFor(pen, scope, account, at);
      const shelf = withWishes(sortShelf(await run.memory.readShelf(run.shelf, at)), wishes);
      const open = new Map([...valuesOf(shelf.pending).values()].map(question => [question.change.resource.id, question]));
      plans.push((await lookAt({ run, look: where, measure: true, shelf, open })).plan);
    }
  }
  return {
    version: 1,
    at,
    scopes,
    changes: rank(plans.flatMap(p => p.changes)),
    left: plans.flatMap(p => p.left),
    unread: plans.flatMap(p => p.unread),
  };
}

function withWishes(shelf: SortedShelf, wishes: ReadonlyMap<string, Wish>): SortedShelf {
  const items = [...wishes].map(([id, value]) => [id, { key: wishKey(id), value, version: 0 }] as const);
  return { ...shelf, wishes: new Map([...shelf.wishes, ...items]) };
}

const WHAT: Readonly<Record<Pen, string>> = {
  'resize-fleets': 'Auto Scaling groups and their demand',
  'stop-start-instances': 'instances, their CPU and their schedules',
  'enforce-tags': 'tags',
};

/** Stands in where there are no tables: nothing is known, and nothing can be written. */
const forgetful: Pick<Run, 'ledger' | 'memory'> = {
  memory: {
    readShelf: async () => [],
    read: async () => null,
    write: async () => unwritable(),
    forget: async () => unwritable(),
  },
  ledger: {
    append: async () => unwritable(),
    lookUp: async () => ({ claimed: false, settled: null }),
    rows: async function* () {},
    sealed: async function* () {},
    meter: async function* () {},
  },
};

function unwritable(): never {
  throw new Error('there are no tables to write to: EBB_LEDGER_TABLE and EBB_MEMORY_TABLE are not set');
}
