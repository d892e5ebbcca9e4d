/** `ebb:start-after`: databases before what needs them, and never for ever. */
import { describe, expect, test } from '@jest/globals';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';

const after = (names: string, name: string) => ({ tags: { Name: name, 'ebb:start-after': names } });
const named = (name: string) => ({ tags: { Name: name } });

async function asleep(story: Story): Promise<void> {
  await story.at('18:58');
  await story.ticksUntil('tomorrow 06:58');
}

const startsOf = (story: Story) =>
  story
    .writes()
    .flatMap(w =>
      w.action === 'StartInstances' ? w.changed.map(id => `${w.at.slice(11, 16)} ${story.instance(id).tags.get('Name')}`) : [],
    );
const stopsOf = (story: Story) =>
  story
    .writes()
    .flatMap(w =>
      w.action === 'StopInstances' ? w.changed.map(id => `${w.at.slice(11, 16)} ${story.instance(id).tags.get('Name')}`) : [],
    );

describe('in the morning', () => {
  test('each waits until those before it are up, by name and by id; others do not wait', async () => {
    const story = day(WEDNESDAY);
    const db = story.box(named('db'));
    story.box(after('app', 'web'));
    story.box(after(`${db}, cache`, 'app'));
    story.box(named('cache'));
    story.box(named('loner'));
    await asleep(story);
    await story.ticksUntil('tomorrow 07:30');
    const starts = startsOf(story);
    expect(starts.slice(0, 3).toSorted()).toEqual(['07:00 cache', '07:00 db', '07:00 loner']);
    const [app = '', web = ''] = starts.slice(3);
    expect([app.slice(6), web.slice(6)]).toEqual(['app', 'web']);
    expect(app > '07:02').toBe(true);
    expect(web > app).toBe(true);
  });

  test('says for whom it waits, and until when at most', async () => {
    const story = day(WEDNESDAY);
    story.box(named('db'));
    const app = story.box(after('db', 'app'));
    await asleep(story);
    await story.ticksUntil('tomorrow 07:00');
    expect(await story.why(app)).toBe('Left alone: it starts after db, not up yet; Thu 15 May 07:30 UTC it starts in any case.');
    // A doorbell for it alone sees nobody else: it waits for the next look.
    await story.tick('stop-start-instances', [app]);
    expect(app).toBeStopped();
  });

  test('what never comes up is not waited for longer than half an hour, and its owner is told', async () => {
    const story = day(WEDNESDAY);
    const db = story.box(named('db'));
    const app = story.box(after('db', 'app'));
    await asleep(story);
    story.troubleStarts(db, { kind: 'capacity', times: 1_000 });
    await story.ticksUntil('tomorrow 07:25');
    expect(app).toBeStopped();
    await story.ticksUntil('tomorrow 07:30');
    expect(app).toBeRunning();
    const lines = (await story.notices()).flatMap(n => (n.kind === 'changes' ? n.lines : []));
    expect(lines.find(l => l.resource.id === app && l.action === 'start')?.because).toMatchObject({
      unordered: [{ name: 'db', why: 'late' }],
    });
  });

  test('names that nobody has, circles, and what people stopped are told and not waited for', async () => {
    const story = day(WEDNESDAY);
    const db = story.box(named('db'));
    story.box(after('db, no-such', 'app'));
    story.box(after('pong', 'ping'));
    story.box(after('ping', 'pong'));
    story.box(after('self', 'self'));
    await story.at('18:00');
    await story.tick();
    story.human.stops(db);
    await asleep(story);
    await story.ticksUntil('tomorrow 07:00');
    expect(startsOf(story).toSorted()).toEqual(['07:00 app', '07:00 ping', '07:00 pong', '07:00 self']);
    const lines = (await story.notices()).flatMap(n => (n.kind === 'changes' ? n.lines : [])).filter(l => l.action === 'start');
    const why = Object.fromEntries(lines.map(l => [l.resource.name, l.because.code === 'on-hours' ? l.because.unordered : null]));
    expect(why).toEqual({
      app: [
        { name: 'db', why: 'stopped' },
        { name: 'no-such', why: 'unknown' },
      ],
      ping: [{ name: 'pong', why: 'cycle' }],
      pong: [{ name: 'ping', why: 'cycle' }],
      self: [{ name: 'self', why: 'cycle' }],
    });
  });

  test('what somebody started a moment ago is given some minutes', async () => {
    const story = day(WEDNESDAY);
    const db = story.box(named('db'));
    const app = story.box(after('db', 'app'));
    await asleep(story);
    await story.at('tomorrow 06:59');
    story.human.starts(db);
    await story.ticksUntil('tomorrow 07:00');
    expect(app).toBeStopped();
    await story.ticksUntil('tomorrow 07:05');
    expect(app).toBeRunning();
  });
});

describe('in the evening', () => {
  test('the order is the reverse, where both stop at the same transition', async () => {
    const story = day(WEDNESDAY);
    story.box(named('db'));
    story.box(after('app', 'web'));
    story.box(after('db', 'app'));
    await story.at('18:58');
    await story.ticksUntil('19:20');
    expect(stopsOf(story)).toEqual(['19:00 web', '19:05 app', '19:10 db']);
  });

  test('who comes late stops at once, and who stays up holds nobody back', async () => {
    const story = day(WEDNESDAY);
    story.box(named('db'));
    story.box({ tags: { ...after('db', 'app').tags, 'ebb:keep-until': '2025-05-20' } });
    story.box(named('cache'));
    story.box(after('cache', 'queue'));
    await story.at('18:00');
    await story.tick();
    await story.at('20:00');
    await story.tick();
    expect(stopsOf(story).toSorted()).toEqual(['20:00 cache', '20:00 db', '20:00 queue']);
  });
});
