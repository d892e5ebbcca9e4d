import { describe, expect, test } from '@jest/globals';
import { daysBetween, rowKey } from '../../shared/ledger/keys.ts';
import { closeMeter, fleetMeterId, openFleetMeter, openStopMeter, stopMeterId } from '../../shared/ledger/meters.ts';
import type { MeterCorrectedRow, OwnCostRow } from '../../shared/model/ledger.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change, ChangeReason } from '../../shared/model/plan.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import type { SealedRow } from '../../shared/model/sealed.ts';
import { at, box, fleet, ran, scope } from './worked-examples.ts';

const evening = at('2025-05-14T19:00:00Z');
const terms = {
  baseline: ran(4, 4),
  price: { perHour: usd(0.096), source: 'list price of 2025-04-04 (table)' },
  commitments: 'none',
  team: null,
} as const;
const offHours: ChangeReason = { code: 'off-hours', schedule: 'office', since: evening, until: null };
const idle: ChangeReason = { code: 'idle', cpuMax: 1.8, threshold: 5, window: { start: evening, end: evening }, coverage: 1 };

const stopped = (because: ChangeReason = offHours, rest: Partial<Receipt> = {}): Receipt => ({
  change: {
    id: 'chg-1',
    resource: box,
    action: { kind: 'stop-instance', hibernate: false },
    because,
    causeAt: evening,
    policy: 'dev-test',
    owner: 'team-a@example.com',
  } as Change,
  outcome: 'done',
  at: at('2025-05-14T19:00:07Z'),
  requestId: null,
  detail: null,
  ...rest,
});

describe('a meter', () => {
  test('opens when EC2 took the stop, not when the schedule asked for it, on the terms of that second', () => {
    expect(openStopMeter(stopped(), terms)).toEqual({
      kind: 'meter-opened',
      at: '2025-05-14T19:00:07Z',
      scope,
      meterId: stopMeterId('chg-1'),
      resource: box,
      class: 'schedule',
      running: 0,
      perHour: 96_000,
      priceSource: 'list price of 2025-04-04 (table)',
      billedAs: null,
      commitments: 'none',
      addressPerHour: 0,
      addedCost: 0,
      baseline: terms.baseline,
      changeId: 'chg-1',
      policy: 'dev-test',
      owner: 'team-a@example.com',
      team: 'team-a@example.com',
    });
    const deadline: ChangeReason = { code: 'tag-deadline', missing: ['owner'], deadline: evening };
    expect(openStopMeter(stopped(deadline), { ...terms, team: 'payments' })).toMatchObject({ class: 'tags', team: 'payments' });
    expect(openStopMeter(stopped(idle), { ...terms, price: null })).toMatchObject({ class: 'idle-stop', perHour: null, priceSource: null });
  });

  test('of a stop has a name of its own, the same each time it is told', () => {
    expect(stopMeterId('chg-1')).toMatch(/^mtr-[0-9a-f]+$/);
    expect(stopMeterId('chg-1')).toBe(stopMeterId('chg-1'));
    expect(stopMeterId('chg-2')).not.toBe(stopMeterId('chg-1'));
  });

  test('is not opened by anything but a stop of ours that was done', () => {
    expect(() => openStopMeter(stopped(offHours, { outcome: 'already-so' }), terms)).toThrow('opens no meter');
    const start = stopped();
    const started = { ...start, change: { ...start.change, action: { kind: 'start-instance' } } as Change };
    expect(() => openStopMeter(started, terms)).toThrow('opens no meter');
    expect(() => openStopMeter(stopped({ code: 'tags-completed', markedAt: evening }), terms)).toThrow('not argued from tags-completed');
  });

  test('of a fleet is its own for every instant, group and scope', () => {
    const reading = { fleet, at: evening, running: 3, changeId: null, policy: 'web', owner: null };
    expect(openFleetMeter(reading, terms)).toMatchObject({ class: 'scale-in', running: 3, resource: fleet, changeId: null, at: evening });
    expect(openFleetMeter(reading, { ...terms, team: 'web' }).team).toBe('web');
    expect(openFleetMeter({ ...reading, owner: 'team-a@example.com' }, terms).team).toBe('team-a@example.com');
    const ids = [
      fleetMeterId(fleet, evening),
      fleetMeterId(fleet, at('2025-05-14T19:01:00Z')),
      fleetMeterId({ ...fleet, id: 'api-asg' }, evening),
      fleetMeterId({ ...fleet, scope: { ...scope, region: 'eu-west-1' } }, evening),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(fleetMeterId({ ...fleet, name: 'renamed' }, evening)).toBe(ids[0]);
  });

  test('has both its rows filed under the day it was opened', () => {
    const opening = openStopMeter(stopped(), terms);
    const closing = closeMeter(
      { meterId: opening.meterId, openedAt: opening.at, resource: box },
      at('2025-05-16T06:00:00Z'),
      'started-by-us',
    );
    expect(rowKey(closing).pk).toBe('111122223333/us-east-1#2025-05-14');
    expect(rowKey(opening)).toEqual({ pk: rowKey(closing).pk, sk: `meter#${opening.meterId}#opened` });
    expect(rowKey(closing).sk).toBe(`meter#${opening.meterId}#closed`);
    const { meterId, openedAt, resource } = closing;
    const bill = {
      kind: 'meter-corrected',
      at: at('2025-06-03T09:00:00Z'),
      scope,
      meterId,
      openedAt,
      resource,
      revision: 12,
    } as MeterCorrectedRow;
    expect(rowKey(bill)).toEqual({ pk: rowKey(closing).pk, sk: `meter#${meterId}#corrected#0012` });
  });
});

test('what a function cost is filed under its day, and sealed days by year', () => {
  const day = { scope, at: evening, day: '2025-05-12' };
  expect(rowKey({ ...day, kind: 'own-cost', function: 'dispatch' } as OwnCostRow)).toEqual({
    ...{ pk: '111122223333/us-east-1#2025-05-12', sk: 'own-cost#dispatch' },
  });
  expect(rowKey({ ...day, kind: 'sealed', revision: 3 } as SealedRow)).toEqual({
    ...{ pk: '111122223333/us-east-1#sealed#2025', sk: '2025-05-12#0003' },
  });
});

test('days begin with the day of the first instant and end before the day that begins at the last', () => {
  expect(daysBetween(at('2025-05-14T19:00:00Z'), at('2025-05-16T00:00:00Z'))).toEqual(['2025-05-14T00:00:00Z', '2025-05-15T00:00:00Z']);
  expect(daysBetween(at('2025-05-14T19:00:00Z'), at('2025-05-15T00:00:01Z'))).toHaveLength(2);
  expect(daysBetween(at('2025-05-14T19:00:00Z'), at('2025-05-14T19:00:00Z'))).toHaveLength(1);
  expect(daysBetween(at('2025-05-14T00:00:00Z'), at('2025-05-14T00:00:00Z'))).toEqual([]);
});
