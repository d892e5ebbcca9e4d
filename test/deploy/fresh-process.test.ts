/**
 * The handler is what is judged: one evening in the virtual cloud, played through the modules of `functions/` in this process and through
 * the packaged bundles with a fresh process for every run. If anything were remembered outside of the tables, the two would part: they did
 * when `readShelf` in runtime/reconcile.ts was made to keep a shelf in a module's variable from one run to the next.
 */
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { addSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { Handler } from '../../simulator/stage/lambda.ts';
import { openStage } from '../../simulator/stage.ts';
import { openTables } from '../../simulator/tables.ts';
import { packaged } from '../support/fresh-process/handlers.ts';
import { configOf, devTest, requiredTags, webFleet } from '../support/policies.ts';

const SERVERLESS = join(resolve(import.meta.dirname, '../..'), 'serverless.yml');
const START = instant('2025-05-14T18:48:00Z');
const MINUTES = 24;
const after = (minutes: number): Instant => addSeconds(START, minutes * MINUTE);

const config = configOf({
  policies: [
    webFleet({ scaleOutDatapoints: 2, scaleInDatapoints: 4, cooldown: 120, instanceWarmup: 60 }),
    devTest(),
    requiredTags({ settle: 0 }),
  ],
});

/** A fleet that is asked for more and then for less, boxes whose day ends at 19:00, and an owner who works late. */
function evening(): { cloud: Cloud; boxes: readonly string[] } {
  const cloud = createCloud({ seed: 11, at: START });
  const at = (minutes: number, busy: number) => [Date.parse(after(minutes)) / 1000, busy] as const;
  const demand = [at(0, 1.5), at(3, 4), at(11, 1)].reverse();
  cloud.createGroup({
    ...{ name: 'web-asg', minSize: 2, maxSize: 20, desiredCapacity: 3, bootSeconds: 30, instanceWarmup: 60, monitoring: 'detailed' },
    demand: time => demand.find(([from]) => from <= time)?.[1] ?? 1.5,
  });
  const box = (more: Parameters<Cloud['launch']>[0] = {}) =>
    cloud.launch({ ...more, tags: { environment: 'dev', owner: 'qa', ...more.tags } });
  const boxes = [box(), box({ type: 'm5.large' }), box({ stopProtection: true }), box({ tags: { 'ebb:keep-until': '2025-05-16' } })];
  const [late = ''] = boxes;
  cloud.at(after(17), () => cloud.human.starts(late));
  cloud.at(after(2), () => void cloud.human.launches({ type: 't3.medium' }));
  return { cloud, boxes };
}

interface Minute {
  readonly at: Instant;
  readonly desiredCapacity: number;
  readonly inService: number;
  readonly boxes: readonly string[];
  /** Our writes of this minute. */
  readonly writes: readonly string[];
}

type Load = (
  cloud: Cloud,
  config: Config,
  endpoint: string,
) => Promise<{ load?: (name: string) => Promise<Handler>; close(): Promise<void> }>;

async function played(load: Load): Promise<Minute[]> {
  const tables = await openTables();
  const { cloud, boxes } = evening();
  const { close, ...handlers } = await load(cloud, config, tables.endpoint);
  try {
    const stage = await openStage({ cloud, tables, config, serverless: SERVERLESS, region: 'eu-west-1', ...handlers });
    const minutes: Minute[] = [];
    for (let n = 1; n <= MINUTES; n++) {
      const told = cloud.record.writes.length;
      await cloud.advanceTo(after(n));
      minutes.push({ ...seen(cloud, boxes), writes: cloud.record.writes.slice(told).flatMap(ours) });
    }
    expect(stage.invocations.filter(i => i.outcome === 'threw').map(i => i.error)).toEqual([]);
    expect(stage.deadLetters()).toEqual([]);
    return minutes;
  } finally {
    await close();
    await tables.close();
  }
}

function seen(cloud: Cloud, boxes: readonly string[]): Omit<Minute, 'writes'> {
  const { desired, members } = cloud.group('web-asg');
  return { at: cloud.now(), desiredCapacity: desired, inService: members.size, boxes: boxes.map(id => cloud.instance(id).state) };
}

const ours = ({ at, action, params, userAgent, changed }: Cloud['record']['writes'][number]): string[] => {
  const ids = userAgent.match(/chg-[0-9a-f]+/g);
  return ids === null ? [] : [`${at} ${action} ${JSON.stringify(params)} ${ids.join(' ')} changed ${changed.join(' ')}`];
};

test('packaged handlers, a fresh process for each run, do to the minute what the modules do in one process', async () => {
  const here = await played(async () => ({ close: async () => {} }));

  // The evening is worth comparing: it scales out and in, stops what is off-hours, and keeps its hands off the rest.
  expect(new Set(here.map(m => m.desiredCapacity)).size).toBeGreaterThan(2);
  expect(here.at(-1)?.desiredCapacity).toBeLessThan(Math.max(...here.map(m => m.desiredCapacity)));
  expect(here.at(-1)?.boxes).toEqual(['running', 'stopped', 'running', 'running']);
  expect(here.flatMap(m => m.writes).join()).toMatch(/CreateTags/);

  let processes = () => 0;
  const fresh = await played(async (cloud, policies, endpoint) => {
    const made = await packaged(cloud.world, policies, endpoint);
    processes = made.processes;
    return made;
  });
  expect(fresh).toEqual(here);
  expect(processes()).toBeGreaterThan(2 * MINUTES);
}, 180_000);
