import { describe, expect, test } from '@jest/globals';
import { ask, type Wanted } from '../../cli/ask.ts';
import { lastsUntil } from '../../cli/duration.ts';
import type { Plan } from '../../shared/model/plan.ts';
import { addSeconds, DAY, HOUR, instant } from '../../shared/model/time.ts';
import { outside, useOutside } from '../../shared/runtime/outside.ts';
import { day, REGION, type Story } from '../support/story.ts';
import { ebb, isOneLine, pooled } from './shell.ts';

const WEDNESDAY = '2025-05-14';
const quiet = { say: () => {}, done: () => {} };

function asking(story: Story) {
  const shown: Plan[] = [];
  const account = { account: story.scope.account, config: outside().config() };
  const wants = (id: string, wanted: Wanted, says: 'yes' | 'no' = 'yes') =>
    ask(
      account,
      { id, wanted, by: 'user/anna', why: 'demo at ten' },
      {
        progress: quiet,
        confirm: async plan => {
          shown.push(plan);
          if (says === 'no') throw new Error('nothing was changed');
        },
      },
    );
  return { wants, shown };
}

describe('where no queue is named, the command carries out what it showed', () => {
  test('by id and by name, once it was said yes to', async () => {
    const story = day(WEDNESDAY);
    const payroll = story.box({ tags: { Name: 'payroll-test' } });
    await story.at('10:00');
    const { wants, shown } = asking(story);

    await expect(wants(payroll, { want: 'stopped' }, 'no')).rejects.toThrow('nothing was changed');
    expect(payroll).toBeRunning();
    await story.tick();
    expect(payroll).toBeRunning();

    const { how, receipts } = await wants('payroll-test', { want: 'stopped' });
    expect([how, receipts.map(r => r.outcome)]).toEqual(['here', ['done']]);
    expect(payroll).toBeStopped();
    expect(shown.map(plan => plan.changes.map(c => [c.action.kind, c.because.code, c.mode]))).toEqual([
      [['stop-instance', 'asked', 'act']],
      [['stop-instance', 'asked', 'act']],
    ]);

    await story.at('10:10');
    expect(await wants(payroll, { want: 'stopped' })).toMatchObject({ how: 'noted', receipts: [] });
    expect((await wants(payroll, { want: 'running' })).receipts).toMatchObject([
      { outcome: 'done', change: { because: { by: 'user/anna' } } },
    ]);
    expect(payroll).toBeRunning();
  });

  test('what may not be stopped is refused before anything is written down', async () => {
    const story = day(WEDNESDAY);
    const guarded = story.box({ stopProtection: true, tags: { Name: 'db' } });
    await story.at('10:00');
    const { wants, shown } = asking(story);
    await expect(wants('db', { want: 'stopped' })).rejects.toThrow(`db (${guarded}) is not stopped: its stop protection is on`);
    expect(shown).toEqual([]);
    expect((await story.remembered()).wishes.size).toBe(0);
  });

  test('a name that nobody has, and one that several have, are refused', async () => {
    const story = day(WEDNESDAY);
    const ids = [story.box({ tags: { Name: 'twin' } }), story.box({ tags: { Name: 'twin' } })];
    const { wants } = asking(story);
    await expect(wants('nobody', { want: 'running' })).rejects.toThrow(`there is no instance nobody in ${story.scope.account}/${REGION}`);
    await expect(wants('i-0123456789abcdef0', { want: 'running' })).rejects.toThrow('there is no instance i-0123456789abcdef0');
    await expect(wants('twin', { want: 'running' })).rejects.toThrow(/^2 instances are called twin; name one by its id: i-/);
    expect(ids).toHaveLength(2);
  });

  test('keep and snooze ask nothing, for nothing is changed', async () => {
    const story = day(WEDNESDAY);
    const [demo, slow] = [story.box(), story.box()];
    await story.at('18:00');
    const { wants, shown } = asking(story);
    await wants(demo, { want: 'keep', until: addSeconds(story.now(), 2 * HOUR) });
    await wants(slow, { want: 'snooze', until: addSeconds(story.now(), 2 * HOUR) });
    await story.ticksUntil('19:55');
    expect(demo).toBeRunning();
    expect(slow).toBeRunning();
    await story.ticksUntil('20:00');
    expect(demo).toBeStopped();
    expect(slow).toBeStopped();
    expect(shown).toEqual([]);
  });
});

test('where the queue is named, the wish is put down and the Lambda is rung: nothing is changed here', async () => {
  const story = day(WEDNESDAY);
  const payroll = story.box();
  await story.at('10:00');
  const queue = story.createQueue({ name: 'stop-start-instances.fifo', region: REGION });
  const world = outside();
  const undo = useOutside({ ...world, environment: { ...world.environment, EBB_QUEUE_STOP_START_INSTANCES: queue.url } });
  const { wants, shown } = asking(story);
  const { how } = await wants(payroll, { want: 'stopped' });
  undo();
  expect([how, shown]).toEqual(['rung', []]);
  expect(payroll).toBeRunning();
  expect(queue.messages.map(m => JSON.parse(m.body))).toMatchObject([{ look: [payroll], cause: 'asked' }]);
  await story.tick('stop-start-instances', [payroll]);
  expect(payroll).toBeStopped();
});

describe('how long', () => {
  const now = instant('2025-05-14T10:00:00Z');
  test.each([
    [{ for: '90m' }, '2025-05-14T11:30:00Z'],
    [{ for: '2d' }, '2025-05-16T10:00:00Z'],
    [{ until: '2025-05-16' }, '2025-05-17T00:00:00Z'],
    [{ until: '2025-05-16', zone: 'Europe/Berlin' }, '2025-05-16T22:00:00Z'],
    [{ until: '2025-05-14T18:00+02:00' }, '2025-05-14T16:00:00Z'],
  ])('%j', (options, expected) => expect(lastsUntil(options, now, 30 * DAY)).toBe(expected));

  test.each([
    [{}, /say for how long/],
    [{ for: '2h', until: '2025-05-16' }, /say for how long/],
    [{ for: '0h' }, /--for 0h: write 90m/],
    [{ for: 'tomorrow' }, /--for tomorrow: write 90m/],
    [{ for: '31d' }, /30 days is the most/],
    [{ until: '2025-02-30' }, /--until 2025-02-30: write a date/],
    [{ until: '2025-05-13' }, /it is 2025-05-14T10:00:00Z already/],
    [{ until: '2026-05-13' }, /30 days is the most/],
  ])('%j is refused with what to write', (options, words) => expect(() => lastsUntil(options, now, 30 * DAY)).toThrow(words));
});

test('whatever is wrong is one clear line', async () => {
  const cases: [RegExp, readonly string[]][] = [
    [/missing required argument 'id'/, ['start']],
    [/--for soon: write 90m, 2h, 3d or 1w/, ['keep', 'i-0123456789abcdef0', '--for', 'soon']],
    [/say for how long/, ['snooze', 'i-0123456789abcdef0']],
    [/there is no folder nowhere/, ['stop', 'i-0123456789abcdef0', '--config', 'nowhere']],
  ];
  const ran = await pooled(
    cases.map(
      ([, args]) =>
        () =>
          ebb(args),
    ),
    1,
  );
  for (const [i, [words]] of cases.entries()) {
    const one = ran[i];
    expect(one?.code).toBe(2);
    expect(one?.err).toMatch(words);
    if (i > 0) expect(one && isOneLine(one)).toBe(true);
  }
}, 60_000);
