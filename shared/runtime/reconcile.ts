/**
 * The screen that joins the rooms: a doorbell said where to look, and everything else follows from what is seen there.
 * settle old questions → look (and hear what events lost) → remember → act → settle → account → tell.
 */
import { approved } from '../decide/wishes.ts';
import { execute, NO_ANSWER } from '../execute/execute.ts';
import { type Pause, readPause } from '../execute/pause.ts';
import { settleQuestions } from '../execute/questions.ts';
import { sideBySide } from '../execute/side-by-side.ts';
import { type SortedShelf, sortShelf, valuesOf } from '../memory/shelves.ts';
import type { Doorbell } from '../model/doorbell.ts';
import type { Change, Plan } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import type { Instant } from '../model/time.ts';
import { isDue, writeAgenda } from './agenda.ts';
import { tellBadTags } from './bad-tags.ts';
import { claimsOn } from './claims.ts';
import { forgetDeparted } from './departed.ts';
import { tellLaunches } from './fleet-launches.ts';
import { readFleetMeters } from './fleet-meters.ts';
import { tellProposals } from './fleet-proposals.ts';
import { post } from './outbox.ts';
import { outside } from './outside.ts';
import { type FleetsLooked, lookAtFleets } from './pens/fleets.ts';
import { lookAtInstances } from './pens/instances.ts';
import type { Apart, Looked, Looking } from './pens/look.ts';
import { askRefusedAnew } from './pens/preflight.ts';
import { lookAtTags, type TagsLooked } from './pens/tags.ts';
import { recordProposals } from './proposals.ts';
import { keepRoll } from './roll-call.ts';
import { home, type Run } from './run.ts';
import { pauseParameter } from './settings.ts';
import { tellOffers } from './tag-offers.ts';
import { tellTagStops, warnOfMarks } from './tag-warnings.ts';
import { disruptionsOf, givenBack, keepDigest, tell } from './telling.ts';
import { testify } from './testify.ts';
import { tellWarnings } from './warnings.ts';
import { spendWishes } from './wishes.ts';

export interface Reconciled {
  /** `null`: nothing had fallen due, so nobody looked. */
  readonly plan: Plan | null;
  readonly receipts: readonly Receipt[];
}

/** @param evenPaused for whoever has set the pause himself, to give back undisturbed. */
export async function reconcile(run: Run, look: Doorbell['look'], { evenPaused = false } = {}): Promise<Reconciled> {
  if (look === 'due' && !(await isDue(run))) return { plan: null, receipts: [] };
  const { shelf, looked } = await lookAndRemember(run, look);
  // A change in mode `plan` is printed and reported, never written.
  const receipts = await act(
    run,
    looked.plan.changes.filter(change => change.mode === 'act'),
    evenPaused ? async () => ({ kind: 'running', why: null }) : undefined,
  );
  if (run.pen === 'stop-start-instances') await askRefusedAnew(run, receipts);
  await spendWishes(run, shelf.wishes, looked.plan, receipts);
  await account(run, looked, shelf, receipts);
  await tell(run, looked.plan, receipts);
  for (const notice of looked.notices ?? []) await post(run.memory, notice);
  if (isTags(looked)) await warnOfMarks(run, looked, shelf, receipts);
  await tellTagStops(run, receipts);
  if (looked.warnings !== undefined) await tellWarnings(run, looked.warnings);
  if (run.pen === 'stop-start-instances') await tellBadTags(run, looked.plan, looked.machines ?? []);
  if (isTags(looked)) await tellOffers(run, looked, shelf, receipts);
  if (isFleets(looked)) {
    await tellLaunches(run, looked);
    await tellProposals(run, looked);
  }
  if (await keepDigest(run, looked.plan, look, shelf.left)) await keepRoll(run, looked);
  if (typeof look === 'string' && looked.partial !== true) await forgetDeparted(run, looked.plan, shelf);
  // The fleet pen looks every minute and needs no agenda.
  if (run.pen !== 'resize-fleets')
    await writeAgenda(run, soonIfOpen(run, looked, receipts), -givenBack(receipts), typeof look === 'string');
  return { plan: looked.plan, receipts };
}

/** Executes exactly these changes, which somebody has been shown and said yes to, whatever the mode of their policies. */
export async function carryOut(run: Run, changes: readonly Change[]): Promise<Receipt[]> {
  // Looked at first: a stop finds its baseline then, and a debt that was paid is no longer owed.
  const { looked } = await lookAndRemember(
    run,
    changes.map(change => change.resource.id),
  );
  const receipts = await act(run, changes);
  if (isFleets(looked)) await readFleetMeters(run, looked, receipts);
  await tell(run, looked.plan, receipts);
  if (run.pen !== 'resize-fleets') await writeAgenda(run, run.at, -givenBack(receipts), false);
  return receipts;
}

/** The pen's look at its scope: nothing is written, so `ebb plan` is this and no more. */
export async function lookAt(looking: Looking): Promise<Looked> {
  const looked = await lookWith(looking);
  return { ...looked, plan: approved(looked.plan, valuesOf(looking.shelf.wishes)) };
}

function lookWith(looking: Looking): Promise<Looked> {
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

/** What an earlier run left behind is settled, what events failed to tell is put on record, and what was seen is remembered. */
async function lookAndRemember(run: Run, look: Doorbell['look']): Promise<{ shelf: SortedShelf; looked: Looked }> {
  const before = await readShelf(run);
  const tools = { clients: run.clients, claims: claimsOn(run), now: outside().now };
  const open = await settleQuestions(valuesOf(before.pending), tools);
  const shelf = open.size < before.pending.size ? await readShelf(run) : before;
  const looked = await lookAt({ run, look, measure: look === 'all' || isApproving(look, shelf), shelf, open });
  for (const change of looked.testimonies) await testify(change, run, run.at);
  for (const item of looked.next) await run.memory.write(run.shelf, item); // lost a race: whoever won knows no less
  await Promise.all(looked.apart.map(kept => writeApart(run, kept)));
  return { shelf, looked };
}

/** A stop that was proposed from measurement is measured again before it is carried out. */
const isApproving = (look: Doorbell['look'], { wishes }: SortedShelf): boolean =>
  typeof look !== 'string' && look.some(id => wishes.get(id)?.value.want === 'approve');

/** Writes under way at a time, where none waits for another. */
const APART_AT_A_TIME = 16;

async function writeApart({ memory, at }: Run, { shelf, items, each }: Apart): Promise<void> {
  const write = ({ item, expiresAt }: Apart['items'][number]) => memory.write(shelf, item, { at, expiresAt });
  if (each) return sideBySide(items, async kept => void (await write(kept)), APART_AT_A_TIME);
  for (const kept of items) if (!(await write(kept))) return;
}

const readShelf = async ({ memory, shelf, at }: Run): Promise<SortedShelf> => sortShelf(await memory.readShelf(shelf, at));

/** The day's budget is spent first and given back where nothing was done: a run that dies in between has spent too much, never too little. */
async function act(run: Run, changes: readonly Change[], pause: () => Promise<Pause> = ifPaused): Promise<Receipt[]> {
  const spent = disruptionsOf(changes);
  if (spent > 0) await writeAgenda(run, run.at, spent, false);
  return execute(changes, {
    clients: run.clients,
    claims: claimsOn(run),
    now: outside().now,
    sleep: outside().sleep,
    remaining: run.remaining,
    pause,
  });
}

const ifPaused = (): Promise<Pause> => readPause(home(), pauseParameter());

async function account(run: Run, looked: Looked, shelf: SortedShelf, receipts: readonly Receipt[]): Promise<void> {
  await recordProposals(run, looked.plan, shelf);
  if (isFleets(looked)) await readFleetMeters(run, looked, receipts);
}

/** What nobody answered is looked up at the next tick. */
const soonIfOpen = ({ at }: Run, { nextAt }: Looked, receipts: readonly Receipt[]): Instant | null =>
  receipts.some(({ detail }) => detail === NO_ANSWER) ? at : nextAt;

const isTags = (looked: Looked): looked is TagsLooked => 'tagged' in looked;
const isFleets = (looked: Looked): looked is FleetsLooked => 'fleets' in looked;
