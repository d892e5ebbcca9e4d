/** Two words of a policy that bend "who starts a box by hand keeps it": `enforced` and `retainRunning`. */
import { describe, expect, test } from '@jest/globals';
import type { Wish } from '../../shared/model/memory.ts';
import { putDown } from '../../shared/runtime/wishes.ts';
import { devTest } from '../support/policies.ts';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const BERLIN = 'Europe/Berlin';

const ask = async (story: Story, id: string, want: 'running' | 'stopped') => {
  const { memory } = await story.run();
  const wish: Wish = { id: `${want}-${story.now()}`, at: story.now(), by: 'U024BE7LH', via: 'slack', why: null, want };
  await putDown({ memory }, story.scope, 'stop-start-instances', id, wish, story.now());
  await story.tick('stop-start-instances', [id]);
};

describe('enforced', () => {
  const enforced = [devTest({ enforced: true })];

  test('a box started by hand in off-hours is stopped at the next tick, each time, and is owed its morning', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: enforced });
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    for (const clock of ['20:00', '21:00']) {
      await story.at(clock);
      story.human.starts(payroll);
      await story.ticksUntil(`${clock.slice(0, 2)}:10`);
      expect(payroll).toBeStopped();
    }
    await story.ticksUntil('tomorrow 07:05');
    expect(payroll).toBeRunning();
    const meters = (await story.ledger()).filter(row => row.kind === 'meter-opened' || row.kind === 'meter-closed');
    expect(meters.filter(row => row.kind === 'meter-opened')).toHaveLength(3);
    expect(meters.filter(row => row.kind === 'meter-closed')).toHaveLength(3);
  });

  test('a box stopped by hand in on-hours is started, and saves nothing for having been stopped', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: enforced });
    const payroll = story.box();
    await story.at('09:00');
    await story.tick();
    story.human.stops(payroll);
    await story.at('09:10');
    await story.tick();
    expect(payroll).toBeRunning();
    expect(story.writes().map(w => w.action)).toEqual(['StartInstances']);
    await story.at('09:20');
    await story.tick();
    expect((await story.ledger()).filter(row => row.kind.startsWith('meter'))).toEqual([]);
    expect((await story.remembered()).instances.get(payroll)?.value).toMatchObject({ stop: null, start: null });
  });

  test('is tried again like every start, and its owner is told when it does not come', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: enforced });
    const payroll = story.box();
    await story.at('09:00');
    await story.tick();
    story.human.stops(payroll);
    story.troubleStarts(payroll, { kind: 'capacity', times: 1 });
    await story.ticksUntil('09:10');
    expect(await story.notices()).toContainEqual(expect.objectContaining({ kind: 'start-failing' }));
    await story.ticksUntil('09:30');
    expect(payroll).toBeRunning();
  });

  test('in mode plan it starts nothing; a pause holds it back, as it holds back every pen', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: [devTest({ enforced: true, mode: 'plan' })] });
    const payroll = story.box();
    story.human.stops(payroll);
    await story.at('09:00');
    await story.tick();
    expect(payroll).toBeStopped();

    const paused = day(WEDNESDAY, BERLIN, { policies: enforced });
    const other = paused.box();
    paused.human.stops(other);
    paused.setParameter('/ebbtide/dev/pause', 'audit');
    await paused.at('09:00');
    await paused.tick();
    expect(other).toBeStopped();
  });

  test('what somebody asked us for is the exception, until the schedule turns', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: enforced });
    const payroll = story.box();
    await story.at('10:00');
    await ask(story, payroll, 'stopped');
    await story.ticksUntil('18:00');
    expect(payroll).toBeStopped();
    await story.ticksUntil('20:00');
    await ask(story, payroll, 'running');
    await story.ticksUntil('tomorrow 18:55');
    expect(payroll).toBeRunning();
    await story.ticksUntil('tomorrow 19:00');
    expect(payroll).toBeStopped();
  });

  test('hands stay off who opted out, who is kept, and who belongs to a group', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: enforced });
    const boxes = [
      story.box({ tags: { 'ebb:policy': 'off' } }),
      story.box({ tags: { 'ebb:keep-until': '2025-05-20' } }),
      story.box({ tags: { 'aws:autoscaling:groupName': 'web' } }),
    ];
    for (const id of boxes) story.human.stops(id);
    await story.at('09:00');
    await story.tick();
    for (const id of boxes) expect(id).toBeStopped();
    expect(story.writes()).toEqual([]);
  });
});

describe('retainRunning', () => {
  const retaining = [devTest({ retainRunning: true })];

  test('what a person had started before the hours began is not stopped when they end; what we started is', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: retaining });
    const [ours, theirs] = [story.box(), story.box()];
    // Boxes that were launched by night two months ago are retained, too: they are put to sleep once, by hand.
    for (const id of [ours, theirs]) story.human.stops(id);
    await story.at('08:00');
    for (const id of [ours, theirs]) story.human.starts(id);
    await story.at('19:00');
    await story.tick();
    expect(ours).toBeStopped();
    expect(theirs).toBeStopped();

    await story.at('23:00');
    story.human.starts(theirs);
    await story.ticksUntil('tomorrow 18:55');
    expect(ours).toBeRunning();
    await story.ticksUntil('tomorrow 19:05');
    expect(ours).toBeStopped();
    expect(theirs).toBeRunning();
    expect(await story.why(theirs)).toBe(
      'Left alone: started by hand Wed 14 May 23:00 (Europe/Berlin), outside of office-hours, and its policy retains what runs.',
    );
  });

  test('who was started in hours and kept for a night is not retained for ever: the end of the next hours stops it', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: retaining });
    const payroll = story.box();
    story.human.stops(payroll);
    await story.at('09:00');
    story.human.starts(payroll);
    story.human.tags(payroll, { 'ebb:keep-until': '2025-05-15T04:00:00Z' });
    await story.ticksUntil('tomorrow 18:55');
    expect(payroll).toBeRunning();
    await story.ticksUntil('tomorrow 19:05');
    expect(payroll).toBeStopped();
  });

  test('once somebody has stopped it, the next period is one like any other', async () => {
    const story = day(WEDNESDAY, BERLIN, { policies: retaining });
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    expect(payroll).toBeRunning();
    await story.at('20:00');
    story.human.stops(payroll);
    await story.at('tomorrow 09:00');
    story.human.starts(payroll);
    await story.at('tomorrow 19:00');
    await story.tick();
    expect(payroll).toBeStopped();
  });

  test('without it, the end of hours stops whatever ran', async () => {
    const story = day(WEDNESDAY, BERLIN);
    const payroll = story.box();
    await story.at('19:00');
    await story.tick();
    expect(payroll).toBeStopped();
  });
});
