/** A smaller type earns while it runs, a stop earns at its price from then on, and no hour is counted twice. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statement } from '../../shared/ledger/statement.ts';
import { verify } from '../../shared/ledger/verify.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import { usd } from '../../shared/model/money.ts';
import type { Change } from '../../shared/model/plan.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../../shared/model/time.ts';
import { lateTestimonies } from '../../shared/runtime/heal.ts';
import { afterSettling } from '../../shared/runtime/resize-meter.ts';
import { type StateChange, witness } from '../../shared/runtime/witness.ts';
import { at, box, opened, ran, scope } from '../ledger/worked-examples.ts';
import { paperLedger } from '../support/paper.ts';

const evening = at('2025-05-12T18:00:00Z');
const after = (hours: number) => addSeconds(evening, hours * HOUR);
const night = opened('mtr-night', evening, { changeId: 'chg-stop' });
const asleep: InstanceMemory = {
  ...{ enrolledAt: at('2025-05-01T00:00:00Z'), baseline: ran(4, 4), start: null, failedStop: null },
  stop: { changeId: 'chg-stop', at: evening, because: 'off-hours', meterId: 'mtr-night' },
};
const resize = (when: Instant): Receipt => ({
  change: {
    ...{
      id: 'chg-resize',
      resource: box,
      action: { kind: 'modify-instance-type', type: 'm5.large' },
      policy: 'dev-test',
      owner: 'o@example.com',
    },
    because: { code: 'rightsize', fromType: 'm5.xlarge', toType: 'm5.large', perHour: usd(0.04), priceSource: 'list price' },
  } as unknown as Change,
  ...{ outcome: 'done', at: when, requestId: 'req-1', detail: null },
});
const stop = (when: Instant): Receipt => ({
  change: {
    id: 'chg-stop-2',
    resource: box,
    action: { kind: 'stop-instance', hibernate: false },
    because: { code: 'off-hours' },
  } as Change,
  ...{ outcome: 'done', at: when, requestId: 'req-2', detail: null },
});

async function house(first: InstanceMemory = asleep) {
  const ledger = paperLedger();
  await ledger.append(night);
  let memory: InstanceMemory | null = first;
  const append = async (rows: readonly LedgerRow[]) => {
    for (const row of rows) await ledger.append(row);
  };
  return {
    rows: () => ledger.all(),
    memory: () => memory as InstanceMemory,
    settles: async (receipt: Receipt) => {
      const { rows, next } = await afterSettling(receipt, memory, ledger, 'none');
      await append(rows);
      memory = next(memory);
    },
    hears: async (change: Omit<StateChange, 'resource'>) => {
      const { rows, next } = witness(memory as InstanceMemory, { resource: box, ...change });
      await append(rows);
      memory = next;
    },
  };
}

const figures = (rows: readonly LedgerRow[], until: Instant) => {
  const { byClass, meters } = statement(rows, { start: evening, end: until }, until);
  const findings = verify(rows, { start: evening, end: until }, until).findings.filter(f => f.code !== 'no-claim');
  return { findings, meters: meters.length, classes: byClass.map(line => [line.class, line.money?.total.high]) };
};

describe('the meter of a resize', () => {
  test('opens when the instance runs and closes when it stops; hours asleep are worth the smaller price', async () => {
    const { settles, hears, rows } = await house();
    await settles(resize(after(2)));
    await hears({ state: 'running', at: after(14) });
    await hears({ state: 'stopping', at: after(24) });
    await settles(stop(after(24)));
    // 2 h × $0.096 + 12 h × $0.056 = $0.864 asleep, and 10 h × $0.04 = $0.40 awake
    expect(figures(rows(), after(30))).toEqual({
      findings: [],
      meters: 3,
      classes: [
        ['rightsize', 400_000],
        ['schedule', 864_000],
      ],
    });
    expect(statement(rows(), { start: evening, end: after(30) }, after(30)).total).toMatchObject({
      resizedSeconds: 10 * HOUR,
      avoidedSeconds: 14 * HOUR,
    });
  });

  test('settled again, or told again, is the same meter', async () => {
    const { settles, hears, rows, memory } = await house();
    for (let twice = 0; twice < 2; twice++) await settles(resize(after(2)));
    for (let twice = 0; twice < 2; twice++) await hears({ state: 'running', at: after(14) });
    const once = rows().length;
    await hears({ state: 'running', at: after(14) });
    expect([rows().length, memory().resized?.meter?.openedAt]).toEqual([once, after(14)]);
    expect(figures(rows(), after(20)).meters).toBe(3);
  });

  test('turns with the day, and ends after twelve months', async () => {
    const { settles, hears, memory, rows } = await house();
    await settles(resize(after(2)));
    await hears({ state: 'running', at: after(14) });
    const seen = (when: Instant) => {
      const instance = { ref: box, state: 'running', launchedAt: after(14), stoppedAt: null, type: 'm5.large' } as never;
      return lateTestimonies(new Map([[box.id, memory()]]), [instance], true, { at: when, seenAt: when, scope });
    };
    expect(seen(after(15))).toEqual([]);
    const [turn] = seen(after(39));
    expect(turn).toMatchObject({ turn: true, at: after(39) });
    await hears(turn as StateChange);
    expect(rows().filter(row => row.kind === 'meter-closed' && row.why === 'day-ended')).toHaveLength(1);
    expect(figures(rows(), after(44))).toMatchObject({
      findings: [],
      classes: [
        ['rightsize', 30 * 40_000],
        ['schedule', 864_000],
      ],
    });
    await hears({ state: 'running', at: addSeconds(after(2), 365 * DAY), turn: true });
    expect(memory().resized).toBeNull();
  });

  test('claims nothing of hours that nobody can vouch for: a stop that was lost, a type that somebody changed', async () => {
    const { settles, hears, rows, memory } = await house();
    await settles(resize(after(2)));
    await hears({ state: 'running', at: after(14) });
    await hears({ state: 'running', at: after(20) });
    expect(figures(rows(), after(21)).classes).toEqual([
      ['rightsize', 40_000],
      ['schedule', 864_000],
    ]);
    await hears({ state: 'running', at: after(21), type: 'r5.large' });
    expect([figures(rows(), after(22)).classes, memory().resized]).toEqual([[['schedule', 864_000]], null]);
  });
});

interface Phase {
  /** Minutes that it is up, or down. */
  readonly minutes: number;
  /** How often the event of its beginning is told. */
  readonly told: number;
  /** Of ten: when within it the pen looks, or never. */
  readonly looked: number | null;
}

/** Up and down by turns from the resize on, by people, with events that are lost or told twice. */
const lives = fc.array(
  fc
    .record({
      minutes: fc.oneof(fc.integer({ min: 6, max: 90 }), fc.integer({ min: 6, max: 2_500 })),
      told: fc.constantFrom(0, 1, 1, 2),
      looked: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 4 }),
    })
    // Whatever is lost is seen at a look, and the pen looks more often than people change their minds.
    .map(phase => (phase.told === 0 ? { ...phase, looked: phase.looked ?? 5 } : phase)),
  { minLength: 1, maxLength: 7 },
);

async function lived(phases: readonly Phase[], deaf: boolean) {
  const { settles, hears, memory, rows } = await house();
  await settles(resize(after(2)));
  let at = after(3);
  let launchedAt = after(-9);
  const ups: { readonly start: Instant; end: Instant }[] = [];
  for (const [n, { minutes, told, looked }] of phases.entries()) {
    const end = addSeconds(at, minutes * 60);
    const up = n % 2 === 0;
    if (up) launchedAt = at;
    if (up) ups.push({ start: at, end });
    // The first is our own start: its debt is paid by whoever tells of it first.
    for (let times = 0; times < (deaf ? told : 1); times++) await hears({ state: up ? 'running' : 'stopping', at });
    const when = addSeconds(at, Math.floor((minutes * 60 * (looked ?? 0)) / 10));
    const seen = { ref: box, state: up ? 'running' : 'stopped', launchedAt, stoppedAt: up ? null : at, type: 'm5.large' } as never;
    const look = { at: when, seenAt: when, scope };
    if (looked !== null && memory() !== null)
      for (const change of lateTestimonies(new Map([[box.id, memory()]]), [seen], true, look)) await hears(change);
    at = end;
  }
  const meters = rows().flatMap(row => (row.kind === 'meter-opened' ? [row] : []));
  const ends = new Map(rows().flatMap(row => (row.kind === 'meter-closed' ? [[row.meterId, row.at]] : [])));
  const spans = meters.map(meter => ({ class: meter.class, start: meter.at, end: ends.get(meter.meterId) ?? at }));
  return { ups, spans: spans.filter(({ start, end }) => start < end).toSorted((a, b) => (a.start < b.start ? -1 : 1)), end: at };
}

describe('whatever becomes of a machine with a smaller type', () => {
  test('no hour is in two meters, and none is claimed in which it did not run as what the meter says', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async phases => {
        const { ups, spans } = await lived(phases, true);
        for (const [i, { end }] of spans.entries()) expect(spans[i + 1] === undefined || end <= (spans[i + 1]?.start ?? end)).toBe(true);
        for (const { class: saving, start, end } of spans) {
          const awake = ups.filter(up => up.start < end && start < up.end);
          if (saving === 'schedule') expect(awake).toEqual([]);
          else expect(awake.length === 1 && (awake[0]?.start ?? end) <= start && end <= (awake[0]?.end ?? start)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('every hour that it runs is claimed where every event is heard', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async phases => {
        const { ups, spans } = await lived(phases, false);
        const seconds = (of: readonly { readonly start: Instant; readonly end: Instant }[]) =>
          of.reduce((sum, { start, end }) => sum + (Date.parse(end) - Date.parse(start)) / 1000, 0);
        expect(seconds(spans.filter(span => span.class === 'rightsize'))).toBe(seconds(ups));
      }),
      { numRuns: 60 },
    );
  });
});
