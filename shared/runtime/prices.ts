/**
 * What an hour costs, for the instances that a run may stop: the Price List API, kept for a day on a shelf of the region → the table that is
 * shipped → unknown. Where the account says so, what Cost Explorer tells of commitments goes with it.
 */
import type { Coverage } from '../model/ledger.ts';
import type { Instance, Price, Unread } from '../model/observation.ts';
import type { MemoryItem, Shelf } from '../model/ports.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../model/time.ts';
import { askCoverage, type CoverageByFamily, familyOf } from '../observe/coverage.ts';
import { askPriceList, type Listed, type ListedType, listSource } from '../observe/price-list.ts';
import { why } from '../observe/why.ts';
import { clientsFor } from './clients.ts';
import { type Outside, outside } from './outside.ts';
import type { Apart } from './pens/look.ts';
import type { Run } from './run.ts';

/** Where the Price List and Cost Explorer answer, whatever region is meant. */
const BILLING_REGION = 'us-east-1';

/** Types that one run asks about: the others have the shipped price until the next. */
const ASKED_MAX = 10;

/** Nobody is asked again so soon after an error. */
const REST = HOUR;

interface Kept<Value> {
  readonly value: Value;
  readonly askedAt: Instant;
}

/** What this container has read already: a look in which nothing is missing costs nothing. */
interface Known {
  readonly prices: Map<string, MemoryItem<Kept<Listed>>>;
  coverage: MemoryItem<Kept<CoverageByFamily>> | null;
  readAt: Instant | null;
  /** By whom an error was answered: until then it is not asked again. */
  readonly rests: Map<Asked, Instant>;
}
type Asked = 'prices of today' | 'coverage by commitments';
const known = new WeakMap<Outside, Map<Shelf, Known>>();

export interface Priced<I> {
  readonly instances: I[];
  readonly unread: readonly Unread[];
  /** What has been asked, to be kept on its shelf: a plan writes nothing. */
  readonly apart: readonly Apart[];
}

/** @param matters whose price will be asked for: nobody else's is worth a request. */
export async function withPrices<I extends Instance>(
  run: Run,
  instances: readonly I[],
  matters: (instance: I) => boolean,
): Promise<Priced<I>> {
  const asked = instances.filter(i => i.state === 'running' && i.lifecycle === 'on-demand' && i.tenancy === 'default' && matters(i));
  const types = new Map(asked.flatMap(i => (i.platform === 'other' ? [] : [[nameOf(i), listedType(i, run)] as const])));
  const { priceOf, unread, apart } = await pricesFor(run, types);
  const priced = (i: I): I =>
    types.has(nameOf(i)) && i.lifecycle === 'on-demand' ? { ...i, price: priceOf(nameOf(i), i.type, i.price) } : i;
  return { instances: instances.map(priced), unread, apart };
}

const nameOf = ({ type, platform, tenancy }: Pick<Instance, 'type' | 'platform' | 'tenancy'>): string => `${type} ${platform} ${tenancy}`;
const listedType = ({ type, platform }: Instance, { scope }: Run): ListedType => ({
  ...{ region: scope.region, type, platform: platform === 'windows' ? 'windows' : 'linux' },
});

/** A price that was read from the shipped table is replaced by what the list says today, where it says one. */
async function pricesFor(run: Run, types: ReadonlyMap<string, ListedType>) {
  if (types.size === 0) return { priceOf: (_: string, __: string, shipped: Price | null) => shipped, unread: [], apart: [] };
  const held = await read(run);
  const unread: Unread[] = [];
  const items: MemoryItem[] = [];
  /** What one of them fails to answer keeps nobody from asking the other. */
  const ask = async (what: Asked, refresh: () => Promise<void>): Promise<void> => {
    if ((held.rests.get(what) ?? run.at) > run.at) return;
    try {
      await refresh();
    } catch (error) {
      held.rests.set(what, addSeconds(run.at, REST));
      unread.push({ what, why: why(error) });
    }
  };
  await ask('prices of today', () => refreshPrices(run, held, types, item => items.push(item)));
  unread.push(...refusals(held, types, run.at));
  await ask('coverage by commitments', () => refreshCoverage(run, held, item => items.push(item)));
  const priceOf = (name: string, type: string, shipped: Price | null): Price | null => {
    const price = priceIn(held, name, run.at) ?? shipped;
    const coverage = run.asks === undefined ? null : coverageIn(held, familyOf(type), run.at);
    return price === null || coverage === null ? price : { ...price, coverage };
  };
  const expiresAt = addSeconds(run.at, 2 * DAY);
  return { priceOf, unread, apart: items.map((item): Apart => ({ shelf: shelfOf(run), items: [{ item, expiresAt }] })) };
}

const isFresh = <V>(item: MemoryItem<Kept<V>> | null | undefined, at: Instant): boolean =>
  item != null && item.value.askedAt <= at && addSeconds(item.value.askedAt, DAY) > at;

function priceIn({ prices }: Known, name: string, at: Instant): Price | null {
  const item = prices.get(name);
  if (item === undefined || !isFresh(item, at) || 'refused' in item.value.value) return null;
  const { perHour, billedAs, effectiveAt } = item.value.value;
  return { perHour, billedAs, source: listSource(effectiveAt) };
}

function coverageIn({ coverage }: Known, family: string, at: Instant): Coverage | null {
  return coverage !== null && isFresh(coverage, at) ? (coverage.value.value[family] ?? null) : null;
}

/** Said on the run that asked. */
const refusals = ({ prices }: Known, types: ReadonlyMap<string, ListedType>, at: Instant): Unread[] =>
  [...types].flatMap(([name, { type, region }]) => {
    const kept = prices.get(name)?.value;
    if (kept === undefined || kept.askedAt !== at || !('refused' in kept.value)) return [];
    return [{ what: `price of ${type} in ${region}`, why: `the Price List API: ${kept.value.refused}` }];
  });

const COVERAGE_KEY = 'coverage';
const shelfOf = ({ scope }: Run): Shelf => `${scope.account}/${scope.region}#prices`;

async function read(run: Run): Promise<Known> {
  const shelves = known.get(outside()) ?? new Map<Shelf, Known>();
  known.set(outside(), shelves);
  const shelf = shelfOf(run);
  const held = shelves.get(shelf) ?? { prices: new Map(), coverage: null, readAt: null, rests: new Map() };
  shelves.set(shelf, held);
  if (held.readAt !== null && addSeconds(held.readAt, DAY) > run.at) return held;
  for (const item of await run.memory.readShelf(shelf, run.at)) {
    if (item.key === COVERAGE_KEY) held.coverage = item as MemoryItem<Kept<CoverageByFamily>>;
    else held.prices.set(item.key, item as MemoryItem<Kept<Listed>>);
  }
  held.readAt = run.at;
  return held;
}

type Keep = (item: MemoryItem) => void;

async function refreshPrices(run: Run, held: Known, types: ReadonlyMap<string, ListedType>, keep: Keep): Promise<void> {
  const stale = [...types].filter(([name]) => !isFresh(held.prices.get(name), run.at)).slice(0, ASKED_MAX);
  for (const [name, type] of stale) {
    const listed = await askPriceList(clientsFor({ region: BILLING_REGION }), type);
    held.prices.set(name, kept(name, held.prices.get(name), listed, run.at, keep));
  }
}

async function refreshCoverage({ asks, scope, at }: Run, held: Known, keep: Keep): Promise<void> {
  if (asks === undefined || isFresh(held.coverage, at)) return;
  held.coverage = kept(COVERAGE_KEY, held.coverage, await askCoverage(asks, scope.region, at), at, keep);
}

/** As it lies on the shelf once it has been written there. */
function kept<V>(key: string, before: MemoryItem<Kept<V>> | null | undefined, value: V, askedAt: Instant, keep: Keep): MemoryItem<Kept<V>> {
  const version = before?.version ?? 0;
  keep({ key, value: { value, askedAt }, version });
  return { key, value: { value, askedAt }, version: version + 1 };
}
