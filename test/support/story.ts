/**
 * Stories: days in the virtual cloud, told by wall clock. The workers of `functions/` run unmodified, rung by SQS events that carry a
 * doorbell; state changes reach watch-changes as EventBridge would bring them. Each story has an account of its own, so one table server
 * serves a whole file.
 */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { handler as enforceTags } from '../../functions/enforce-tags.ts';
import { handler as resizeFleets } from '../../functions/resize-fleets.ts';
import { handler as stopStartInstances } from '../../functions/stop-start-instances.ts';
import { handler as watchChanges } from '../../functions/watch-changes.ts';
import { shelfOf, sortShelf, valuesOf } from '../../shared/memory/shelves.ts';
import type { Doorbell } from '../../shared/model/doorbell.ts';
import type { Pen, Scope } from '../../shared/model/ids.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { Notice } from '../../shared/model/notice.ts';
import type { Change, Left, Plan } from '../../shared/model/plan.ts';
import { addSeconds, DAY, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { firstInstantAt } from '../../shared/policy/wall-clock.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { waiting } from '../../shared/runtime/outbox.ts';
import { type Outside, useOutside } from '../../shared/runtime/outside.ts';
import { lookAt } from '../../shared/runtime/reconcile.ts';
import { type Run, runOf } from '../../shared/runtime/run.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import type { FurnitureOptions } from '../../simulator/world/launch.ts';
import type { Write } from '../../simulator/world/record.ts';
import { configOf, type Rules } from './policies.ts';

export const REGION = 'eu-west-1';
const WORKERS = { 'resize-fleets': resizeFleets, 'stop-start-instances': stopStartInstances, 'enforce-tags': enforceTags } as const;

export interface Story extends Omit<Cloud, 'at'> {
  readonly cloud: Cloud;
  readonly scope: Scope;
  /** A dev-test box that has run for two months. */
  box(options?: FurnitureOptions): string;
  /** Lets the day go on until this time: `19:00`, `tomorrow 07:00`, `Sat 12:00` (the first one from the story's day on). */
  at(wall: string): Promise<void>;
  timeOf(wall: string): Instant;
  /** A doorbell at a pen's door, as SQS brings it. Throws when the worker gives it back. */
  tick(pen?: Pen, look?: Doorbell['look']): Promise<void>;
  /** … and says whether the worker took it. */
  ring(pen: Pen, look: Doorbell['look']): Promise<boolean>;
  /** The cadence of a deployment until this time: fleets each minute, instances every five and hourly, tags every six hours. */
  ticksUntil(wall: string, options?: { readonly silent?: boolean; readonly pens?: readonly Pen[] }): Promise<void>;
  /** Loses every event from now on. */
  deafen(): void;
  /** What the house would answer for it now. */
  why(id: string, pen?: Pen): Promise<string>;
  plan(pen?: Pen, look?: Doorbell['look']): Promise<Plan>;
  run(pen?: Pen): Promise<Run>;
  /** Our writes, as the world recorded them. */
  writes(): readonly Write[];
  notices(): Promise<Notice[]>;
  ledger(): Promise<LedgerRow[]>;
  remembered(pen?: Pen): Promise<ReturnType<typeof sortShelf>>;
  answers(plan: Plan, id: string): (Change | Left)[];
  /** Calls of ours to AWS, the tables included, since the story began. */
  readonly calls: readonly string[];
}

export interface StoryOptions extends Rules {
  readonly seed?: number;
  /** When the story begins; the morning at 06:00 unless told otherwise. */
  readonly from?: string;
  readonly outside?: (world: Outside) => Outside;
}

let tables: Tables;
let stories = 0;
let leave = () => {};
let told: Story | null = null;

beforeAll(async () => {
  tables = await openTables();
});
afterEach(() => leave());
afterAll(() => tables.close());

/** @param date `2025-05-14` @param timeZone of the wall clock, and of the office hours unless the rules say otherwise. */
export function day(date: string, timeZone = 'UTC', options: StoryOptions = {}): Story {
  leave();
  const account = String(100_000_000_000 + ++stories);
  const scope = { account, region: REGION };
  const wallOf = wallClock(date, timeZone);
  const cloud = createCloud({
    seed: options.seed ?? 1,
    at: wallOf(options.from ?? '06:00'),
    account,
    regions: options.regions ?? [REGION],
  });
  const config = configOf({ timeZone, ...options });
  const calls: string[] = [];
  const virtual = cloud.outside({ config, tables, environment: ENVIRONMENT });
  const counted: Outside = { ...virtual, equip: client => count(virtual.equip(client), calls) };
  leave = useOutside(options.outside?.(counted) ?? counted);

  let deaf = false;
  cloud.onEvent(async event => {
    if (!deaf && event['detail-type'] !== 'Tag Change on Resource') await watchChanges(event, contextOf(account));
  });

  const run = (pen: Pen = 'stop-start-instances') => runOf(pen, scope, account, () => 900_000);
  const plan = async (pen: Pen = 'stop-start-instances', look: Doorbell['look'] = 'all') => {
    const running = await run(pen);
    const shelf = sortShelf(await running.memory.readShelf(running.shelf, running.at));
    const open = new Map([...valuesOf(shelf.pending).values()].map(q => [q.change.resource.id, q]));
    return (await lookAt({ run: running, look, measure: true, shelf, open })).plan;
  };
  const ring = async (pen: Pen, look: Doorbell['look']) => {
    const { batchItemFailures } = await WORKERS[pen](sqsEvent([doorbell(pen, scope, look, cloud.now())]), contextOf(account));
    return batchItemFailures.length === 0;
  };
  const tick = async (pen: Pen = 'stop-start-instances', look: Doorbell['look'] = 'all') => {
    if (!(await ring(pen, look))) throw new Error(`${pen} gave the doorbell of ${cloud.now()} back`);
  };

  const story: Story = {
    ...cloud,
    cloud,
    scope,
    calls,
    box: (other = {}) => cloud.launch({ ...other, tags: { environment: 'dev', ...other.tags } }),
    at: wall => cloud.advanceTo(wallOf(wall)),
    timeOf: wallOf,
    tick,
    ring,
    ticksUntil: async (wall, { silent = false, pens = ['stop-start-instances'] } = {}) => {
      const end = wallOf(wall);
      for (let at = floor(addSeconds(cloud.now(), MINUTE)); at <= end; at = addSeconds(at, MINUTE)) {
        const due = [...ticksAt(at)].filter(([pen]) => pens.includes(pen));
        if (due.length === 0) continue;
        await cloud.advanceTo(at);
        for (const [pen, look] of due) if (!(await ring(pen, look)) && !silent) throw new Error(`${pen} gave the doorbell of ${at} back`);
      }
      await cloud.advanceTo(end);
    },
    deafen: () => {
      deaf = true;
    },
    why: async (id, pen = 'stop-start-instances') => {
      const { changes, left } = await plan(pen, [id]);
      const [answer] = [...changes, ...left].filter(a => a.resource.id === id);
      return answer === undefined ? 'nobody knows it' : sentence(answer.because, timeZone);
    },
    plan,
    run,
    writes: () => cloud.record.writes.filter(w => w.userAgent.includes('ebbtide/chg-')),
    notices: async () => {
      const { memory, at } = await run();
      const all = (await waiting(memory, at)).map(item => item.value.notice);
      return all.filter(n => ('scope' in n ? n.scope : 'resource' in n ? n.resource.scope : scope).account === account);
    },
    ledger: async () => {
      const { ledger, at } = await run();
      const from = addSeconds(wallOf('00:00'), -2 * DAY);
      const rows: LedgerRow[] = [];
      for await (const row of ledger.rows(scope, from, addSeconds(at, DAY))) rows.push(row);
      return rows;
    },
    remembered: async (pen = 'stop-start-instances') => {
      const { memory, at } = await run(pen);
      return sortShelf(await memory.readShelf(shelfOf(pen, scope), at));
    },
    answers: ({ changes, left }, id) => [...changes, ...left].filter(a => a.resource.id === id),
  };
  told = story;
  return story;
}

const ENVIRONMENT = {
  AWS_REGION: REGION,
  EBB_LEDGER_TABLE: 'ebbtide-ledger',
  EBB_MEMORY_TABLE: 'ebbtide-memory',
  POWERTOOLS_LOG_LEVEL: process.env['STORY_LOG'] ?? 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

function count<C extends Parameters<Outside['equip']>[0]>(client: C, calls: string[]): C {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        calls.push(String(commandName).replace(/Command$/, ''));
        return next(args);
      },
    { step: 'initialize', name: 'counted' },
  );
  return client;
}

let rings = 0;

export const doorbell = (pen: Pen, scope: Scope, look: Doorbell['look'], at: Instant): Doorbell => ({
  ...{ pen, scope, look, at, cause: 'tick' },
  dedupId: `ring-${++rings}`,
});

export const sqsEvent = (doorbells: readonly Doorbell[]): SQSEvent =>
  ({
    Records: doorbells.map((d, i) => ({ messageId: `m${i}`, body: JSON.stringify(d), attributes: { MessageGroupId: d.scope.account } })),
  }) as SQSEvent;

export const contextOf = (account: string, remaining = 900_000): Context =>
  ({
    functionName: 'ebbtide-dev',
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${account}:function:ebbtide-dev`,
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    getRemainingTimeInMillis: () => remaining,
  }) as Context;

const floor = (at: Instant): Instant => instant(Math.floor(Date.parse(at) / 60_000) * 60_000);

function* ticksAt(at: Instant): Generator<[Pen, 'due' | 'all']> {
  const minutes = Date.parse(at) / 60_000;
  yield ['resize-fleets', 'all'];
  if (minutes % 60 === 0) yield ['stop-start-instances', 'all'];
  else if (minutes % 5 === 0) yield ['stop-start-instances', 'due'];
  if (minutes % 360 === 0) yield ['enforce-tags', 'all'];
  else if (minutes % 5 === 0) yield ['enforce-tags', 'due'];
}

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']; // 1970-01-01 was a Thursday

function wallClock(date: string, timeZone: string): (wall: string) => Instant {
  const today = Date.parse(`${date}T00:00:00Z`) / (DAY * 1000);
  return wall => {
    const [clock = '', name = 'today'] = wall.split(' ').reverse();
    const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number);
    const days = name === 'today' ? 0 : name === 'tomorrow' ? 1 : (WEEKDAYS.indexOf(name) - (today % 7) + 7) % 7;
    return addSeconds(firstInstantAt(timeZone, (today + days) * 24 * 60 + hour * 60 + minute), second);
  };
}

const stateOf = (id: unknown): string => (told === null ? 'untold' : told.cloud.instance(String(id)).state);

const inState = (id: unknown, states: readonly string[], word: string) => {
  const state = stateOf(id);
  return { pass: states.includes(state), message: () => `${id} is ${state} at ${told?.now()}, and that is ${word}` };
};

expect.extend({
  toBeStopped: id => inState(id, ['stopping', 'stopped'], 'not what the story says: stopped'),
  toBeRunning: id => inState(id, ['pending', 'running'], 'not what the story says: running'),
});

declare module 'expect' {
  interface Matchers<R> {
    toBeStopped(): R;
    toBeRunning(): R;
  }
}
