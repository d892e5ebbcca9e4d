/** What one run stands on: its scope's clients, the records, the policies, one instant. */
import { shelfOf } from '../memory/shelves.ts';
import type { Pen, Scope } from '../model/ids.ts';
import type { Ledger, Memory, Shelf } from '../model/ports.ts';
import type { Instant } from '../model/time.ts';
import type { Config } from '../policy/schema.ts';
import { type Clients, clientsFor } from './clients.ts';
import { outside } from './outside.ts';
import { setting } from './settings.ts';
import { tables } from './tables.ts';

export interface Run {
  readonly pen: Pen;
  readonly scope: Scope;
  /** The one instant of this run. */
  readonly at: Instant;
  readonly clients: Clients;
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly shelf: Shelf;
  readonly config: Config;
  readonly commitments: 'none' | 'unknown';
  /** Who is asked how much of the hours is paid for already; absent: nobody is. */
  readonly asks?: Pick<Clients, 'costExplorer'>;
  /** Milliseconds that this run may still take. */
  remaining(): number;
}

type Account = Config['accounts'][number];

/** @throws Error when the scope is not one of `config/scopes.yml`. */
export async function runOf(pen: Pen, scope: Scope, selfAccount: string, remaining: () => number): Promise<Run> {
  const config = outside().config();
  const account = accountFor(config, scope, selfAccount);
  const { ledger, memory } = await tables();
  return {
    pen,
    scope,
    at: outside().now(),
    ...standingOf(account, scope),
    ledger,
    memory,
    shelf: shelfOf(pen, scope),
    config,
    remaining,
  };
}

/** Cost Explorer answers in one region, for the account whose credentials ask. */
export function standingOf({ role, externalId, commitments }: Account, { region }: Scope): Pick<Run, 'clients' | 'commitments' | 'asks'> {
  const clients = clientsFor({ region, role, externalId });
  if (commitments !== 'ask') return { clients, commitments };
  return { clients, commitments: 'unknown', asks: clientsFor({ region: 'us-east-1', role, externalId }) };
}

export function accountFor(config: Pick<Config, 'accounts'>, { account, region }: Scope, selfAccount: string): Account {
  const found = config.accounts.find(a => (a.account === 'self' ? selfAccount : a.account) === account && a.regions.includes(region));
  if (found === undefined) throw new Error(`${account}/${region} is not among the accounts and regions of config/scopes.yml`);
  return found;
}

/** Clients of the account and region that the function itself runs in. */
export const home = (): Clients => clientsFor({ region: setting('AWS_REGION') });
