/** A fleet's meters lie end to end from the first resize of ours, each with what was billed when it was opened; no crash opens two. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fleetKey, shelfOf } from '../../shared/memory/shelves.ts';
import type { MeterClosedRow, MeterOpenedRow } from '../../shared/model/ledger.ts';
import type { FleetMemory } from '../../shared/model/memory.ts';
import type { Fleet } from '../../shared/model/observation.ts';
import type { Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, type Instant, instant, utcDay } from '../../shared/model/time.ts';
import { readFleetMeters } from '../../shared/runtime/fleet-meters.ts';
import type { FleetsLooked } from '../../shared/runtime/pens/fleets.ts';
import type { Run } from '../../shared/runtime/run.ts';
import { fleet, scope } from '../decide/facts.ts';
import { known, member } from '../decide/fleet-facts.ts';
import { paperLedger, paperMemory } from '../support/paper.ts';

const began = instant('2025-05-14T17:00:00Z');
const shelf = shelfOf('resize-fleets', scope);

interface Look {
  /** Seconds since the look before. */
  readonly after: number;
  readonly up: number;
  readonly desired: number;
  readonly resized: boolean;
  readonly spoken: boolean;
  /** Told a second time. */
  readonly again: boolean;
}

const looks = fc.array(
  fc.record({
    after: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 20 * 3600 })),
    ...{ up: fc.nat(3), desired: fc.nat(3), again: fc.boolean() },
    resized: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
    spoken: fc.integer({ min: 0, max: 5 }).map(n => n > 0),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Both tables, the clock, and a crash before or after the nth write. */
function house() {
  const [ledger, memory] = [paperLedger(), paperMemory()];
  const state = { at: began, steps: 0, diesAt: Number.POSITIVE_INFINITY };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (++state.steps === state.diesAt) throw new Error('died');
    const done = await work();
    if (++state.steps === state.diesAt) throw new Error('died');
    return done;
  };
  const run = (): Run =>
    ({
      ...{ pen: 'resize-fleets', scope, shelf, commitments: 'none', config: { slack: {} }, at: state.at },
      ledger: { ...ledger, append: (...row: Parameters<typeof ledger.append>) => step(() => ledger.append(...row)) },
      memory: { ...memory, write: (...item: Parameters<typeof memory.write>) => step(() => memory.write(...item)) },
    }) as unknown as Run;
  const held = async () => (await memory.read(shelf, fleetKey('web'), began))?.value as FleetMemory;
  /** What is remembered of a resize as its claim is settled, before meters are read. */
  const settle = async (at: Instant) => {
    const item = await memory.read(shelf, fleetKey('web'), began);
    if (item !== null) await memory.write(shelf, { ...item, value: { ...(item.value as FleetMemory), lastScaleInAt: at } });
  };
  const look = async ({ up, desired, resized, spoken }: Look) => {
    const seen: Fleet = fleet({ members: Array.from({ length: up }, (_, i) => member({}, i)), desiredCapacity: desired });
    const change = { id: `chg-${state.at}`, resource: seen.ref };
    const receipts = resized ? [{ change, outcome: 'done', at: state.at } as unknown as Receipt] : [];
    const left = [{ resource: seen.ref, policy: spoken ? 'web' : null }];
    const looked = { fleets: [seen], whole: true, held: new Map([['web', await held()]]), plan: { changes: [], left } };
    await readFleetMeters(run(), looked as unknown as FleetsLooked, receipts);
  };
  return { ledger, memory, state, settle, look };
}

async function live(all: readonly Look[], diesAt = Number.POSITIVE_INFINITY) {
  const h = house();
  await h.memory.write(shelf, { key: fleetKey('web'), value: known(), version: 0 });
  h.state.diesAt = diesAt;
  let died = 0;
  for (const [n, one] of all.entries()) {
    h.state.at = addSeconds(h.state.at, one.after);
    if (one.resized) await h.settle(h.state.at);
    for (const _time of one.again ? [1, 2] : [1])
      await h.look(one).catch(() => {
        died = n + 1;
      });
  }
  const rows = h.ledger.all();
  const opened = rows.filter(row => row.kind === 'meter-opened').toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const closed = new Map(rows.flatMap(row => (row.kind === 'meter-closed' ? [[row.meterId, row] as const] : [])));
  return {
    died,
    steps: h.state.steps,
    meters: opened.map(meter => ({ meter, closing: closed.get(meter.meterId) ?? null })),
    closings: closed.size,
  };
}

const told = ({ meter, closing }: { readonly meter: MeterOpenedRow; readonly closing: MeterClosedRow | null }) => [
  ...[meter.at, meter.running, closing?.at ?? null, closing?.why ?? null],
];

/** The same by hand: one line a look. */
function byHand(all: readonly Look[]) {
  const lines: (string | number | null)[][] = [];
  let at: Instant = began;
  let ours = false;
  let open: (string | number | null)[] | null = null;
  for (const { after, up, desired, resized, spoken } of all) {
    at = addSeconds(at, after);
    const billed = Math.max(up, desired);
    ours ||= resized;
    const why: string | null =
      open === null
        ? null
        : !spoken
          ? 'released'
          : open[1] !== billed
            ? 'size-changed'
            : utcDay(open[0] as Instant) === utcDay(at)
              ? null
              : 'day-ended';
    if (open !== null && why !== null) [open[2], open[3]] = [at, why];
    if (why !== null) open = null;
    if (!spoken) ours = false;
    if (open === null && spoken && ours) {
      open = [at, billed, null, null];
      lines.push(open);
    }
  }
  return lines;
}

describe('the meters of a fleet', () => {
  test('are what a clerk writes who is told of each look once, however often it was told', async () => {
    await fc.assert(
      fc.asyncProperty(looks, async all => {
        const { meters, closings } = await live(all);
        expect(meters.map(told)).toEqual(byHand(all));
        expect(closings).toBe(meters.filter(({ closing }) => closing !== null).length);
      }),
      { numRuns: 100 },
    );
  });

  test('lie end to end and never beside each other, whatever step a look dies at, and the next look puts right what is open', async () => {
    await fc.assert(
      fc.asyncProperty(looks, fc.nat(), async (all, nth) => {
        const { steps } = await live(all);
        const { died, meters, closings } = await live(all, 1 + (nth % Math.max(1, steps)));
        expect(closings).toBe(meters.slice(0, -1).length + (meters.at(-1)?.closing == null ? 0 : 1));
        for (const [i, { meter, closing }] of meters.entries()) {
          const next = meters[i + 1]?.meter;
          if (next === undefined) continue;
          expect(closing === null ? null : closing.at <= next.at).toBe(true);
          if (closing?.why !== 'released') expect(closing?.at).toBe(next.at);
          expect(meter.at < next.at).toBe(true);
        }
        // A release that died is one that nobody saw, unless nobody speaks at the next look either.
        if (died === 0 || died === all.length || all[died - 1]?.spoken === false) return;
        const open = byHand(all).filter(([, , end]) => end === null);
        expect(meters.filter(({ closing }) => closing === null).map(({ meter }) => meter.running)).toEqual(
          open.map(([, running]) => running),
        );
      }),
      { numRuns: 100 },
    );
  });
});
