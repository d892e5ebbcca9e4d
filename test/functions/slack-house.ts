/** A house whose mouth and ear are real, between a stand-in for Slack and tables in the process; queues and parameters are answered here. */
import type { MetadataBearer } from '@smithy/types';
import type { Context } from 'aws-lambda';
import { handler as answerHandler } from '../../functions/answer-slack.ts';
import { handler as tellHandler } from '../../functions/tell-slack.ts';
import { shelfOf, wishKey } from '../../shared/memory/shelves.ts';
import type { ResourceRef, Scope } from '../../shared/model/ids.ts';
import type { Wish } from '../../shared/model/memory.ts';
import { addSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { Config, SlackConfig } from '../../shared/policy/schema.ts';
import type { HttpAnswer } from '../../shared/runtime/answer.ts';
import { type Equippable, type Outside, secret, useOutside } from '../../shared/runtime/outside.ts';
import { type Tables as Records, tables } from '../../shared/runtime/tables.ts';
import { SIGNING_SECRET, type SlackEvent } from '../../simulator/slack/slack.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { type StandIn, slackStandIn } from '../support/slack.ts';
import { parameterStore } from './tell-slack-props.ts';

export const START = instant('2025-05-14T10:00:00Z');
export const scope: Scope = { account: '123456789012', region: 'eu-west-1' };
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:ebbtide-dev';
const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/';

export interface SlackHouse {
  slack: StandIn;
  records: Records;
  now: Instant;
  settings: SlackConfig;
  readonly parameters: Record<string, string | Error>;
  /** Doorbells that were rung, and mails that were sent. */
  readonly bells: { readonly pen: string; readonly look: unknown; readonly dedupId: string }[];
  readonly mails: { readonly subject: string; readonly text: string }[];
  /** How many have confirmed to hear the topic; `null`: there is none. */
  subscribers: number | null;
  /** Thrown by every call to DynamoDB of this name. */
  broken: string | null;
  tick(): Promise<unknown>;
  summarise(period: 'daily' | 'weekly', at: Instant): Promise<unknown>;
  answer(event: SlackEvent | object): Promise<HttpAnswer>;
  wish(resource: ResourceRef, pen?: 'stop-start-instances' | 'enforce-tags'): Promise<Wish | null>;
  later(seconds: number): void;
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openHouse(): Promise<SlackHouse> {
  const dynamo = await openTables();
  const house = { now: START, bells: [], mails: [], parameters: {}, subscribers: null, broken: null } as unknown as SlackHouse;
  let leave = () => {};
  let run = 0;
  const context = (name: string) =>
    ({
      functionName: name,
      awsRequestId: `r-${run++}`,
      invokedFunctionArn: `${ARN}-${name}`,
      getRemainingTimeInMillis: () => 60_000,
    }) as Context;
  return Object.assign(house, {
    tick: () => tellHandler({ tick: 'outbox' }, context('tell-slack')),
    summarise: (period: string, at: Instant) => tellHandler({ tick: 'summary', period, at }, context('tell-slack')),
    answer: (event: object) => answerHandler(event, context('answer-slack')),
    wish: async (resource: ResourceRef, pen = 'stop-start-instances' as const) =>
      ((await house.records.memory.read(shelfOf(pen, resource.scope), wishKey(resource.id), house.now))?.value as Wish | undefined) ?? null,
    later: (seconds: number) => {
      house.now = addSeconds(house.now, seconds);
    },
    reset: async () => {
      leave();
      await house.slack?.close();
      Object.assign(house, {
        now: START,
        subscribers: null,
        broken: null,
        settings: { channel: '#savings', summary: { timeZone: 'Europe/Berlin', hour: 9 } },
      });
      for (const list of [house.bells, house.mails]) list.length = 0;
      for (const name of Object.keys(house.parameters)) delete house.parameters[name];
      Object.assign(house.parameters, { '/ebbtide/dev/slack/bot-token': 'xoxb-good', '/ebbtide/dev/slack/signing-secret': SIGNING_SECRET });
      house.slack = await slackStandIn({ now: () => Date.parse(house.now) });
      leave = useOutside(worldOf(house, dynamo));
      house.records = await tables();
      for (const shelf of [
        'outbox',
        'cards',
        'buttons',
        'slack',
        shelfOf('stop-start-instances', scope),
        shelfOf('enforce-tags', scope),
        `${scope.account}/${scope.region}#roll`,
      ] as const)
        for (const item of await house.records.memory.readShelf(shelf, instant(0))) await house.records.memory.forget(shelf, item);
    },
    close: async () => {
      leave();
      await house.slack?.close();
      await dynamo.close();
    },
  });
}

const worldOf = (house: SlackHouse, dynamo: Tables): Outside => ({
  now: () => house.now,
  sleep: async milliseconds => house.later(Math.ceil(milliseconds / 1_000)),
  get environment() {
    return {
      ...{ AWS_REGION: 'eu-west-1', EBB_LEDGER_TABLE: dynamo.ledger, EBB_MEMORY_TABLE: dynamo.memory },
      ...{
        EBB_QUEUE_STOP_START_INSTANCES: `${QUEUE}stop.fifo`,
        EBB_QUEUE_ENFORCE_TAGS: `${QUEUE}tags.fifo`,
        EBB_QUEUE_RESIZE_FLEETS: `${QUEUE}fleets.fifo`,
      },
      ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
      ...(house.subscribers === null ? {} : { EBB_ALERT_TOPIC: 'arn:aws:sns:eu-west-1:123456789012:ebbtide-dev-AlertTopic' }),
    };
  },
  config: () =>
    ({
      stage: 'dev',
      accounts: [{ account: 'self', regions: ['eu-west-1'], commitments: 'none' }],
      policies: [],
      schedules: {},
      slack: house.settings,
    }) as unknown as Config,
  clientConfig: () => ({ ...dynamo.clientConfig }),
  equip: client => answered(parameterStore(client, house.parameters), house),
  fetch: (url, init) => house.slack.fetch(url, init),
  secret,
});

/** SQS and SNS, as far as they are asked; DynamoDB is real, unless it is told to be broken. */
function answered<C extends Equippable>(client: C, house: SlackHouse): C {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        if (commandName === `${house.broken}Command`) throw Object.assign(new Error('DynamoDB is away'), { name: 'InternalServerError' });
        const input = args.input as {
          Entries?: { MessageBody: string; MessageDeduplicationId: string }[];
          Subject?: string;
          Message?: string;
        };
        const output = (value: object) => ({ response: undefined, output: { $metadata: {}, ...value } as MetadataBearer });
        switch (commandName) {
          case 'SendMessageBatchCommand':
            for (const { MessageBody, MessageDeduplicationId } of input.Entries ?? []) {
              const bell = JSON.parse(MessageBody);
              // SQS drops copies within five minutes.
              if (!house.bells.some(rung => rung.dedupId === MessageDeduplicationId)) house.bells.push(bell);
            }
            return output({ Successful: [], Failed: [] });
          case 'GetTopicAttributesCommand':
            return output({ Attributes: { SubscriptionsConfirmed: String(house.subscribers) } });
          case 'PublishCommand':
            house.mails.push({ subject: input.Subject ?? '', text: input.Message ?? '' });
            return output({ MessageId: 'm-1' });
          default:
            return next(args);
        }
      },
    { step: 'initialize', name: 'queues-and-topics', priority: 'high' },
  );
  return client;
}
