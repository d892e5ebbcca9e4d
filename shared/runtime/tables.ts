/** The two tables as the rooms see them. They stand where the functions stand, whichever account and region is looked at. */
import { createLedger } from '../ledger/dynamo-ledger.ts';
import { createMemory } from '../memory/dynamo-memory.ts';
import type { Ledger, Memory } from '../model/ports.ts';
import { clientsFor } from './clients.ts';
import { ledgerTable, memoryTable, setting } from './settings.ts';

export interface Tables {
  readonly ledger: Ledger;
  readonly memory: Memory;
}

/** @throws Error naming the variable, when a deployment forgot `EBB_LEDGER_TABLE`, `EBB_MEMORY_TABLE` or `AWS_REGION`. */
export async function tables(): Promise<Tables> {
  const client = await clientsFor({ region: setting('AWS_REGION') }).dynamoDb();
  return { ledger: createLedger(client, ledgerTable()), memory: createMemory(client, memoryTable()) };
}
