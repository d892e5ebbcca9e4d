import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statement } from '../../shared/ledger/statement.ts';
import type { MeterCorrectedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import { addSeconds, DAY, epochSeconds, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import { csv } from '../../shared/report/csv.ts';
import { DIMENSIONS } from '../../shared/report/page/data.ts';
import { unpacked } from '../../shared/report/page/packed.ts';
import { pageHtml } from '../../shared/report/page/template.ts';
import { daysIn } from '../../shared/runtime/paging.ts';
import { EVIL, evilRows, folded, weekOfTeams } from './pages.ts';
import { box, change, fleet } from './plans.ts';
import { everyReason } from './reasons.ts';
import { meter, monday, settled, week } from './week.ts';

const at = (day: number, hour: number, minute = 0) => addSeconds(monday, day * DAY + hour * HOUR + minute * MINUTE);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('what the page is told', () => {
  const data = folded(weekOfTeams);
  const expected = statement(weekOfTeams, week, week.end);

  test('its total and its lines are those of the statement', () => {
    expect(data.total).toMatchObject({
      low: expected.total.money?.total.low,
      high: expected.total.money?.total.high,
      meters: expected.total.meters,
    });
    const web = data.names.policy.indexOf('web');
    const line = expected.byPolicy.find(({ policy }) => policy === 'web');
    expect(data.lines.policy[web]).toMatchObject({ low: line?.money?.total.low, hours: (line?.avoidedSeconds ?? 0) / HOUR });
    for (const dimension of DIMENSIONS) expect(data.names[dimension].length).toBeGreaterThanOrEqual(data.lines[dimension].length);
  });

  test('a night belongs to both of its days, by the hours of each', () => {
    // Monday's stop: 17:00 to 05:00, of which seven hours are Monday's, at $0.107 with commitments unknown.
    const [, group] = data.cells.find(([day, of]) => day === 0 && data.groups[of]?.[1] === data.names.policy.indexOf('dev-test')) ?? [];
    expect(data.cells.filter(([day, of]) => of === group && day < 2)).toEqual([
      [0, group, 0, usd(7 * 0.107), 7, 0],
      [1, group, 0, usd(12 * 0.107), 12, 0],
    ]);
  });

  test('where nothing has a price, money is unknown and not 0', () => {
    const lab = folded(weekOfTeams.filter(row => row.kind !== 'meter-opened' || row.meterId === 'mtr-odd'));
    expect(lab.cells.length).toBeGreaterThan(2);
    expect(new Set(lab.cells.map(([, , low, high]) => `${low} ${high}`))).toEqual(new Set(['null null']));
    expect(sum(lab.cells.map(cell => cell[5]))).toBeCloseTo(79, 1);
  });

  test('what was done and what still costs stands in it as in the summary', () => {
    const still = {
      ...{ machines: 9, unread: 0, gib: 900, disksPerWeek: usd(38.1), unpriced: 0, elasticIps: 0, addressesPerWeek: usd(0) },
      sources: ['list price of 2024-07-18 (table)'],
    };
    const said = new Map(folded(weekOfTeams, { still }).told.map(({ heading, items }) => [heading, items]));
    expect(said.get('Changed by us')).toEqual([['', 'Stopped 4, resized 2 times (1 out, 1 in).']]);
    expect(said.get('Still costs while stopped, as of the last look')?.[0]?.[1]).toMatch(
      /^9 stopped instances: 900 GiB of EBS \$38\.10 a week/,
    );
    expect(data.told.map(({ heading }) => heading)).not.toContain('Still costs while stopped, as of the last look');
  });

  test('an empty window is a page, too', () => {
    const empty = folded([]);
    expect(empty).toMatchObject({ cells: [], heat: [], fleets: [], actions: [], total: { low: 0, high: 0, meters: 0 } });
    expect(empty.days).toHaveLength(7);
  });
});

test('days add up to the statement, whatever meters ran, in any zone', () => {
  const minute = fc.integer({ min: -3 * 1440, max: 9 * 1440 });
  const spans = fc.array(
    fc.tuple(minute, fc.integer({ min: 1, max: 4000 }), fc.constantFrom('schedule', 'scale-in'), fc.integer({ min: 0, max: 4 })),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(spans, fc.constantFrom('UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Chatham'), (all, zone) => {
      const rows = all.flatMap(([from, long, saving, running], i) => {
        const start = addSeconds(monday, from * MINUTE);
        const how = {
          class: saving as 'schedule' | 'scale-in',
          running: saving === 'schedule' ? 0 : running,
          commitments: i % 2 === 0 ? ('none' as const) : ('unknown' as const),
        };
        return meter(`mtr-${i}`, saving === 'schedule' ? box(i) : fleet(`f${i}`), start, addSeconds(start, long * MINUTE), how);
      });
      const data = folded(rows, { zone });
      const { total } = statement(rows, week, week.end);
      // Each cell is rounded once: to the micro-dollar, and to the hundredth of an hour.
      const room = data.cells.length;
      expect(Math.abs(sum(data.cells.map(cell => cell[2] ?? 0)) - (total.money?.total.low ?? 0))).toBeLessThanOrEqual(room);
      expect(Math.abs(sum(data.cells.map(cell => cell[3] ?? 0)) - (total.money?.total.high ?? 0))).toBeLessThanOrEqual(room);
      expect(Math.abs(sum(data.heat.map(([, , hours]) => hours)) - total.avoidedSeconds / HOUR)).toBeLessThanOrEqual(
        0.01 * (data.heat.length + 1),
      );
    }),
    { numRuns: 60 },
  );
});

describe('hours of the week', () => {
  test('are those of the wall: a stop from 18:30 to 20:30 in a zone half an hour off falls into its own hours', () => {
    // 13:00 to 15:00 UTC is 18:30 to 20:30 in Kolkata.
    const { heat } = folded(meter('mtr-1', box(1), at(2, 13), at(2, 15), { class: 'schedule' }), { zone: 'Asia/Kolkata' });
    const wednesday = 2 * 24;
    expect(heat).toEqual([
      [0, wednesday + 18, 0.5],
      [0, wednesday + 19, 1],
      [0, wednesday + 20, 0.5],
    ]);
  });

  test('an hour in which more ran is negative', () => {
    const { heat } = folded(meter('mtr-1', fleet('web'), at(0, 3), at(0, 4), { class: 'scale-in', running: 3 }));
    expect(heat).toEqual([[0, 3, -2]]);
  });

  test('days follow the clocks: the one on which they change has 23 hours', () => {
    const window = { start: instant('2025-03-29T23:00:00Z'), end: instant('2025-03-31T22:00:00Z') };
    expect(daysIn(window, 'Europe/Berlin')).toEqual([
      { start: '2025-03-29T23:00:00Z', end: '2025-03-30T22:00:00Z' },
      { start: '2025-03-30T22:00:00Z', end: '2025-03-31T22:00:00Z' },
    ]);
  });
});

describe('fleets', () => {
  test('show what ran on average, what was expected, and what was asked for', () => {
    const rows = [
      ...meter('mtr-a', fleet('web'), at(0, 0), at(0, 0, 5), { class: 'scale-in', running: 2 }, 'day-ended'),
      ...meter('mtr-b', fleet('web'), at(0, 0, 5), at(0, 1), { class: 'scale-in', running: 6 }, 'day-ended'),
    ];
    const points = [0, 60, 120, 900].map(seconds => ({ at: epochSeconds(monday) + seconds, demand: 3 + seconds / 60 }));
    const [web, ...others] = folded(rows, { asked: [{ fleet: fleet('web'), points }] }).fleets;
    expect(others).toEqual([]);
    expect(web).toMatchObject({ name: 'web', scope: '123456789012/eu-west-1', from: epochSeconds(monday), step: 900 });
    // Of the first quarter five minutes with 2, ten with 6; the baseline has one instance at all hours.
    expect(web?.running.slice(0, 5)).toEqual([4.67, 6, 6, 6, null]);
    expect(web?.expected.slice(0, 2)).toEqual([1, 1]);
    expect(web?.demand.slice(0, 3)).toEqual([4, 18, null]);
  });

  test('of which no minutes are remembered show the demand that their resizes were argued from', () => {
    const because = { ...everyReason['above-target'], carriers: 4, value: 75 };
    const resize = change({
      id: 'chg-r',
      resource: fleet('web'),
      causeAt: at(0, 6),
      action: { kind: 'set-desired-capacity', desiredCapacity: 6 },
      because,
    });
    const [web] = folded(settled(resize, at(0, 6, 1), 'done')).fleets;
    expect(web?.demand.flatMap((value, i) => (value === null ? [] : [[i * (web.step / 60), value]]))).toEqual([[360, 3]]);
  });
});

describe('actions', () => {
  const data = folded([...weekOfTeams, ...evilRows]);
  test('every claim, proposal and note is one, newest first, with its rows', () => {
    const rows = [...weekOfTeams, ...evilRows];
    const count = (kind: string) => rows.filter(row => row.kind === kind).length;
    expect(data.actions.filter(a => a.by === 'us')).toHaveLength(count('claimed'));
    expect(data.actions.filter(a => a.by === 'plan')).toHaveLength(count('proposed'));
    expect(data.actions.filter(a => a.by === 'people')).toHaveLength(count('noted'));
    expect(data.actions.map(a => a.at)).toEqual(
      data.actions
        .map(a => a.at)
        .toSorted()
        .toReversed(),
    );
    const stop = data.actions.find(a => a.rows.some(row => row.includes('chg-stop-0')));
    expect(stop?.rows.map(([kind]) => kind)).toEqual(['claimed', 'settled', 'meter-opened', 'meter-closed']);
    expect(stop).toMatchObject({ low: 0, high: usd(12 * 0.107), why: expect.stringMatching(/^Outside office-hours since /) });
    expect(data.names.team[stop?.team ?? -1]).toBe('payroll');
  });

  test('a stop whose meter goes on at another price shows both, what commitments have to do with them, and what the bill said', () => {
    const [evening, midnight, morning] = [at(0, 17), at(1, 0), at(1, 5)];
    const covered = { covered: 6_000, source: 'Cost Explorer, 2025-04-28 to 2025-05-12' };
    const how = { class: 'schedule', changeId: 'chg-stop-0', commitments: covered } as const;
    const first = meter('mtr-a', box(1), evening, midnight, { ...how, addressPerHour: usd(0.005), addedCost: usd(0.02) });
    const second = meter('mtr-b', box(1), midnight, morning, { ...how, perHour: usd(0.05) });
    const bill: MeterCorrectedRow = {
      ...{
        kind: 'meter-corrected',
        at: at(2, 0),
        scope: box(1).scope,
        meterId: 'mtr-b',
        openedAt: midnight,
        resource: box(1),
        revision: 1,
      },
      ...{ finding: 'adjusted', perHour: usd(0.04), covered: 10_000, source: 'bill of 2025-05', detail: null },
    };
    const stop = settled(change({ id: 'chg-stop-0', causeAt: evening }), evening, 'done');
    const [action] = folded([...stop, ...first, ...second, bill]).actions;
    expect(action?.rows.map(([kind]) => kind)).toEqual([
      ...['claimed', 'settled', 'meter-opened', 'meter-closed'],
      ...['meter-opened', 'meter-corrected', 'meter-closed'],
    ]);
    // 7 h × ($0.107 + $0.005) − $0.02, and 5 h × $0.04 as the bill has it; at least 40 % of the first, and nothing of the second.
    expect(action).toMatchObject({ high: usd(0.784 - 0.02 + 0.2), low: usd(0.4 * 0.749 + 0.035 - 0.02) });
    const said = action?.rows.map(row => row.join(' ')) ?? [];
    expect(said[2]).toContain('commitments paid for 60 %, Cost Explorer, 2025-04-28 to 2025-05-12');
    expect(said[2]).toContain('address given back $0.005/h cost of the change $0.02');
    expect(said[5]).toContain('finding adjusted price $0.04/h commitments paid for 100 % source bill of 2025-05');
  });

  test('what AWS refused or failed is marked', () => {
    expect(data.actions.filter(a => a.bad).map(a => a.outcome)).toEqual([
      'failed, will be tried again',
      'failed, will be tried again',
      'failed, will be tried again',
    ]);
  });
});

describe('the file', () => {
  const data = folded([...weekOfTeams, ...evilRows]);
  const html = pageHtml(data, { script: 'void 0', style: 'a{}' });

  test('carries its data whole, and nothing that somebody wrote is markup', () => {
    const [, json = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
    expect(unpacked(JSON.parse(json))).toEqual(data);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/[\u2028\u2029\u202A-\u202E]/);
    // 256 characters of a tag are shown as 80.
    expect(data.names.team.find(name => name?.startsWith('evil'))).toHaveLength(80);
    expect(data.names.policy.some(name => name?.startsWith('=HYPERLINK'))).toBe(true);
    expect(EVIL.owner).toContain('</script>');
  });

  test('a title cannot end its element', () => {
    const named = pageHtml({ ...data, title: '</title><script>alert(1)</script>' }, { script: 'void 0', style: 'a{}' });
    expect(named.match(/<script/g)).toHaveLength(2);
    expect(named).toContain('<title>&#60;/title&#62;');
  });

  test('its policy allows its own script and style by their hash, and nothing else', () => {
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(html).toContain(
      `content="default-src 'none'; script-src ${hash('void 0')}; style-src ${hash('a{}')}; base-uri 'none'; form-action 'none'"`,
    );
  });

  test('an asset that would end its own element is refused', () => {
    expect(() => pageHtml(data, { script: 'x="</script>"', style: '' })).toThrow('end its own element');
    expect(() => pageHtml(data, { script: '', style: '</style>' })).toThrow('end its own element');
  });
});

test('a cell of a spreadsheet is never a formula, and reads back as it was', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '|cmd', '\uff1d1'])
    expect(csv(['x'], [[text]])).toMatch(/^x\r\n"?'/);
  expect(
    csv(
      ['a', 'b'],
      [
        ['plain', -1.5],
        ['a,"b"', null],
      ],
    ),
  ).toBe('a,b\r\nplain,-1.5\r\n"a,""b""",\r\n');
});
