/** What rings for a fleet, beside a sweep of its scope that is still under way. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { handler as dispatch } from '../../functions/dispatch.ts';
import { handler as resizeFleets } from '../../functions/resize-fleets.ts';
import type { Doorbell } from '../../shared/model/doorbell.ts';
import { addSeconds, instant } from '../../shared/model/time.ts';
import { groupsNamed } from '../../shared/observe/fleet-of.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { doorbells } from '../../shared/runtime/doorbells.ts';
import { parseEvent } from '../../shared/runtime/events.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import { createCloud } from '../../simulator/cloud.ts';
import type { Handler } from '../../simulator/stage/lambda.ts';
import { patternMatches } from '../../simulator/stage/pattern.ts';
import { readWiring } from '../../simulator/stage/wiring.ts';
import { openStage } from '../../simulator/stage.ts';
import { openTables } from '../../simulator/tables.ts';
import { receive, remove } from '../../simulator/world/queues.ts';
import { ALL, alarm, scope as eventScope, interruption, rebalance } from '../runtime/event-shapes.ts';
import { configOf, webFleet } from '../support/policies.ts';
import { contextOf, day, doorbell, REGION, sqsEvent } from '../support/story.ts';

/** Holds the next call of a command until it is let go. */
class Gates {
  readonly #held = new Map<string, { arrived(): void; readonly released: Promise<void> }[]>();

  /** @returns when the call has arrived, and how to let it go. */
  hold(command: string): { readonly arrived: Promise<void>; release(): void } {
    const arrival = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    this.#held.set(command, [...(this.#held.get(command) ?? []), { arrived: arrival.resolve, released: release.promise }]);
    return { arrived: arrival.promise, release: release.resolve };
  }

  before = (world: Outside): Outside => ({
    ...world,
    equip: client => {
      const equipped = world.equip(client);
      equipped.middlewareStack.add(
        (next, { commandName }) =>
          async args => {
            const answer = isRead(commandName) ? await next(args) : null; // what a reader is told is what was true when it asked
            const gate = this.#held.get(String(commandName))?.shift();
            gate?.arrived();
            await gate?.released;
            return answer ?? next(args);
          },
        { step: 'initialize', name: 'gated' },
      );
      return equipped;
    },
  });
}

const isRead = (command: string | undefined): boolean => /^(Get|Describe)/.test(command ?? '');

function fleetStory(gates = new Gates()) {
  let queueUrl = '';
  const outside = (world: Outside): Outside => ({
    ...gates.before(world),
    get environment() {
      return { ...world.environment, EBB_QUEUE_RESIZE_FLEETS: queueUrl };
    },
  });
  const story = day('2025-05-14', 'UTC', { policies: [webFleet({ scaleOutDatapoints: 1 })], from: '08:00', outside });
  const { cloud, scope } = story;
  const queue = cloud.createQueue({ name: 'resize-fleets.fifo', region: REGION, deduplicationPerGroup: true });
  queueUrl = queue.url;
  cloud.createGroup({ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 1.8, instanceWarmup: 180 });
  const context = contextOf(scope.account);
  return {
    ...story,
    queue,
    /** What dispatch makes of an event, with nobody at the other end of the queue yet. */
    happens: (event: object) => dispatch(event, context),
    /** What the next free worker is given. */
    taken: () => receive(cloud.world, queue, 1).map(message => (JSON.parse(message.body) as Doorbell).look),
    /** A worker at work. */
    looks: (look: Doorbell['look']) => resizeFleets(sqsEvent([doorbell('resize-fleets', scope, look, cloud.now())]), context),
    desired: (name: string) => story.group(name).desired,
    sizes: () => story.writes().map(w => (w.params as { DesiredCapacity: number }).DesiredCapacity),
    outcomes: async () => (await story.ledger()).flatMap(row => (row.kind === 'settled' ? row.outcome : [])),
  };
}

describe('a fleet that is named, while its scope is swept', () => {
  test('stands in no line behind the sweep; the next sweep does', async () => {
    const { happens, taken, scope, cloud } = fleetStory();
    const tick = (at: string) => happens({ tick: 'resize-fleets', look: 'all', at });
    await tick(cloud.now());
    expect(taken()).toEqual(['all']);
    await tick(addSeconds(cloud.now(), 60));
    expect(taken()).toEqual([]);
    await happens({ ...alarm(), account: scope.account, resources: [] });
    expect(taken()).toEqual([['web-asg']]);
    expect(taken()).toEqual([]);
  });

  test('is scaled out before the sweep has ended, and what the sweep had seen is out of date', async () => {
    const gates = new Gates();
    const { at, setDemand, looks, desired, sizes, outcomes } = fleetStory(gates);
    await at('08:10');
    setDemand('web', () => 3.2); // 80 % of four: seven would do
    await at('08:12');
    const metrics = gates.hold('GetMetricDataCommand');
    const sweep = looks('all');
    await metrics.arrived;
    setDemand('web', () => 3.8); // and now 95 %: eight
    await at('08:14');

    await looks(['web']);
    expect(desired('web')).toBe(8);
    metrics.release();
    await sweep;
    expect(desired('web')).toBe(8);
    expect(sizes()).toEqual([8]);
    expect((await outcomes()).sort()).toEqual(['done', 'stale']);
  });

  test('the same thought of two is written once', async () => {
    const gates = new Gates();
    const { at, setDemand, looks, sizes } = fleetStory(gates);
    await at('08:10');
    setDemand('web', () => 3.2);
    await at('08:12');
    const metrics = gates.hold('GetMetricDataCommand');
    const sweep = looks('all');
    await metrics.arrived;
    await looks(['web']);
    metrics.release();
    await sweep;
    expect(sizes()).toEqual([7]);
  });

  test('is never written to by two at once: who comes second waits for the next tick, and finds what the first one did', async () => {
    const gates = new Gates();
    const { at, setDemand, looks, tick, desired, sizes, outcomes } = fleetStory(gates);
    await at('08:10');
    setDemand('web', () => 3.2);
    await at('08:12');
    const metrics = gates.hold('GetMetricDataCommand');
    const sweep = looks('all'); // wants seven
    await metrics.arrived;
    setDemand('web', () => 3.8);
    await at('08:14');
    const write = gates.hold('SetDesiredCapacityCommand');
    const alarmed = looks(['web']); // wants eight, and has looked again
    await write.arrived;

    metrics.release();
    await sweep;
    expect(sizes()).toEqual([]);
    write.release();
    await alarmed;
    expect(sizes()).toEqual([8]);
    expect(await outcomes()).toEqual(['done']);
    await at('08:15');
    await tick('resize-fleets');
    expect(desired('web')).toBe(8);
  });

  test('a run that dies with its pen lifted holds the fleet for two minutes, and no longer', async () => {
    const gates = new Gates();
    const { at, setDemand, looks, tick, sizes } = fleetStory(gates);
    await at('08:10');
    setDemand('web', () => 3.2);
    await at('08:12');
    const write = gates.hold('SetDesiredCapacityCommand');
    const dead = looks(['web']);
    await write.arrived;
    await at('08:13');
    await tick('resize-fleets');
    expect(sizes()).toEqual([]);
    await at('08:15');
    await tick('resize-fleets');
    expect(sizes()).toEqual([7]);
    write.release(); // nobody is left to hear of it; the test only leaves nothing behind
    await dead;
  });
});

describe('an instance that Spot takes back', () => {
  test('has its group looked at, and nobody else', async () => {
    const { cloud, happens, taken, looks, queue, scope, calls } = fleetStory();
    cloud.createGroup({ name: 'other', minSize: 1, maxSize: 2, desiredCapacity: 1, demand: () => 0.1 });
    const [member = ''] = [...cloud.group('web').members.keys()];
    const before = calls.length;
    for (const [i, event] of [interruption(), rebalance()].entries()) {
      await happens({ ...event, id: `event-${i}`, account: scope.account, resources: [], detail: { 'instance-id': member } });
      const [look = 'all'] = taken();
      expect(look).toEqual([member]);
      await looks(look);
      remove(queue, queue.messages);
    }
    expect(calls.slice(before).filter(call => call.startsWith('Describe'))).toContain('DescribeAutoScalingInstances');
    expect(await groupsNamed(clientsFor({ region: REGION }), [member, 'blue'])).toEqual(['blue', 'web']);
  });

  test('without a group has nothing looked at: not the whole scope', async () => {
    const { cloud, looks, calls } = fleetStory();
    const alone = cloud.launch({});
    const before = calls.length;
    expect(await looks([alone])).toEqual({ batchItemFailures: [] });
    expect(calls.slice(before).filter(call => call === 'DescribeAutoScalingGroups')).toEqual([]);
  });
});

const handlerOf = async (name: string): Promise<Handler> =>
  ((await import(pathToFileURL(join(import.meta.dirname, `../../functions/${name}.ts`)).href)) as { handler: Handler }).handler;

describe('as deployed', () => {
  const SERVERLESS = join(import.meta.dirname, '../../serverless.yml');
  const sourceOf = (what: string) =>
    what.startsWith('CloudWatch ') ? 'aws.cloudwatch' : /Launch|Terminate|Lifecycle|Refresh/i.test(what) ? 'aws.autoscaling' : 'aws.ec2';

  test('whatever rings for a fleet has a rule that brings it', async () => {
    const { functions } = await readWiring(SERVERLESS, '123456789012');
    const rules = functions.find(f => f.name === 'dispatch')?.patterns ?? [];
    const config = configOf({ regions: [eventScope.region] });
    const ringing = ALL.filter(event => {
      const read = parseEvent(event);
      return read.kind !== 'unreadable' && doorbells(read, config, eventScope.account).doorbells.some(d => d.pen === 'resize-fleets');
    }).filter((event): event is { 'detail-type': string } => 'detail-type' in event && event['detail-type'] !== 'Scheduled Event');
    expect(new Set(ringing.map(event => event['detail-type'])).size).toBeGreaterThanOrEqual(7);
    for (const event of ringing) {
      const what = event['detail-type'];
      expect([what, rules.some(({ pattern }) => patternMatches(pattern, { ...event, source: sourceOf(what) }))]).toEqual([what, true]);
    }
  });

  test('an alarm alone brings a fleet out, without any tick; two that ring at once do no more than one', async () => {
    const tables = await openTables();
    const cloud = createCloud({ seed: 3, at: instant('2025-05-14T08:00:00Z') });
    cloud.createGroup({ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 3.8, instanceWarmup: 180 });
    const config = configOf({ policies: [webFleet({ scaleOutDatapoints: 1 })] });
    const wiring = await readWiring(SERVERLESS, cloud.account);
    const silent = { ...wiring, functions: wiring.functions.map(f => ({ ...f, schedules: [] })) };
    const stage = await openStage({ cloud, tables, config, serverless: silent, region: REGION, load: handlerOf });
    const metric = { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }] };
    for (const name of ['ebb:web:web:cpu', 'busy']) cloud.putAlarm({ name, metric, threshold: 90 });
    await cloud.advanceTo(addSeconds(cloud.now(), 5 * 60));

    const looks = stage.invocations.filter(i => i.function === 'resize-fleets');
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(stage.invocations.map(i => i.outcome)).toEqual(stage.invocations.map(() => 'answered'));
    const sizes = cloud.record.writes
      .filter(w => w.action === 'SetDesiredCapacity')
      .map(w => (w.params as { DesiredCapacity: number }).DesiredCapacity);
    expect(sizes).toEqual([8]);
    await tables.close();
  });
});
