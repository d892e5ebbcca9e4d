/** The packaged handler in a process of its own: every call, the tables' too, goes to the parent, which holds the world and its clock. */
import { pathToFileURL } from 'node:url';
import { instant } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Outside, secret } from '../../shared/runtime/outside.ts';
import { answeredBy, virtualConfig } from '../../simulator/client-side.ts';
import { standOutside } from '../../simulator/stage/seam.ts';
import type { Asked, Http, HttpAnswer, ToHandler, ToWorld } from './wire.ts';

const [, , bundle = '', policies = ''] = process.argv;
const config = JSON.parse(policies) as Config;
type Reply = Extract<ToHandler, { kind: 'reply' }>;
const waiting = new Map<number, (reply: Reply) => void>();
let now = 0;
let asked = 0;
let turns = 0;
let cpuBefore = cpu();
let heapMax = 0;
/** Sampled: the operating system's own maximum begins with that of the process that forked this one. */
let rssMax = 0;

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const cpuSince = (): number => {
  const before = cpuBefore;
  cpuBefore = cpu();
  return cpuBefore - before;
};

const tell = (message: ToWorld): void => void process.send?.(message);

function ask(question: Asked): Promise<Reply> {
  const id = ++asked;
  return new Promise(resolve => {
    waiting.set(id, resolve);
    tell({ kind: 'ask', id, asked: question });
    watchForIdleness();
  });
}

/** When two turns of the event loop have brought nothing new, everything that could be asked has been. */
function watchForIdleness(): void {
  const turn = ++turns;
  setImmediate(() =>
    setImmediate(() => {
      if (turn !== turns || waiting.size === 0) return;
      const { heapUsed, rss } = process.memoryUsage();
      [heapMax, rssMax] = [Math.max(heapMax, heapUsed), Math.max(rssMax, rss)];
      tell({ kind: 'idle', cpuMs: cpuSince() });
    }),
  );
}

const sleep = async (seconds: number): Promise<void> => void (await ask({ kind: 'sleep', seconds }));

const tables = {
  metadata: { handlerProtocol: 'http/1.1' },
  handle: async ({ method, path, headers, body }: Http) => {
    const { http = missing() } = await ask({ kind: 'table', http: { method, path, headers, body: textOf(body) } });
    return { response: { ...http, body: Buffer.from(http.body) } };
  },
  destroy: () => {},
};

/** The SDK's bytes warn when they are taken for text, so they are read as what they are. */
const textOf = (body: string | Uint8Array): string => (typeof body === 'string' ? body : new TextDecoder().decode(body));

const missing = (): HttpAnswer => ({ statusCode: 500, headers: {}, body: '{}' });

const world: Outside = {
  now: () => instant(now * 1000),
  sleep: milliseconds => sleep(milliseconds / 1000),
  environment: process.env,
  config: () => config,
  clientConfig: (service, region) =>
    // biome-ignore lint/suspicious/noExplicitAny: a request handler as far as the client asks for one
    virtualConfig(service, region, { tables: { endpoint: 'http://tables', requestHandler: tables as any }, sleep }),
  equip: client =>
    answeredBy(client, async request => {
      const { answer, refusal, bug } = await ask({ kind: 'call', request });
      if (refusal !== undefined) throw Object.assign(new Error(refusal.error.message), { ...refusal, name: 'Refusal' });
      if (answer === undefined) throw new Error(bug);
      return answer;
    }),
  fetch: async () => Promise.reject(new TypeError('fetch failed')),
  secret,
};

standOutside(world);
const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: (event: unknown, context: object) => Promise<unknown> };

process.on('message', (message: ToHandler) => {
  now = message.now;
  if (message.kind === 'invoke') return void invoke(message);
  const answered = waiting.get(message.id);
  waiting.delete(message.id);
  answered?.(message);
  watchForIdleness();
});

async function invoke({ event, remaining, now: begun, account }: Extract<ToHandler, { kind: 'invoke' }>): Promise<void> {
  cpuSince();
  const context = {
    ...{ functionName: 'bench', awsRequestId: 'bench', memoryLimitInMB: '512' },
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:${account}:function:bench`,
    getRemainingTimeInMillis: () => Math.max(0, remaining - (now - begun) * 1000),
  };
  const settled = await handler(event, context).then(
    answer => ({ answer, error: null }),
    (error: unknown) => ({ answer: null, error: String(error) }),
  );
  tell({ kind: 'done', ...settled, cpuMs: cpuSince(), rssMb: rssMax / 1_048_576, heapMb: heapMax / 1_048_576 });
}
