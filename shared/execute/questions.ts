/** Claims that nobody settled: a worker crashed, or AWS did not answer. The world is asked what became of them. */

import type { PendingChange } from '../model/memory.ts';
import type { Change } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, type Instant, later } from '../model/time.ts';
import type { Tools } from './execute.ts';
import { type Fresh, reread } from './reread.ts';
import { isSo, isUnread } from './verify.ts';

/** A write may still be on its way this long after its claim; a request of ours is bounded well below. */
const GRACE_SECONDS = 120;

type Asking = Pick<Tools, 'clients' | 'claims' | 'now'>;

/** Settles what can be settled; returns what stays open, by resource id. */
export async function settleQuestions(pending: ReadonlyMap<string, PendingChange>, tools: Asking): Promise<Map<string, PendingChange>> {
  const now = tools.now();
  const open = new Map<string, PendingChange>();
  const due: PendingChange[] = [];
  for (const question of pending.values()) {
    if (addSeconds(question.claimedAt, GRACE_SECONDS) > now) open.set(question.change.resource.id, question);
    else due.push(question);
  }
  if (due.length === 0) return open;

  const fresh = await reread(
    tools.clients,
    due.map(q => q.change.resource),
    due[0]?.change.pen,
  );
  for (const question of due) {
    const seen = fresh.get(question.change.resource.id);
    // What says nothing of itself may yet say it: the question stays.
    if (seen !== undefined && isUnread(seen)) open.set(question.change.resource.id, question);
    else await answer(question, seen, tools);
  }
  return open;
}

async function answer({ change, claimedAt }: PendingChange, fresh: Fresh | undefined, { claims, now }: Asking): Promise<void> {
  const claimed = await claims.recall(change);
  // The claim comes before the write: what was never claimed was never written.
  if (claimed === null) await claims.drop(change);
  else await claims.settle(claimed.settled ?? seen(change, claimedAt, fresh, now()));
}

function seen(change: Change, claimedAt: Instant, fresh: Fresh | undefined, now: Instant): Receipt {
  if (fresh === undefined) return { change, outcome: 'stale', at: now, requestId: null, detail: 'it is gone' };
  if (!isSo(change, fresh)) {
    return { change, outcome: 'failed', at: now, requestId: null, detail: 'looked up: the write did not take effect' };
  }
  const dated = dateOf(change, fresh);
  const isOurs = dated === null || (dated >= addSeconds(claimedAt, -CLOCK_SECONDS) && dated <= addSeconds(claimedAt, LANDS_WITHIN));
  if (!isOurs) return { change, outcome: 'already-so', at: now, requestId: null, detail: 'somebody else made it so' };
  const at = dated === null ? claimedAt : later(dated, claimedAt);
  return { change, outcome: 'done', at, requestId: null, detail: 'found done when looked up' };
}

/** EC2's clock and ours may differ by this much: what it dates further before our claim was somebody else's. */
const CLOCK_SECONDS = 5;

/** … and what it dates later than this after our claim: a minute of patience with throttles, then a look and a write of three tries each. */
const LANDS_WITHIN = 180;

/** When EC2 says that it was stopped or started; what is not dated is taken for ours: better a debt too many. */
function dateOf({ action }: Change, fresh: Fresh): Instant | null {
  if (fresh.kind !== 'instance') return null;
  return action.kind === 'stop-instance' ? fresh.stoppedAt : action.kind === 'start-instance' ? fresh.launchedAt : null;
}
