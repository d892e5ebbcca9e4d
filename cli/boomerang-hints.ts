/** For `ebb why`: how often somebody wanted an instance back that we had just stopped, and what that leads to. */
import { sortShelf } from '../shared/memory/shelves.ts';
import type { Plan } from '../shared/model/plan.ts';
import { laterWords } from '../shared/report/machine-notices.ts';
import { count } from '../shared/report/numbers.ts';
import { clock } from '../shared/report/when.ts';
import { type Account, runFor } from './look.ts';

export async function boomerangHints({ at, changes, left }: Plan, account: Account, zone?: string): Promise<string[]> {
  const [answer] = [...changes, ...left].filter(one => one.pen === 'stop-start-instances');
  if (answer === undefined) return [];
  const { id, scope } = answer.resource;
  const run = await runFor('stop-start-instances', scope, account, at);
  const held = sortShelf(await run.memory.readShelf(run.shelf, at)).instances.get(id)?.value;
  const [latest, ...earlier] = (held?.boomerangs ?? []).toReversed();
  if (latest === undefined) return [];
  const stopped = `Stopped by us ${clock(zone)(latest.stoppedAt)}, and started again by somebody ${clock(zone)(latest.at)}`;
  const often = earlier.length === 0 ? '.' : `; the same ${count(earlier.length, 'time')} before, in a fortnight.`;
  return [`${stopped}${often}`, ...(held?.later == null ? [] : [`Proposal: ${laterWords(held.later)}.`])];
}
