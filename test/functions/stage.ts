/** A small world outside for handlers: an environment, a configuration, and SDK clients whose answers a test gives. */
import type { Context } from 'aws-lambda';
import { instant } from '../../shared/model/time.ts';
import { type Equippable, type Outside, secret, useOutside } from '../../shared/runtime/outside.ts';

export const account = '111122223333';
export const region = 'eu-west-1';
export const scope = { account, region };

export const context = {
  functionName: 'ebbtide-dev-dispatch',
  invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:ebbtide-dev-dispatch`,
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
} as Context;

const queue = (name: string) => `https://sqs.${region}.amazonaws.com/${account}/ebbtide-dev-${name}.fifo`;

export const QUIET = {
  AWS_REGION: region,
  EBB_QUEUE_RESIZE_FLEETS: queue('resize-fleets'),
  EBB_QUEUE_STOP_START_INSTANCES: queue('stop-start-instances'),
  EBB_QUEUE_ENFORCE_TAGS: queue('enforce-tags'),
  EBB_LEDGER_TABLE: 'ebbtide-ledger',
  EBB_MEMORY_TABLE: 'ebbtide-memory',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

export interface Stage {
  readonly environment?: Record<string, string>;
  readonly now?: string;
  readonly clientConfig?: Outside['clientConfig'];
  /** Answers every call of every client in AWS's place; left out, calls go to where `clientConfig` points. */
  readonly answer?: (command: string, input: unknown) => unknown;
}

export function onStage({ environment = QUIET, now = '2025-05-14T19:00:00Z', clientConfig, answer }: Stage): () => void {
  return useOutside({
    now: () => instant(now),
    sleep: async () => {},
    environment,
    config: () => ({
      stage: 'dev',
      accounts: [{ account: 'self', regions: [region, 'us-east-1'], commitments: 'unknown' }],
      policies: [],
      schedules: {},
      slack: { channel: '#costs', summary: { timeZone: 'UTC', hour: 9 } },
    }),
    clientConfig: clientConfig ?? (() => ({ credentials: { accessKeyId: 'none', secretAccessKey: 'none' } })),
    equip: client => (answer === undefined ? client : answered(client, answer)),
    fetch: async () => Promise.reject(new Error('no network in tests')),
    secret,
  });
}

function answered<C extends Equippable>(client: C, answer: NonNullable<Stage['answer']>): C {
  client.middlewareStack.add(
    (_next, { commandName }) =>
      async ({ input }) => ({ output: { $metadata: {}, ...(answer(String(commandName), input) as object) }, response: {} }),
    { step: 'initialize', name: 'answered' },
  );
  return client;
}

/** What Powertools prints: logs and embedded metrics are lines on standard output and error. */
export async function printed(run: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const originals = streams.map(stream => stream.write);
  for (const stream of streams) stream.write = (chunk: unknown) => lines.push(String(chunk)) > 0;
  try {
    await run();
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = originals[i] ?? stream.write;
  }
  return lines
    .join('')
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
}
