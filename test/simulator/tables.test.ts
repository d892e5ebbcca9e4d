/** The embedded tables: what is answered without a socket is what the server answers over one, whatever was written before. */
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openTables } from '../../simulator/tables.ts';

const tables = await openTables();
const inside = new DynamoDBClient({ ...tables.clientConfig, requestHandler: tables.requestHandler });
const overSocket = new DynamoDBClient(tables.clientConfig);
afterAll(async () => {
  inside.destroy();
  overSocket.destroy();
  await tables.close();
});

const PARTITIONS = ['a', 'b', 'a#b', 'with "quotes"'];
const partition = fc.constantFrom(...PARTITIONS);
const place = fc.record({ TableName: fc.constantFrom(tables.memory, tables.ledger), pk: partition, sk: fc.constantFrom('1', '2') });
const step = fc.oneof(
  fc.record({ does: fc.constant('put' as const), place, value: fc.integer() }),
  fc.record({ does: fc.constant('delete' as const), place }),
  fc.record({ does: fc.constant('get' as const), place }),
  fc.record({ does: fc.constant('query' as const), place }),
  fc.record({ does: fc.constant('scan' as const), place }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const keyOf = ({ pk, sk }: Step['place']): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: sk } });

async function take(client: DynamoDBClient, one: Step): Promise<unknown> {
  const { TableName, pk } = one.place;
  switch (one.does) {
    case 'put':
      await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(one.place), value: { N: String(one.value) } } }));
      return null;
    case 'delete':
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(one.place) }));
      return null;
    case 'get':
      return (await client.send(new GetItemCommand({ TableName, Key: keyOf(one.place) }))).Item;
    case 'query': {
      const values = { ':pk': { S: pk } };
      const { Items } = await client.send(
        new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: values }),
      );
      return Items;
    }
    default:
      return (await client.send(new ScanCommand({ TableName }))).Items;
  }
}

test('a read is never older than the last write before it, also where reads and writes met', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }), async rounds => {
      for (const together of rounds) {
        await Promise.all(together.map(one => take(inside, one)));
        for (const one of together) {
          for (const does of ['get', 'query', 'scan'] as const) {
            const read: Step = { does, place: one.place };
            expect(await take(inside, read)).toEqual(await take(overSocket, read));
          }
        }
      }
    }),
    { numRuns: 15 },
  );
});
