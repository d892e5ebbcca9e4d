/** Stands where Slack does in the virtual cloud: takes chat.postMessage and keeps what was told. Nothing leaves this process. */
import type { Instant } from '../../shared/model/time.ts';
import type { SlackMessage } from '../../shared/report/slack-kit.ts';
import type { Cloud } from '../../simulator/cloud.ts';

export interface Told {
  readonly at: Instant;
  readonly channel: string;
  readonly message: SlackMessage;
}

export function slackStandIn(): { readonly told: readonly Told[]; fetch(cloud: Pick<Cloud, 'now'>): typeof fetch } {
  const told: Told[] = [];
  return {
    told,
    fetch: cloud => async (input, init) => {
      if (String(input) !== 'https://slack.com/api/chat.postMessage') throw new TypeError(`fetch failed: nobody stands in for ${input}`);
      const { channel, text, blocks } = JSON.parse(String(init?.body)) as SlackMessage & { channel: string };
      told.push({ at: cloud.now(), channel, message: { text, blocks } });
      return Response.json({ ok: true, ts: `${told.length}.000000` });
    },
  };
}
