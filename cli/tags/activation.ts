/**
 * Whether the keys that we ask for are activated for cost allocation: a tag that is not is on no bill, however well it is kept.
 *
 * Cost Explorer answers in us-east-1, to the management account or to an account without an organisation; each request costs $0.01
 * (aws.amazon.com/aws-cost-management/pricing), so an answer holds for a day. A key that billing has not seen yet, or not for long, is not
 * in the list at all. Never verified against the real service.
 */
import type { CostAllocationTag } from '@aws-sdk/client-cost-explorer';
import { shelfOf } from '../../shared/memory/shelves.ts';
import type { Memory } from '../../shared/model/ports.ts';
import { addSeconds, DAY, type Instant } from '../../shared/model/time.ts';
import { why } from '../../shared/observe/why.ts';
import type { Clients } from '../../shared/runtime/clients.ts';

export type Standing = 'active' | 'inactive' | 'unseen';

export interface Activation {
  readonly keys: ReadonlyMap<string, Standing>;
  readonly askedAt: Instant;
  /** Why nothing is known; then `keys` is empty. */
  readonly why: string | null;
}

/** Cost Explorer's limit for keys in one request. */
const KEYS_MAX = 100;

export interface Asking {
  /** Of the account that pays, standing in us-east-1. */
  readonly clients: Pick<Clients, 'costExplorer'>;
  readonly account: string;
  /** `null`: nobody remembers, so each asking costs. */
  readonly memory: Memory | null;
  readonly at: Instant;
}

/** The answer of the last day, else a new one. What is refused is told, not thrown, and asked again the next time. */
export async function activationOf(keys: readonly string[], { clients, account, memory, at }: Asking): Promise<Activation> {
  const shelf = shelfOf('enforce-tags', { account, region: HOME });
  const held = (await memory?.read(shelf, KEY, at)) ?? null;
  const kept = (held?.value as Kept | undefined) ?? null;
  const known = new Map(kept?.keys);
  if (kept !== null && keys.every(key => known.has(key))) return { keys: known, askedAt: kept.askedAt, why: null };
  try {
    const value: Kept = { askedAt: at, keys: await ask(keys, clients) };
    // Lost to another: both know the same.
    await memory?.write(shelf, { key: KEY, value, version: held?.version ?? 0 }, { at, expiresAt: addSeconds(at, DAY) });
    return { keys: new Map(value.keys), askedAt: at, why: null };
  } catch (error) {
    return { keys: new Map(), askedAt: at, why: why(error) };
  }
}

export const HOME = 'us-east-1';
const KEY = 'activation';

interface Kept {
  readonly askedAt: Instant;
  readonly keys: readonly (readonly [string, Standing])[];
}

async function ask(keys: readonly string[], clients: Asking['clients']): Promise<(readonly [string, Standing])[]> {
  const [client, { ListCostAllocationTagsCommand }] = await Promise.all([clients.costExplorer(), import('@aws-sdk/client-cost-explorer')]);
  const found: CostAllocationTag[] = [];
  for (let i = 0; i < keys.length; i += KEYS_MAX) {
    const TagKeys = keys.slice(i, i + KEYS_MAX);
    const { CostAllocationTags = [] } = await client.send(
      new ListCostAllocationTagsCommand({ TagKeys, Type: 'UserDefined', MaxResults: 1000 }),
    );
    found.push(...CostAllocationTags);
  }
  const status = new Map(found.map(tag => [tag.TagKey, tag.Status]));
  return keys.map(key => [key, !status.has(key) ? 'unseen' : status.get(key) === 'Active' ? 'active' : 'inactive']);
}
