import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rollShelf, shelfOf } from '../../shared/memory/shelves.ts';
import type { Notice } from '../../shared/model/notice.ts';
import { addSeconds, DAY, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import { post } from '../../shared/runtime/outbox.ts';
import { readSlackRequest } from '../../shared/runtime/slack-request.ts';
import { SIGNING_SECRET, type SlackEvent } from '../../simulator/slack/slack.ts';
import { box, change } from '../report/plans.ts';
import { everyReason } from '../report/reasons.ts';
import { openHouse, type SlackHouse, START, scope } from './slack-house.ts';

const ANA = 'U0ANA00000';
const BEN = 'U0BEN00000';
const ada = box(1, 'payroll-test');

let house: SlackHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  house.slack.users.set(ANA, 'payroll@example.com').set(BEN, 'ben@example.com');
});

const idle = (more: Partial<Extract<Notice, { kind: 'idle-warning' }>> = {}): Notice => ({
  ...{ kind: 'idle-warning', at: house.now, resource: ada, because: everyReason.idle, stopsAt: addSeconds(house.now, HOUR) },
  ...{ unanswered: 'stop', owner: 'payroll@example.com', saving: change({}).saving, losing: ['public-ipv4'] },
  ...more,
});

const stops = (...ids: number[]): Notice => ({
  ...{ kind: 'changes', at: house.now, scope, pen: 'stop-start-instances' },
  lines: ids.map(n => ({
    resource: box(n),
    action: 'stop',
    because: everyReason['off-hours'],
    outcome: 'done',
    detail: null,
    owner: null,
  })),
});

async function tell(notice: Notice) {
  await post(house.records.memory, notice);
  await house.tick();
  return house.slack.posted.at(-1) as NonNullable<ReturnType<typeof house.slack.posted.at>>;
}

const labels = (on = house.slack.posted.at(-1)) =>
  (on?.blocks ?? [])
    .filter(b => b['type'] === 'actions')
    .flatMap(b => (b['elements'] as { text: { text: string } }[]).map(e => e.text.text));
const words = (on = house.slack.posted.at(-1)) => JSON.stringify(on?.blocks);
const whispered = () => house.slack.whispers.at(-1)?.text ?? '';

describe('a request is Slack’s or it is nothing', () => {
  const refused = { statusCode: 401, body: '', headers: {} };
  const press = async (): Promise<SlackEvent> => {
    await tell(idle());
    return house.slack.press(ANA, 'Snooze 2 h');
  };

  test('signed over its raw body, however its headers are written and its body is carried', async () => {
    const event = await press();
    const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toUpperCase(), value]));
    const body = Buffer.from(event.body).toString('base64');
    expect(await house.answer({ ...event, headers, body, isBase64Encoded: true })).toMatchObject({ statusCode: 200, body: '' });
    expect(await house.wish(ada)).toMatchObject({ want: 'snooze', by: ANA, via: 'slack' });
  });

  test.each<[string, (event: SlackEvent) => object]>([
    ['with another body', event => ({ ...event, body: event.body.replace('U0ANA', 'U0EVE') })],
    ['with another time', ({ headers, ...event }) => ({ ...event, headers: { ...headers, 'x-slack-request-timestamp': '1747216801' } })],
    ['signed with another secret', event => ({ ...event, headers: { ...event.headers, 'x-slack-signature': forged(event) } })],
    ['without a signature', ({ headers, ...event }) => ({ ...event, headers: { ...headers, 'x-slack-signature': undefined } })],
    [
      'with half a signature',
      ({ headers, ...event }) => ({ ...event, headers: { ...headers, 'x-slack-signature': headers['x-slack-signature']?.slice(0, 40) } }),
    ],
    ['without headers to speak of', event => ({ ...event, headers: {} })],
  ])('%s it is refused without a word, and nothing is asked', async (_how, spoil) => {
    const event = await press();
    expect(await house.answer(spoil(event))).toMatchObject(refused);
    expect(await house.wish(ada)).toBeNull();
    expect(house.bells).toEqual([]);
  });

  test.each([301, -301])('%s seconds off it is refused, a second less and it is not', async off => {
    const event = await press();
    house.later(off);
    expect(await house.answer(event)).toMatchObject(refused);
    house.later(-Math.sign(off));
    expect(await house.answer(event)).toMatchObject({ statusCode: 200 });
  });

  test('whoever recorded it and sends it again within five minutes is not answered again', async () => {
    const event = await press();
    await house.answer(event);
    house.later(2 * HOUR + 60); // … nor when the wish is over, of which only the signature's window would remind
    expect(await house.answer(event)).toMatchObject(refused);
    house.later(-2 * HOUR);
    const calls = house.slack.calls.length;
    expect(await house.answer(event)).toMatchObject({ statusCode: 200, body: '' });
    expect(house.slack.calls).toHaveLength(calls);
    expect(house.bells).toHaveLength(1);

    const question = house.slack.press(ANA, 'Why?', await tell(idle({ resource: box(2) })));
    for (const _time of [1, 2]) await house.answer(question);
    expect(house.slack.whispers).toHaveLength(1);
  });

  test('bytes of any kind are refused and never thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.boolean(), async (body, isBase64Encoded) => {
        expect(
          await house.answer({ headers: { 'X-Slack-Signature': body, 'X-Slack-Request-Timestamp': body }, body, isBase64Encoded }),
        ).toMatchObject(refused);
      }),
      { numRuns: 50 },
    );
  });

  test('signed nonsense is told apart from forgery', async () => {
    const { headers } = await press();
    for (const body of ['payload=%7B', 'payload=%7B%7D', 'x=y', ''])
      expect(await house.answer({ headers: resigned(headers, body), body })).toMatchObject({ statusCode: 400 });
    expect(await house.answer({ headers: resigned(headers, 'ssl_check=1'), body: 'ssl_check=1' })).toMatchObject({ statusCode: 200 });
  });

  test('signed, with anything in any one place, is read in the shapes that we know or told why not', () => {
    const asker = { user: { id: ANA, team_id: 'T01' }, team: { id: 'T01' } };
    const pressed = {
      ...{ type: 'block_actions', ...asker, channel: { id: 'C01' }, message: { ts: '1.2' }, trigger_id: '3.4' },
      ...{ response_url: 'https://hooks.slack.com/actions/x', actions: [{ value: 'b' }] },
    };
    const picked = { reason: { value: 'tests' }, day: { selected_date: '2025-05-16' }, ways: { selected_options: [{ value: 'a' }] } };
    const submitted = { type: 'view_submission', ...asker, view: { private_metadata: '{}', state: { values: { one: picked } } } };
    const form = (payload: unknown): string => `${new URLSearchParams({ payload: JSON.stringify(payload) })}`;
    expect(readSlackRequest(form(pressed))).toMatchObject({ kind: 'press', user: ANA, button: 'b', messageTs: '1.2' });
    expect(readSlackRequest(form(submitted))).toMatchObject({ kind: 'submit', values: { one: ['tests', '2025-05-16', 'a'] } });
    fc.assert(
      fc.property(fc.constantFrom<object>(pressed, submitted), fc.nat(24), fc.jsonValue(), (good, nth, put) => {
        let seen = 0;
        const read = readSlackRequest(form(JSON.parse(JSON.stringify(good), (_, value: unknown) => (seen++ === nth ? put : value))));
        if (read.kind === 'unreadable') return expect(read.why).not.toBe('');
        if (read.kind !== 'press' && read.kind !== 'submit') throw new Error(`a payload is no ${read.kind}`);
        for (const id of [read.user, read.team, read.userTeam]) expect(id).toMatch(/^[A-Z0-9]{2,40}$/);
        const texts =
          read.kind === 'press' ? [read.button, read.channel, read.triggerId] : [read.carried, ...Object.values(read.values).flat()];
        for (const text of texts) expect(typeof text).toBe('string');
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('payload', 'command', 'text', 'user_id', 'ssl_check', '__proto__'), fc.string()),
        fields => {
          const { kind } = readSlackRequest(`${new URLSearchParams(fields)}`);
          expect(['unreadable', 'ping']).toContain(kind); // without a channel and a team it is no command
        },
      ),
      { numRuns: 200 },
    );
  });

  test('without a signing secret nobody is believed', async () => {
    const event = await press();
    delete house.parameters['/ebbtide/dev/slack/signing-secret'];
    expect(await house.answer(event)).toMatchObject({ statusCode: 503, body: '' });
  });
});

describe('a press', () => {
  test('is a wish, rings for that machine alone, and the message says who asked for what', async () => {
    const card = await tell(idle());
    expect(labels()).toEqual(['Keep until…', 'Snooze 2 h', 'Snooze 7 days', 'Stop now', 'Why?']);
    expect(await house.answer(house.slack.press(ANA, 'Stop now', card))).toMatchObject({ statusCode: 200, body: '' });
    expect(await house.wish(ada)).toMatchObject({ want: 'stopped', by: ANA, at: START });
    expect(house.bells).toMatchObject([{ pen: 'stop-start-instances', look: [ada.id] }]);
    expect(labels(card)).toEqual(['Undo: start it']);
    expect(words(card)).toContain(`{"type":"user","user_id":"${ANA}"}`);
    expect(words(card)).toContain('asks to stop payroll-test');
  });

  test('carries an id that says nothing, and lives for a day', async () => {
    const card = await tell(idle());
    const rows = card.blocks.filter(b => b['type'] === 'actions');
    const ids = rows.flatMap(row => (row['elements'] as { value: string }[]).map(e => e.value));
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    expect(new Set(ids).size).toBe(5);
    house.later(DAY);
    await house.answer(house.slack.press(ANA, 'Stop now', card));
    expect(whispered()).toContain('no longer live');
    expect(await house.wish(ada)).toBeNull();
  });

  test('twice, told twice and pressed once more is one wish', async () => {
    const card = await tell(idle());
    const [one, two] = [house.slack.press(ANA, 'Snooze 2 h', card), house.slack.press(ANA, 'Snooze 2 h', card)];
    await house.answer(one);
    const first = await house.wish(ada);
    house.later(MINUTE);
    await house.answer(two);
    await house.answer(one);
    expect(await house.wish(ada)).toEqual(first);
    expect(house.bells).toHaveLength(1);
    expect(card.updates).toBe(1);
  });

  test('of two at once the first counts, and the second is told who was', async () => {
    house.settings = { ...house.settings, approvers: [BEN] };
    const card = await tell(idle());
    await Promise.all([house.answer(house.slack.press(ANA, 'Stop now', card)), house.answer(house.slack.press(BEN, 'Stop now', card))]);
    const wish = await house.wish(ada);
    expect([ANA, BEN]).toContain(wish?.by);
    expect(house.slack.whispers).toHaveLength(1);
    expect(house.slack.whispers[0]?.user).toBe(wish?.by === ANA ? BEN : ANA);
    expect(whispered()).toMatch(/was first/);
    expect(house.bells).toHaveLength(1);
  });

  test('that was cut short before the wish was written is mended by the next one', async () => {
    const card = await tell(idle());
    const event = house.slack.press(ANA, 'Stop now', card);
    const again = house.slack.press(ANA, 'Stop now', card);
    house.broken = 'SendMessageBatch';
    await expect(house.answer(event)).rejects.toThrow();
    house.broken = null;
    house.later(20);
    await house.answer(again);
    expect(await house.wish(ada)).toMatchObject({ want: 'stopped', at: START });
    expect(labels(card)).toEqual(['Undo: start it']);
  });

  test('is taken back by a wish for the opposite, which is another wish', async () => {
    const card = await tell(idle());
    await house.answer(house.slack.press(ANA, 'Snooze 7 days', card));
    expect(labels(card)).toEqual(['Undo']);
    house.later(MINUTE);
    await house.answer(house.slack.press(ANA, 'Undo', card));
    expect(await house.wish(ada)).toBeNull();
    expect(labels(card)).toEqual([]);
    expect(words(card)).toContain('takes back what was asked for payroll-test');
  });

  test('why is answered to whoever asks, as often as they ask, and changes nothing', async () => {
    const card = await tell(idle());
    for (const _time of [1, 2]) {
      await house.answer(house.slack.press(BEN, 'Why?', card));
      expect(whispered()).toContain('CPU stayed under 5 %');
    }
    expect(card.updates).toBe(0);
    expect(house.slack.whispers.map(w => w.user)).toEqual([BEN, BEN]);
  });
});

describe('who may', () => {
  const asked = async (user: string, more: Record<string, unknown> = {}) => {
    const card = house.slack.posted.at(-1);
    await house.answer(house.slack.press(user, 'Stop now', card, more));
    return house.wish(ada);
  };

  test('the owner by their e-mail address, however it is written', async () => {
    await tell(idle({ owner: 'Payroll@Example.com' }));
    expect(await asked(ANA)).toMatchObject({ by: ANA });
  });

  test('nobody else, and they are told who', async () => {
    house.settings = { ...house.settings, approvers: ['boss@example.com'] };
    await tell(idle());
    expect(await asked(BEN)).toBeNull();
    expect(whispered()).toBe('This is for its owner payroll@example.com, or an approver (boss@example.com) to say. Nothing was done.');
    expect(house.slack.posted.at(-1)?.updates).toBe(0);
  });

  test.each([['ben@example.com'], [BEN]])('an approver, named as %s', async approver => {
    house.settings = { ...house.settings, approvers: [approver] };
    await tell(idle());
    expect(await asked(BEN)).toMatchObject({ by: BEN });
  });

  test('anyone where there is no owner', async () => {
    await tell(idle({ owner: null }));
    expect(await asked(BEN)).toMatchObject({ by: BEN });
  });

  test('a team in its own channel, where what is the team’s is told', async () => {
    house.settings = { ...house.settings, teams: { payments: '#payments-cost' } };
    house.slack.channels.set('#payments-cost', { id: 'C0PAYMENTS' });
    const card = await tell(idle({ owner: 'payments' }));
    expect(card.channel).toBe('C0PAYMENTS');
    expect(await asked(BEN)).toMatchObject({ by: BEN });
  });

  test('nobody from a channel that is shared with others, and nobody of another workspace', async () => {
    await tell(idle({ owner: null }));
    expect(await asked(BEN, { user: { id: BEN, team_id: 'T0STRANGER' } })).toBeNull();
    expect(whispered()).toContain('Only members of the workspace');
    expect(await asked(BEN, { team: { id: 'T0STRANGER' } })).toBeNull();
    house.slack.channels.set('#savings', { id: 'C0SAVINGS0', is_ext_shared: true });
    house.later(2 * HOUR);
    expect(await asked(BEN)).toBeNull();
    expect(whispered()).toContain('shared with another organisation');
  });

  test('nobody while Slack does not say who is who: asked again it may', async () => {
    await tell(idle());
    house.slack.fallIll({ status: 500 }, { status: 500 }, { status: 500 });
    expect(await asked(ANA)).toBeNull();
    expect(whispered()).toMatch(/Slack did not say .* Try again/);
    expect(await asked(ANA)).toMatchObject({ by: ANA });
  });
});

describe('dialogs', () => {
  const until = (day: string, why: string) => ({ until: { selected_date: day }, why: { value: why } });

  test('keep until a day asks for a reason, and keeps to the end of that day where the house stands', async () => {
    const card = await tell(idle());
    expect(await house.answer(house.slack.press(ANA, 'Keep until…', card))).toMatchObject({ body: '' });
    expect(house.slack.dialogs).toHaveLength(1);
    expect(await house.answer(house.slack.submit(ANA, until('2025-05-20', 'load test')))).toMatchObject({ body: '' });
    expect(await house.wish(ada)).toMatchObject({ want: 'keep', until: '2025-05-20T22:00:00Z', why: 'load test' });
    expect(words(card)).toContain('keeps payroll-test');
    expect(words(card)).toContain('load test');
  });

  test.each([
    ['2025-05-13', 'why', 'until', 'Pick a day from today to 2025-06-12'],
    ['2025-06-13', 'why', 'until', 'Pick a day'],
    ['someday', 'why', 'until', 'Pick a day'],
    ['2025-05-20', '  ', 'why', 'Say why'],
  ])('%s because of %j is complained about beside its input', async (day, why, input, complaint) => {
    const card = await tell(idle());
    await house.answer(house.slack.press(ANA, 'Keep until…', card));
    const { body } = await house.answer(house.slack.submit(ANA, until(day, why)));
    expect(JSON.parse(body)).toEqual({ response_action: 'errors', errors: { [input]: expect.stringContaining(complaint) } });
    expect(await house.wish(ada)).toBeNull();
  });

  test('a dialog that somebody else fills in is asked again who they are', async () => {
    const card = await tell(idle());
    await house.answer(house.slack.press(ANA, 'Keep until…', card));
    const { body } = await house.answer(house.slack.submit(BEN, until('2025-05-20', 'mine now')));
    expect(body).toContain('for its owner payroll@example.com');
    expect(await house.wish(ada)).toBeNull();
  });

  test('a ticket that is older than three seconds opens nothing, and that is said', async () => {
    const card = await tell(idle());
    const event = house.slack.press(ANA, 'Keep until…', card);
    house.later(4);
    await house.answer(event);
    expect(whispered().replaceAll('\u2060', '')).toBe('Slack did not open the dialog (expired_trigger_id). Press again.');
  });

  test('of several that were stopped those are started that somebody picks, each once', async () => {
    const card = await tell(stops(1, 2, 3));
    expect(labels(card)).toEqual(['Start again…']);
    await house.answer(house.slack.press(BEN, 'Start again…', card));
    const picked = { which: { selected_options: [{ value: '0' }, { value: '2' }] } };
    await house.answer(house.slack.submit(BEN, picked));
    await house.answer(house.slack.submit(BEN, picked));
    expect(await Promise.all([1, 2, 3].map(async n => (await house.wish(box(n)))?.want ?? null))).toEqual(['running', null, 'running']);
    expect(labels(card)).toEqual(['Start again…']);
  });

  test('who opens the list once more asks anew; the same list told twice is one wish', async () => {
    const card = await tell(stops(1, 2, 3));
    const picked = { which: { selected_options: [{ value: '0' }] } };
    const asked = async () => {
      await house.answer(house.slack.submit(BEN, picked));
      const { id, at } = (await house.wish(box(1))) ?? {};
      return { id, at };
    };
    await house.answer(house.slack.press(BEN, 'Start again…', card));
    const first = await asked();
    house.later(MINUTE);
    expect(await asked()).toEqual(first);
    await house.answer(house.slack.press(BEN, 'Start again…', card));
    const second = await asked();
    expect(second.at).toBe(addSeconds(first.at ?? START, MINUTE));
    expect(second.id).not.toBe(first.id);
  });
});

describe('a card ends when there is nothing left to press', () => {
  const done = (action: string, n = 1): Notice => ({
    ...{ kind: 'changes', at: house.now, scope, pen: 'stop-start-instances' },
    lines: [{ resource: n === 1 ? ada : box(n), action, because: everyReason.idle, outcome: 'done', detail: null, owner: null }],
  });

  test('what was warned of and then done is said on the warning, and its buttons are dead', async () => {
    const card = await tell(idle());
    const late = house.slack.press(ANA, 'Snooze 2 h', card);
    house.later(HOUR);
    const told = await tell(done('stop'));
    expect(labels(card)).toEqual([]);
    expect(words(card)).toContain('Stopped Wed 14 May 13:00 (Europe/Berlin)');
    expect(labels(told)).toEqual(['Start now', 'Keep running until…', 'Why?']);
    house.later(-HOUR);
    await house.answer(late);
    expect(whispered()).toContain('no longer live');
  });

  test('a newer message about the same machine takes the buttons of the older one', async () => {
    const first = await tell(idle());
    house.later(MINUTE);
    const second = await tell(idle({ stopsAt: addSeconds(START, 2 * HOUR) }));
    expect([labels(first).length, labels(second).length]).toEqual([0, 5]);
  });

  test('of several machines only when the last is done with', async () => {
    const card = await tell(stops(2, 3));
    await tell(done('start', 2));
    expect(labels(card)).toEqual(['Start again…']);
    await tell(done('start', 3));
    expect(labels(card)).toEqual([]);
  });

  test('nobody answered: after a day the buttons go', async () => {
    const card = await tell(idle());
    house.later(DAY);
    await house.tick();
    expect(labels(card)).toEqual([]);
    expect(words(card)).toContain('Nobody answered within a day.');
  });

  test('while Slack is ill the card is closed at a later tick; one that is gone in Slack is forgotten', async () => {
    const card = await tell(idle());
    house.later(DAY);
    house.slack.fallIll({ status: 503 });
    await house.tick();
    expect(labels(card)).not.toEqual([]);
    await house.tick();
    expect(labels(card)).toEqual([]);
    await tell(idle());
    house.later(DAY);
    house.slack.fallIll({ error: 'message_not_found' });
    await house.tick();
    expect(await house.records.memory.readShelf('cards', house.now)).toEqual([]);
  });
});

describe('/ebb', () => {
  beforeEach(async () => {
    const entry = {
      resource: ada,
      owner: 'payroll@example.com',
      team: null,
      state: 'running',
      because: everyReason['in-use'],
      policy: 'dev-test',
    };
    const namesake = { ...entry, resource: box(3, 'twin'), owner: null };
    const entries = [entry, { ...namesake, resource: box(2, 'twin') }, namesake, { ...namesake, resource: box(4, 'wild'), policy: null }];
    await house.records.memory.write(rollShelf(scope), { key: 'roll#0000', value: { at: START, entries }, version: 0 });
  });
  const ask = async (text: string, user = ANA): Promise<string> =>
    JSON.parse((await house.answer(house.slack.command(user, text))).body).text;

  test('why says what was last seen, as of when, and what has been asked for since', async () => {
    expect(await ask('why payroll-test')).toContain('as of Wed 14 May 12:00 (Europe/Berlin)');
    await ask('snooze payroll-test 3h');
    expect(await ask(`why ${ada.id}`, BEN)).toContain('snoozes it until');
  });

  test.each([
    ['start payroll-test', { want: 'running' }],
    ['STOP payroll-test', { want: 'stopped', why: null }],
    ['snooze payroll-test', { want: 'snooze', until: '2025-05-14T12:00:00Z' }],
    ['snooze payroll-test for 2d', { want: 'snooze', until: '2025-05-16T10:00:00Z' }],
    ['keep payroll-test until 2025-05-20 load test', { want: 'keep', until: '2025-05-20T22:00:00Z', why: 'load test' }],
    ['keep payroll-test 7d audit', { want: 'keep', until: '2025-05-21T10:00:00Z', why: 'audit' }],
  ])('%s', async (text, wish) => {
    expect(await ask(text)).toMatch(/^Noted: you /);
    expect(await house.wish(ada)).toMatchObject({ by: ANA, via: 'slack', ...wish });
    expect(house.bells).toHaveLength(1);
  });

  test('asked twice within a minute is one wish', async () => {
    await ask('start payroll-test');
    house.later(20);
    await ask('start payroll-test');
    expect(house.bells).toHaveLength(1);
  });

  test.each([
    ['', ANA, 'What may be asked'],
    ['reboot payroll-test', ANA, 'nothing that can be asked'],
    ['start', ANA, 'Say of which instance'],
    ['start nobody', ANA, 'No instance is called nobody'],
    ['start twin', ANA, '2 instances are called twin: say which by its id: i-00000000000000002, i-00000000000000003'],
    ['start wild', ANA, 'No policy speaks for wild'],
    ['start payroll-test', BEN, 'for its owner payroll@example.com'],
    ['keep payroll-test 7d', ANA, 'Say why'],
    ['keep payroll-test 31d why not', ANA, 'is no time that can be kept'],
    ['keep payroll-test', ANA, 'Say for how long'],
    ['why <!channel>', ANA, '&lt;!channel&gt;'],
  ])('%j by %s is answered in words, and asks for nothing', async (text, user, says) => {
    expect(await ask(text, user)).toContain(says);
    expect(house.bells).toEqual([]);
  });

  /** What was asked for since, and then nothing is asked for any more. */
  const taken = async () => {
    const wish = await house.wish(ada);
    const shelf = shelfOf('stop-start-instances', scope);
    for (const item of await house.records.memory.readShelf(shelf, house.now)) await house.records.memory.forget(shelf, item);
    return { wish, bells: house.bells.splice(0).length };
  };

  test('a time to keep it for is the one that was written, to the second, or none', async () => {
    house.now = instant('2025-04-20T10:00:00Z');
    const two = (max: number) => fc.nat(max).map(n => `${n}`.padStart(2, '0'));
    const day = fc.tuple(fc.constantFrom('2025-04', '2025-05', '2025-13'), two(33)).map(date => date.join('-'));
    const span = fc.tuple(fc.nat(800), fc.constantFrom('m', 'h', 'd', 'H', 'w', ''));
    await fc.assert(
      fc.asyncProperty(fc.oneof(day, span), fc.constantFrom('', 'for ', 'until '), async (written, word) => {
        const until = typeof written === 'string' ? endInBerlin(written) : inSeconds(written);
        const said = await ask(`keep payroll-test ${word}${typeof written === 'string' ? written : written.join('')} load test`);
        const { wish, bells } = await taken();
        if (until === null) expect([said, wish, bells]).toEqual([expect.stringContaining('is no time that can be kept'), null, 0]);
        else expect([wish, bells]).toMatchObject([{ want: 'keep', until: instant(until), why: 'load test' }, 1]);
      }),
      {
        numRuns: 40,
        examples: [
          ['2025-04-31', 'until '],
          ['2025-05-32', ''],
          [[30, 'd'], ''],
        ],
      },
    );
  });

  test('whatever is written is done and said, or is answered in words and asks for nothing', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        'for',
        'until',
        'help',
        '__proto__',
        'payroll-test',
        '2h',
        '0m',
        '9999d',
        '2025-05-20',
        '2025-05-99',
        'x'.repeat(3_000),
      ),
      fc.constantFrom('<!channel>', '<@U0BEN00000>', '*', '&amp;', '\n', '\u202e'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const verb = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('why', 'start', 'STOP', 'snooze', 'keep') }, word);
    const machine = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('payroll-test', ada.id, 'twin', 'wild') }, word);
    await fc.assert(
      fc.asyncProperty(verb, machine, fc.array(word, { maxLength: 4 }), fc.constantFrom(ANA, BEN), async (first, second, rest, user) => {
        const words = [first, second, ...rest];
        const said = await ask(words.join(' '), user);
        expect(said).not.toMatch(/<[!@#]|undefined|\[object|^$/);
        expect(said.length).toBeLessThan(3_000);
        const { wish, bells } = await taken();
        expect([wish === null, bells]).toEqual(said.startsWith('Noted: you ') ? [false, 1] : [true, 0]);
        if (wish !== null) expect([wish.by, words.includes('payroll-test') || words.includes(ada.id)]).toEqual([ANA, true]);
        if (wish !== null && 'until' in wish) expect(wish.until > START && wish.until <= addSeconds(START, 30 * DAY)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

/** When a real day that is not over ends in Berlin, in summer; `null`: more than 30 days away, or no such day. */
function endInBerlin(day: string): number | null {
  const noon = Date.parse(`${day}T12:00:00+02:00`);
  if (!Number.isFinite(noon) || new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin' }).format(noon) !== day) return null;
  return soon(noon + 12 * HOUR * 1000);
}

function inSeconds([amount, unit]: readonly [number, string]): number | null {
  const seconds = { m: 60, h: 3600, d: 86_400 }[unit.toLowerCase()];
  return seconds === undefined ? null : soon(Date.parse(house.now) + amount * seconds * 1000);
}

const soon = (until: number): number | null =>
  until > Date.parse(house.now) && until <= Date.parse(house.now) + 30 * DAY * 1000 ? until : null;

const forged = ({ headers, body }: SlackEvent): string =>
  `v0=${createHmac('sha256', 'guessed').update(`v0:${headers['x-slack-request-timestamp']}:${body}`).digest('hex')}`;
const resigned = (headers: SlackEvent['headers'], body: string): SlackEvent['headers'] => ({
  ...headers,
  'x-slack-signature': `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${headers['x-slack-request-timestamp']}:${body}`).digest('hex')}`,
});
