/** Writes. Each change gets its own outcome, whatever becomes of the others that share its call: one bad id spoils only itself. */
import { fingerprint } from '../model/ids.ts';
import type { ActionKind, Change } from '../model/plan.ts';
import type { Clients } from '../runtime/clients.ts';
import { ACTIONS, type ActionRow } from './actions.ts';
import { classifyError } from './classify-error.ts';

export { ACTIONS } from './actions.ts';

export interface Performed {
  /** `unknown`: AWS may have carried it out, and the world must be asked. */
  readonly outcome: 'done' | 'already-so' | 'refused' | 'failed' | 'unknown';
  readonly requestId: string | null;
  /** For people: the named cause of anything but `done`. */
  readonly detail: string | null;
}

/**
 * Sends the changes, all of the scope that `clients` speak for, alike ones together in calls of at most `batchMax` targets, one call after
 * the other. A throttle or a lost connection, after the SDK's own retries, ends the round: what has not been sent then is `failed`.
 * @returns an outcome for every change, by change id. What AWS or the network answers is never thrown.
 * @throws Error before anything is sent, when a change cannot be meant.
 */
export async function perform(clients: Clients, changes: readonly Change[]): Promise<Map<string, Performed>> {
  for (const change of changes) assertSane(change);
  const performed = new Map<string, Performed>();
  let ended: string | null = null;
  for (const batch of batches(changes)) {
    if (ended === null) ended = await sendBatch(clients, batch, performed);
    else settle(performed, batch, { outcome: 'failed', requestId: null, detail: `not sent: ${ended}` });
  }
  return performed;
}

function assertSane({ id, action, resource }: Change): void {
  if (resource.kind !== ACTIONS[action.kind].resource) throw new Error(`${id}: ${action.kind} is not for an ${resource.kind}`);
  // Naming no key would delete every tag that the instance has.
  if (action.kind === 'delete-tags' && action.keys.length === 0) throw new Error(`${id}: delete-tags names no key`);
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
async function sendBatch(clients: Clients, batch: Batch, performed: Map<string, Performed>): Promise<string | null> {
  const { action } = batch[0];
  const row = ACTIONS[action.kind] as ActionRow<ActionKind>;
  const targets = [...new Set(batch.map(change => change.resource.id))];
  let unanswered = () => false;
  try {
    const { requestId, of } = await row.send({
      clients,
      targets,
      action,
      changeIds: batch.map(change => change.id),
      watch: attempts => {
        unanswered = () => attempts.unanswered;
      },
    });
    for (const change of batch) {
      const found = of(change.resource.id);
      // "It was so already" may be our own first attempt, whose answer was lost.
      const outcome = found === 'already-so' && unanswered() ? 'unknown' : found;
      settle(performed, [change], { outcome, requestId, detail: DETAIL[outcome] });
    }
    return null;
  } catch (error) {
    const verdict = classifyError(error, targets);
    const requestId = (error as { $metadata?: { requestId?: string } }).$metadata?.requestId ?? null;
    const { detail } = verdict;
    switch (verdict.blames) {
      case 'named': {
        const { outcome, ids } = verdict;
        const blamed = new Set(ids);
        settle(
          performed,
          batch.filter(c => blamed.has(c.resource.id)),
          { outcome, requestId, detail },
        );
        const others = batch.filter(c => !blamed.has(c.resource.id));
        return isBatch(others) ? sendBatch(clients, others, performed) : null;
      }
      case 'someone': {
        if (targets.length === 1) {
          settle(performed, batch, { outcome: verdict.outcome, requestId, detail });
          return null;
        }
        return sendHalves(clients, batch, performed);
      }
      case 'call': {
        const outcome = verdict.outcome === 'failed' && unanswered() ? 'unknown' : verdict.outcome;
        settle(performed, batch, { outcome, requestId, detail });
        return verdict.endsRound ? detail : null;
      }
      default:
        return verdict satisfies never;
    }
  }
}

const DETAIL: Readonly<Record<'done' | 'already-so' | 'unknown', string | null>> = {
  done: null,
  'already-so': 'it was so before the call',
  unknown: 'the call did not tell',
};

async function sendHalves(clients: Clients, batch: Batch, performed: Map<string, Performed>): Promise<string | null> {
  const middle = Math.ceil(batch.length / 2);
  let ended: string | null = null;
  for (const half of [batch.slice(0, middle), batch.slice(middle)].filter(isBatch)) {
    if (ended === null) ended = await sendBatch(clients, half, performed);
    else settle(performed, half, { outcome: 'failed', requestId: null, detail: `not sent: ${ended}` });
  }
  return ended;
}

function settle(performed: Map<string, Performed>, changes: readonly Change[], outcome: Performed): void {
  for (const change of changes) performed.set(change.id, outcome);
}
