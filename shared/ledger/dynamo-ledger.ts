/** The ledger in one DynamoDB table: rows as native attributes under `pk` and `sk`, written once and never changed. */
import { randomUUID } from 'node:crypto';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Scope } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import type { Ledger } from '../model/ports.ts';
import { addSeconds, type Instant, utcDay } from '../model/time.ts';
import { changePrefix, daysBetween, meterPrefix, partition, type RowKey, rowKey, sealedPartition } from './keys.ts';

type Attributes = Record<string, AttributeValue>;
/** What every error of the SDK is, whichever bundle it comes from. */
type Failure = { readonly name?: string; readonly $metadata?: { readonly attempts?: number } };

/**
 * Every append is one conditional put. When the put took effect but its answer was lost, the SDK's own retry meets our own row and is told
 * that the condition failed; so each append carries a token (`writer`), and a refusal that followed a retry is settled by reading the row
 * back: ours means `true`. A refusal of the first attempt needs no second look.
 * @throws whatever DynamoDB answers, other than a failed condition.
 */
export function createLedger(client: DynamoDBClient, table: string): Ledger {
  return {
    append: row => append(client, table, row),
    lookUp: change => lookUp(client, table, change),
    rows: (scope, from, to) => rows(client, table, scope, from, to),
    sealed: (scope, from, to) => sealed(client, table, scope, from, to),
    meter: (scope, meterId, openedAt) => query(client, table, partition(scope, openedAt), { prefix: meterPrefix(meterId) }),
  };
}

async function append(client: DynamoDBClient, table: string, row: LedgerRow): Promise<boolean> {
  const { PutItemCommand } = await sdk();
  const key = rowKey(row);
  const writer = randomUUID();
  const Item = marshall({ ...row, ...key, writer }, { removeUndefinedValues: true });
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
    return true;
  } catch (error) {
    if (!conditionFailed(error)) throw error;
    return retried(error) && (await writerOf(client, table, key)) === writer;
  }
}

const conditionFailed = (error: unknown): boolean => (error as Failure).name === 'ConditionalCheckFailedException';

/** Whether the SDK had tried before: only then can the row in the way be our own. */
const retried = (error: unknown): boolean => ((error as Failure).$metadata?.attempts ?? 2) > 1;

async function writerOf(client: DynamoDBClient, table: string, key: RowKey): Promise<string | undefined> {
  const { GetItemCommand } = await sdk();
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }));
  return Item?.['writer']?.S;
}

async function lookUp(client: DynamoDBClient, table: string, change: { id: string; causeAt: Instant; scope: Scope }) {
  const found: LedgerRow[] = [];
  for await (const row of query(client, table, partition(change.scope, change.causeAt), { prefix: changePrefix(change.id) }))
    found.push(row);
  return {
    claimed: found.some(row => row.kind === 'claimed'),
    settled: found.find(row => row.kind === 'settled') ?? null,
  };
}

async function* rows(client: DynamoDBClient, table: string, scope: Scope, from: Instant, to: Instant): AsyncGenerator<LedgerRow> {
  for (const day of daysBetween(from, to)) yield* query(client, table, partition(scope, day));
}

async function* sealed(client: DynamoDBClient, table: string, scope: Scope, from: Instant, to: Instant): AsyncGenerator<LedgerRow> {
  const [first, last] = [utcDay(from), utcDay(addSeconds(to, -1))];
  for (let year = Number(first.slice(0, 4)); year <= Number(last.slice(0, 4)); year++) {
    yield* query(client, table, sealedPartition(scope, `${year}`), { from: first, to: `${last}~` });
  }
}

/** Of sort keys. */
type Range = { readonly prefix: string } | { readonly from: string; readonly to: string };

/** One partition, page by page as the reader asks for more, strongly consistent, in order of sort keys. */
async function* query(client: DynamoDBClient, table: string, pk: string, range?: Range): AsyncGenerator<LedgerRow> {
  const { QueryCommand } = await sdk();
  const [condition, values] =
    range === undefined
      ? ['', {}]
      : 'prefix' in range
        ? [' AND begins_with(sk, :prefix)', { ':prefix': range.prefix }]
        : [' AND sk BETWEEN :from AND :to', { ':from': range.from, ':to': range.to }];
  const asked = { KeyConditionExpression: `pk = :pk${condition}`, ExpressionAttributeValues: marshall({ ':pk': pk, ...values }) };
  let from: Attributes | undefined;
  do {
    const page = await client.send(
      new QueryCommand({ TableName: table, ConsistentRead: true, ...asked, ...(from && { ExclusiveStartKey: from }) }),
    );
    for (const item of page.Items ?? []) yield rowOf(item);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

function rowOf(item: Attributes): LedgerRow {
  const { pk: _pk, sk: _sk, writer: _writer, ...row } = unmarshall(item);
  return row as LedgerRow;
}

/** Loaded when first needed: a cold start that reads no table does not pay for it. */
const sdk = () => import('@aws-sdk/client-dynamodb');
