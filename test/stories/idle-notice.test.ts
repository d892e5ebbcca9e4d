/** Nobody is stopped for idleness, where a policy gives notice, before they were told and had the time to answer. */
import { describe, expect, test } from '@jest/globals';
import type { Wish } from '../../shared/model/memory.ts';
import { addSeconds, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { waiting } from '../../shared/runtime/outbox.ts';
import { putDown } from '../../shared/runtime/wishes.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { houseOf, type When } from '../support/house.ts';
import { devTest, idleOnly } from '../support/policies.ts';
import { day, type Story, type StoryOptions } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const quietly = () => 2;

const giving = (unanswered: 'stop' | 'leave', minutes = 30, other: Partial<InstancePolicy> = {}): StoryOptions => ({
  policies: [idleOnly(4, { notice: { minutes, unanswered }, ...other })],
  from: '00:00',
});

const asked = async (story: Story, id: string, wanted: Pick<Wish, 'want'> & { until?: Wish['at'] }) => {
  const { memory } = await story.run();
  const wish = { id: `${wanted.want}-${story.now()}`, at: story.now(), by: 'U024BE7LH', via: 'slack', why: null, ...wanted } as Wish;
  await putDown({ memory }, story.scope, 'stop-start-instances', id, wish, story.now());
  await story.tick('stop-start-instances', [id]);
};

const told = async (story: Story, kind: 'idle-warning' | 'warning-withdrawn') => (await story.notices()).filter(n => n.kind === kind);

describe('an idle box whose owner is warned', () => {
  test('is stopped at the first hourly look that is late enough, if it is still idle then; not a minute before', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('stop'));
    const box = story.box({ cpu: quietly, tags: { 'ebb:owner': 'qa@example.com' } });
    await story.at('09:58');
    await story.ticksUntil('10:00');
    expect(box).toBeRunning();
    expect(await told(story, 'idle-warning')).toMatchObject([
      { resource: { id: box }, owner: 'qa@example.com', stopsAt: '2025-05-14T11:00:00Z', unanswered: 'stop', because: { code: 'idle' } },
    ]);
    expect(await story.why(box)).toMatch(/^Left alone: it is not measured before 11:00|its owner was warned Wed 14 May 10:00/);

    await story.ticksUntil('10:55');
    expect(box).toBeRunning();
    await story.ticksUntil('11:00');
    expect(box).toBeStopped();
    expect(await told(story, 'idle-warning')).toHaveLength(1);
    const meters = (await story.ledger()).filter(row => row.kind === 'meter-opened');
    expect(meters).toMatchObject([{ class: 'idle-stop' }]);
  });

  test('has all the minutes that its policy promises', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('stop', 90));
    const box = story.box({ cpu: quietly });
    await story.at('09:58');
    await story.ticksUntil('11:55');
    expect(box).toBeRunning();
    await story.ticksUntil('12:00');
    expect(box).toBeStopped();
  });

  test('that comes to life in between is not stopped, and its owner is told that the warning is withdrawn', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('stop'));
    const box = story.box({ cpu: quietly });
    await story.at('09:58');
    await story.ticksUntil('10:10');
    story.setCpu(box, () => 60);
    await story.ticksUntil('13:00');
    expect(box).toBeRunning();
    expect(await told(story, 'warning-withdrawn')).toMatchObject([{ warnedAt: '2025-05-14T10:00:00Z', because: { code: 'in-use' } }]);

    story.setCpu(box, quietly);
    await story.ticksUntil('20:00');
    expect(box).toBeStopped();
    expect(await told(story, 'idle-warning')).toHaveLength(2);
  });

  test('is left when nobody answers, where its policy says so; and is stopped by the press of a button', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('leave'));
    const box = story.box({ cpu: quietly });
    await story.at('09:58');
    await story.ticksUntil('15:00');
    expect(box).toBeRunning();
    expect(await told(story, 'idle-warning')).toHaveLength(1);
    expect(await story.why(box)).toContain('has not answered, so its policy leaves it');

    await asked(story, box, { want: 'stopped' });
    expect(box).toBeStopped();
    await story.ticksUntil('16:00');
    expect((await story.remembered()).instances.get(box)?.value.warned ?? null).toBeNull();
  });

  test('that is snoozed is warned of again when the snooze is over; one that is kept is not', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('stop'));
    const [snoozed, kept] = [story.box({ cpu: quietly }), story.box({ cpu: quietly })];
    await story.at('09:58');
    await story.ticksUntil('10:05');
    await asked(story, snoozed, { want: 'snooze', until: addSeconds(story.now(), 2 * HOUR) });
    await asked(story, kept, { want: 'keep', until: addSeconds(story.now(), 12 * HOUR) });
    await story.ticksUntil('12:55');
    expect(snoozed).toBeRunning();
    await story.ticksUntil('14:00');
    expect(snoozed).toBeStopped();
    expect(kept).toBeRunning();
    const warnings = await told(story, 'idle-warning');
    expect(warnings.map(n => n.at.slice(11, 16) + ('resource' in n && n.resource.id === kept ? ' kept' : ''))).toEqual(
      expect.arrayContaining(['10:00', '10:00 kept', '13:00']),
    );
    expect(warnings).toHaveLength(3);
    expect(await told(story, 'warning-withdrawn')).toEqual([]);
  });

  test('that somebody stops and starts meanwhile is judged anew', async () => {
    const story = day(WEDNESDAY, 'UTC', giving('stop'));
    const box = story.box({ cpu: quietly });
    await story.at('09:58');
    await story.ticksUntil('10:05');
    story.human.stops(box);
    await story.at('10:20');
    story.human.starts(box);
    await story.ticksUntil('14:55');
    expect(box).toBeRunning();
    await story.ticksUntil('23:00');
    expect(box).toBeStopped();
    expect(await told(story, 'idle-warning')).toHaveLength(2);
  });
});

describe('nobody is warned', () => {
  test('of what a schedule announces, nor by a policy that only plans', async () => {
    const scheduled = devTest({ idle: { cpuBelow: 5, hours: 4, coverage: 0.9 }, notice: { minutes: 30, unanswered: 'leave' } });
    const story = day(WEDNESDAY, 'UTC', { policies: [scheduled] });
    const box = story.box({ cpu: () => 50 });
    await story.at('18:58');
    await story.ticksUntil('19:00');
    expect(box).toBeStopped();
    expect(await told(story, 'idle-warning')).toEqual([]);

    const planning = day(WEDNESDAY, 'UTC', giving('stop', 30, { mode: 'plan' }));
    planning.box({ cpu: quietly });
    await planning.at('09:58');
    await planning.ticksUntil('12:00');
    expect(await told(planning, 'idle-warning')).toEqual([]);
    expect((await planning.ledger()).filter(row => row.kind === 'proposed')).toHaveLength(1);
  });

  test('of what the budget has no room for', async () => {
    const budget = { perRun: 1, perDay: 10, perOwner: 10 };
    const story = day(WEDNESDAY, 'UTC', giving('stop', 30, { budget }));
    for (let i = 0; i < 3; i++) story.box({ cpu: quietly });
    await story.at('09:58');
    await story.ticksUntil('10:00');
    expect(await told(story, 'idle-warning')).toHaveLength(1);
  });
});

test('a run that dies at any step of the warning tells twice at worst, and stops nobody who was not told in time', async () => {
  const TEN = instant('2025-05-14T10:00:00Z');
  const evening = async (step: number, when: When) => {
    const cloud = createCloud({ seed: 1, at: addSeconds(TEN, -600) });
    const house = houseOf(cloud, { policies: [idleOnly(4, { notice: { minutes: 30, unanswered: 'stop' } })] });
    const box = cloud.launch({ tags: { environment: 'dev' }, cpu: quietly });
    await cloud.advanceTo(TEN);
    house.dieAt(step, when);
    await house.ring('stop-start-instances');
    const died = house.isDead();
    house.revive();
    for (const hours of [1, 2, 3, 4]) {
      await cloud.advanceTo(addSeconds(TEN, hours * HOUR));
      await house.ring('stop-start-instances');
    }
    const warnings = (await waiting(house.memory, cloud.now())).flatMap(({ value: { notice } }) =>
      notice.kind === 'idle-warning' ? notice : [],
    );
    const claimed = house.ledger.all().find(row => row.kind === 'claimed');
    const state = cloud.instance(box).state;
    house.leave();
    return {
      died,
      state,
      warnings: warnings.length,
      inTime: claimed !== undefined && warnings[0] !== undefined && addSeconds(warnings[0].at, 30 * MINUTE) <= claimed.at,
    };
  };
  for (const when of ['before', 'after'] as const) {
    let died = true;
    for (let step = 1; died; step++) {
      const { warnings, ...end } = await evening(step, when);
      expect({ step, when, ...end }).toEqual({ step, when, died: end.died, state: 'stopped', inTime: true });
      expect([1, 2]).toContain(warnings);
      died = end.died;
    }
  }
}, 120_000);
