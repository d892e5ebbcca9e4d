/** Slack: takes what it is told, within its limits, and at times does not, or takes it and never says so. */
import { type Instant, instant } from '../../shared/model/time.ts';
import { type Json, methodOf, type Posted, SIGNING_SECRET, VirtualSlack } from '../slack/slack.ts';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

export interface Told {
  readonly at: Instant;
  /** The message as it came: channel, text, blocks. */
  readonly body: string;
}

/** A message, and what it looked like before anybody pressed: some still have it so on their screens. */
export interface Shown {
  readonly message: Posted;
  readonly first: readonly Json[];
}

export interface TroubledSlack {
  readonly slack: VirtualSlack;
  readonly told: readonly Told[];
  readonly shown: readonly Shown[];
  readonly fetch: typeof fetch;
}

const CHANNEL = '#costs';

export function slackWith(world: World, weather: Weather): TroubledSlack {
  const told: Told[] = [];
  const shown: Shown[] = [];
  const slack = new VirtualSlack({ now: () => world.clock.now() * 1000 });
  slack.channels.set(CHANNEL, { id: 'C0COSTS000', name: CHANNEL });
  return {
    ...{ slack, told, shown },
    fetch: async (input, init) => {
      const method = methodOf(new URL(String(input)).pathname);
      if (weather.meets('deaf-slack', method)) return deaf(weather.measure(0, 3));
      slack.token = tokenIn(init) ?? slack.token; // whoever put it there: this is no test of secrets
      const taken = slack.posted.length;
      const answer = await slack.fetchInProcess(input, init);
      for (const message of slack.posted.slice(taken)) {
        told.push({ at: instant(world.clock.now() * 1000), body: String(init?.body) });
        shown.push({ message, first: message.blocks });
      }
      if (weather.meets('slack-timeout-after', method)) throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      return answer;
    },
  };
}

/** What a workspace is set up with: the two secrets, where they are read from. */
export const SECRETS = { 'bot-token': 'xoxb-virtual', 'signing-secret': SIGNING_SECRET } as const;

/** What is sent to a response_url bears none. */
const tokenIn = (init: RequestInit | undefined): string | undefined =>
  new Headers(init?.headers).get('authorization')?.replace('Bearer ', '');

function deaf(how: number): Response {
  if (how === 0) throw new TypeError('fetch failed: Slack is deaf (a fault of the virtual cloud)');
  if (how === 1) return new Response('', { status: 503 });
  if (how === 2) return Response.json({ ok: false, error: 'ratelimited' }, { status: 429, headers: { 'retry-after': '30' } });
  return Response.json({ ok: false, error: 'internal_error' });
}
