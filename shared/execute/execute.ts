/**
 * The only room with a pen: pause → claim → re-read → verify → perform → settle, change by change, each with its own outcome.
 * A crash between any two steps leaves a question (a pending item), and the next run looks for its answer.
 */

import { type Change, givesBack } from '../model/plan.ts';
import type { Claims } from '../model/ports.ts';
import type { Outcome, Receipt } from '../model/receipt.ts';
import type { Instant } from '../model/time.ts';
import { why } from '../observe/why.ts';
import type { Clients } from '../runtime/clients.ts';
import type { Pause } from './pause.ts';
import { ACTIONS, perform } from './perform.ts';
import { type Fresh, reread } from './reread.ts';
import { verify } from './verify.ts';

export interface Tools {
  readonly clients: Clients;
  readonly claims: Claims;
  /** The instant now: it moves while we work. */
  now(): Instant;
  /** Milliseconds that this run may still take. */
  remaining(): number;
  pause(): Promise<Pause>;
}

/** The detail of a change whose outcome nobody knows yet: `failed` so far, and it may have been carried out. */
export const NO_ANSWER = 'no answer from AWS: whether the write took effect is looked up at the next tick';

/** A batch is not begun when the run could be ended in the middle of it. */
const BATCH_NEEDS_MS = 30_000;

/** One receipt per change, in the order of the changes. */
export async function execute(changes: readonly Change[], tools: Tools): Promise<Receipt[]> {
  if (changes.length === 0) return [];
  const pause = await tools.pause();
  const receipts = new Map<string, Receipt>();
  const note = (change: Change, outcome: Outcome, detail: string | null) =>
    receipts.set(change.id, { change, outcome, at: tools.now(), requestId: null, detail });

  for (const batch of batches(changes)) {
    const free = batch.filter(change => pause.kind === 'running' || givesBack(change));
    for (const change of batch) if (!free.includes(change)) note(change, 'refused', pause.why);
    if (tools.remaining() < BATCH_NEEDS_MS) {
      for (const change of free) note(change, 'not-attempted', 'the run was about to end: the next tick goes on');
      continue;
    }
    for (const receipt of await actOn(free, tools)) receipts.set(receipt.change.id, receipt);
  }
  return changes.map(change => receipts.get(change.id)).filter(r => r !== undefined);
}

async function actOn(batch: readonly Change[], tools: Tools): Promise<Receipt[]> {
  const claims = await Promise.all(batch.map(change => tools.claims.claim(change, tools.now())));
  const claimed = batch.filter((_, i) => claims[i] === true);
  const lost = batch
    .filter((_, i) => claims[i] === false)
    .map(change => receipt(change, 'not-attempted', tools.now(), 'claimed before: this very change is settled or being settled'));
  if (claimed.length === 0) return lost;

  const fresh = await lookAgain(claimed, tools);
  if (typeof fresh === 'string') {
    const unseen = claimed.map(change =>
      receipt(change, 'failed', tools.now(), `not written, for it could not be looked at again: ${fresh}`),
    );
    await Promise.all(unseen.map(r => tools.claims.settle(r)));
    return [...lost, ...unseen];
  }
  const verified = claimed.map(change => ({ change, verdict: verify(change, fresh.get(change.resource.id)) }));
  const go = verified.filter(v => v.verdict === 'go').map(v => v.change);
  const results = go.length === 0 ? new Map() : await perform(tools.clients, go);

  const answered: Receipt[] = [];
  for (const { change, verdict } of verified) {
    const result = verdict === 'go' ? results.get(change.id) : { ...verdict, requestId: null };
    if (result === undefined || result.outcome === 'unknown') continue; // stays pending: the next run looks at the world for the answer
    answered.push({ ...receipt(change, result.outcome, tools.now(), result.detail), requestId: result.requestId });
  }
  await Promise.all(answered.map(r => tools.claims.settle(r)));
  const open = claimed.filter(c => !answered.some(r => r.change.id === c.id));
  return [...lost, ...answered, ...open.map(c => receipt(c, 'failed', tools.now(), NO_ANSWER))];
}

/** The world as it is now, or why it cannot be seen: then it is known that nothing was written, and other batches may fare better. */
async function lookAgain(claimed: readonly Change[], { clients }: Tools): Promise<Map<string, Fresh> | string> {
  try {
    return await reread(
      clients,
      claimed.map(c => c.resource),
    );
  } catch (error) {
    return why(error);
  }
}

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

const receipt = (change: Change, outcome: Outcome, at: Instant, detail: string | null): Receipt => ({
  change,
  outcome,
  at,
  requestId: null,
  detail,
});
