/** The virtual cloud keeps a record of its own: what it billed while the ledger says that a box was asleep. Computed from the record alone. */
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { epochSeconds, type Window } from '../../shared/model/time.ts';
import type { Cloud } from '../../simulator/cloud.ts';

export interface Check {
  /** Seconds asleep by our stops, as the ledger's meters say. */
  readonly ledgerSeconds: number;
  /** Seconds that the world did not bill, from each effective StopInstances of ours until it billed again. */
  readonly worldSeconds: number;
  /** Calls in the world's record that changed something and carry no change id of ours, though a function of ours made them. */
  readonly unsigned: number;
  readonly writes: number;
}

export function check(cloud: Cloud, rows: readonly LedgerRow[], window: Window): Check {
  const ours = cloud.record.writes.filter(
    w => w.caller.startsWith('function:') && w.changed.length > 0 && (w.service === 'ec2' || w.service === 'autoscaling'),
  );
  return {
    ledgerSeconds: asleepByLedger(rows, window),
    worldSeconds: asleepByWorld(cloud, ours, window),
    unsigned: ours.filter(w => !/ebbtide\/chg-/.test(w.userAgent)).length,
    writes: ours.length,
  };
}

function asleepByLedger(rows: readonly LedgerRow[], { end }: Window): number {
  const closed = new Map(rows.flatMap(r => (r.kind === 'meter-closed' ? [[r.meterId, r.at] as const] : [])));
  let seconds = 0;
  for (const row of rows) {
    if (row.kind !== 'meter-opened' || row.class === 'scale-in') continue;
    seconds += epochSeconds(closed.get(row.meterId) ?? end) - epochSeconds(row.at);
  }
  return seconds;
}

function asleepByWorld(cloud: Cloud, ours: Cloud['record']['writes'], { end }: Window): number {
  let seconds = 0;
  for (const { action, changed, at } of ours) {
    if (action !== 'StopInstances') continue;
    for (const id of changed) {
      const next = cloud.record.billed(id).find(span => span.from > epochSeconds(at));
      seconds += Math.min(next?.from ?? epochSeconds(end), epochSeconds(end)) - epochSeconds(at);
    }
  }
  return seconds;
}
