/** A deployment that `ebb` can read: tables behind a port of their own, an STS that says whose account it is, and a bucket. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import type { Ledger, Memory } from '../../shared/model/ports.ts';
import { openTables, type TableNames } from '../../simulator/tables.ts';

export interface Deployment {
  /** For `--endpoint-url`. */
  readonly url: string;
  readonly ledger: Ledger;
  readonly memory: Memory;
  /** What was put into buckets: by `/bucket/key`. */
  readonly objects: ReadonlyMap<string, string>;
  readonly names: { readonly ledger: string; readonly memory: string };
  close(): Promise<void>;
}

export async function deployment(
  account: string,
  { bucket, ...tableNames }: TableNames & { readonly bucket?: string } = {},
): Promise<Deployment> {
  const objects = new Map<string, string>();
  const tables = await openTables(tableNames);
  const client = new DynamoDBClient(tables.clientConfig);
  const server = createServer((asked, answer) => {
    if (asked.method === 'PUT') {
      const chunks: Buffer[] = [];
      asked.on('data', chunk => chunks.push(chunk));
      asked.on('end', () => {
        objects.set(new URL(asked.url ?? '', 'http://s3').pathname, Buffer.concat(chunks).toString());
        answer.end();
      });
      return;
    }
    if (asked.method === 'GET') {
      answer.setHeader('content-type', 'application/xml').end(allBuckets(bucket));
      return;
    }
    if (asked.headers['x-amz-target'] === undefined) {
      asked.resume();
      answer.setHeader('content-type', 'text/xml').end(callerIdentity(account));
      return;
    }
    const onward = request(tables.endpoint, { method: asked.method, headers: asked.headers }, answered => {
      answer.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(onward);
  });
  return {
    url: await listening(server),
    ledger: createLedger(client, tables.ledger),
    memory: createMemory(client, tables.memory),
    objects,
    names: { ledger: tables.ledger, memory: tables.memory },
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await tables.close();
    },
  };
}

const allBuckets = (name: string | undefined): string =>
  `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets>${name === undefined ? '' : `<Bucket><Name>${name}</Name></Bucket>`}</Buckets></ListAllMyBucketsResult>`;

const callerIdentity = (account: string): string =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:root</Arn><UserId>x</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;

const listening = (server: Server): Promise<string> =>
  new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)));
