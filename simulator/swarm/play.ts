/** Plays a plot on the stage: the functions as they are, real SDK clients, the embedded tables, days of virtual time. */
import { addSeconds, epochSeconds, type Instant, later, MINUTE } from '../../shared/model/time.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import { type Cloud, createCloud } from '../cloud.ts';
import { trouble } from '../faults/calls.ts';
import { disturbEvents, missed } from '../faults/events.ts';
import { SECRETS, slackWith } from '../faults/slack.ts';
import { visitsOf } from '../faults/visits.ts';
import { weatherOf } from '../faults/weather.ts';
import { fillWorkspace } from '../people/answers.ts';
import { hasteOf } from '../people/haste.ts';
import { letPeople } from '../people/people.ts';
import { commandsOf, type Terminal } from '../people/terminal.ts';
import type { Handler } from '../stage/lambda.ts';
import { standOutside } from '../stage/seam.ts';
import type { Wiring } from '../stage/wiring.ts';
import { openStage, type Stage } from '../stage.ts';
import { openTables } from '../tables.ts';
import type { Evidence } from './evidence.ts';
import { furnish } from './furnish.ts';
import type { Plot } from './plot.ts';
import { aboutIn, changesIn, itemsOf, questionsIn, toucher } from './raw-tables.ts';
import { configOf, REGION } from './rules.ts';

export interface Theatre {
  readonly serverless: Wiring;
  /** Imports a function's module. */
  readonly load: (name: string) => Promise<Handler>;
  readonly terminal: Terminal;
}

const PENS = ['resize-fleets', 'stop-start-instances', 'enforce-tags'] as const;

export async function play(plot: Plot, { serverless, load, terminal }: Theatre): Promise<Evidence> {
  const cloud = createCloud({ seed: plot.seed, at: plot.from, regions: [REGION], throttling: plot.throttling ?? false });
  const { world } = cloud;
  const ids = furnish(cloud, plot, `arn:aws:sns:${REGION}:${world.account}:${serverless.topics['AlarmTopic'] ?? ''}`);
  const groups = [...world.regions.values()].flatMap(region => [...region.groups.values()]);
  const weather = weatherOf(world, plot.seed, plot.spells);
  const slack = slackWith(world, weather);
  const configs = [{ from: plot.from, config: configOf(plot) }];
  const tables = await openTables();
  try {
    const touch = await toucher(tables);
    let container: Outside | null = null;
    const haste = hasteOf();
    const visits = visitsOf(world, weather, haste, () => {
      container = null; // what its modules knew is lost
    });
    const troubled = (around: Outside): Outside => ({
      ...around,
      now: () => later(plot.from, addSeconds(around.now(), visits.skew())),
      config: () => (configs.at(-1) as (typeof configs)[number]).config,
      // The tables' own client would wait in real time between its tries.
      clientConfig: (service, region) => ({
        retryStrategy: around.clientConfig('ec2', region)['retryStrategy'],
        ...around.clientConfig(service, region),
      }),
      equip: client => trouble(around.equip(client), { world, weather, visits, touch }),
      get environment() {
        return around.environment;
      },
    });
    /** Where a function runs: cold after a crash. */
    const contained = (around: Outside): Outside => {
      container ??= troubled(around);
      return container;
    };
    const unheard = new Set<string>();
    const environments = new Map<string, Outside['environment']>();
    const stage = await openStage({
      ...{ cloud, tables, serverless, region: REGION, fetch: slack.fetch, config: configOf(plot) },
      load: async name => {
        const handler = await load(name);
        const ticked = disturbedTicks(handler, weather);
        return async (event, context) => {
          environments.set(name, stage.outside.environment);
          try {
            return await inContainer(() => visits.visit(name, ticked, event, context), contained);
          } catch (error) {
            missed(event, unheard); // Lambda may try again, later
            throw error;
          }
        };
      },
    });
    disturbEvents(world, weather, unheard);
    for (const [name, value] of Object.entries(SECRETS)) cloud.setParameter(`/ebbtide/dev/slack/${name}`, value);
    fillWorkspace(slack.slack);
    const commands = commandsOf(terminal, {
      ...{ world, visits },
      outside: () => troubled({ ...stage.outside, environment: environments.get('dispatch') ?? {} }),
    });
    const { done, answers } = letPeople(plot.deeds, plot.calm, {
      ...{ cloud, ids, haste, pauseParameter: '/ebbtide/dev/pause' },
      deploy: change => configs.push({ from: cloud.now(), config: change((configs.at(-1) as (typeof configs)[number]).config) }),
      ears: {
        ...{ cloud, ids, slack: slack.slack, shown: slack.shown },
        request: event => stage.invoke('answer-slack', event),
        ask: commands.ask,
        about: button => aboutIn(tables, button),
        pressed: new Set(),
        muffled: () => weather.hits.filter(({ kind }) => /slack|two-workers/.test(kind)).length,
      },
      release: commands.release,
    });

    const open: Evidence['open'][number][] = [];
    const watch = async () => open.push(...(await questionsIn(tables)).map(question => ({ at: cloud.now(), ...question })));
    const echoes = await advance(stage, cloud, plot, { changesSoFar: () => changesIn(tables), watch });
    const { ledger, memory } = await itemsOf(tables);
    return {
      ...{ plot, cloud, ids, groups, done, answers, unheard, configs, echoes, open, ledger, memory },
      ...{ hits: weather.hits, visits: visits.all, invocations: stage.invocations, told: slack.told, claimed: null },
    };
  } finally {
    await tables.close();
  }
}

/** The stage has put its own world outside; the function sees it through its container. */
async function inContainer(run: () => Promise<unknown>, contained: (around: Outside) => Outside): Promise<unknown> {
  const around = (globalThis as unknown as Record<symbol, Outside>)[Symbol.for('ebbtide.outside')];
  if (around === undefined) throw new Error('the stage put no world outside');
  const leave = standOutside(contained(around));
  try {
    return await run();
  } finally {
    leave();
  }
}

/** Scheduler rings at least once, and at times not at all. */
const disturbedTicks =
  (handler: Handler, weather: ReturnType<typeof weatherOf>): Handler =>
  async (event, context) => {
    if ((event as { tick?: string } | null)?.tick === undefined) return handler(event, context);
    if (weather.meets('lost-tick', 'tick')) return null;
    const answer = await handler(event, context);
    return weather.meets('duplicate-tick', 'tick') ? handler(event, context) : answer;
  };

/** In the calm part the pens are rung twice, a second apart, now and then: the second ring has nothing to say. */
async function advance(
  stage: Stage,
  cloud: Cloud,
  { from, echoes: when, end }: Plot,
  { changesSoFar, watch }: { readonly changesSoFar: () => Promise<string[]>; readonly watch: () => Promise<unknown> },
): Promise<Evidence['echoes']> {
  const echoes: Evidence['echoes'][number][] = [];
  let next = addSeconds(from, WATCHED);
  const advanceTo = async (at: Instant) => {
    for (; next < at; next = addSeconds(next, WATCHED)) {
      await cloud.advanceTo(next);
      await watch();
    }
    await cloud.advanceTo(at);
  };
  for (const at of when) {
    await advanceTo(at);
    for (const pen of PENS) {
      const first = cloud.record.writes.length;
      await ringOnce(stage, cloud, pen);
      const before = writesSince(cloud, first);
      await cloud.advanceTo(addSeconds(cloud.now(), 1));
      const [writes, changes] = [cloud.record.writes.length, new Set(await changesSoFar())];
      await ringOnce(stage, cloud, pen);
      const argued = (await changesSoFar()).filter(change => !changes.has(change));
      echoes.push({ at: cloud.now(), pen, before, wrote: writesSince(cloud, writes), argued });
    }
  }
  await advanceTo(end);
  return echoes;
}

const WATCHED = 10 * MINUTE;

const writesSince = ({ record }: Cloud, count: number): string[] =>
  record.writes
    .slice(count)
    .filter(w => w.service !== 'sqs')
    .map(w => `${w.action} ${w.changed.join(',')}`);

async function ringOnce(stage: Stage, cloud: Cloud, pen: (typeof PENS)[number]): Promise<void> {
  const id = `echo-${pen}-${cloud.now()}`;
  const body = JSON.stringify({
    ...{ pen, look: 'all', at: cloud.now(), cause: 'echo', dedupId: id },
    scope: { account: cloud.account, region: REGION },
  });
  const attributes = { MessageGroupId: `${cloud.account}/${REGION}` };
  await stage.invoke(pen, { Records: [{ messageId: id, body, attributes }] });
}

/** For whoever asks where the story stands. */
export const share = ({ plot: { from, end } }: Evidence, at: Instant): number =>
  (epochSeconds(at) - epochSeconds(from)) / (epochSeconds(end) - epochSeconds(from));
