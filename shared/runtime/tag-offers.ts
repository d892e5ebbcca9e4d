/** What missing tags may well be, offered to whom it concerns: once for each set of values, and only of what is marked. */

import type { SortedShelf } from '../memory/shelves.ts';
import { offeredKey } from '../memory/shelves.ts';
import { fingerprint } from '../model/ids.ts';
import type { Tagged } from '../model/observation.ts';
import type { TagOffer } from '../model/offer.ts';
import type { Plan } from '../model/plan.ts';
import type { MemoryItem } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { setsMark } from '../model/tagging.ts';
import { addSeconds, DAY } from '../model/time.ts';
import { policiesOf } from '../policy/match.ts';
import { offerClause } from '../report/offers.ts';
import { post } from './outbox.ts';
import type { TagsLooked } from './pens/tags.ts';
import type { Run } from './run.ts';

/** In one run, as marks are: a first sweep tells nobody of a thousand machines at once. */
const OFFERS_MAX = 20;
/** After that the same values may be offered again. */
const REMEMBERED = 30 * DAY;

export async function tellOffers(run: Run, looked: TagsLooked, { offered }: Pick<SortedShelf, 'offered'>, receipts: readonly Receipt[]) {
  const marked = missingOf(run, looked.plan, receipts);
  let told = 0;
  for (const resource of looked.tagged) {
    const missing = marked.get(resource.ref.id);
    if (missing === undefined || told === OFFERS_MAX) continue;
    const offers = looked.offersFor(resource).filter(({ key }) => missing.includes(key));
    const offer = { resource, offers, owner: looked.concerned(resource) };
    if (await tellOffer(run, offer, offered.get(resource.ref.id))) told++;
  }
}

/** Keys that a mark names, just set or standing while its policy acts: what will be put right anyway is nobody's to accept. */
function missingOf({ config }: Run, { left }: Plan, receipts: readonly Receipt[]): Map<string, readonly string[]> {
  const acting = new Set<string | null>(policiesOf(config.policies, 'tags').flatMap(({ name, mode }) => (mode === 'act' ? [name] : [])));
  const set = receipts.filter(({ outcome, change }) => outcome === 'done' && setsMark(change.action)).map(({ change }) => change);
  const standing = left.filter(({ policy }) => acting.has(policy));
  return new Map(
    [...set, ...standing].flatMap(({ resource, because }) =>
      because.code === 'tags-missing' || because.code === 'marked' ? [[resource.id, because.missing] as const] : [],
    ),
  );
}

interface Offer {
  readonly resource: Tagged;
  readonly offers: readonly TagOffer[];
  readonly owner: string | null;
}

async function tellOffer(run: Run, { resource, offers, owner }: Offer, held: MemoryItem<string> | undefined): Promise<boolean> {
  if (offers.length === 0) return false;
  const said = fingerprint(offers.map(({ key, value }) => [key, value]));
  if (held?.value === said) return false;
  const { memory, shelf, at } = run;
  await post(memory, {
    ...{ kind: 'tag-offer', at, resource: resource.ref, owner },
    offers: offers.map(({ key, value, because, confidence }) => ({ key, value, because: `${confidence}: ${offerClause(because)}` })),
  });
  const item = { key: offeredKey(resource.ref.id), value: said, version: held?.version ?? 0 };
  await memory.write(shelf, item, { at, expiresAt: addSeconds(at, REMEMBERED) }); // lost to another run: the outbox holds one of the two
  return true;
}
