/** What people ask for, by a button or by the command: each a fact that the pen reads at its next look. */
import { describe, expect, test } from '@jest/globals';
import type { Pen } from '../../shared/model/ids.ts';
import type { Wish } from '../../shared/model/memory.ts';
import { addSeconds, DAY, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { putDown } from '../../shared/runtime/wishes.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { houseOf, type When } from '../support/house.ts';
import { devTest, idleOnly, requiredTags, webFleet } from '../support/policies.ts';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const BERLIN = 'Europe/Berlin';

type Wanted = Wish extends infer W ? (W extends Wish ? Omit<W, 'id' | 'at' | 'by' | 'via' | 'why'> : never) : never;

let wishes = 0;

/** A person asks, and the doorbell rings. */
async function ask(story: Story, id: string, wanted: Wanted, pen: Pen = 'stop-start-instances'): Promise<void> {
  await write(story, id, wanted, { id: `wish-${++wishes}`, at: story.now() }, pen);
  await story.tick(pen, [id]);
}

async function write(
  story: Story,
  id: string,
  wanted: Wanted,
  { id: wishId, at }: { id: string; at: Instant },
  pen: Pen = 'stop-start-instances',
) {
  const { memory } = await story.run(pen);
  const wish = { id: wishId, at, by: 'U024BE7LH', via: 'slack', why: null, ...wanted } as Wish;
  await putDown({ memory }, story.scope, pen, id, wish, story.now());
}

const metersOf = async (story: Story) => (await story.ledger()).filter(row => row.kind === 'meter-opened' || row.kind === 'meter-closed');
const toldLines = async (story: Story) => (await story.notices()).flatMap(n => (n.kind === 'changes' ? n.lines : []));

describe('start it now', () => {
  test('pays our debt, holds until the next boundary as a start by hand does, and counts as somebody wanting it back', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    expect(payroll).toBeStopped();

    await story.at('19:20');
    await ask(story, payroll, { want: 'running' });
    expect(payroll).toBeRunning();
    await story.at('19:25');
    await story.tick();
    expect(await story.why(payroll)).toMatch(/^Left alone: started by hand Wed 14 May 19:2\d \(Europe\/Berlin\), kept until Thu 07:00\.$/);
    expect((await metersOf(story)).map(row => ('why' in row ? row.why : row.class))).toEqual(['started-by-someone', 'schedule']);

    await story.ticksUntil('tomorrow 18:55');
    expect(payroll).toBeRunning();
    await story.ticksUntil('tomorrow 19:00');
    expect(payroll).toBeStopped();
  });

  test('starts what a person had stopped, too, and is done once: who stops it afterwards has spoken last', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('08:00');
    await story.tick();
    story.human.stops(payroll);
    await story.at('09:00');
    await ask(story, payroll, { want: 'running' });
    expect(payroll).toBeRunning();
    await story.at('10:00');
    await story.tick();
    story.human.stops(payroll);
    await story.at('10:05');
    await story.tick();
    await story.tick('stop-start-instances', [payroll]);
    expect(payroll).toBeStopped();
    expect(story.writes().map(w => w.action)).toEqual(['StartInstances']);
  });

  test('is tried again while EC2 has no capacity, and whoever asked is told why it does not come', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    await story.at('20:00');
    story.troubleStarts(payroll, { kind: 'capacity', times: 1 });
    await ask(story, payroll, { want: 'running' });
    expect(payroll).toBeStopped();
    expect(await story.notices()).toContainEqual(expect.objectContaining({ kind: 'start-failing', attempts: 1 }));
    await story.ticksUntil('20:10');
    expect(payroll).toBeRunning();
  });

  test('is not over when EC2 has taken the start: what falls back to stopped is started again', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    story.troubleStarts(payroll, { kind: 'kms', times: 1 });
    await story.at('19:20');
    await ask(story, payroll, { want: 'running' });
    await story.at('19:22');
    expect(payroll).toBeStopped();
    await story.ticksUntil('19:40');
    expect(payroll).toBeRunning();
  });
});

describe('stop it now', () => {
  test('is a person’s stop: no meter, no debt, and nobody brings it back', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('10:00');
    await ask(story, payroll, { want: 'stopped' });
    expect(payroll).toBeStopped();
    await story.ticksUntil('tomorrow 08:00');
    expect(payroll).toBeStopped();
    expect(await metersOf(story)).toEqual([]);
    expect((await story.remembered()).instances.get(payroll)?.value.stop).toBeNull();
    expect((await story.ledger()).filter(row => row.kind === 'noted').map(row => row.what)).toContain('stopped-by-someone');
  });

  test('told twice, and told late, stops nothing twice', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('10:00');
    const pressed = { id: 'pressed', at: story.now() };
    await write(story, payroll, { want: 'stopped' }, pressed);
    await story.tick('stop-start-instances', [payroll]);
    await story.at('10:10');
    story.human.starts(payroll);
    await story.at('10:20');
    await write(story, payroll, { want: 'stopped' }, pressed);
    await story.tick('stop-start-instances', [payroll]);
    await story.at('10:25');
    await write(story, payroll, { want: 'stopped' }, { id: 'a copy under another id', at: pressed.at });
    await story.tick('stop-start-instances', [payroll]);
    expect(payroll).toBeRunning();
    expect(story.writes()).toHaveLength(1);
  });

  test('is refused by every protection, and whoever asked is told which', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const guarded = story.box({ stopProtection: true });
    const demo = story.box({ tags: { 'ebb:keep-until': '2025-05-20' } });
    const stranger = story.launch();
    await story.at('10:00');
    for (const id of [guarded, demo, stranger]) {
      await ask(story, id, { want: 'stopped' });
      expect(id).toBeRunning();
    }
    const lines = await toldLines(story);
    expect(lines.map(l => `${l.action} ${l.outcome}: ${l.because.code}`).toSorted()).toEqual([
      'stop refused: kept',
      'stop refused: no-policy',
      'stop refused: stop-protected',
    ]);
    await story.at('10:05');
    await story.tick();
    expect(await toldLines(story)).toHaveLength(3);
  });

  test('costs nobody a place in the budget', async () => {
    const budget = { perRun: 20, perDay: 1, perOwner: 10 };
    const story = day(WEDNESDAY, BERLIN, { policies: [devTest({ budget })] });
    const [asked, scheduled] = [story.box(), story.box()];
    await story.at('18:00');
    await ask(story, asked, { want: 'stopped' });
    await story.at('19:00');
    await story.tick();
    expect(asked).toBeStopped();
    expect(scheduled).toBeStopped();
  });
});

describe('keep and snooze', () => {
  test('keep leaves a box alone until then, and no longer', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const demo = story.box();
    await story.at('18:00');
    await ask(story, demo, { want: 'keep', until: addSeconds(story.now(), 3 * HOUR) });
    await story.ticksUntil('20:55');
    expect(demo).toBeRunning();
    expect(await story.why(demo)).toBe('Left alone: kept until Wed 14 May 21:00 (Europe/Berlin) by U024BE7LH.');
    await story.ticksUntil('21:00');
    expect(demo).toBeStopped();
  });

  test('snooze puts off the stop and not the finding', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const demo = story.box();
    await story.at('18:30');
    await ask(story, demo, { want: 'snooze', until: addSeconds(story.now(), 2 * HOUR) });
    expect(await story.why(demo)).toBe('Left alone: office-hours says on until Wed 14 May 19:00 (Europe/Berlin).');
    await story.ticksUntil('20:25');
    expect(demo).toBeRunning();
    expect(await story.why(demo)).toBe(
      'Left alone: put off until Wed 14 May 20:30 (Europe/Berlin) by U024BE7LH; otherwise: outside office-hours since 19:00 until Thu 07:00.',
    );
    await story.ticksUntil('20:30');
    expect(demo).toBeStopped();
  });

  test('the longer of tag and wish holds', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const demo = story.box({ tags: { 'ebb:keep-until': '2025-05-14T22:00' } });
    await story.at('18:00');
    await ask(story, demo, { want: 'keep', until: addSeconds(story.now(), 2 * HOUR) });
    await story.ticksUntil('21:55');
    expect(demo).toBeRunning();
    await story.ticksUntil('22:00');
    expect(demo).toBeStopped();
  });
});

describe('a yes to what was proposed', () => {
  test('carries a change of mode plan out once, and the next one is proposed again', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: [devTest({ mode: 'plan' })] });
    const payroll = story.box();
    await story.at('19:05');
    await story.tick();
    expect(payroll).toBeRunning();
    await ask(story, payroll, { want: 'approve', action: 'stop-instance' });
    expect(payroll).toBeStopped();
    expect((await metersOf(story)).map(row => row.kind)).toEqual(['meter-opened']);

    await story.ticksUntil('tomorrow 07:05');
    expect(payroll).toBeRunning();
    await story.at('tomorrow 19:00');
    await story.tick();
    expect(payroll).toBeRunning();
  });

  test('an idle stop is measured again before it is carried out, and a yes to what no longer holds is answered', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [idleOnly(4, { mode: 'plan' })], from: '00:00' });
    const [quiet, woken] = [story.box({ cpu: () => 2 }), story.box({ cpu: () => 2 })];
    await story.at('12:00');
    await story.tick();
    await story.at('13:20');
    await ask(story, quiet, { want: 'approve', action: 'stop-instance' });
    expect(quiet).toBeStopped();

    story.setCpu(woken, () => 70);
    await story.at('15:20');
    await ask(story, woken, { want: 'approve', action: 'stop-instance' });
    expect(woken).toBeRunning();
    expect((await toldLines(story)).at(-1)).toMatchObject({ action: 'approve', outcome: 'refused', because: { code: 'in-use' } });
  });
});

describe('a yes to what the other pens propose', () => {
  test('a resize is done once, and the next one is proposed again', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [webFleet({ mode: 'plan' })], from: '08:00' });
    story.createGroup({
      ...{ name: 'web', minSize: 2, maxSize: 20, desiredCapacity: 8, demand: () => 1.8, instanceWarmup: 180, cooldown: 300 },
    });
    const pens = ['resize-fleets'] as const;
    await story.at('08:40');
    await story.ticksUntil('08:45', { pens });
    expect(story.group('web').desired).toBe(8);
    await ask(story, 'web', { want: 'approve', action: 'set-desired-capacity' }, 'resize-fleets');
    const after = story.group('web').desired;
    expect(after).toBeLessThan(8);
    story.setDemand('web', () => 6);
    await story.ticksUntil('09:10', { pens });
    expect(story.group('web').desired).toBe(after);
  });

  test('a mark is set once somebody says so', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [requiredTags({ mode: 'plan' })] });
    const box = story.launch({ tags: {} });
    await story.at('12:00');
    await story.tick('enforce-tags');
    expect(story.instance(box).tags.get('ebb:mark')).toBeUndefined();
    await ask(story, box, { want: 'approve', action: 'create-tags' }, 'enforce-tags');
    expect(story.instance(box).tags.get('ebb:mark')).toMatch(/^missing owner/);
  });
});

test('a wish that nobody heard is over after a day', async () => {
  const story = day(WEDNESDAY, BERLIN);
  const payroll = story.box();
  await story.at('10:00');
  await write(story, payroll, { want: 'stopped' }, { id: 'lost', at: addSeconds(story.now(), -DAY) });
  await story.tick();
  expect(payroll).toBeRunning();
});

test('a run that dies at any step of a wish: it is carried out once all the same, and whoever undoes it has spoken last', async () => {
  const TEN = instant('2025-05-14T10:00:00Z');
  const asking = async (want: 'running' | 'stopped', step: number, when: When) => {
    const cloud = createCloud({ seed: 1, at: addSeconds(TEN, -600) });
    const house = houseOf(cloud);
    const box = cloud.launch({ tags: { environment: 'dev' } });
    if (want === 'running') cloud.human.stops(box);
    await cloud.advanceTo(TEN);
    const scope = { account: cloud.account, region: cloud.regions[0] ?? '' };
    const wish: Wish = { id: 'w', at: TEN, by: 'U024BE7LH', via: 'slack', why: null, want };
    await putDown(house, scope, 'stop-start-instances', box, wish, TEN);
    house.dieAt(step, when);
    await house.ring('stop-start-instances', [box]);
    const died = house.isDead();
    house.revive();
    for (const minutes of [5, 10, 15]) {
      await cloud.advanceTo(addSeconds(TEN, minutes * MINUTE));
      await house.ring('stop-start-instances');
    }
    const done = cloud.instance(box).state;
    if (want === 'stopped') cloud.human.starts(box);
    else cloud.human.stops(box);
    for (const minutes of [20, 25]) {
      await cloud.advanceTo(addSeconds(TEN, minutes * MINUTE));
      await house.ring('stop-start-instances');
    }
    const undone = cloud.instance(box).state;
    const writes = cloud.record.writes.filter(w => w.userAgent.includes('ebbtide/chg-') && w.changed.includes(box)).length;
    house.leave();
    return { died, done, undone, writes };
  };
  for (const want of ['running', 'stopped'] as const)
    for (const when of ['before', 'after'] as const) {
      let died = true;
      for (let step = 1; died; step++) {
        const end = await asking(want, step, when);
        const [done, undone] = want === 'running' ? ['running', 'stopped'] : ['stopped', 'running'];
        expect({ want, when, step, ...end }).toEqual({ want, when, step, died: end.died, done, undone, writes: 1 });
        died = end.died;
      }
    }
}, 120_000);
