/** When the meter of a stop opens, and what the stop itself costs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stopMeterId } from '../../shared/ledger/meters.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds } from '../../shared/model/time.ts';
import { lateTestimonies } from '../../shared/runtime/heal.ts';
import { metersStop, stopMeter } from '../../shared/runtime/stop-meter.ts';
import { witness } from '../../shared/runtime/witness.ts';
import { at, box, scope, unknownBaseline } from '../ledger/worked-examples.ts';

const evening = at('2025-05-14T19:00:00Z');
const after = (seconds: number) => addSeconds(evening, seconds);

const receipt = (change: Partial<Change> = {}): Receipt => ({
  change: {
    ...{
      id: 'chg-1',
      resource: box,
      action: { kind: 'stop-instance', hibernate: true },
      causeAt: evening,
      policy: 'dev-test',
      owner: null,
    },
    because: { code: 'off-hours', schedule: 'office', since: evening, until: null },
    expects: { launchedAt: at('2025-05-14T07:00:00Z') },
    saving: { perHour: usd(0.0416), priceSource: 'list price', addressPerHour: usd(0.005), charge: usd(0.48) },
    ...change,
  } as Change,
  ...{ outcome: 'done', at: evening, requestId: 'req-1', detail: null },
});

describe('the meter of a stop', () => {
  test('carries what the stop gives back and what it is charged, to the team of its tag', () => {
    expect(stopMeter(receipt({ team: 'payments' }), null, 'none')).toMatchObject({
      ...{ meterId: stopMeterId('chg-1'), at: evening, class: 'schedule', perHour: 41_600, addressPerHour: 5_000, addedCost: 480_000 },
      ...{ team: 'payments', baseline: { kind: 'unknown', why: 'not-read-yet' } },
    });
  });

  test('of a box that ran for twenty seconds is charged the forty that a start costs at least', () => {
    const short = receipt({ expects: { launchedAt: after(-20) } });
    expect(stopMeter(short, null, 'none').addedCost).toBe(480_000 + 462); // 40 s × $0.0416/h = 462.2 micro-dollars
  });

  test('is none where a person asked for it', () => {
    expect(metersStop(receipt())).toBe(true);
    expect(metersStop(receipt({ because: { code: 'asked', by: 'U1', via: 'slack', at: evening, why: null, lastFailure: null } }))).toBe(
      false,
    );
    expect(metersStop({ ...receipt(), outcome: 'already-so' })).toBe(false);
  });
});

test('whatever a stop gives back, its meter says that and no more, and what the change cost is never less than was charged', () => {
  const saving = fc.record({
    perHour: fc.option(fc.integer({ min: 0, max: 40_000_000 })),
    ...{ charge: fc.nat(2_000_000), addressPerHour: fc.constantFrom(0, 5_000), ran: fc.oneof(fc.nat(90), fc.nat(90_000)) },
    covered: fc.option(fc.nat(10_000)),
  });
  fc.assert(
    fc.property(
      saving,
      fc.constantFrom('none' as const, 'unknown' as const),
      ({ perHour, charge, addressPerHour, ran, covered }, declared) => {
        const coverage = covered === null ? null : { covered, source: 'Cost Explorer' };
        const terms = {
          perHour,
          priceSource: perHour === null ? null : 'list price',
          charge,
          addressPerHour,
          ...(coverage && { coverage }),
        };
        const told = receipt({ saving: terms as unknown as Change['saving'], expects: { launchedAt: after(-ran) } });
        const row = stopMeter(told, null, declared);
        expect(row).toMatchObject({ at: evening, running: 0, perHour, addressPerHour, commitments: coverage ?? declared });
        expect(stopMeter(told, null, declared)).toEqual(row);
        // EC2 bills the first minute whole: 60 s at the price of an hour, less what it ran
        const rest = ran >= 60 || perHour === null ? 0 : (perHour * (60 - ran)) / 3600;
        expect(Math.abs(row.addedCost - charge - rest)).toBeLessThanOrEqual(0.5);
      },
    ),
    { numRuns: 200 },
  );
});

describe('hibernation', () => {
  const opens = stopMeter(receipt(), null, 'none');
  const going: InstanceMemory = {
    ...{ enrolledAt: at('2025-05-01T00:00:00Z'), baseline: unknownBaseline, start: null, failedStop: null },
    stop: { changeId: 'chg-1', at: evening, because: 'off-hours', meterId: opens.meterId, opens },
  };
  const sees = (memory: InstanceMemory, state: 'stopping' | 'stopped' | 'running' | 'terminated', seconds: number) =>
    witness(memory, { resource: box, state, at: after(seconds) });

  test('is billed until it is over: the meter opens at `stopped`, and closes under the day it was opened', () => {
    expect(sees(going, 'stopping', 1)).toEqual({ rows: [], next: going });
    const asleep = sees(going, 'stopped', 150);
    expect(asleep.rows).toEqual([{ ...opens, at: after(150) }]);
    expect(asleep.next?.stop).toEqual({
      changeId: 'chg-1',
      at: evening,
      because: 'off-hours',
      meterId: opens.meterId,
      meterAt: after(150),
    });
    const [closing] = sees(asleep.next as InstanceMemory, 'running', 3600).rows;
    expect(closing).toMatchObject({ kind: 'meter-closed', meterId: opens.meterId, openedAt: after(150), at: after(3600) });
    expect(sees(asleep.next as InstanceMemory, 'stopped', 150)).toEqual({ rows: [], next: asleep.next });
  });

  test('that nobody saw end opens no meter, and closes none', () => {
    expect(sees(going, 'running', 300).rows.map(row => row.kind)).toEqual(['noted']);
    expect(sees(going, 'terminated', 300).rows.map(row => row.kind)).toEqual(['noted']);
  });

  test('that is seen over a moment after somebody has started it saves nothing, and never less', () => {
    const asleep = sees(going, 'stopped', 150).next as InstanceMemory;
    expect(sees(asleep, 'running', 148).rows).toMatchObject([
      { kind: 'meter-closed', openedAt: after(150), at: after(150) },
      { kind: 'noted' },
    ]);
  });

  test('whose end was not told begins to save when it is seen asleep, and no second before', () => {
    const seen = { ref: box, state: 'stopped', launchedAt: at('2025-05-14T07:00:00Z'), stoppedAt: evening } as never;
    const memory = new Map([[box.id, going]]);
    expect(lateTestimonies(memory, [seen], true, { at: after(1800), seenAt: after(1801), scope })).toEqual([
      { resource: box, state: 'stopped', at: after(1801) },
    ]);
  });
});
