/** The stand-in for Slack on a local port, because what the house sends shall pass through a real fetch; and it can be told to be ill. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { methodOf, type SlackOptions, VirtualSlack } from '../../simulator/slack/slack.ts';

/** What to answer instead of well: one entry a request, used up in order. `took`: it took effect, and the answer is lost. */
export type Illness =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'deaf'
  | 'hang-up'
  | 'took'
  | 'well'
  | { readonly error: string };

export type StandIn = VirtualSlack & {
  fallIll(...illnesses: Illness[]): void;
  readonly fetch: typeof fetch;
  close(): Promise<void>;
};

export async function slackStandIn(options: SlackOptions): Promise<StandIn> {
  const slack = new VirtualSlack(options);
  const illnesses: Illness[] = [];
  const server = createServer((request, response) => void serve(slack, illnesses.shift(), request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(slack, {
    fallIll: (...more: Illness[]) => void illnesses.push(...more),
    fetch: ((url, init) => fetch(String(url).replace(/^https:\/\/(hooks\.|files\.)?slack\.com/, base), init)) as typeof fetch,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>(resolve => server.close(() => resolve()));
    },
  });
}

async function serve(slack: VirtualSlack, illness: Illness | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const path = request.url ?? '';
  if (illness !== undefined && illness !== 'took' && illness !== 'well') slack.calls.push(methodOf(path));
  if (illness === 'deaf') return;
  if (illness === 'hang-up') return void request.socket.destroy();
  if (typeof illness === 'object') return ill(illness, response);
  const answer = slack.answer(path, request.headers as Record<string, string>, body);
  if (illness === 'took') return void request.socket.destroy();
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

function ill(illness: Extract<Illness, object>, response: ServerResponse): void {
  if ('status' in illness) response.writeHead(illness.status, illness.headers).end(illness.body ?? '');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error: illness.error }));
}
