/** The embedded tables and moto's are asked the same questions by the same adapters: their answers must be equal. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { Change } from '../../shared/model/plan.ts';
import { addSeconds, DAY } from '../../shared/model/time.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { loseAnswers } from '../support/lost-answers.ts';
import { type Moto, moto } from '../support/moto.ts';
import { at, box, closed, opened, scope } from './worked-examples.ts';

const LEDGER = 'contract-ledger';
const MEMORY = 'contract-memory';

let other: Moto | null = null;
let tables: Tables;
beforeAll(async () => {
  tables = await openTables({ ledger: LEDGER, memory: MEMORY });
  other = await moto();
  if (other !== null) await createTables(other.url);
});
afterAll(async () => {
  await tables.close();
  await other?.stop();
});

test('the embedded tables answer as those of others do', async () => {
  if (other === null) return; // said loudly by moto()
  expect(await answers(tables.endpoint)).toEqual(await answers(other.url));
}, 120_000);

/** Everything that the adapters rely on: races, lost answers, versions, expiry, pages, order, types. */
async function answers(endpoint: string): Promise<Record<string, unknown>> {
  const client = clientOf(endpoint);
  const [ledger, memory] = [createLedger(client, LEDGER), createMemory(client, MEMORY)];
  const change = { id: 'chg-1', resource: box, causeAt: at('2025-05-14T19:00:00Z'), because: { cpuMax: 2.13 } } as unknown as Change;
  const claim: LedgerRow = { kind: 'claimed', at: change.causeAt, scope, change };
  const meter = opened('mtr-1', at('2025-05-15T19:00:00Z'));
  const wins = (won: boolean[]) => won.filter(Boolean).length;
  // One after the other: moto checks and puts in two steps on a thread per request, so of simultaneous writers two may win there.
  // Real races are run against the embedded tables, in dynamo-ledger.test.ts and dynamo-memory.test.ts.
  const compete = async (act: () => Promise<boolean>): Promise<number> => {
    const won: boolean[] = [];
    for (let i = 0; i < 5; i++) won.push(await act());
    return wins(won);
  };
  const note = (n: number): LedgerRow => ({
    kind: 'noted',
    at: addSeconds(at('2025-05-20T00:00:00Z'), n * 60),
    scope,
    resource: box,
    what: 'started-by-someone',
    detail: 'x'.repeat(90_000),
  });
  const agenda = (version: number) => ({
    key: 'agenda',
    version,
    value: { share: 0.9583333333333334, list: [null, ''], absent: undefined },
  });
  const expiresAt = addSeconds(change.causeAt, 60);

  const given: Record<string, unknown> = {};
  given['competing claims'] = await compete(() => ledger.append(claim));
  given['a claim whose answer was lost'] = await unsteadily(endpoint, (l, _) => l.append({ ...claim, change: { ...change, id: 'chg-2' } }));
  given["another's claim, the answer lost"] = await unsteadily(endpoint, (l, _) => l.append(claim));
  given['look-up'] = await ledger.lookUp({ ...change, scope });
  given['closing twice'] = [
    await ledger.append(meter),
    await ledger.append(closed(meter, at('2025-05-16T06:00:00Z'))),
    await ledger.append(closed(meter, at('2025-05-17T06:00:00Z'))),
  ];
  for (let n = 14; n >= 0; n--) await ledger.append(note(n));
  const rows: LedgerRow[] = [];
  for await (const row of ledger.rows(scope, change.causeAt, addSeconds(change.causeAt, 7 * DAY))) rows.push(row);
  given['rows'] = rows;

  given['competing first writes'] = await compete(() => memory.write('outbox', agenda(0)));
  given['competing second writes'] = await compete(() => memory.write('outbox', agenda(1)));
  given['a write whose answer was lost'] = await unsteadily(endpoint, (_, m) => m.write('outbox', agenda(2)));
  given['read'] = await memory.read('outbox', 'agenda', change.causeAt);
  given['expiry'] = [
    await memory.write('outbox', { key: 'snooze', version: 0, value: 1 }, { at: change.causeAt, expiresAt }),
    await memory.write('outbox', { key: 'snooze', version: 0, value: 2 }, { at: change.causeAt }),
    await memory.readShelf('outbox', change.causeAt),
    await memory.readShelf('outbox', expiresAt),
    await memory.write('outbox', { key: 'snooze', version: 0, value: 3 }, { at: expiresAt }),
  ];
  given['forgetting'] = [
    await memory.forget('outbox', { key: 'agenda', version: 2 }),
    await unsteadily(endpoint, (_, m) => m.forget('outbox', { key: 'agenda', version: 3 })),
    await memory.forget('outbox', { key: 'agenda', version: 3 }),
    await memory.readShelf('outbox', expiresAt),
  ];
  given['no table'] = await createLedger(client, 'no-such-table')
    .append(claim)
    .catch((error: Error) => error.name);
  client.destroy();
  return given;
}

async function unsteadily<T>(
  endpoint: string,
  act: (ledger: ReturnType<typeof createLedger>, memory: ReturnType<typeof createMemory>) => Promise<T>,
): Promise<T> {
  const client = clientOf(endpoint);
  loseAnswers(client, 1);
  const answer = await act(createLedger(client, LEDGER), createMemory(client, MEMORY));
  client.destroy();
  return answer;
}

const clientOf = (endpoint: string) =>
  new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' } });

async function createTables(endpoint: string): Promise<void> {
  const client = clientOf(endpoint);
  for (const TableName of [LEDGER, MEMORY]) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map(AttributeName => ({ AttributeName, AttributeType: 'S' as const })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  }
  client.destroy();
}
