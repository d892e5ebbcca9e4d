/**
 * The screen that joins the rooms: a doorbell said where to look, and everything else follows from what is seen there.
 * settle old questions → heal what events lost → look → remember → act → settle → account → tell.
 */
import { execute } from '../execute/execute.ts';
import { readPause } from '../execute/pause.ts';
import { settleQuestions } from '../execute/questions.ts';
import { type SortedShelf, sortShelf, valuesOf } from '../memory/shelves.ts';
import type { Doorbell } from '../model/doorbell.ts';
import type { PendingChange } from '../model/memory.ts';
import type { Change, Plan } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { isDue, writeAgenda } from './agenda.ts';
import { claimsOn } from './claims.ts';
import { readFleetMeters } from './fleet-meters.ts';
import { heal } from './heal.ts';
import { outside } from './outside.ts';
import { type FleetsLooked, lookAtFleets } from './pens/fleets.ts';
import { lookAtInstances } from './pens/instances.ts';
import type { Looked, Looking } from './pens/look.ts';
import { lookAtTags } from './pens/tags.ts';
import { recordProposals } from './proposals.ts';
import { home, type Run } from './run.ts';
import { pauseParameter } from './settings.ts';
import { disruptionsIn, keepDigest, tell } from './telling.ts';

export interface Reconciled {
  /** `null`: nothing had fallen due, so nobody looked. */
  readonly plan: Plan | null;
  readonly receipts: readonly Receipt[];
}

export async function reconcile(run: Run, look: Doorbell['look']): Promise<Reconciled> {
  if (look === 'due' && !(await isDue(run))) return { plan: null, receipts: [] };
  const { shelf, open } = await takeUp(run);
  const looked = await lookAt({ run, look, shelf, open });
  for (const item of looked.next) await run.memory.write(run.shelf, item); // lost a race: whoever won knows no less

  // A change in mode `plan` is printed and reported, never written.
  const receipts = await act(
    run,
    looked.plan.changes.filter(change => change.mode === 'act'),
  );
  await account(run, looked, shelf, receipts);
  await tell(run, looked.plan, receipts);
  await keepDigest(run, looked.plan, look, shelf.left);
  // The fleet pen looks every minute and needs no agenda.
  if (run.pen !== 'resize-fleets') await writeAgenda(run, looked.nextAt, disruptionsIn(receipts), typeof look === 'string');
  return { plan: looked.plan, receipts };
}

/** Executes exactly these changes, which somebody has been shown and said yes to, whatever the mode of their policies. */
export async function carryOut(run: Run, changes: readonly Change[]): Promise<Receipt[]> {
  const { shelf, open } = await takeUp(run);
  const look = changes.map(change => change.resource.id);
  const looked = await lookAt({ run, look, shelf, open });
  for (const item of looked.next) await run.memory.write(run.shelf, item); // enrolled now: a stop finds its baseline

  const receipts = await act(run, changes);
  if (isFleets(looked)) await readFleetMeters(run, looked, receipts);
  await tell(run, looked.plan, receipts);
  if (run.pen !== 'resize-fleets') await writeAgenda(run, run.at, disruptionsIn(receipts), false);
  return receipts;
}

/** The pen's look at its scope: nothing is written, so `ebb plan` is this and no more. */
export async function lookAt(looking: Looking): Promise<Looked> {
  const { pen } = looking.run;
  switch (pen) {
    case 'resize-fleets':
      return lookAtFleets(looking);
    case 'stop-start-instances':
      return lookAtInstances(looking);
    case 'enforce-tags':
      return lookAtTags(looking);
    default:
      return pen satisfies never;
  }
}

/** What an earlier run left behind: unanswered claims, and events that never came. */
async function takeUp(run: Run): Promise<{ shelf: SortedShelf; open: ReadonlyMap<string, PendingChange> }> {
  const shelf = await readShelf(run);
  const open = await settleQuestions(valuesOf(shelf.pending), { clients: run.clients, claims: claimsOn(run), now: outside().now });
  const healed = await heal(run, shelf);
  const changed = open.size < shelf.pending.size || healed;
  return { shelf: changed ? await readShelf(run) : shelf, open };
}

const readShelf = async ({ memory, shelf, at }: Run): Promise<SortedShelf> => sortShelf(await memory.readShelf(shelf, at));

const act = (run: Run, changes: readonly Change[]): Promise<Receipt[]> =>
  execute(changes, {
    clients: run.clients,
    claims: claimsOn(run),
    now: outside().now,
    remaining: run.remaining,
    pause: () => readPause(home(), pauseParameter()),
  });

async function account(run: Run, looked: Looked, shelf: SortedShelf, receipts: readonly Receipt[]): Promise<void> {
  await recordProposals(run, looked.plan, shelf);
  if (isFleets(looked)) await readFleetMeters(run, looked, receipts);
}

const isFleets = (looked: Looked): looked is FleetsLooked => 'fleets' in looked;
