/** Memory in one DynamoDB table: a shelf is a partition (`pk`), an item's key its sort key (`sk`), beside `version`, `value`, `expires`. */
import { randomUUID } from 'node:crypto';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Memory, MemoryItem, Shelf } from '../model/ports.ts';
import { epochSeconds, type Instant } from '../model/time.ts';

type Attributes = Record<string, AttributeValue>;
/** What every error of the SDK is, whichever bundle it comes from. */
type Failure = { readonly name?: string; readonly $metadata?: { readonly attempts?: number } };
type WriteOptions = NonNullable<Parameters<Memory['write']>[2]>;

/**
 * Every write is one conditional put on the version that was read. When a write took effect but its answer was lost, the SDK's own retry
 * meets our own item and is told that the condition failed; so each write carries a token (`writer`), and a refusal that followed a retry
 * is settled by reading the item back. An expired item counts as absent although DynamoDB may keep it for days: `expires` (epoch seconds,
 * the table's TTL attribute) is compared here and TTL only sweeps up. `value` is JSON text: a shelf is read every minute, and native
 * attributes would be taken apart number by number.
 * @throws whatever DynamoDB answers, other than a failed condition.
 */
export function createMemory(client: DynamoDBClient, table: string): Memory {
  return {
    readShelf: (shelf, at) => readShelf(client, table, shelf, at),
    read: async (shelf, key, at) => alive(await get(client, table, shelf, key), at),
    write: (shelf, item, options) => write(client, table, shelf, item, options),
    forget: (shelf, item) => forget(client, table, shelf, item),
  };
}

async function readShelf(client: DynamoDBClient, table: string, shelf: Shelf, at: Instant): Promise<MemoryItem[]> {
  const { QueryCommand } = await sdk();
  const items: MemoryItem[] = [];
  let from: Attributes | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :shelf',
        ExpressionAttributeValues: marshall({ ':shelf': shelf }),
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    for (const attributes of page.Items ?? []) {
      const item = alive(attributes, at);
      if (item !== null) items.push(item);
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

async function get(client: DynamoDBClient, table: string, shelf: Shelf, key: string): Promise<Attributes | undefined> {
  const { GetItemCommand } = await sdk();
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: marshall({ pk: shelf, sk: key }), ConsistentRead: true }));
  return Item;
}

function alive(attributes: Attributes | undefined, at: Instant): MemoryItem | null {
  if (attributes === undefined) return null;
  const { sk, version, value, expires } = unmarshall(attributes);
  if (typeof expires === 'number' && expires <= epochSeconds(at)) return null;
  return { key: sk, value: JSON.parse(value), version };
}

async function write(client: DynamoDBClient, table: string, shelf: Shelf, item: MemoryItem, options?: WriteOptions): Promise<boolean> {
  const { PutItemCommand } = await sdk();
  const writer = randomUUID();
  const expires = options?.expiresAt === undefined ? undefined : epochSeconds(options.expiresAt);
  const Item = marshall(
    { pk: shelf, sk: item.key, version: item.version + 1, value: JSON.stringify(item.value), expires, writer },
    { removeUndefinedValues: true },
  );
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ...condition(item.version, options?.at) }));
    return true;
  } catch (error) {
    if (!conditionFailed(error)) throw error;
    return retried(error) && (await get(client, table, shelf, item.key))?.['writer']?.S === writer;
  }
}

function condition(version: number, at: Instant | undefined) {
  if (version > 0) return unchanged(version);
  if (at === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR expires <= :at',
    ExpressionAttributeValues: marshall({ ':at': epochSeconds(at) }),
  };
}

const unchanged = (version: number) => ({
  ConditionExpression: '#version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: marshall({ ':version': version }),
});

async function forget(client: DynamoDBClient, table: string, shelf: Shelf, item: Pick<MemoryItem, 'key' | 'version'>): Promise<boolean> {
  const { DeleteItemCommand } = await sdk();
  const Key = marshall({ pk: shelf, sk: item.key });
  try {
    await client.send(new DeleteItemCommand({ TableName: table, Key, ...unchanged(item.version) }));
    return true;
  } catch (error) {
    if (!conditionFailed(error)) throw error;
    // An item that is gone after a retry went as we wished: whether our first attempt took it or another's did makes no difference.
    return retried(error) && (await get(client, table, shelf, item.key)) === undefined;
  }
}

const conditionFailed = (error: unknown): boolean => (error as Failure).name === 'ConditionalCheckFailedException';

/** Whether the SDK had tried before: only then can what is in the way be our own. */
const retried = (error: unknown): boolean => ((error as Failure).$metadata?.attempts ?? 2) > 1;

/** Loaded when first needed: a cold start that reads no table does not pay for it. */
const sdk = () => import('@aws-sdk/client-dynamodb');
