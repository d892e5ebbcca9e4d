/** One run of one worker over one account and region, in virtual time: who asks waits as long as AWS takes, and is refused as AWS refuses. */
import { type ChildProcess, fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Cloud } from '../../simulator/cloud.ts';
import { Refusal, serve } from '../../simulator/services/serve.ts';
import type { Tables } from '../../simulator/tables.ts';
import { Heap } from '../../simulator/world/heap.ts';
import { Throttle } from '../../simulator/world/throttle.ts';
import { latency, PARTITION_WRITES, TABLE_MS, vcpus } from './latency.ts';
import type { Asked, Memory, ToHandler, ToWorld } from './wire.ts';

export interface ShardRun extends Memory {
  /** Virtual seconds from the invocation to its answer: AWS's time, retries, and our own at Lambda's share of a CPU. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Calls by name, those refused included. */
  readonly calls: ReadonlyMap<string, number>;
  readonly throttled: ReadonlyMap<string, number>;
  readonly error: string | null;
  readonly answer: unknown;
  /** What the bench itself took. */
  readonly wallSeconds: number;
}

export interface ShardOptions {
  /** With its throttling on. */
  readonly cloud: Cloud;
  readonly tables: Pick<Tables, 'requestHandler'>;
  /** Bundled handler process, and the handler. */
  readonly child: string;
  readonly bundle: string;
  readonly config: object;
  readonly environment: Readonly<Record<string, string>>;
  readonly event: unknown;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Of the assumed latencies. */
  readonly latencyFactor: number;
}

interface Due {
  readonly at: number;
  readonly id: number;
  readonly asked: Asked;
}

/** Old space at three quarters of the memory, as Lambda's runtime leaves it. */
const OLD_SPACE_SHARE = 0.75;

export async function runShard(options: ShardOptions): Promise<ShardRun> {
  const { cloud, memoryMb, latencyFactor } = options;
  const begun = performance.now();
  const start = cloud.world.clock.now();
  const child = fork(options.child, [options.bundle, JSON.stringify(options.config)], {
    env: { ...options.environment },
    serialization: 'advanced', // dates and bytes as they are, instead of megabytes of JSON
    execArgv: [`--max-old-space-size=${Math.floor(memoryMb * OLD_SPACE_SHARE)}`],
  });
  const send = (message: ToHandler) => child.send(message);
  const calls = new Map<string, number>();
  const throttled = new Map<string, number>();
  const partitions = new Throttle();
  const due = new Heap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.id < b.id));
  const clock = cloud.world.clock;
  let cpuMs = 0;
  const passes = (ms: number) => {
    cpuMs += ms;
    clock.sleep(ms / 1000 / vcpus(memoryMb));
  };

  return new Promise<ShardRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', code => reject(new Error(`the handler's process ended (${code}) before it answered: out of memory?`)));
    child.on('message', message => void heard(message as ToWorld).catch(reject));
    send({ kind: 'invoke', event: options.event, remaining: options.timeoutSeconds * 1000, now: start, account: cloud.account });

    /** Seconds until it is answered. */
    function takes(asked: Asked, now: number): number {
      if (asked.kind === 'sleep') return asked.seconds;
      const operation = operationOf(asked);
      if (asked.kind === 'call') return (latencyFactor * latency(operation, asked.request.input as object)) / 1000;
      const own = (operation === 'Query' ? TABLE_MS.page : TABLE_MS.item) / 1000;
      return /^(Put|Update|Delete)/.test(operation) ? own + waitForPartition(asked, now, partitions) : own;
    }

    async function heard(message: ToWorld): Promise<void> {
      switch (message.kind) {
        case 'ask':
          count(calls, operationOf(message.asked));
          return due.push({ at: clock.now() + takes(message.asked, clock.now()), id: message.id, asked: message.asked });
        case 'idle': {
          passes(message.cpuMs);
          const next = due.pop();
          if (next === undefined) return;
          clock.sleep(Math.max(0, next.at - clock.now()));
          send({ kind: 'reply', id: next.id, ...(await answer(next.asked, options, throttled)), now: clock.now() });
          return;
        }
        case 'done': {
          passes(message.cpuMs);
          end(child);
          const { rssMb, heapMb, error, answer: said } = message;
          const wallSeconds = (performance.now() - begun) / 1000;
          resolve({
            seconds: clock.now() - start,
            cpuSeconds: cpuMs / 1000,
            calls,
            throttled,
            error,
            answer: said,
            rssMb,
            heapMb,
            wallSeconds,
          });
          return;
        }
        default:
          return message satisfies never;
      }
    }
  });
}

function end(child: ChildProcess): void {
  child.removeAllListeners('exit');
  child.kill('SIGKILL');
}

function operationOf(asked: Asked): string {
  switch (asked.kind) {
    case 'sleep':
      return 'sleep';
    case 'call':
      return asked.request.operation;
    case 'table':
      return (asked.http.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
    default:
      return asked satisfies never;
  }
}

/** A partition key takes 1,000 writes a second; the SDK's retries would spread what comes faster, so here it simply waits. */
function waitForPartition({ http }: Extract<Asked, { kind: 'table' }>, now: number, partitions: Throttle): number {
  const { Item, Key } = JSON.parse(http.body) as { Item?: Keyed; Key?: Keyed };
  let wait = 0;
  while (!partitions.take((Item ?? Key)?.pk.S ?? '', PARTITION_WRITES, 1, now + wait)) wait += 1 / PARTITION_WRITES.refill;
  return wait;
}

interface Keyed {
  readonly pk: { readonly S: string };
}

async function answer({ ...asked }: Asked, { cloud, tables }: ShardOptions, throttled: Map<string, number>) {
  if (asked.kind === 'sleep') return {};
  if (asked.kind === 'table') {
    // biome-ignore lint/suspicious/noExplicitAny: as much of a request as the table server reads
    const { response } = await tables.requestHandler.handle(asked.http as any);
    return { http: { statusCode: response.statusCode, headers: response.headers, body: Buffer.from(response.body).toString() } };
  }
  try {
    return { answer: serve(cloud.world, { ...asked.request, caller: 'function:bench' }) };
  } catch (refused) {
    if (!(refused instanceof Refusal)) return { bug: String(refused) };
    const { error, requestId } = refused;
    if (THROTTLES.test(error.name)) count(throttled, asked.request.operation);
    return { refusal: { error: { name: error.name, message: error.message, status: error.status }, requestId } };
  }
}

const THROTTLES = /^(Throttl|RequestLimitExceeded)/;

const count = (into: Map<string, number>, what: string) => into.set(what, (into.get(what) ?? 0) + 1);
