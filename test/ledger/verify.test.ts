/** The ledger held against itself: each kind of finding is found, and a sound ledger has none. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rowKey } from '../../shared/ledger/keys.ts';
import { stopMeterId } from '../../shared/ledger/meters.ts';
import { seal } from '../../shared/ledger/seal.ts';
import { type Finding, verify } from '../../shared/ledger/verify.ts';
import type { LedgerRow, MeterClosedRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change, ChangeReason } from '../../shared/model/plan.ts';
import type { SealedLine, SealedRow } from '../../shared/model/sealed.ts';
import { addSeconds, DAY, HOUR } from '../../shared/model/time.ts';
import { at, box, closed, fleet, opened, scope } from './worked-examples.ts';

const evening = at('2025-05-12T18:00:00Z');
const morning = at('2025-05-13T06:00:00Z');
const week = { start: at('2025-05-12T00:00:00Z'), end: at('2025-05-19T00:00:00Z') };
const now = at('2025-05-16T00:00:00Z');

const offHours: ChangeReason = { code: 'off-hours', schedule: 'office', since: evening, until: null };
const change = (id: string, because: ChangeReason = offHours, hibernate = false) =>
  ({ id, resource: box, action: { kind: 'stop-instance', hibernate }, because, causeAt: evening, attempt: 1 }) as unknown as Change;
const claim = (of: Change): LedgerRow => ({ kind: 'claimed', at: evening, scope, change: of });
const done = (changeId: string): LedgerRow => ({
  ...{ kind: 'settled', at: evening, scope, changeId, causeAt: evening, outcome: 'done', requestId: 'req-1', detail: null },
});
const night = opened(stopMeterId('chg-1'), evening, { changeId: 'chg-1' });
const sound: LedgerRow[] = [claim(change('chg-1')), done('chg-1'), night, closed(night, morning)];

const codes = (rows: readonly LedgerRow[]) => verify(rows, week, now).findings.map(finding => finding.code);

function sealedDay(rows: readonly LedgerRow[]) {
  const sealing = seal(scope, new Map([['2025-05-12', 1]]), now);
  for (const row of rows.toSorted((a, b) => (rowKey(a).sk < rowKey(b).sk ? -1 : 1))) sealing.add(row);
  const [row] = sealing.sealed();
  if (row === undefined) throw new Error('not sealed');
  return row;
}

describe('verify', () => {
  test('finds nothing in a sound ledger, and says what it has read', () => {
    const { findings, checked, total } = verify([...sound, sealedDay(sound)], week, now);
    expect(findings).toEqual([]);
    expect(checked).toEqual({ rows: 4, meters: 1, changes: 1, sealedDays: 1 });
    expect(total.money?.realised.high).toBe(1_152_000); // 12 h × $0.096
  });

  test('finds a stop that no meter tells of, but for those that are not ours or not stopped yet', () => {
    expect(codes([claim(change('chg-1')), done('chg-1')])).toEqual(['no-meter']);
    const asked: ChangeReason = { code: 'asked', by: 'U1', via: 'slack', at: evening, why: null, lastFailure: null };
    expect(codes([claim(change('chg-1', asked)), done('chg-1')])).toEqual([]);
    expect(codes([claim(change('chg-1', offHours, true)), done('chg-1')])).toEqual([]);
  });

  test('finds meters and outcomes that nobody claimed', () => {
    expect(codes([night, closed(night, morning)])).toEqual(['no-claim']);
    expect(codes([done('chg-2')])).toEqual(['no-claim']);
  });

  test('finds a claim that nobody answered, once it has had a day', () => {
    expect(codes([claim(change('chg-1'))])).toEqual(['no-answer']);
    expect(verify([claim(change('chg-1'))], week, at('2025-05-13T17:00:00Z')).findings).toEqual([]);
  });

  test('finds a meter of a change that AWS did not take', () => {
    const refused = { ...done('chg-1'), outcome: 'refused' } as LedgerRow;
    expect(codes([claim(change('chg-1')), refused, night, closed(night, morning)])).toEqual(['not-done']);
  });

  test('finds a closing without its opening, and one before it', () => {
    expect(codes([closed(night, morning)])).toEqual(['no-opening']);
    expect(codes([...sound.slice(0, 3), closed(night, at('2025-05-12T17:00:00Z'))])).toEqual(['backwards']);
  });

  test('finds hours of one resource that two meters count, of whatever class', () => {
    const again = opened('mtr-2', at('2025-05-13T05:00:00Z'), {
      class: 'rightsize',
      baseline: { kind: 'ran', frozenAt: evening },
      changeId: null,
    });
    expect(codes([...sound, again])).toEqual(['overlap']);
    expect(codes([...sound, { ...again, at: morning }])).toEqual([]);
    expect(codes([...sound, { ...again, resource: fleet }])).toEqual([]);
  });

  test('finds a change that was metered twice', () => {
    const twin = opened('mtr-2', morning, { changeId: 'chg-1' });
    expect(codes([...sound, twin])).toEqual(['double']);
  });

  test('finds a sealed day that does not say what its rows say', () => {
    const sealed = sealedDay(sound);
    const [line] = sealed.lines;
    const forged = { ...sealed, lines: [{ ...line, realised: { low: '1', high: '999999999' } }] } as typeof sealed;
    expect(codes([...sound, forged])).toEqual(['sum-differs', 'sealed-differs'].toSorted());
    const counted = { ...sealed, counts: { ...sealed.counts, boomerangs: 7 } };
    expect(codes([...sound, counted])).toEqual(['sealed-differs']);
    const costly = { ...sealed, ownCost: { dispatch: { used: { 'lambda-runs': 1 }, cost: 9 } } };
    expect(codes([...sound, costly])).toEqual(['sealed-differs']);
  });

  test('finds nothing in a sealed day whose meter turned out to have ended before it was sealed', () => {
    const open = sound.slice(0, 3);
    const sealed = sealedDay(open);
    expect(sealed.running).toHaveLength(1);
    expect(codes([...sound, sealed])).toEqual([]);
  });
});

/** Days that are over, and what happened on each: a machine that was stopped for some hours, its night always within its own day. */
describe('any honest ledger', () => {
  const START = at('2025-05-12T00:00:00Z');
  const stopOf = (day: number, from: number, hours: number): LedgerRow[] => {
    const asleep = addSeconds(START, day * DAY + from * HOUR);
    const id = `chg-${day}`;
    const of = { ...change(id), causeAt: asleep };
    const meter = opened(stopMeterId(id), asleep, { changeId: id });
    const answered = { ...done(id), at: asleep, causeAt: asleep } as LedgerRow;
    return [{ kind: 'claimed', at: asleep, scope, change: of }, answered, meter, closed(meter, addSeconds(asleep, hours * HOUR))];
  };
  const honest = fc
    .uniqueArray(fc.tuple(fc.nat(3), fc.nat(11), fc.integer({ min: 1, max: 11 })), { selector: ([day]) => day, minLength: 1 })
    .map(stops => stops.flatMap(stop => stopOf(...stop)));
  const later = addSeconds(now, 2 * DAY);
  const found = (rows: readonly LedgerRow[]) => verify(rows, week, later).findings.map(({ code }) => code);

  test('is clean, in whatever order it is read', () => {
    fc.assert(
      fc.property(
        honest.chain(rows => fc.shuffledSubarray(rows, { minLength: rows.length })),
        rows => {
          expect(found(rows)).toEqual([]);
          expect(verify(rows, week, later).total).toEqual(verify(rows.toReversed(), week, later).total);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is no longer clean without any one of its rows but a closing, which leaves its meter open', () => {
    const missing = { claimed: ['no-claim', 'no-claim'], settled: ['no-answer'], 'meter-opened': ['no-meter', 'no-opening'] } as const;
    fc.assert(
      fc.property(honest, fc.nat(), (rows, nth) => {
        const without = rows[nth % rows.length] as LedgerRow;
        const kind = without.kind as keyof typeof missing;
        fc.pre(kind in missing);
        expect(found(rows.filter(row => row !== without)).toSorted()).toEqual([...missing[kind]]);
      }),
      { numRuns: 100 },
    );
  });

  test('is no longer clean when one meter is written twice under another name, or closed before it was opened', () => {
    fc.assert(
      fc.property(honest, fc.nat(), (rows, nth) => {
        const meters = rows.filter(row => row.kind === 'meter-opened');
        const meter = meters[nth % meters.length] as MeterOpenedRow;
        const twin = { ...meter, meterId: `${meter.meterId}-again` };
        const closing = rows.find(row => row.kind === 'meter-closed' && row.meterId === meter.meterId) as LedgerRow;
        const again = [...rows, twin, { ...closing, meterId: twin.meterId } as LedgerRow];
        expect(found(again).toSorted()).toEqual(['double', 'overlap']);
        const early = { ...closing, at: addSeconds(meter.at, -1) } as LedgerRow;
        expect(found(rows.map(row => (row === closing ? early : row)))).toEqual(['backwards']);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a finding', () => {
  const end = addSeconds(evening, 1);
  const refused = { ...done('chg-1'), outcome: 'refused' } as LedgerRow;
  const early = closed(night, at('2025-05-12T17:00:00Z'));
  const named = { resource: box, changeId: 'chg-1' };
  const corrected: LedgerRow = {
    ...{ kind: 'meter-corrected', at: morning, scope, meterId: night.meterId, openedAt: evening, resource: box, revision: 1 },
    ...{ finding: 'verified', perHour: null, covered: null, source: 'bill of 2025-05', detail: null },
  };
  const faults: readonly (readonly [string, Finding, readonly LedgerRow[]])[] = [
    ['a stop without a meter', { code: 'no-meter', at: evening, ...named }, [claim(change('chg-1')), done('chg-1')]],
    ['a meter without a claim', { code: 'no-claim', at: evening, what: 'a meter', ...named }, [night, closed(night, morning)]],
    [
      'an outcome without a claim',
      { code: 'no-claim', at: evening, what: 'an outcome', resource: null, changeId: 'chg-2' },
      [done('chg-2')],
    ],
    ['a claim without an answer', { code: 'no-answer', at: evening, ...named }, [claim(change('chg-1'))]],
    [
      'a meter of what was refused',
      { code: 'not-done', at: evening, outcome: 'refused', ...named },
      [claim(change('chg-1')), refused, night, closed(night, morning)],
    ],
    ['a closing without its opening', { code: 'no-opening', at: morning, resource: box, meterId: night.meterId }, [closed(night, morning)]],
    ['a correction without its opening', { code: 'no-opening', at: morning, resource: box, meterId: night.meterId }, [corrected]],
    [
      'a closing before its opening',
      { code: 'backwards', at: early.at, resource: box, meterId: night.meterId },
      [...sound.slice(0, 3), early],
    ],
  ];

  test.each(faults)('%s is told in the window of its instant alone', (_, finding, rows) => {
    expect(verify(rows, { start: evening, end }, now).findings).toEqual([finding]);
    expect(verify(rows, { start: end, end: week.end }, now).findings).toEqual([]);
    expect(verify(rows, { start: week.start, end: evening }, now).findings).toEqual([]);
  });

  test('comes in order of time, whatever it is about', () => {
    const later = opened('mtr-late', at('2025-05-14T18:00:00Z'));
    const rows = [later, closed(later, at('2025-05-15T06:00:00Z')), done('chg-0'), claim(change('chg-1')), closed(night, morning)];
    expect(verify(rows, week, now).findings.map(({ at: when, code }) => `${when} ${code}`)).toEqual([
      ...['2025-05-12T18:00:00Z no-answer', '2025-05-12T18:00:00Z no-claim'],
      ...['2025-05-13T06:00:00Z no-opening', '2025-05-14T18:00:00Z no-claim'],
    ]);
  });

  test('is not made of a start without a meter, of a correction, of a meter that no change opened, nor of an answer that is a day away', () => {
    const start = { ...change('chg-1'), action: { kind: 'start-instance' } } as Change;
    expect(codes([claim(start), done('chg-1')])).toEqual([]);
    expect(codes([...sound, { ...corrected, at: at('2025-05-12T17:00:00Z') }])).toEqual([]);
    expect(codes([{ ...night, changeId: null }, closed(night, morning)])).toEqual([]);
    expect(codes([claim(change('chg-1')), refused])).toEqual([]);
    expect(codes([...sound.slice(0, 3), closed(night, evening)])).toEqual([]);
    const asked = [claim(change('chg-1'))];
    expect(verify(asked, week, addSeconds(evening, DAY - 1)).findings).toEqual([]);
    expect(verify(asked, week, addSeconds(evening, DAY)).findings).toHaveLength(1);
  });
});

describe('hours that are counted twice', () => {
  const free = { changeId: null };
  const hours = (id: string, from: string, to: string, rest: Partial<MeterOpenedRow> = {}) => {
    const meter = opened(id, at(`2025-05-14T${from}:00Z`), { ...free, ...rest });
    return [meter, closed(meter, at(`2025-05-14T${to}:00Z`))];
  };

  test('are told by the meter that comes second and the longest before it', () => {
    const rows = [...hours('mtr-c', '15:00', '16:00'), ...hours('mtr-b', '11:00', '12:00'), ...hours('mtr-a', '10:00', '18:00')];
    expect(verify(rows, week, now).findings).toEqual([
      { code: 'overlap', at: at('2025-05-14T11:00:00Z'), resource: box, meterId: 'mtr-b', other: 'mtr-a' },
      { code: 'overlap', at: at('2025-05-14T15:00:00Z'), resource: box, meterId: 'mtr-c', other: 'mtr-a' },
    ]);
    const chain = [...hours('mtr-a', '10:00', '12:00'), ...hours('mtr-b', '11:00', '14:00'), ...hours('mtr-c', '13:00', '15:00')];
    expect(verify(chain, week, now).findings).toMatchObject([{ meterId: 'mtr-b' }, { meterId: 'mtr-c', other: 'mtr-b' }]);
    const tied = [...hours('mtr-a', '10:00', '14:00'), ...hours('mtr-b', '11:00', '14:00'), ...hours('mtr-c', '13:00', '15:00')];
    expect(verify(tied, week, now).findings).toMatchObject([{ other: 'mtr-a' }, { meterId: 'mtr-c', other: 'mtr-a' }]);
  });

  test('are none where one ends as the next begins, where one counts nothing, nor on either side of the window', () => {
    expect(codes([...hours('mtr-a', '10:00', '12:00'), ...hours('mtr-b', '12:00', '14:00')])).toEqual([]);
    expect(codes([...hours('mtr-a', '10:00', '12:00'), ...hours('mtr-b', '11:00', '11:00')])).toEqual([]);
    const rows = [...hours('mtr-a', '10:00', '12:00'), ...hours('mtr-b', '11:00', '14:00')];
    const found = (start: string, end: string) =>
      verify(rows, { start: at(`2025-05-14T${start}:00Z`), end: at(`2025-05-14T${end}:00Z`) }, now).findings.length;
    expect([found('10:00', '11:00'), found('11:30', '11:40'), found('12:00', '14:00')]).toEqual([0, 1, 0]);
  });

  test('may be of one change where a group is metered day by day, and where the type was changed in one sleep, once or twice', () => {
    const change1 = { changeId: 'chg-1' };
    const rows = (...meters: readonly LedgerRow[][]) => codes([claim(change('chg-1')), done('chg-1'), ...meters.flat()]);
    const twins = (rest: Partial<MeterOpenedRow>) =>
      rows(hours('mtr-a', '10:00', '11:00', { ...change1, ...rest }), hours('mtr-b', '12:00', '13:00', { ...change1, ...rest }));
    expect(twins({})).toEqual(['double']);
    expect(twins({ class: 'scale-in', resource: fleet })).toEqual([]);
    expect(twins({ class: 'rightsize', baseline: { kind: 'ran', frozenAt: evening } })).toEqual([]);
    const until = (why: MeterClosedRow['why'], of: readonly LedgerRow[]) =>
      of.map(row => (row.kind === 'meter-closed' ? { ...row, why } : row));
    const first = hours('mtr-a', '10:00', '11:00', change1);
    const smaller = hours('mtr-b', '11:00', '12:00', { ...change1, perHour: usd(0.05) });
    const asBefore = hours('mtr-c', '12:00', '13:00', change1);
    expect(rows(until('type-changed', first), smaller)).toEqual([]);
    expect(rows(until('type-changed', first), until('type-changed', smaller), asBefore)).toEqual([]);
    expect(rows(until('type-changed', first), until('started-by-us', smaller), asBefore)).toEqual(['double']);
    expect(rows(until('type-changed', first), asBefore)).toEqual(['double']);
  });

  test('of one change are told as what came second', () => {
    const [first, second] = [
      hours('mtr-a', '10:00', '11:00', { changeId: 'chg-1' }),
      hours('mtr-b', '12:00', '13:00', { changeId: 'chg-1' }),
    ];
    expect(verify([claim(change('chg-1')), done('chg-1'), ...first, ...second], week, now).findings).toEqual([
      { code: 'double', at: at('2025-05-14T12:00:00Z'), resource: box, changeId: 'chg-1' },
    ]);
  });
});

describe('a sealed day', () => {
  const sealed = sealedDay(sound);
  const differs = { code: 'sealed-differs', at: now, day: '2025-05-12', revision: 1 } as const;

  test('is held against its rows by its latest revision, and only in the window that it lies in', () => {
    const forged = { ...sealed, counts: { ...sealed.counts, boomerangs: 7 } };
    expect(verify([...sound, forged], week, now).findings).toEqual([differs]);
    expect(codes([...sound, { ...sealed, revision: 2 }, forged])).toEqual([]);
    expect(verify([...sound, sealed, { ...forged, revision: 2 }], week, now).findings).toEqual([{ ...differs, revision: 2 }]);
    expect(verify([...sound, forged, { ...sealed, revision: 2 }], week, now).checked).toMatchObject({ rows: 4, sealedDays: 1 });
    expect(verify([...sound, forged], { ...week, start: at('2025-05-13T00:00:00Z') }, now).findings).toEqual([]);
    expect(verify([...sound, forged], { ...week, end: at('2025-05-12T00:00:00Z') }, now).findings).toEqual([]);
  });

  test('says the same in whatever order its attributes and lines come back', () => {
    const other = { ...box, id: 'i-0fedcba9876543210' };
    const second = opened('mtr-2', evening, { resource: other, owner: null, changeId: null });
    const rows = [...sound, second, closed(second, morning)];
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned).toReversed()
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .map(([key, part]) => [key, turned(part)] as const)
                .toReversed(),
            )
          : value;
    expect(sealedDay(rows).lines).toHaveLength(2);
    expect(codes([...rows, turned(sealedDay(rows)) as SealedRow])).toEqual([]);
  });

  test.each(['low', 'high'] as const)('whose %s bound is another makes another sum', bound => {
    const [line] = sealed.lines as [SealedLine];
    const lines = [{ ...line, realised: { ...line.realised, [bound]: '7' } }];
    expect(verify([...sound, { ...sealed, lines }], week, now).findings).toEqual([differs, { code: 'sum-differs', at: now }]);
  });

  test('differs when it forgets a running meter, or was sealed over a claim without an answer', () => {
    const running = sealedDay(sound.slice(0, 3));
    expect(codes([...sound.slice(0, 3), { ...running, running: [] }])).toContain('sealed-differs');
    expect(codes([...sound, claim({ ...change('chg-3'), action: { kind: 'start-instance' } }), sealed]).toSorted()).toEqual([
      'no-answer',
      'sealed-differs',
    ]);
  });

  test('is folded from meters that were opened as long before as credit lasts', () => {
    const small = opened('mtr-small', at('2025-04-07T12:00:00Z'), {
      ...{ class: 'rightsize', baseline: { kind: 'ran', frozenAt: evening }, changeId: null },
    });
    const day = sealedDay([small]);
    expect(day.lines).toMatchObject([{ class: 'rightsize', resized: String(12 * HOUR) }]);
    expect(codes([small, day])).toEqual([]);
  });
});
