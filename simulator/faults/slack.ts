/** Slack: takes what it is told, within its limits, and at times does not, or takes it and never says so. */
import { type Instant, instant } from '../../shared/model/time.ts';
import { methodOf, VirtualSlack } from '../slack/slack.ts';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

export interface Told {
  readonly at: Instant;
  /** The message as it came: channel, text, blocks. */
  readonly body: string;
}

const CHANNEL = '#costs';

export function slackWith(world: World, weather: Weather): { readonly told: readonly Told[]; readonly fetch: typeof fetch } {
  const told: Told[] = [];
  const slack = new VirtualSlack({ now: () => world.clock.now() * 1000 });
  slack.channels.set(CHANNEL, { id: 'C0COSTS000', name: CHANNEL });
  return {
    told,
    fetch: async (input, init) => {
      const method = methodOf(new URL(String(input)).pathname);
      if (weather.meets('deaf-slack', method)) return deaf(weather.measure(0, 3));
      slack.token = tokenIn(init); // whoever put it there: this is no test of secrets
      const taken = slack.posted.length;
      const answer = await slack.fetchInProcess(input, init);
      if (slack.posted.length > taken) told.push({ at: instant(world.clock.now() * 1000), body: String(init?.body) });
      if (weather.meets('slack-timeout-after', method)) throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      return answer;
    },
  };
}

const tokenIn = (init: RequestInit | undefined): string => new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? '';

function deaf(how: number): Response {
  if (how === 0) throw new TypeError('fetch failed: Slack is deaf (a fault of the virtual cloud)');
  if (how === 1) return new Response('', { status: 503 });
  if (how === 2) return Response.json({ ok: false, error: 'ratelimited' }, { status: 429, headers: { 'retry-after': '30' } });
  return Response.json({ ok: false, error: 'internal_error' });
}
