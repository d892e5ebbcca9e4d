import { describe, expect, test } from '@jest/globals';
import { statement } from '../../shared/ledger/statement.ts';
import type { LedgerRow, NotedRow } from '../../shared/model/ledger.ts';
import { dollars } from '../../shared/model/money.ts';
import type { ActionKind, Change } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import { HOUR } from '../../shared/model/time.ts';
import { at, box, closed, type Example, examples, fleet, opened, ran, scope, unknownBaseline } from './worked-examples.ts';

const of = ({ rows, window, at: now }: Example) => statement(rows, window, now);
const hours = (seconds: number) => seconds / HOUR;
const said = (example: Example) => {
  const { money } = of(example).total;
  return money && [dollars(money.total.low), dollars(money.total.high)];
};

describe('worked examples', () => {
  test('A: a month of nights and weekends asleep is 513 h × ($0.096 + $0.005) = $51.81, without the disk that bills on', () => {
    expect(hours(of(examples.A).total.avoidedSeconds)).toBe(513);
    expect(of(examples.A).total.money?.total).toEqual({ low: 51_813_000, high: 51_813_000 });
    expect(said(examples.A)).toEqual(['$51.81', '$51.81']);
  });

  test('B: where a Savings Plan has paid for the hours, only the address is sure: $2.57 to $51.81', () => {
    expect(said(examples.B)).toEqual(['$2.57', '$51.81']);
    expect(of(examples.B).total).toMatchObject({ grades: { B: 22 }, money: { headline: 2_565_000 } });
  });

  test('C: where owners had it off 60 % of these hours, only the other 40 % are ours: $19.70', () => {
    expect(hours(of(examples.C).total.avoidedSeconds)).toBeCloseTo(205.2, 10);
    expect(of(examples.C).total.money?.total.low).toBe(19_699_200);
    expect(said(examples.C)).toEqual(['$19.70', '$19.70']);
  });

  test('D: Windows is counted at the rate of Windows: $43.91', () => {
    expect(said(examples.D)).toEqual(['$43.91', '$43.91']);
  });

  test('E: surplus credits are charged at the stop, and what is left of a night is ten cents', () => {
    expect(of(examples.E).total.money?.total).toEqual({ low: 102_400, high: 102_400 });
    expect(said(examples.E)).toEqual(['$0.10', '$0.10']);
  });

  test('F: a box that was forgotten earns 30 days and then nothing more: $69.12', () => {
    expect(said(examples.F)).toEqual(['$69.12', '$69.12']);
    expect(of(examples.F).meters[0]).toMatchObject({ state: 'credit-ended', closedAt: null });
  });

  test('G: hours that a fleet ran above its baseline are subtracted: (600 − 60) × $0.096 = $51.84', () => {
    expect(hours(of(examples.G).total.avoidedSeconds)).toBe(540);
    expect(said(examples.G)).toEqual(['$51.84', '$51.84']);
  });

  test('H: what we cost ourselves is shown and subtracted: $51.81 − $3.46 = $48.36', () => {
    const { ownCost, net } = of(examples.H);
    expect([dollars(ownCost.cost), net && dollars(net.low), ownCost.days]).toEqual(['$3.46', '$48.36', 1]);
    expect(ownCost.used).toEqual({ 'metrics-read': 345_600 });
  });
});

describe('what is not known', () => {
  test('with commitments unknown a saving is a range from $0', () => {
    expect(said(examples['A, commitments unknown'])).toEqual(['$0.00', '$49.25']);
    expect(of(examples['A, commitments unknown']).total.grades).toEqual({ A: 0, B: 0, C: 22, D: 0, 'hours-only': 0 });
  });

  test('with commitments unknown hours that we added count in full in both bounds', () => {
    expect(said(examples['G, commitments unknown'])).toEqual(['−$5.76', '$51.84']);
  });

  test('without a price there are hours and no money: never $0', () => {
    const { total, priceSources } = of(examples['A, price unknown']);
    expect(total).toMatchObject({ avoidedSeconds: 513 * HOUR, unpricedSeconds: 513 * HOUR, asleepSeconds: 0, money: null });
    expect(priceSources).toEqual([]);
  });

  test('without a baseline an instance lay asleep, but nothing is said to be avoided', () => {
    const { total, meters } = of(examples['A, baseline unknown']);
    expect(total).toMatchObject({ avoidedSeconds: 0, asleepSeconds: 513 * HOUR, money: null });
    expect(meters.every(meter => meter.grade === 'hours-only' && meter.baseline === 'unknown')).toBe(true);
  });

  test('of a fleet without a baseline not even the hours are known', () => {
    const meter = opened('mtr-1', at('2025-09-01T00:00:00Z'), { resource: fleet, class: 'scale-in', baseline: unknownBaseline });
    const window = { start: at('2025-09-01T00:00:00Z'), end: at('2025-09-02T00:00:00Z') };
    expect(statement([meter], window, window.end).total).toMatchObject({ avoidedSeconds: 0, asleepSeconds: 0, money: null });
  });

  test('a baseline that does not name every hour of the week is a bug, not a zero', () => {
    const meter = opened('mtr-1', at('2025-09-01T00:00:00Z'), { baseline: { ...ran(4, 4), runs: [1, 2, 3] } as typeof meter.baseline });
    const window = { start: at('2025-09-01T00:00:00Z'), end: at('2025-09-02T00:00:00Z') };
    expect(() => statement([meter], window, window.end)).toThrow('hour 3 of the week');
  });

  test('an empty window is a known nothing: $0', () => {
    const window = { start: at('2025-09-01T00:00:00Z'), end: at('2025-09-02T00:00:00Z') };
    expect(statement([], window, window.end).total).toMatchObject({ meters: 0, money: { total: { low: 0, high: 0 } } });
  });
});

describe('a day of two boxes and a fleet', () => {
  const day = { start: at('2025-09-03T00:00:00Z'), end: at('2025-09-04T00:00:00Z') };
  const other = { ...box, id: 'i-0fedcba9876543210', name: null };
  const night = opened('mtr-night', at('2025-09-02T18:00:00Z'));
  const evening = opened('mtr-evening', at('2025-09-03T18:00:00Z'));
  const idle = opened('mtr-idle', at('2025-09-03T10:00:30Z'), { resource: other, class: 'idle-stop', owner: null, policy: 'idle-boxes' });
  const thin = opened('mtr-thin', at('2025-09-03T00:00:00Z'), {
    resource: fleet,
    class: 'scale-in',
    running: 3,
    policy: 'web',
    baseline: ran(16, 4),
  });
  const rows: LedgerRow[] = [
    night,
    closed(night, at('2025-09-03T08:00:00Z')),
    evening,
    closed(evening, at('2025-09-04T08:00:00Z')),
    idle,
    closed(idle, at('2025-09-03T10:30:30Z'), 'started-by-someone'),
    thin,
    closed(thin, at('2025-09-04T00:00:00Z'), 'day-ended'),
  ];

  test('what is closed is realised, what still sleeps is open, and what comes later is not known yet', () => {
    const midday = statement(rows, day, at('2025-09-03T12:00:00Z'));
    // 8 h of the night and half an hour of the idle box are closed: 8.5 × .096 = .816; 12 h of one member less are open: 1.152
    expect(midday.total.money).toEqual({
      realised: { low: 816_000, high: 816_000 },
      open: { low: 1_152_000, high: 1_152_000 },
      total: { low: 1_968_000, high: 1_968_000 },
      claimed: { low: 1_968_000, high: 1_968_000 },
      headline: 1_968_000,
    });
    expect(midday.meters.map(meter => [meter.meterId, meter.state, meter.why])).toEqual([
      ['mtr-night', 'closed', 'started-by-us'],
      ['mtr-thin', 'open', null],
      ['mtr-idle', 'closed', 'started-by-someone'],
    ]);
  });

  test('a day later all of it is realised, and the window still ends at midnight', () => {
    const later = statement(rows, day, at('2025-09-05T00:00:00Z'));
    // 8 h + 6 h + 0.5 h + 24 h = 38.5 h × .096 = 3.696
    expect(later.total).toMatchObject({ meters: 4, avoidedSeconds: 38.5 * HOUR, grades: { B: 4 } });
    expect(later.total.money).toMatchObject({ realised: { low: 3_696_000 }, open: { low: 0 } });
  });

  test('what closes at the very instant of the statement is closed, and says when and why', () => {
    const lines = statement(rows, day, day.end).meters;
    expect(lines.find(line => line.meterId === 'mtr-thin')).toMatchObject({ state: 'closed', closedAt: day.end, why: 'day-ended' });
    expect(statement(rows, day, at('2025-09-03T23:59:59Z')).meters.find(line => line.meterId === 'mtr-thin')).toMatchObject({
      ...{ state: 'open', closedAt: null, why: null },
    });
  });

  test('every way of cutting it adds up to the total', () => {
    const { total, byResource, byClass, byPolicy, byOwner, meters } = statement(rows, day, day.end);
    for (const lines of [byResource, byClass, byPolicy, byOwner, meters]) {
      expect(lines.reduce((sum, line) => sum + line.avoidedSeconds, 0)).toBe(total.avoidedSeconds);
      expect(lines.reduce((sum, line) => sum + (line.money?.total.high ?? 0), 0)).toBe(total.money?.total.high);
    }
    expect(byResource.map(line => [line.resource.id, hours(line.avoidedSeconds)])).toEqual([
      ['web-asg', 24],
      ['i-0a1b2c3d4e5f60718', 14],
      ['i-0fedcba9876543210', 0.5],
    ]);
    expect(byClass.map(line => line.class)).toEqual(['idle-stop', 'scale-in', 'schedule']);
    expect(byPolicy.map(line => line.policy)).toEqual(['dev-test', 'idle-boxes', 'web']);
    expect(byOwner.map(line => line.owner)).toEqual([null, 'team-a@example.com']);
  });

  test('somebody who wants it back within the hour is a boomerang', () => {
    expect(statement(rows, day, day.end).events.boomerangs).toBe(1);
    const patient = rows.map(row =>
      row.kind === 'meter-closed' && row.meterId === 'mtr-idle' ? { ...row, at: at('2025-09-03T11:00:31Z') } : row,
    );
    expect(statement(patient, day, day.end).events.boomerangs).toBe(0);
  });

  test('a schedule earns nothing for a box that was not started for 14 days', () => {
    const holiday = opened('mtr-holiday', at('2025-09-01T00:00:00Z'));
    const window = { start: at('2025-09-01T00:00:00Z'), end: at('2025-10-01T00:00:00Z') };
    expect(hours(statement([holiday], window, window.end).total.avoidedSeconds)).toBe(14 * 24);
    expect(statement([holiday], window, at('2025-09-14T23:59:59Z')).meters[0]?.state).toBe('open');
    expect(statement([holiday], window, at('2025-09-15T00:00:00Z')).meters[0]?.state).toBe('credit-ended');
    expect(statement([holiday], { start: at('2025-09-15T00:00:00Z'), end: window.end }, window.end).meters).toEqual([]);
  });
});

describe('the end of credit', () => {
  const holiday = opened('mtr-holiday', at('2025-09-01T00:00:00Z'));
  const end = at('2025-09-15T00:00:00Z');
  const window = { start: at('2025-09-01T00:00:00Z'), end: at('2025-10-01T00:00:00Z') };
  const stateOf = (closing: string) => statement([holiday, closed(holiday, at(closing))], window, window.end).meters[0]?.state;

  test('is what ended a meter that was closed only later', () => {
    expect(stateOf('2025-09-14T23:59:59Z')).toBe('closed');
    expect(stateOf(end)).toBe('closed');
    expect(stateOf('2025-09-15T00:00:01Z')).toBe('credit-ended');
  });
});

describe('events', () => {
  const window = { start: at('2025-09-03T00:00:00Z'), end: at('2025-09-04T00:00:00Z') };
  const when = at('2025-09-03T08:00:00Z');
  const change = (id: string, kind: ActionKind) =>
    ({ id, resource: box, action: { kind }, causeAt: when, attempt: 1, policy: 'dev-test', owner: null }) as unknown as Change;
  const claim = (id: string, kind: ActionKind): LedgerRow => ({ kind: 'claimed', at: when, scope, change: change(id, kind) });
  const settle = (changeId: string, outcome: Outcome, settledAt = when): LedgerRow => ({
    kind: 'settled',
    at: settledAt,
    scope,
    changeId,
    causeAt: when,
    outcome,
    requestId: null,
    detail: null,
  });
  const note = (what: NotedRow['what'], id: string = box.id): LedgerRow => ({
    kind: 'noted',
    at: when,
    scope,
    resource: { ...box, id },
    what,
    detail: null,
  });
  const rows = [
    claim('chg-1', 'stop-instance'),
    settle('chg-1', 'done'),
    claim('chg-2', 'start-instance'),
    settle('chg-2', 'failed'),
    claim('chg-3', 'start-instance'),
    settle('chg-3', 'done'),
    claim('chg-4', 'set-desired-capacity'),
    settle('chg-5', 'done'),
    { kind: 'proposed', at: when, scope, change: change('chg-6', 'stop-instance') } satisfies LedgerRow,
    note('start-failed'),
    note('stopped-by-someone', 'i-0fedcba9876543210'),
  ];

  test('changes are counted by kind and outcome, proposals are worth $0, and a claim without an answer stays a question', () => {
    const { events, total } = statement(rows, window, window.end);
    expect(events).toEqual({
      changes: {
        'start-instance': { done: 1, failed: 1 },
        'stop-instance': { done: 1 },
        unclaimed: { done: 1 },
      },
      unsettled: 1,
      proposed: { 'stop-instance': 1 },
      boomerangs: 0,
      failedStarts: 2,
      noted: { 'start-failed': 1, 'stopped-by-someone': 1 },
    });
    expect(total.money?.total).toEqual({ low: 0, high: 0 });
  });

  test('rows that are met twice count once', () => {
    expect(statement([...rows, ...rows], window, window.end)).toEqual(statement(rows, window, window.end));
  });

  test('an answer that came after the instant of the statement is not known yet', () => {
    const late = [claim('chg-1', 'stop-instance'), settle('chg-1', 'done', at('2025-09-03T08:00:05Z'))];
    expect(statement(late, window, when).events).toMatchObject({ unsettled: 1, changes: {} });
    expect(statement(late, window, at('2025-09-03T08:00:05Z')).events).toMatchObject({ unsettled: 0 });
  });
});
