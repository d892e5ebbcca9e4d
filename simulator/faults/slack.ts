/** Slack: takes what it is told, and at times does not, or takes it and never says so. */
import { type Instant, instant } from '../../shared/model/time.ts';
import type { World } from '../world/world.ts';
import type { Weather } from './weather.ts';

export interface Told {
  readonly at: Instant;
  /** The message as it came: channel, text, blocks. */
  readonly body: string;
}

export function slackWith(world: World, weather: Weather): { readonly told: readonly Told[]; readonly fetch: typeof fetch } {
  const told: Told[] = [];
  const take = async (init: RequestInit | undefined): Promise<Response> => {
    if (weather.meets('deaf-slack', 'chat.postMessage')) return deaf(weather.measure(0, 3));
    told.push({ at: instant(world.clock.now() * 1000), body: String(init?.body) });
    if (weather.meets('slack-timeout-after', 'chat.postMessage'))
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    return Response.json({ ok: true, ts: `${told.length}.000000` });
  };
  return {
    told,
    fetch: async (input, init) => {
      if (String(input) !== 'https://slack.com/api/chat.postMessage') throw new TypeError(`fetch failed: nobody stands in for ${input}`);
      return take(init);
    },
  };
}

function deaf(how: number): Response {
  if (how === 0) throw new TypeError('fetch failed: Slack is deaf (a fault of the virtual cloud)');
  if (how === 1) return new Response('', { status: 503 });
  if (how === 2) return Response.json({ ok: false, error: 'ratelimited' }, { status: 429, headers: { 'retry-after': '30' } });
  return Response.json({ ok: false, error: 'internal_error' });
}
