/** What people mistype and what AWS cannot do: left alone or tried again, told, and nothing lost nor done twice. */
import { describe, expect, test } from '@jest/globals';
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import { reconcile } from '../../shared/runtime/reconcile.ts';
import { devTest, idleOnly } from '../support/policies.ts';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const AMPLE = { perRun: 1000, perDay: 10_000, perOwner: 1000 };

const boxes = (story: Story, count: number) => Array.from({ length: count }, () => story.box());
const timesWritten = (story: Story, action: string) => {
  const counts = new Map<string, number>();
  for (const w of story.writes()) if (w.action === action) for (const id of w.changed) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

describe('a tag that cannot be read', () => {
  test.each([
    ['a schedule that nobody wrote', { 'ebb:schedule': 'offcie-hours' }, /office-hours/],
    ['the 30th of February', { 'ebb:keep-until': '2025-02-30' }, /write a date/],
    ['a key that is nearly ours', { 'ebb:keepuntil': '2025-05-20' }, /ebb:keep-until/],
    ['a policy that nobody wrote', { 'ebb:policy': 'dev-tset' }, /dev-test/],
  ])('%s: its machine is left alone, and its owner is told once what to write', async (_, tags, remedy) => {
    const story = day(WEDNESDAY);
    const box = story.box({ tags: { ...tags, 'ebb:owner': 'qa@example.com' } });
    await story.at('18:58');
    await story.ticksUntil('21:00');
    expect(box).toBeRunning();
    const told = (await story.notices()).filter(n => n.kind === 'bad-tag');
    expect(told).toMatchObject([{ resource: { id: box }, owner: 'qa@example.com' }]);
    expect(told[0]?.remedy).toMatch(remedy);
    expect(story.writes()).toEqual([]);
  });

  test('once it is put right, the schedule holds; another mistake is told again', async () => {
    const story = day(WEDNESDAY);
    const box = story.box({ tags: { 'ebb:schedule': 'offcie-hours' } });
    await story.at('18:58');
    await story.ticksUntil('19:10');
    story.human.tags(box, { 'ebb:schedule': 'office-huors' });
    await story.tick();
    story.human.tags(box, { 'ebb:schedule': 'office-hours' });
    await story.ticksUntil('20:00');
    expect(box).toBeStopped();
    expect((await story.notices()).filter(n => n.kind === 'bad-tag').map(n => n.value)).toEqual(['offcie-hours', 'office-huors']);
  });
});

describe('AWS says no', () => {
  test('no capacity for half of a batch: the other half is there at seven, and the rest as it comes, each started once', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ budget: AMPLE })] });
    const all = boxes(story, 10);
    const unlucky = all.slice(0, 5);
    await story.at('18:58');
    await story.ticksUntil('19:05');
    for (const id of all) expect(id).toBeStopped();
    for (const id of unlucky) story.troubleStarts(id, { kind: 'capacity', times: 1_000 });
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:01');
    for (const id of all.slice(5)) expect(id).toBeRunning();
    for (const id of unlucky) expect(id).toBeStopped();
    await story.ticksUntil('tomorrow 07:20');
    for (const id of unlucky) story.troubleStarts(id, { kind: 'capacity', times: 0 });
    await story.ticksUntil('tomorrow 08:00');
    for (const id of all) expect(id).toBeRunning();
    const meters = (await story.ledger()).filter(row => row.kind === 'meter-closed');
    expect(meters).toHaveLength(10);
    const failing = (await story.notices()).flatMap(n => (n.kind === 'start-failing' ? [n.resource.id] : []));
    expect(new Set(failing)).toEqual(new Set(unlucky));
  });

  test('one in a state from which it cannot be stopped: it alone waits', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ budget: AMPLE })] });
    const all = boxes(story, 8);
    const [odd = ''] = all;
    await story.at('19:00');
    const message = `The instance '${odd}' is not in a state from which it can be stopped.`;
    story.faults.next('ec2:StopInstances', { name: 'IncorrectInstanceState', message });
    await story.tick();
    for (const id of all.slice(1)) expect(id).toBeStopped();
    await story.ticksUntil('19:20');
    expect(odd).toBeStopped();
    expect([...timesWritten(story, 'StopInstances').values()]).toEqual(all.map(() => 1));
  });
});

test('a run that ends in the middle of its batches is gone on with at the next tick: nothing is lost, nothing done twice', async () => {
  const story = day(WEDNESDAY, 'UTC', { policies: [devTest({ budget: AMPLE })] });
  const all = boxes(story, 130);
  await story.at('18:55');
  await story.tick();
  await story.at('19:00');
  // Lambda's clock runs out while the first batch is away: what was not begun is not attempted.
  const remaining = () => (story.writes().length > 0 ? 20_000 : 300_000);
  const { receipts } = await reconcile({ ...(await story.run()), remaining }, 'all');
  const done = receipts.filter(r => r.outcome === 'done').length;
  expect(done).toBeGreaterThan(0);
  expect(receipts.filter(r => r.outcome === 'not-attempted').length).toBe(130 - done);
  expect(done).toBeLessThan(130);

  await story.at('19:05');
  await story.tick('stop-start-instances', 'due');
  for (const id of all) expect(id).toBeStopped();
  expect([...timesWritten(story, 'StopInstances').values()]).toEqual(all.map(() => 1));
  expect((await story.ledger()).filter(row => row.kind === 'meter-opened')).toHaveLength(130);
});

test('metrics missing for half of the machines: those are left alone, and the others judged', async () => {
  const silent = new Set<string>();
  const story = day(WEDNESDAY, 'UTC', {
    policies: [idleOnly(4, { breaker: { share: 1, atLeast: 100 } })],
    from: '00:00',
    outside: world => ({ ...world, equip: client => withoutMetricsOf(silent, world.equip(client)) }),
  });
  const all = Array.from({ length: 6 }, () => story.box({ cpu: () => 2 }));
  for (const id of all.slice(3)) silent.add(id);
  await story.at('12:00');
  await story.tick();
  for (const id of all.slice(0, 3)) expect(id).toBeStopped();
  for (const id of silent) expect(id).toBeRunning();
  expect(await story.why(all[5] ?? '')).toMatch(/^Left alone: only 0 % of 4 hours was measured/);
});

/** CloudWatch answers as if these had never published anything. */
function withoutMetricsOf<C extends Parameters<Outside['equip']>[0]>(ids: ReadonlySet<string>, client: C): C {
  client.middlewareStack.add(
    next => async args => {
      const answer = await next(args);
      const { MetricDataQueries: queries = [] } = args.input as { MetricDataQueries?: { Id: string }[] };
      const mute = new Set(queries.filter(query => [...ids].some(id => JSON.stringify(query).includes(id))).map(({ Id }) => Id));
      const { MetricDataResults: results } = answer.output as {
        MetricDataResults?: { Id: string; Timestamps: Date[]; Values: number[] }[];
      };
      for (const result of results ?? []) if (mute.has(result.Id)) Object.assign(result, { Timestamps: [], Values: [] });
      return answer;
    },
    { step: 'initialize', name: 'mute' },
  );
  return client;
}

test('ticks and events lost for hours, across both transitions: what is true is done at the first tick that comes', async () => {
  const story = day(WEDNESDAY);
  const [payroll, theirs] = [story.box(), story.box()];
  story.deafen();
  await story.at('18:00');
  await story.tick();
  await story.at('23:40');
  await story.tick('stop-start-instances', 'due');
  expect(payroll).toBeStopped();
  await story.at('23:50');
  story.human.starts(theirs);
  await story.at('tomorrow 10:20');
  await story.tick('stop-start-instances', 'due');
  expect(payroll).toBeRunning();
  expect(theirs).toBeRunning();
  await story.at('tomorrow 10:30');
  await story.tick();
  const meters = (await story.ledger()).flatMap(row => (row.kind === 'meter-closed' ? [row] : []));
  expect(meters.map(row => [row.resource.id === theirs ? 'theirs' : 'payroll', row.why]).toSorted()).toEqual([
    ['payroll', 'started-by-us'],
    ['theirs', 'started-by-someone'],
  ]);
  const closedAt = meters.find(row => row.resource.id === theirs)?.at ?? story.now();
  expect(closedAt < addSeconds(story.now(), -600 * MINUTE)).toBe(true);
});
