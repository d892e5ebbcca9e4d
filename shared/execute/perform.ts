/** Writes. Each change gets its own outcome, whatever becomes of the others that share its call: one bad id spoils only itself. */
import { fingerprint } from '../model/ids.ts';
import type { ActionKind, Change } from '../model/plan.ts';
import type { Clients } from '../runtime/clients.ts';
import { ACTIONS, type ActionRow, type Sent } from './actions.ts';
import { classifyError } from './classify-error.ts';
import type { Attempts } from './signature.ts';

export { ACTIONS } from './actions.ts';

export interface Performed {
  /** `throttled`: it was not carried out, and may be sent again. `unknown`: AWS may have carried it out, and the world must be asked. */
  readonly outcome: 'done' | 'already-so' | 'refused' | 'failed' | 'throttled' | 'unknown';
  readonly requestId: string | null;
  /** For people: the named cause of anything but `done`. */
  readonly detail: string | null;
}

/**
 * Sends the changes, all of the scope that `clients` speak for, alike ones together in calls of at most `batchMax` targets, one call after
 * the other. A throttle or a lost connection, after the SDK's own retries, ends the round: what has not been sent then has failed alike.
 * @returns an outcome for every change, by change id. What AWS or the network answers is never thrown.
 * @throws Error before anything is sent, when a change cannot be meant.
 */
export async function perform(clients: Clients, changes: readonly Change[]): Promise<Map<string, Performed>> {
  for (const change of changes) assertSane(change);
  const round: Round = { clients, performed: new Map() };
  await sendAll(round, batches(changes), false);
  return round.performed;
}

interface Round {
  readonly clients: Clients;
  readonly performed: Map<string, Performed>;
}

function assertSane({ id, action, resource }: Change): void {
  if (![ACTIONS[action.kind].resource].flat().includes(resource.kind))
    throw new Error(`${id}: ${action.kind} is not for an ${resource.kind}`);
  // Naming no key would delete every tag that the instance has.
  if ((action.kind === 'delete-tags' || action.kind === 'replace-tags') && action.keys.length === 0)
    throw new Error(`${id}: ${action.kind} names no key`);
}

type Batch = [Change, ...Change[]];

function batches(changes: readonly Change[]): Batch[] {
  const alike = Map.groupBy(changes, change => fingerprint(change.action));
  return [...alike.values()].flatMap(group => {
    const size = group[0] === undefined ? 1 : ACTIONS[group[0].action.kind].batchMax;
    return Array.from({ length: Math.ceil(group.length / size) }, (_, i) => group.slice(i * size, (i + 1) * size)).filter(isBatch);
  });
}

const isBatch = (changes: Change[]): changes is Batch => changes.length > 0;

/** @returns why nothing more should be sent, or `null`. */
async function sendAll(round: Round, all: readonly Batch[], again: boolean): Promise<Performed | null> {
  let ended: Performed | null = null;
  for (const batch of all) {
    if (ended === null) ended = await sendBatch(round, batch, again);
    else settle(round, batch, { ...ended, requestId: null, detail: `not sent: ${ended.detail}` });
  }
  return ended;
}

/**
 * @param again whether these targets were in a call before that failed for another's sake.
 * @returns why nothing more should be sent, or `null`.
 */
async function sendBatch(round: Round, batch: Batch, again: boolean): Promise<Performed | null> {
  const { action } = batch[0];
  const row = ACTIONS[action.kind] as ActionRow<ActionKind>;
  const targets = [...new Set(batch.map(change => change.resource.id))];
  const attempts: Attempts[] = [];
  const unanswered = () => attempts.some(a => a.unanswered);
  const changeIds = batch.map(change => change.id);
  let sent: Sent;
  try {
    sent = await row.send({ clients: round.clients, targets, action, changeIds, watch: a => attempts.push(a) });
  } catch (error) {
    return faulted(round, batch, error, unanswered());
  }
  for (const change of batch) {
    const found = sent.of(change.resource.id);
    // "It was so already" may be our own work: of an attempt whose answer was lost, or of a call that failed only after it had begun.
    const outcome = found === 'already-so' && (again || unanswered()) ? 'unknown' : found;
    settle(round, [change], { outcome, requestId: sent.requestId, detail: DETAIL[outcome] });
  }
  return null;
}

const DETAIL: Readonly<Record<'done' | 'already-so' | 'unknown', string | null>> = {
  done: null,
  'already-so': 'it was so before the call',
  unknown: 'AWS did not say whether this call or another made it so',
};

/** Blame goes to whom the error names; who is not to blame is tried again. */
async function faulted(round: Round, batch: Batch, error: unknown, unanswered: boolean): Promise<Performed | null> {
  const verdict = classifyError(error, [...new Set(batch.map(change => change.resource.id))]);
  const { outcome, detail } = verdict;
  const requestId = (error as { $metadata?: { requestId?: string } } | undefined)?.$metadata?.requestId ?? null;
  switch (verdict.blames) {
    case 'named': {
      const blamed = batch.filter(c => verdict.ids.includes(c.resource.id));
      const others = batch.filter(c => !verdict.ids.includes(c.resource.id));
      settle(round, blamed, { outcome, requestId, detail });
      return isBatch(others) ? sendBatch(round, others, true) : null;
    }
    case 'someone':
      if (batch.length > 1) return sendAll(round, halves(batch), true);
      settle(round, batch, { outcome, requestId, detail });
      return null;
    case 'call': {
      // An attempt before this one may have been carried out.
      settle(round, batch, { outcome: outcome !== 'refused' && unanswered ? 'unknown' : outcome, requestId, detail });
      // Of what was never sent, nothing is unknown.
      return verdict.endsRound ? { outcome: outcome === 'unknown' ? 'failed' : outcome, requestId, detail } : null;
    }
    default:
      return verdict satisfies never;
  }
}

function halves(batch: Batch): Batch[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)].filter(isBatch);
}

function settle({ performed }: Round, changes: readonly Change[], outcome: Performed): void {
  for (const change of changes) performed.set(change.id, outcome);
}
