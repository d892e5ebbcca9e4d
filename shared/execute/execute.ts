/**
 * The only room with a pen: pause → stop protection → claim → re-read → verify → perform → settle, change by change, each with its own
 * outcome.
 * A crash between any two steps leaves a question (a pending item), and the next run looks for its answer.
 */

import { type Change, givesBack } from '../model/plan.ts';
import type { Claims } from '../model/ports.ts';
import type { Outcome, Receipt } from '../model/receipt.ts';
import { addSeconds, type Instant } from '../model/time.ts';
import { observeStopProtection } from '../observe/instances.ts';
import { why } from '../observe/why.ts';
import type { Clients } from '../runtime/clients.ts';
import type { Pause } from './pause.ts';
import { ACTIONS, type Performed, perform } from './perform.ts';
import { type Fresh, reread } from './reread.ts';
import { Line, sideBySide, together } from './side-by-side.ts';
import { verify } from './verify.ts';

export interface Tools {
  readonly clients: Clients;
  readonly claims: Claims;
  /** The instant now: it moves while we work. */
  now(): Instant;
  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds that this run may still take. */
  remaining(): number;
  pause(): Promise<Pause>;
}

/** The detail of a change whose outcome nobody knows yet: `failed` so far, and it may have been carried out. */
export const NO_ANSWER = 'no answer from AWS: whether the write took effect is looked up at the next tick';

/** A batch is not begun when the run could be ended in the middle of it. */
const BATCH_NEEDS_MS = 30_000;

/** AWS refills its buckets by the second: what it had no room for is sent again after this long. */
const THROTTLED_MS = 5_000;
/** … but not for ever: a claim older than two minutes is taken for a question, so it must have its answer well before. */
const PATIENCE_SECONDS = 60;

/** One receipt per change, in the order of the changes. */
export async function execute(changes: readonly Change[], tools: Tools): Promise<Receipt[]> {
  if (changes.length === 0) return [];
  const pause = await tools.pause();
  const isFree = (change: Change) => pause.kind === 'running' || givesBack(change);
  const receipts = changes.filter(c => !isFree(c)).map(c => receiptOf(c, { outcome: 'refused', detail: pause.why }, tools));
  const lines: Lines = { asking: new Line(), throttled: new Line() };
  await sideBySide(batches(changes.filter(isFree)), async batch => {
    receipts.push(...(await guardAndAct(batch, lines, tools)));
  });
  const byId = new Map(receipts.map(r => [r.change.id, r]));
  return changes.map(change => byId.get(change.id)).filter(r => r !== undefined);
}

/** Where batches wait for each other. */
interface Lines {
  readonly asking: Line;
  /** Until AWS has room again. */
  readonly throttled: Line;
}

async function guardAndAct(batch: readonly Change[], lines: Lines, tools: Tools): Promise<Receipt[]> {
  if (isLate(tools)) return batch.map(change => receiptOf(change, TOO_LATE, tools));
  const guards = await lines.asking.stand(() => stopGuards(batch, tools));
  const guarded = batch.flatMap(change => {
    const guard = guards.get(change.resource.id);
    return guard === undefined ? [] : receiptOf(change, guard, tools);
  });
  const free = batch.filter(change => !guards.has(change.resource.id));
  if (isLate(tools)) return [...guarded, ...free.map(change => receiptOf(change, TOO_LATE, tools))];
  return [...guarded, ...(await actOn(free, lines, tools))];
}

const isLate = ({ remaining }: Tools): boolean => remaining() < BATCH_NEEDS_MS;
const TOO_LATE: Told = { outcome: 'not-attempted', detail: 'the run was about to end: the next tick goes on' };

/**
 * DisableApiStop costs a call an instance and EC2 answers twenty a second, so a batch asks while others are being stopped. Before the claim,
 * like the pause: nothing was begun, and the next tick decides afresh. Unknown is not absent.
 * @returns by instance: why it is not stopped
 */
async function stopGuards(batch: readonly Change[], { clients }: Tools): Promise<ReadonlyMap<string, Told>> {
  const stops = batch.filter(change => change.action.kind === 'stop-instance').map(change => change.resource.id);
  if (stops.length === 0) return new Map();
  const guards = new Map<string, Told>();
  for (const [id, answer] of await observeStopProtection(clients, stops)) {
    if ('why' in answer) guards.set(id, { outcome: 'failed', detail: `its stop protection could not be read: ${answer.why}` });
    else if (answer.stopProtection) guards.set(id, { outcome: 'refused', detail: 'its stop protection is on' });
  }
  return guards;
}

async function actOn(batch: readonly Change[], lines: Lines, tools: Tools): Promise<Receipt[]> {
  const claimedAt = tools.now();
  const claims = await together(batch.map(change => tools.claims.claim(change, tools.now())));
  const receipts = batch.filter((_, i) => claims[i] === false).map(change => receiptOf(change, CLAIMED_BEFORE, tools));
  const isPatient = () => tools.now() < addSeconds(claimedAt, PATIENCE_SECONDS) && !isLate(tools);

  const write = async (claimed: readonly Change[]): Promise<Change[]> => {
    const answers = await lookAndWrite(claimed, tools);
    const throttled = isPatient() ? claimed.filter(change => answers.get(change.id)?.outcome === 'throttled') : [];
    const over = claimed.filter(change => !throttled.includes(change));
    receipts.push(...(await settle(over, answers, tools)));
    return throttled;
  };
  const wait = async (throttled: readonly Change[]): Promise<void> => {
    for (let waiting = throttled; waiting.length > 0; waiting = await write(waiting)) await tools.sleep(THROTTLED_MS);
  };
  const throttled = await write(batch.filter((_, i) => claims[i] === true));
  await lines.throttled.stand(() => wait(throttled));
  return receipts;
}

const CLAIMED_BEFORE: Told = { outcome: 'not-attempted', detail: 'claimed before: this very change is settled or being settled' };

interface Told<Said = Outcome> {
  readonly outcome: Said;
  readonly detail: string | null;
  readonly requestId?: string | null;
}

/** By change id; of what is absent, nobody knows. */
type Answers = ReadonlyMap<string, Answer>;
type Answer = Told<Performed['outcome'] | 'stale'>;

async function lookAndWrite(claimed: readonly Change[], tools: Tools): Promise<Answers> {
  const fresh = await lookAgain(claimed, tools);
  if (typeof fresh === 'string') return new Map(claimed.map(c => [c.id, notSeen(fresh)]));
  const verdicts = new Map(claimed.map(change => [change, verify(change, fresh.get(change.resource.id))]));
  const go = claimed.filter(change => verdicts.get(change) === 'go');
  const answers = new Map<string, Answer>(await perform(tools.clients, go));
  for (const [{ id }, verdict] of verdicts) if (verdict !== 'go') answers.set(id, verdict);
  return answers;
}

/** The world as it is now, or why it cannot be seen: then it is known that nothing was written, and other batches may fare better. */
async function lookAgain(claimed: readonly Change[], { clients }: Tools): Promise<Map<string, Fresh> | string> {
  try {
    return await reread(
      clients,
      claimed.map(c => c.resource),
      claimed[0]?.pen,
    );
  } catch (error) {
    return why(error);
  }
}

const notSeen = (cause: string) => ({ outcome: 'failed' as const, detail: `not written, for it could not be looked at again: ${cause}` });

/** What was answered is settled; what was not stays pending, and the next run looks at the world for the answer. */
async function settle(over: readonly Change[], answers: Answers, tools: Tools): Promise<Receipt[]> {
  const receipts = await together(
    over.map(async change => {
      const answer = answers.get(change.id);
      if (answer === undefined || answer.outcome === 'unknown') return receiptOf(change, { outcome: 'failed', detail: NO_ANSWER }, tools);
      const { outcome } = answer;
      const receipt = receiptOf(change, { ...answer, outcome: outcome === 'throttled' ? 'failed' : outcome }, tools);
      await tools.claims.settle(receipt);
      return receipt;
    }),
  );
  return receipts;
}

const receiptOf = (change: Change, { outcome, detail, requestId = null }: Told, { now }: Tools): Receipt => ({
  ...{ change, outcome, at: now() },
  ...{ requestId, detail },
});

/** What we owe comes first, should the run end early; then the plan's order, cut where the action changes or AWS's own limit is reached. */
function batches(changes: readonly Change[]): Change[][] {
  const open = new Map<string, Change[]>();
  const all: Change[][] = [];
  const isOwed = (change: Change) => givesBack(change);
  for (const change of [...changes.filter(isOwed), ...changes.filter(c => !isOwed(c))]) {
    const key = JSON.stringify(change.action);
    const batch = open.get(key);
    if (batch !== undefined && batch.length < ACTIONS[change.action.kind].batchMax) batch.push(change);
    else {
      const fresh = [change];
      open.set(key, fresh);
      all.push(fresh);
    }
  }
  return all;
}
