/** The way out: whatever we have taken is given back, under faults and twice, and nothing is taken again. */
import { expect, test } from '@jest/globals';
import { planOfRelease, releaseAll } from '../../cli/release.ts';
import { addSeconds, HOUR, MINUTE } from '../../shared/model/time.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { devTest, idleOnly, requiredTags, webFleet } from '../support/policies.ts';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const PAUSE = '/ebbtide/dev/pause';
const quiet = { say: () => {}, done: () => {} };

const policies: Config['policies'] = [
  devTest(),
  idleOnly(4, { name: 'idlers', match: { tags: { environment: ['test'] } } }),
  webFleet({ schedule: 'office-hours', offHours: { minSize: 0 } }),
  webFleet({ name: 'floors', match: { tags: {}, names: ['api*'] }, capacity: 'floor' }),
  requiredTags({ match: { resources: ['instance'], except: { team: ['*'] } } }),
];

/** An evening on which everything is taken that can be taken. */
async function evening() {
  const story = day(WEDNESDAY, 'UTC', { policies, from: '00:00' });
  const boxes = {
    office: story.box({ tags: { team: 'a' } }),
    named: story.box({ tags: { team: 'a', 'ebb:policy': 'dev-test' } }),
    typo: story.box({ tags: { team: 'a' } }),
    idler: story.launch({ tags: { environment: 'test', team: 'a' }, cpu: () => 2 }),
    theirs: story.box({ tags: { team: 'a' } }),
    untagged: story.launch({ tags: {} }),
  };
  story.createGroup({ name: 'web', minSize: 2, maxSize: 8, desiredCapacity: 4, demand: () => 1.8, instanceWarmup: 180, cooldown: 300 });
  story.createGroup({
    ...{ name: 'api', minSize: 2, maxSize: 20, desiredCapacity: 4, demand: () => 1.8, instanceWarmup: 180, cooldown: 300 },
    awsPolicies: [{ name: 'cpu50', type: 'TargetTrackingScaling', target: 50 }],
  });
  const pens = ['stop-start-instances', 'resize-fleets', 'enforce-tags'] as const;
  await story.at('17:58');
  await story.ticksUntil('18:00', { pens });
  story.human.stops(boxes.theirs);
  story.setDemand('api', () => 4);
  await story.ticksUntil('19:15', { pens });
  story.human.tags(boxes.typo, { 'ebb:schedule': 'offcie-hours' });
  return { story, boxes };
}

const account = (story: Story) => ({ account: story.scope.account, config: outside().config() });

test('starts what we stopped, restores sizes and floors, lifts marks; what people stopped stays stopped', async () => {
  const { story, boxes } = await evening();
  const before = [boxes.office, boxes.named, boxes.typo, boxes.idler];
  for (const id of before) expect(id).toBeStopped();
  expect(story.group('web').desired).toBe(0);
  expect(story.group('api').minSize).toBeGreaterThan(2);
  expect(story.instance(boxes.untagged).tags.get('ebb:mark')).toBeDefined();

  const plan = await planOfRelease(account(story), [story.scope], quiet);
  expect(plan.changes.map(c => `${c.action.kind} ${c.resource.id}`).toSorted()).toEqual(
    [...before.map(id => `start-instance ${id}`), `delete-tags ${boxes.untagged}`, 'set-min-size api', 'set-sizes web'].toSorted(),
  );
  for (const id of before) expect(id).toBeStopped();

  story.setParameter(PAUSE, 'released');
  const { receipts, left } = await releaseAll(account(story), [story.scope], addSeconds(story.now(), 15 * MINUTE), quiet);
  expect(left).toEqual([]);
  expect(receipts.every(r => r.outcome === 'done')).toBe(true);
  for (const id of before) expect(id).toBeRunning();
  expect(boxes.theirs).toBeStopped();
  const { minSize, maxSize, desired } = story.group('web');
  expect([minSize, maxSize, desired]).toEqual([2, 8, 4]);
  expect(story.group('api').minSize).toBe(2);
  expect(story.instance(boxes.untagged).tags.get('ebb:mark')).toBeUndefined();

  // The functions are still there, and paused: nothing is taken again.
  await story.ticksUntil('21:00', { pens: ['stop-start-instances', 'resize-fleets', 'enforce-tags'] });
  for (const id of before) expect(id).toBeRunning();
  expect(story.group('web').desired).toBe(4);
  expect((await planOfRelease(account(story), [story.scope], quiet)).changes).toEqual([]);
}, 60_000);

test('a second time does nothing, and costs no call that writes', async () => {
  const { story } = await evening();
  story.setParameter(PAUSE, 'released');
  const until = () => addSeconds(story.now(), 15 * MINUTE);
  await releaseAll(account(story), [story.scope], until(), quiet);
  const writes = story.writes().length;
  expect(await releaseAll(account(story), [story.scope], until(), quiet)).toEqual({ receipts: [], left: [], otherTypes: [] });
  expect(story.writes()).toHaveLength(writes);
}, 60_000);

test('what does not come back is tried again while there is time, and then named with its cause', async () => {
  const { story, boxes } = await evening();
  story.setParameter(PAUSE, 'released');
  story.troubleStarts(boxes.office, { kind: 'capacity', times: 1 });
  story.troubleStarts(boxes.named, { kind: 'capacity', times: 1000 });
  const { left } = await releaseAll(account(story), [story.scope], addSeconds(story.now(), 20 * MINUTE), quiet);
  expect(boxes.office).toBeRunning();
  expect(boxes.named).toBeStopped();
  expect(left).toMatchObject([{ resource: { id: boxes.named }, failure: expect.stringContaining('capacity') }]);

  await story.cloud.advanceTo(addSeconds(story.now(), HOUR));
  story.troubleStarts(boxes.named, { kind: 'capacity', times: 0 });
  expect((await releaseAll(account(story), [story.scope], addSeconds(story.now(), 40 * MINUTE), quiet)).left).toEqual([]);
  expect(boxes.named).toBeRunning();
}, 60_000);

test('an environment that is paused is brought back by its own scheduled action, and waited for', async () => {
  const rules = webFleet({
    beanstalk: true,
    match: { tags: {}, names: ['shop*'] },
    minSize: 1,
    schedule: 'office-hours',
    offHours: { minSize: 0 },
  });
  const story = day(WEDNESDAY, 'UTC', { policies: [rules], from: '08:00' });
  const group = story.createEnvironment({
    ...{ name: 'shop-dev', application: 'shop', minSize: 2, maxSize: 8, desiredCapacity: 4, demand: () => 1.8, monitoring: 'detailed' },
  });
  const sizes = () => [story.group(group).minSize, story.group(group).maxSize, story.group(group).desired];
  await story.at('18:10');
  await story.ticksUntil('19:30', { pens: ['resize-fleets'] });
  expect(sizes()).toEqual([0, 0, 0]);

  story.setParameter(PAUSE, 'released');
  const { left } = await releaseAll(account(story), [story.scope], addSeconds(story.now(), 30 * MINUTE), quiet);
  expect(left).toEqual([]);
  expect(sizes()).toEqual([2, 8, 4]);
  await story.ticksUntil('20:30', { pens: ['resize-fleets'] });
  expect(sizes()).toEqual([2, 8, 4]);
}, 60_000);

test('a machine that runs with a type from us is named, and not stopped for its own; one that sleeps wakes with its own', async () => {
  const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ start: { early: false, fallbackTypes: ['m6i.large'] } })] });
  const box = story.box({ type: 'm5.large' });
  await story.at('18:58');
  await story.ticksUntil('19:10');
  story.aws.lacks({ type: 'm5.large', from: story.now(), to: story.timeOf('tomorrow 12:00') });
  await story.at('tomorrow 06:58');
  await story.ticksUntil('tomorrow 07:30');
  expect(story.instance(box).type).toBe('m6i.large');

  story.setParameter(PAUSE, 'released');
  const soon = () => addSeconds(story.now(), 15 * MINUTE);
  const { left, otherTypes } = await releaseAll(account(story), [story.scope], soon(), quiet);
  expect(left).toEqual([]);
  expect(otherTypes).toEqual([{ id: box, scope: story.scope, type: 'm6i.large', own: 'm5.large' }]);
  expect(box).toBeRunning();

  story.setParameter(PAUSE, null);
  await story.at('tomorrow 18:58');
  await story.ticksUntil('tomorrow 19:02');
  expect(box).toBeStopped();
  story.setParameter(PAUSE, 'released');
  expect(await releaseAll(account(story), [story.scope], soon(), quiet)).toMatchObject({ left: [], otherTypes: [] });
  expect(box).toBeRunning();
  expect(story.instance(box).type).toBe('m5.large');
}, 60_000);
