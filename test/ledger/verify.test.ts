/** The ledger held against itself: each kind of finding is found, and a sound ledger has none. */
import { describe, expect, test } from '@jest/globals';
import { rowKey } from '../../shared/ledger/keys.ts';
import { stopMeterId } from '../../shared/ledger/meters.ts';
import { seal } from '../../shared/ledger/seal.ts';
import { verify } from '../../shared/ledger/verify.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { Change, ChangeReason } from '../../shared/model/plan.ts';
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
