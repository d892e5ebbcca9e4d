/** Stands where Slack does in the virtual cloud, with Slack's limits, and keeps what was told. Nothing leaves this process. */
import { epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { Block, SlackMessage } from '../../shared/report/slack-kit.ts';
import type { Cloud } from '../../simulator/cloud.ts';
import { VirtualSlack } from '../../simulator/slack/slack.ts';

export interface Told {
  readonly at: Instant;
  readonly channel: string;
  /** It stands in the thread of another. */
  readonly reply: boolean;
  readonly message: SlackMessage;
}

export const TOKEN = 'xoxb-virtual';

/** @param channels of config/slack.yml: they exist, and nobody else is in them */
export function slackStandIn({ now }: Pick<Cloud, 'now'>, channels: readonly string[]): { told(): Told[]; readonly fetch: typeof fetch } {
  const slack = new VirtualSlack({ now: () => epochSeconds(now()) * 1000 });
  slack.token = TOKEN;
  for (const [index, name] of channels.entries()) slack.channels.set(name, { id: `C0VIRTUAL${index}`, name });
  return {
    fetch: slack.fetchInProcess,
    told: () =>
      slack.posted.map(({ ts, channel, thread, text, blocks }) => ({
        at: instant(Number(ts) * 1000),
        channel: [...slack.channels].find(([, { id }]) => id === channel)?.[0] ?? channel ?? '',
        reply: thread !== null,
        message: { text, blocks: blocks as unknown as Block[] },
      })),
  };
}
