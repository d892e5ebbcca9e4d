/**
 * One run of one function in a process of its own, as Lambda's runtime would have it: loads the packaged handler that its first argument
 * names, is told an event, answers, and is ended. The world stands outside by the registered symbol, and every call goes to the parent.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { instant } from '../../../shared/model/time.ts';
import type { Outside } from '../../../shared/runtime/outside.ts';
import { answeredBy, virtualConfig } from '../../../simulator/client-side.ts';
import { standOutside } from '../../../simulator/stage/seam.ts';
import { fromWire, type ToHandler, type ToWorld, toWire } from './wire.ts';

const [, , bundle = '', endpoint = ''] = process.argv;
const waiting = new Map<number, (reply: Extract<ToHandler, { kind: 'reply' }>) => void>();
let now = 0;
let asked = 0;

const tell = (message: ToWorld): void => void process.send?.(toWire(message));

/** Time moves only while the parent answers, so each reply tells it anew. */
function ask(question: { kind: 'call'; request: Extract<ToWorld, { kind: 'call' }>['request'] } | { kind: 'sleep'; seconds: number }) {
  const id = ++asked;
  return new Promise<Extract<ToHandler, { kind: 'reply' }>>(resolve => {
    waiting.set(id, resolve);
    tell({ ...question, id });
  });
}

const sleep = async (seconds: number): Promise<void> => void (await ask({ kind: 'sleep', seconds }));

const world: Outside = {
  now: () => instant(now * 1000),
  sleep: milliseconds => sleep(milliseconds / 1000),
  environment: process.env,
  config: () => JSON.parse(readFileSync(process.env['EBB_CONFIG'] ?? '', 'utf8')),
  clientConfig: (service, region) => virtualConfig(service, region, { tables: { endpoint }, sleep }),
  equip: client =>
    answeredBy(client, async request => {
      const { answer, refusal, bug } = await ask({ kind: 'call', request });
      if (refusal !== undefined) throw Object.assign(new Error(refusal.error.message), { ...refusal, name: 'Refusal' });
      if (answer === undefined) throw new Error(bug);
      return answer;
    }),
  fetch: async input => {
    throw new TypeError(`fetch failed: the virtual cloud has no internet for ${String(input)}`);
  },
  secret: randomUUID,
};

standOutside(world);
const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: (event: unknown, context: object) => Promise<unknown> };

process.on('message', text => {
  const message = fromWire(String(text)) as ToHandler;
  now = message.now;
  if (message.kind === 'invoke') void invoke(message);
  else waiting.get(message.id)?.(message);
});

async function invoke({ event, context, remaining, now: begun }: Extract<ToHandler, { kind: 'invoke' }>): Promise<void> {
  try {
    const answer = await handler(event, { ...context, getRemainingTimeInMillis: () => Math.max(0, remaining - (now - begun) * 1000) });
    tell({ kind: 'answered', answer });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    tell({ kind: 'threw', error: { name, message } });
  }
}
