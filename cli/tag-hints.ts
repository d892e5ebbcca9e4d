/** For `ebb why`: what the tags that a resource lacks may well be, and why. */
import { shelfOf, sortShelf } from '../shared/memory/shelves.ts';
import type { Plan } from '../shared/model/plan.ts';
import { offerClause } from '../shared/report/offers.ts';
import { plain } from '../shared/report/plain.ts';
import { clock } from '../shared/report/when.ts';
import { lookAtTags } from '../shared/runtime/pens/tags.ts';
import { type Account, runFor } from './look.ts';

/** A paragraph each. The whole scope is looked at, since others of its kind are a clue. */
export async function tagHints({ at, changes, left }: Plan, account: Account, zone = 'UTC'): Promise<string[]> {
  const hints: string[] = [];
  for (const { pen, resource, because } of [...changes, ...left]) {
    if (pen !== 'enforce-tags' || (because.code !== 'tags-missing' && because.code !== 'marked')) continue;
    const run = await runFor('enforce-tags', resource.scope, account, at);
    const shelf = sortShelf(await run.memory.readShelf(shelfOf('enforce-tags', resource.scope), at));
    const looked = await lookAtTags({ run, look: 'all', measure: true, shelf, open: new Map() });
    const seen = looked.tagged.find(({ ref }) => ref.id === resource.id);
    const offers = seen === undefined ? [] : looked.offersFor(seen).filter(({ key }) => because.missing.includes(key));
    for (const { key, value, confidence, because: why } of offers)
      hints.push(`On offer (${confidence}): ${plain(key)}=${plain(value)}: ${offerClause(why, clock(zone))}.`);
  }
  return hints;
}
