/** The two tables as they lie there, read and touched from outside the house. */
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../shared/model/time.ts';
import { virtualConfig } from '../client-side.ts';
import type { Tables } from '../tables.ts';
import type { Item } from './evidence.ts';

type Attributes = Record<string, AttributeValue>;

async function clientFor({ endpoint, requestHandler, clientConfig }: Tables): Promise<DynamoDBClient> {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  return new DynamoDBClient(virtualConfig('dynamodb', clientConfig.region, { tables: { endpoint, requestHandler }, sleep: () => {} }));
}

/** Sort keys of every change that was claimed or proposed so far. */
export async function changesIn(tables: Tables): Promise<string[]> {
  const rows = await scan(await clientFor(tables), tables.ledger);
  return rows.filter(row => row['kind'] === 'claimed' || row['kind'] === 'proposed').map(row => row.sk);
}

/**
 * Claims that nobody has settled so far, each with its instant. Not those of tags: their whole look is hours away, and a doorbell whose run died
 * three times rings no more before it.
 */
export async function questionsIn(tables: Tables): Promise<{ readonly what: string; readonly since: Instant }[]> {
  const items = await scan(await clientFor(tables), tables.memory);
  return items
    .filter(({ pk, sk }) => sk.startsWith('pending#') && !pk.endsWith('#enforce-tags'))
    .map(({ sk, value }) => ({ what: sk, since: (JSON.parse(String(value)) as { claimedAt: Instant }).claimedAt }));
}

/** Every item of both tables; memory's values are read out of their JSON. */
export async function itemsOf(tables: Tables): Promise<{ readonly ledger: Item[]; readonly memory: Item[] }> {
  const client = await clientFor(tables);
  const memory = await scan(client, tables.memory);
  return {
    ledger: await scan(client, tables.ledger),
    memory: memory.map(item => ({ ...item, value: typeof item['value'] === 'string' ? JSON.parse(item['value']) : item['value'] })),
  };
}

/** What a button on the shelf of buttons is about: an id; `null`: no such button, or one of several. */
export async function aboutIn(tables: Tables, button: string): Promise<string | null> {
  const client = await clientFor(tables);
  const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tables.memory, Key: { pk: { S: 'buttons' }, sk: { S: button } }, ConsistentRead: true }),
  );
  const { spec } = JSON.parse(Item?.['value']?.S ?? '{}') as { spec?: { ask: { resource?: { id: string } } } };
  return spec?.ask.resource?.id ?? null;
}

async function scan(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const [{ ScanCommand }, { unmarshall }] = await Promise.all([import('@aws-sdk/client-dynamodb'), import('@aws-sdk/util-dynamodb')]);
  const items: Item[] = [];
  let from: Attributes | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }));
    items.push(...(page.Items ?? []).map(item => unmarshall(item) as Item));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items.toSorted((a, b) => compare(`${a.pk} ${a.sk}`, `${b.pk} ${b.sk}`));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Writes an item once more as it is, under its next version: what somebody does who read it at the same moment and changed nothing. What is
 * not there yet is written first, with what we were about to write.
 */
export async function toucher(tables: Tables): Promise<(input: unknown) => Promise<boolean>> {
  const client = await clientFor(tables);
  const { GetItemCommand, PutItemCommand } = await import('@aws-sdk/client-dynamodb');
  return async input => {
    const { TableName, Item, ...asked } = input as { TableName: string; Item?: Attributes; Key?: Attributes };
    const { pk, sk } = (asked.Key ?? Item) as { pk: AttributeValue; sk: AttributeValue };
    const held = (await client.send(new GetItemCommand({ TableName, Key: { pk, sk }, ConsistentRead: true }))).Item;
    if (held === undefined && Item !== undefined) {
      await client.send(new PutItemCommand({ TableName, Item: { ...Item, writer: { S: 'somebody else' } } }));
      return true;
    }
    if (held?.['version']?.N === undefined) return false;
    const next = { ...held, version: { N: String(Number(held['version'].N) + 1) } };
    await client.send(new PutItemCommand({ TableName, Item: next }));
    return true;
  };
}
