import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { LeftDigest, Notice } from '../../shared/model/notice.ts';
import type { LeftReason } from '../../shared/model/plan.ts';
import { addSeconds, HOUR, instant } from '../../shared/model/time.ts';
import { named, plain } from '../../shared/report/plain.ts';
import { summaryMessage } from '../../shared/report/slack-blocks.ts';
import { chooseDialog, keepUntilDialog } from '../../shared/report/slack-dialogs.ts';
import { type Block, escaped, list, type SlackMessage } from '../../shared/report/slack-kit.ts';
import { assertSlackLimits } from '../../shared/report/slack-limits.ts';
import { noticeMessage } from '../../shared/report/slack-notices.ts';
import { renderSlackText } from '../../shared/report/slack-text.ts';
import { summarise } from '../../shared/report/summary.ts';
import { isQuiet } from '../../shared/report/summary-words.ts';
import { wishPhrase } from '../../shared/report/wish-words.ts';
import { lines } from '../../shared/runtime/answering.ts';
import { refusalOf, refusalOfView } from '../../simulator/slack/limits.ts';
import { box, change, scope } from './plans.ts';
import { everyReason } from './reasons.ts';
import { digest, meter, monday, notices, settled, week, weekRows } from './week.ts';

const at = instant('2025-05-19T07:00:00Z');
const ATTACKS = [
  '<!channel>',
  '<@U123>',
  '<https://evil.example|Approve>',
  '*_~bold~_*',
  '`code`',
  '\u202Eevil',
  'a\n• forged',
  '&lt;!here&gt;',
  'v'.repeat(256),
  '"\\'.repeat(100),
  '\u0000',
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

describe('a summary in Slack', () => {
  const message = summaryMessage(summarise({ rows: weekRows, window: week, at, scopes: [scope], left: [digest] }), 'Europe/Berlin');

  test('keeps within the limits', () => assertSlackLimits(message));
  test('says the headline where notifications and screen readers look', () => {
    expect(message.text).toContain('at least $0.43 saved (up to $5.64), 52.7 h avoided, 2 failures');
  });
  test('puts failures above everything but the header', () => {
    expect(message.blocks[0]?.type).toBe('header');
    expect(JSON.stringify(message.blocks[1])).toContain('Failed');
  });
  test('reads the same in the terminal', () => {
    const shown = renderSlackText(message);
    expect(shown).toMatch(/Saved, at least +At most\n\$0\.43 +\$5\.64/);
    expect(shown).toContain('  • payroll@example.com: $0.00 to $5.14, 48 h');
    expect(shown).toContain('Changed by us: stopped 4, resized 2 times (1 out, 1 in).');
  });
  test('is one line in a quiet week', () => {
    const quiet = summaryMessage(summarise({ rows: [], window: week, at: week.end, scopes: [scope] }));
    expect(renderSlackText(quiet)).toBe('EC2 savings · 12 May – 18 May 2025 · account 123456789012: nothing to report.\n');
    assertSlackLimits(quiet);
  });
});

describe('notices', () => {
  test.each(notices.map(notice => [notice.kind, notice] as const))('%s keeps within the limits', (_kind, notice) =>
    assertSlackLimits(noticeMessage(notice)),
  );

  test('machines that share a reason share its sentence; what was refused comes first', () => {
    const [changes] = notices as [(typeof notices)[number]];
    const shown = renderSlackText(noticeMessage(changes, 'Europe/Berlin'));
    expect(shown.match(/Outside office-hours/g)).toHaveLength(2);
    expect(shown.indexOf('Stop refused')).toBeLessThan(shown.indexOf('Stopped 3'));
    expect(shown).toContain('vault (i-0000000000000000a) · payroll@example.com: IncorrectInstanceState');
  });

  test.each([
    ['change type c5.xlarge → m5.large', 'Changed type c5.xlarge → m5.large'],
    ['tag owner, untag Owner', 'Tagged owner, untagged Owner'],
  ])('%s is told as done once it is', (action, told) => {
    const because = everyReason['off-hours'];
    const lines = [{ resource: box(1), action, because, outcome: 'done', detail: null, owner: null } as const];
    expect(renderSlackText(noticeMessage({ kind: 'changes', at, scope, pen: 'stop-start-instances', lines }))).toContain(told);
  });

  test('a run of two hundred stops is shortened and says so', () => {
    const lines = Array.from({ length: 200 }, (_, n) => ({
      resource: box(n, `ci-runner-with-a-rather-long-name-${n}`),
      action: 'stop',
      because: everyReason.idle,
      outcome: 'done' as const,
      detail: null,
      owner: 'somebody-with-a-long-address@example.com',
    }));
    const message = noticeMessage({ kind: 'changes', at, scope, pen: 'stop-start-instances', lines });
    assertSlackLimits(message);
    expect(renderSlackText(message)).toContain('Stopped 200 · CPU stayed under 5 %');
    expect(renderSlackText(message)).toMatch(/and 1[89]\d more/);
  });

  test('every reason can be told', () => {
    for (const because of Object.values(everyReason)) {
      const lines = [{ resource: box(1), action: 'stop', because, outcome: 'stale' as const, detail: null, owner: null }];
      assertSlackLimits(noticeMessage({ kind: 'changes', at, scope, pen: 'enforce-tags', lines }));
    }
  });
});

describe('what others wrote cannot mention, link, format or forge', () => {
  test.each(ATTACKS)('%j', attack => {
    const resource = box(1, attack);
    const rows = [
      ...meter('m', resource, monday, null, { class: 'schedule', owner: attack, policy: attack, priceSource: attack }),
      ...settled(change({ resource, owner: attack }), monday, 'failed', attack),
    ];
    const messages = [
      summaryMessage(summarise({ rows, window: week, at, left: [{ at, groups: [leftGroup('bad-tag', 3, attack)] }] })),
      noticeMessage({ kind: 'start-failing', at, resource, owner: attack, attempts: 2, why: attack, nextAt: at }),
      noticeMessage({ kind: 'breaker', at, scope, pen: 'enforce-tags', policy: attack, touched: 5, of: 6, share: 0.5 }),
      noticeMessage(oneLine(attack)),
      noticeMessage({
        ...{ kind: 'idle-warning', at, resource, owner: attack, because: everyReason.idle, stopsAt: at },
        ...{ unanswered: 'stop', saving: null, losing: [] },
      }),
      noticeMessage({ kind: 'tag-warning', at, resource, owner: attack, missing: [attack], deadline: at, stage: 'stopped' }),
      noticeMessage({
        kind: 'tag-offer',
        at,
        resource,
        owner: attack,
        offers: [1, 2, 3].map(n => ({ key: `${attack}${n % 2}`, value: attack, because: attack })),
      }),
    ];
    for (const message of messages) {
      harmless(message);
      // By Slack's own limits, written down apart from ours.
      expect(refusalOf(message as unknown as Record<string, unknown>)).toBeNull();
    }
  });

  test.each(ATTACKS)('%j in dialogs, and in what was asked', attack => {
    const about = { resource: box(1, attack), pen: 'stop-start-instances', owner: attack } as const;
    const choice = { ...about, label: attack, wish: { want: 'running' } } as const;
    for (const dialog of [
      keepUntilDialog(named(about.resource), '2025-06-12', '{}'),
      chooseDialog('Start again', 'Start', [[0, { ...choice, label: plain(attack, 70) }]], '{}'),
    ])
      expect(refusalOfView(dialog as unknown as Record<string, unknown>)).toBeNull();
    const wish = { id: 'w', at, by: 'U0ANA00000', via: 'slack', why: attack, want: 'tags', tags: { [attack]: attack } } as const;
    expect(wishPhrase(wish, named(about.resource), 'UTC')).not.toMatch(HARMFUL);
    expect(lines(wishPhrase(wish, named(about.resource), 'UTC'))).not.toMatch(/[<>]/);
  });

  test('marks and brackets are shown as such, not obeyed', () => {
    expect(escaped('<!channel> & *all*')).toBe('&lt;!channel&gt; &amp; *\u2060all*\u2060');
    const shown = renderSlackText(noticeMessage(oneLine('<!channel>')));
    expect(shown).toContain('<!channel> (i-00000000000000001)');
  });
});

test('summaries of any account keep within the limits', () => {
  fc.assert(
    fc.property(anyRows(), anyDigests(), fc.constantFrom(7, 1), (rows, left, length) => {
      const window = { start: monday, end: addSeconds(monday, length * 24 * HOUR) };
      const summary = summarise({ rows, window, at, scopes: [scope], left });
      const message = summaryMessage(summary);
      harmless(message);
      expect(refusalOf(message as unknown as Record<string, unknown>)).toBeNull();
      // Shortened, never given up.
      if (!isQuiet(summary))
        expect(message.blocks.map(block => block.type)).toEqual(expect.arrayContaining(['header', 'section', 'context']));
      renderSlackText(message);
    }),
    { numRuns: 60 },
  );
});

test('the longest of everything is shortened until it fits, and says so', () => {
  const long = '"'.repeat(256);
  const rows = Array.from({ length: 40 }, (_, n) => [
    ...meter(`m${n}`, box(n, long), monday, null, {
      class: 'schedule',
      owner: `${n}${long}`,
      policy: `${n}${long}`,
      priceSource: `${n}${long}`,
    }),
    ...settled(change({ id: `chg-${n}`, resource: box(n, long), owner: long }), monday, 'failed', long),
  ]).flat();
  const codes = [
    'bad-tag',
    'marked',
    'suspended',
    'thin-data',
    'breaker',
    'over-budget',
    'in-use',
    'asleep',
    'start-failing',
    'at-max',
  ] as const;
  const left = [{ at, groups: codes.map(code => leftGroup(code, 9, long)) }];
  const message = summaryMessage(summarise({ rows, window: week, at, scopes: [scope], left }));
  harmless(message);
  expect(message.blocks.map(block => block.type)).toEqual(expect.arrayContaining(['header', 'section', 'context']));
  expect(renderSlackText(message)).toMatch(/and 3[0-9] more/);
});

test('the validator knows a message that is too much', () => {
  const blocks: Block[] = [
    list(
      'x',
      Array.from({ length: 400 }, () => ['name', ' and a rest'] as const),
      400,
    ),
  ];
  expect(() => assertSlackLimits({ text: 'x', blocks })).toThrow(/characters of blocks/);
  expect(() => assertSlackLimits({ text: '', blocks: [] })).toThrow(/text has 0 characters/);
  expect(() => assertSlackLimits({ text: 'x', blocks: Array.from({ length: 41 }, () => ({ type: 'divider' }) as const) })).toThrow(
    /41 blocks/,
  );
});

function harmless(message: SlackMessage): void {
  assertSlackLimits(message);
  const parsed = [message.text, ...message.blocks.flatMap(block => (block.type === 'section' ? block.fields.map(f => f.text) : []))];
  for (const text of parsed) expect(text).not.toMatch(/[<>]/);
  for (const block of message.blocks) {
    for (const text of texts(block)) {
      expect(text).not.toMatch(HARMFUL);
      if (block.type !== 'section') expect(text).not.toContain('\n');
    }
  }
}

function texts(block: Block): string[] {
  if (block.type === 'header') return [block.text.text];
  if (block.type === 'context') return block.elements.map(e => e.text);
  if (block.type === 'rich_text')
    return block.elements
      .flatMap(e => (e.type === 'rich_text_list' ? e.elements : [e]))
      .flatMap(e => e.elements.flatMap(s => (s.type === 'text' ? s.text : [])));
  if (block.type === 'actions')
    return block.elements.flatMap(e => [e.text.text, ...(e.confirm === undefined ? [] : [e.confirm.text.text])]);
  return [];
}

const oneLine = (attack: string): Extract<Notice, { kind: 'changes' }> => ({
  kind: 'changes',
  at,
  scope,
  pen: 'stop-start-instances',
  lines: [
    {
      resource: box(1, attack),
      action: attack,
      because: { code: 'opted-out', tag: attack },
      outcome: 'failed',
      detail: attack,
      owner: attack,
    },
  ],
});

function leftGroup(code: LeftReason['code'], count: number, text: string): LeftDigest['groups'][number] {
  const because = code === 'bad-tag' ? { code, tag: text, value: text, remedy: text } : (everyReason[code] as LeftReason);
  return { code, count, examples: [{ resource: box(1, text), because }] };
}

function anyText() {
  return fc.oneof(fc.constantFrom(...ATTACKS), fc.string({ unit: 'binary', maxLength: 256 }));
}

function anyRows(): fc.Arbitrary<LedgerRow[]> {
  const one = fc
    .record({
      n: fc.nat(500),
      hour: fc.integer({ min: -200, max: 200 }),
      hours: fc.option(fc.nat(50)),
      text: anyText(),
      owner: fc.option(anyText()),
      perHour: fc.option(fc.integer({ min: 1, max: 30_000_000 })),
      running: fc.integer({ min: 0, max: 40 }),
      kind: fc.constantFrom('schedule', 'idle-stop', 'scale-in', 'failed'),
    })
    .map(({ n, hour, hours, text, owner, perHour, running, kind }): LedgerRow[] => {
      const from = addSeconds(monday, hour * HOUR);
      const resource = box(n, text);
      if (kind === 'failed') return settled(change({ id: `chg-${n}`, resource, owner, causeAt: from }), from, 'failed', text);
      const how: Partial<MeterOpenedRow> & Pick<MeterOpenedRow, 'class'> = {
        class: kind as MeterOpenedRow['class'],
        owner,
        policy: text,
        running,
        perHour: perHour === null ? null : usd(perHour / 1e6),
        priceSource: text,
      };
      return meter(`m-${n}`, resource, from, hours === null ? null : addSeconds(from, hours * HOUR), how, 'started-by-someone');
    });
  return fc.array(one, { maxLength: 60 }).map(rows => rows.flat());
}

function anyDigests(): fc.Arbitrary<LeftDigest[]> {
  const codes = Object.keys(everyReason).filter(
    code => !/^(off|on)-hours$|^(idle|released|above-target|below-target|outside-bounds|tags-missing|tags-completed)$/.test(code),
  ) as LeftReason['code'][];
  const group = fc.tuple(fc.constantFrom(...codes), fc.nat(5_000), anyText()).map(([code, n, text]) => leftGroup(code, n, text));
  return fc.array(
    fc.array(group, { maxLength: 20 }).map(groups => ({ at, groups })),
    { maxLength: 3 },
  );
}
