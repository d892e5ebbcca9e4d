/** To whom a notice goes, by which way, and what becomes of it when that way is closed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rollShelf } from '../../shared/memory/shelves.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { addSeconds, DAY, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import { post, waiting } from '../../shared/runtime/outbox.ts';
import { box, change } from '../report/plans.ts';
import { everyReason } from '../report/reasons.ts';
import { meter, settled } from '../report/week.ts';
import { openHouse, type SlackHouse, START, scope } from './slack-house.ts';
import { breakerNotice } from './tell-slack-props.ts';

const ANA = 'U0ANA00000';

let house: SlackHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  house.slack.users.set(ANA, 'payroll@example.com');
  house.slack.channels.set('#payments-cost', { id: 'C0PAYMENTS' });
});

const idle = (owner: string | null, n = 1): Notice => ({
  ...{ kind: 'idle-warning', at: house.now, resource: box(n), because: everyReason.idle, stopsAt: addSeconds(house.now, HOUR) },
  ...{ unanswered: 'stop', owner, saving: null, losing: [] },
});
const told = () => house.slack.posted.map(({ channel }) => channel);
const tell = async (notice: Notice) => {
  await post(house.records.memory, notice);
  return (await house.tick()) as { told: number; kept: number; failed: string[] };
};

describe('a card goes to whose it is', () => {
  test('an owner in a direct message, looked up once', async () => {
    house.settings = { ...house.settings, owners: 'dm' };
    await tell(idle('payroll@example.com'));
    await tell(idle('payroll@example.com', 2));
    expect(told()).toEqual(['D0ANA00000', 'D0ANA00000']);
    expect(house.slack.calls.filter(call => call === 'users.lookupByEmail')).toHaveLength(1);
  });

  test('a team that has a channel in that channel', async () => {
    house.settings = { ...house.settings, teams: { payments: '#payments-cost' } };
    await tell(idle('payments'));
    expect(told()).toEqual(['C0PAYMENTS']);
  });

  test.each([['nobody@example.com'], ['just a name'], [null]])('an owner called %s in the channel of all', async owner => {
    house.settings = { ...house.settings, owners: 'dm' };
    await tell(idle(owner));
    expect(told()).toEqual(['C0SAVINGS0']);
  });

  test('a team channel that is not there hides nothing: everybody hears it', async () => {
    house.settings = { ...house.settings, teams: { payments: '#gone' } };
    expect(await tell(idle('payments'))).toMatchObject({ told: 1, kept: 0 });
    expect(told()).toEqual(['C0SAVINGS0']);
  });

  test('an owner about whom Slack does not answer is asked for again', async () => {
    house.settings = { ...house.settings, owners: 'dm' };
    house.slack.fallIll({ status: 500 });
    expect(await tell(idle('payroll@example.com'))).toMatchObject({ told: 0, kept: 1 });
    house.later(5 * MINUTE);
    await house.tick();
    expect(told()).toEqual(['D0ANA00000']);
  });
});

describe('when the bot is refused', () => {
  test('the webhook tells it, without buttons, since nobody could take them away', async () => {
    house.parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-revoked';
    house.parameters['/ebbtide/dev/slack/webhook'] = 'https://hooks.slack.com/services/T/B/X';
    expect(await tell(idle(null))).toMatchObject({ told: 1, kept: 0 });
    expect(told()).toEqual([null]);
    expect(JSON.stringify(house.slack.posted)).not.toContain('actions');
  });

  test('then e-mail, in plain text, if anybody has subscribed', async () => {
    house.parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-revoked';
    house.subscribers = 2;
    expect(await tell(idle(null))).toMatchObject({ told: 1, kept: 0 });
    expect(house.mails).toEqual([
      { subject: expect.stringMatching(/^box-1 \(i-0+1\) is idle/), text: expect.stringMatching(/CPU stayed\s+under 5 %/) },
    ]);
    expect(house.mails[0]?.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  });

  test('a topic that nobody has subscribed to is no way out: it waits, and is told when the token is mended', async () => {
    house.parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-revoked';
    house.subscribers = 0;
    expect(await tell(idle(null))).toMatchObject({ told: 0, kept: 1 });
    expect(house.mails).toEqual([]);
    house.parameters['/ebbtide/dev/slack/bot-token'] = 'xoxb-good';
    house.later(5 * MINUTE);
    expect(await house.tick()).toMatchObject({ told: 1 });
  });

  test('for an illness that lasts e-mail is sent once patience ends, and not before', async () => {
    house.subscribers = 1;
    await post(house.records.memory, idle(null));
    const mailed: number[] = [];
    for (let minutes = 0; minutes <= 90; minutes += 5) {
      house.slack.fallIll({ status: 503 }, { status: 503 });
      await house.tick();
      if (house.mails.length > mailed.length) mailed.push(minutes);
      house.later(5 * MINUTE);
    }
    expect(mailed).toEqual([85]);
    expect(await waiting(house.records.memory, house.now)).toEqual([]);
  });
});

test('a message a second in a channel is the pace: who is faster waits as long as Slack says, and all are told in order', async () => {
  house.slack.paced = true;
  for (const n of [1, 2, 3]) await post(house.records.memory, breakerNotice(n, START));
  expect(await house.tick()).toMatchObject({ told: 3, kept: 0 });
  expect(house.slack.posted.map(({ ts }) => Number(ts.split('.')[0]) - Date.parse(START) / 1000)).toEqual([0, 1, 2]);
  expect(house.slack.calls).toHaveLength(5);
});

describe('what took effect though the answer was lost', () => {
  const warnings = () => house.slack.posted.filter(({ text }) => text.includes('is idle'));

  test('a card may stand twice, and both copies have the same buttons: pressed on either it is one wish', async () => {
    house.slack.fallIll('took');
    expect(await tell(idle(null))).toMatchObject({ told: 0, kept: 1 });
    house.later(5 * MINUTE);
    await house.tick();
    const [first, second] = warnings();
    expect(JSON.stringify(first?.blocks)).toBe(JSON.stringify(second?.blocks));
    await house.answer(house.slack.press(ANA, 'Stop now', second));
    await house.answer(house.slack.press(ANA, 'Stop now', first));
    expect(house.bells).toHaveLength(1);
  });

  test('a crash after the card’s place was remembered does not tell it again', async () => {
    await post(house.records.memory, idle(null));
    house.broken = 'DeleteItem'; // the notice cannot be forgotten
    await expect(house.tick()).rejects.toThrow('DynamoDB is away');
    house.broken = null;
    expect(await house.tick()).toMatchObject({ told: 1, kept: 0 });
    expect(warnings()).toHaveLength(1);
  });
});

describe('a summary that is too long for one message', () => {
  const monday = instant('2025-05-12T22:00:00Z'); // Tuesday 00:00 in Berlin
  const failing = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const resource = box(n, `ci-runner-with-a-rather-long-name-${n}`);
      const at = addSeconds(monday, n);
      for (const row of settled(change({ id: `chg-many-${n}`, resource, causeAt: at }), at, 'failed', `${'no capacity '.repeat(12)} ${n}`))
        await house.records.ledger.append(row);
    }
  };
  const daily = (): Notice => ({ kind: 'summary', at: addSeconds(monday, DAY), period: 'daily' });

  test('goes on in its thread, and after Slack broke off goes on where it was', async () => {
    await failing(60);
    await post(house.records.memory, daily());
    house.slack.fallIll('well', 'well', { status: 503 });
    expect(await house.tick()).toMatchObject({ told: 0, kept: 1 });
    house.later(5 * MINUTE);
    expect(await house.tick()).toMatchObject({ told: 1, kept: 0 });
    const [main, ...replies] = house.slack.posted;
    expect(main?.thread).toBeNull();
    expect(replies.length).toBeGreaterThan(1);
    expect(new Set(replies.map(({ thread }) => thread))).toEqual(new Set([main?.ts]));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(replies.length);
    const names = replies.flatMap(({ blocks }) => JSON.stringify(blocks).match(/long-name-\d+/g) ?? []);
    expect(new Set(names).size).toBe(60);
  });

  test('and as a file once that would take more than five replies', async () => {
    await failing(250);
    await post(house.records.memory, daily());
    expect(await house.tick()).toMatchObject({ told: 1, kept: 0 });
    const [main] = house.slack.posted;
    expect(house.slack.posted).toHaveLength(1);
    expect(house.slack.uploads).toMatchObject([{ name: 'ebbtide-summary.csv', channel: main?.channel, thread: main?.ts }]);
    expect(house.slack.uploads[0]?.text.split('\r\n').filter(line => line.startsWith('Failed,'))).toHaveLength(250);
  });
});

describe('teams and owners have summaries of their own', () => {
  const at = instant('2025-07-01T07:00:00Z');
  const day = instant('2025-06-29T22:00:00Z');

  test('each of what is theirs, and everybody of all; told twice it is told once', async () => {
    house.settings = { ...house.settings, teams: { payments: '#payments-cost', quiet: '#quiet' }, owners: 'dm' };
    house.slack.channels.set('#quiet', { id: 'C0QUIET000' });
    const of = (id: string, n: number, owner: string, team: string, hours: number) =>
      meter(id, box(n), addSeconds(day, HOUR), addSeconds(day, (1 + hours) * HOUR), {
        class: 'schedule',
        commitments: 'none',
        owner,
        team,
      });
    for (const row of [...of('s1', 1, 'payroll@example.com', 'payments', 4), ...of('s2', 2, 'lab@example.com', 'lab', 8)])
      await house.records.ledger.append(row);
    house.now = at;
    for (const _delivery of [1, 2]) await house.summarise('daily', at);
    expect(house.slack.posted.map(({ channel, text }) => [channel, text]).toSorted()).toEqual([
      ['C0PAYMENTS', 'EC2 savings · Mon 30 Jun 2025 · team payments: $0.43 saved, 4 h avoided'],
      ['C0SAVINGS0', 'EC2 savings · Mon 30 Jun 2025 · account 123456789012: $1.28 saved, 12 h avoided'],
      ['D0ANA00000', 'EC2 savings · Mon 30 Jun 2025 · what is yours: $0.43 saved, 4 h avoided'],
    ]);
  });

  test('with what was left alone of theirs, and what stopped machines of theirs cost on', async () => {
    house.settings = { ...house.settings, teams: { payments: '#payments-cost' } };
    const entry = { owner: 'ana', state: 'running', because: everyReason['in-use'], action: null, policy: 'dev-test', still: null };
    const disk = { type: 'gp3', gib: 100, iops: 3_000, throughput: 125 };
    const entries = [
      { ...entry, resource: box(1), team: 'payments' },
      { ...entry, resource: box(2), team: 'lab' },
      {
        ...entry,
        resource: box(3),
        team: 'payments',
        state: 'stopped',
        because: everyReason.asleep,
        still: { disks: [disk], elasticIps: 1 },
      },
    ];
    await house.records.memory.write(rollShelf(scope), { key: 'roll#0000', value: { at: at, entries }, version: 0 });
    house.now = at;
    for (const row of settled(change({ id: 'chg-roll', owner: 'payments', causeAt: addSeconds(day, HOUR) }), addSeconds(day, HOUR), 'done'))
      await house.records.ledger.append(row);
    await house.summarise('daily', at);
    const said = JSON.stringify(house.slack.posted.find(({ channel }) => channel === 'C0PAYMENTS')?.blocks);
    expect(said).toContain('1 in use');
    expect(said).toMatch(/1 stopped instance: 100 GiB of EBS \$\d+\.\d\d a week, 1 Elastic IP \$0\.84 a week/);
  });

  test('a quiet week is one line in a channel, and nothing to a person', async () => {
    house.settings = { ...house.settings, teams: { payments: '#payments-cost' }, owners: 'dm' };
    house.now = instant('2025-08-18T07:00:00Z');
    await house.summarise('weekly', house.now);
    expect(house.slack.posted.map(({ text }) => text).toSorted()).toEqual([
      'EC2 savings · 11 Aug – 17 Aug 2025 · account 123456789012: nothing to report.',
      'EC2 savings · 11 Aug – 17 Aug 2025 · team payments: nothing to report.',
    ]);
  });
});

test('whatever Slack does, in any order: once it is well, every card has been told, none waits, and no dead thing has a live button', async () => {
  const illness = fc.constantFrom(
    'took',
    'hang-up',
    { status: 503 },
    { status: 429, headers: { 'retry-after': '2' } },
    { error: 'msg_too_long' },
    { error: 'invalid_auth' },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(illness, { maxLength: 10 }), async (cards, illnesses) => {
      await house.reset();
      house.slack.fallIll(...(illnesses as never[]));
      for (let n = 1; n <= cards; n++) await post(house.records.memory, idle(null, n));
      for (let ticks = 0; ticks < 200 && (await waiting(house.records.memory, house.now)).length > 0; ticks++, house.later(5 * MINUTE))
        await house.tick();
      const about = new Set(house.slack.posted.map(({ text }) => /^box-\d/.exec(text)?.[0]));
      expect(about.size).toBe(cards);
      house.later(DAY);
      for (let ticks = 0; ticks < 12; ticks++, house.later(5 * MINUTE)) await house.tick();
      expect(await house.records.memory.readShelf('cards', house.now)).toEqual([]);
      for (const one of house.slack.posted.filter(({ ts }) => ts !== '')) {
        for (const label of liveLabels(one.blocks)) await house.answer(house.slack.press(ANA, label, one));
      }
      expect(house.bells).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

const liveLabels = (blocks: readonly Readonly<Record<string, unknown>>[]): string[] =>
  blocks.filter(b => b['type'] === 'actions').flatMap(b => (b['elements'] as { text: { text: string } }[]).map(e => e.text.text));

test('notices of other kinds are told to everybody, whoever they are about', async () => {
  house.settings = { ...house.settings, owners: 'dm', teams: { payments: '#payments-cost' } };
  await tell(breakerNotice(1, START));
  expect(told()).toEqual(['C0SAVINGS0']);
});
