/** Plays the working week: the handlers as they are, rung through the virtual EventBridge and SQS, with ledger and memory in the embedded tables. */
import { createLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import type { Scope } from '../../shared/model/ids.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { addSeconds, DAY, earlier, HOUR, type Instant, secondsBetween, type Window } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import type { PageData } from '../../shared/report/page/data.ts';
import type { Summary } from '../../shared/report/summary.ts';
import { readPage } from '../../shared/runtime/paging.ts';
import { readSummary } from '../../shared/runtime/summing.ts';
import { type WorkingWeek, workingWeek, ZONE } from '../../simulator/scenarios/working-week.ts';
import { openStage, type Stage } from '../../simulator/stage.ts';
import { openTables } from '../../simulator/tables.ts';
import { slackStandIn, TOKEN, type Told } from './slack-stand-in.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly serverless: string;
  readonly seed: number;
  readonly days: number;
  readonly trace?: string;
  /** Called as virtual time passes. */
  readonly onProgress: (at: Instant, share: number) => void;
}

export interface Played {
  readonly week: WorkingWeek;
  readonly stage: Stage;
  readonly scope: Scope;
  readonly window: Window;
  readonly rows: readonly LedgerRow[];
  readonly summary: Summary;
  readonly page: PageData;
  readonly told: readonly Told[];
}

export async function play({ config, serverless, seed, days, trace, onProgress }: DemoOptions): Promise<Played> {
  const week = workingWeek({ seed, ...(trace !== undefined && { trace }) });
  const tables = await openTables();
  try {
    const { channel, teams = {} } = config.slack;
    const slack = slackStandIn(week.cloud, [channel, ...Object.values(teams)]);
    const region = week.cloud.regions[0] ?? '';
    week.cloud.setParameter(`/ebbtide/${config.stage}/slack/bot-token`, TOKEN);
    const stage = await openStage({ cloud: week.cloud, tables, config, serverless, region, fetch: slack.fetch });
    const window = { start: week.start, end: addSeconds(week.start, days * DAY) };
    await advance(week, window, onProgress);
    // The week is summed up when it ends, by the event that Monday's schedule would send.
    if (days >= 7) await stage.invoke('tell-slack', { tick: 'summary', period: 'weekly', at: window.end });

    const scope = { account: week.cloud.account, region };
    const client = new (await import('@aws-sdk/client-dynamodb')).DynamoDBClient(tables.clientConfig);
    const ledger = createLedger(client, tables.ledger);
    const rows: LedgerRow[] = [];
    // A change is filed under the day of its cause: Friday evening's, for what was still running on Monday.
    for await (const row of ledger.rows(scope, addSeconds(window.start, -7 * DAY), window.end)) rows.push(row);
    const records = { ledger, memory: createMemory(client, tables.memory) };
    const summary = await readSummary(records, [scope], window, window.end);
    const page = await readPage(records, { scopes: [scope], window, at: window.end, zone: ZONE });
    client.destroy();
    return { week, stage, scope, window, rows, summary, page, told: slack.told() };
  } finally {
    await tables.close();
  }
}

/** Hour by hour, so that progress can be seen. */
async function advance({ cloud }: WorkingWeek, { start, end }: Window, onProgress: DemoOptions['onProgress']): Promise<void> {
  for (let at = start; at < end; ) {
    at = earlier(addSeconds(at, HOUR), end);
    await cloud.advanceTo(at);
    onProgress(at, secondsBetween(start, at) / secondsBetween(start, end));
  }
}
