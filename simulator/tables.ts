/**
 * The ledger and memory tables in a real DynamoDB-compatible server inside this process: single-item conditional writes and queries.
 * It knows no transactions, no TTL and no ALL_OLD on a failed condition, so nothing in the house may rely on them.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type InProcessHandler, inProcess } from './in-process.ts';

export interface Tables {
  /** `http://127.0.0.1:PORT`, a port that was free. */
  readonly endpoint: string;
  readonly ledger: string;
  readonly memory: string;
  /** What a DynamoDB client needs to talk to it: endpoint, region, and credentials that nobody checks. */
  readonly clientConfig: TableClientConfig;
  /** The same server without a socket, as a client's `requestHandler`: several times as fast. */
  readonly requestHandler: InProcessHandler;
  /** Ends open connections and frees the port. */
  close(): Promise<void>;
}

export interface TableClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface TableNames {
  readonly ledger?: string;
  readonly memory?: string;
}

/** Starts the server and creates both tables, keyed by `pk` and `sk` (strings) and billed per request. */
export async function openTables({ ledger = 'ebbtide-ledger', memory = 'ebbtide-memory' }: TableNames = {}): Promise<Tables> {
  const { default: dynalite } = await import('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const endpoint = await listen(server);
  const clientConfig = { endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'virtual', secretAccessKey: 'virtual' } };

  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient(clientConfig);
  for (const name of new Set([ledger, memory])) await createTable(client, name);
  client.destroy();

  return { endpoint, ledger, memory, clientConfig, requestHandler: inProcess(server), close: () => close(server) };
}

async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const { CreateTableCommand, DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  // Even with no time to spend in CREATING it is ACTIVE only some turns of the event loop later, and until then it is not found.
  const status = async () => (await client.send(new DescribeTableCommand({ TableName: name }))).Table?.TableStatus;
  while ((await status()) !== 'ACTIVE');
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error ? reject(error) : resolve()));
    server.closeAllConnections(); // a client that keeps its connection alive would hold the port for minutes
  });
}
