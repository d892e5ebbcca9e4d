/** Books that are kept by a daily tick: each step may be taken again, by anybody, after any crash. */
import { describe, expect, test } from '@jest/globals';
import { readStatement } from '../../shared/ledger/read.ts';
import { verify } from '../../shared/ledger/verify.ts';
import type { LedgerRow, MeterCorrectedRow } from '../../shared/model/ledger.ts';
import type { Ledger } from '../../shared/model/ports.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../../shared/model/time.ts';
import { correct, sealDue } from '../../shared/runtime/books.ts';
import { at, box, closed, opened, scope } from '../ledger/worked-examples.ts';
import { paperLedger } from '../support/paper.ts';

const monday = at('2025-05-12T00:00:00Z');
const day = (n: number) => addSeconds(monday, n * DAY);
const nights = Array.from({ length: 5 }, (_, n) => opened(`mtr-${n}`, addSeconds(day(n), 18 * HOUR), { changeId: null }));

async function books() {
  const ledger = paperLedger();
  for (const night of nights) for (const row of [night, closed(night, addSeconds(night.at, 12 * HOUR))]) await ledger.append(row);
  const sealed = () => ledger.all().filter(row => row.kind === 'sealed');
  const total = async (now: Instant) => (await readStatement(ledger, [scope], { start: monday, end: day(7) }, now)).total.money?.total.high;
  return { ledger, sealed, total };
}

/** Dies at the n-th thing it writes. */
function dying(ledger: Ledger, n: number): Ledger {
  let written = 0;
  const append = async (row: LedgerRow) => {
    if (++written === n) throw new Error('died');
    return ledger.append(row);
  };
  return { ...ledger, append };
}

const always = () => true;
const sealAll = async (ledger: Ledger, now: Instant) => {
  let count = 0;
  for (let tick = 0; tick < 6; tick++) count += await sealDue(ledger, scope, now, always);
  return count;
};

describe('days that are over', () => {
  test('are sealed once, three days after they ended, a fortnight at a time, and change no figure', async () => {
    const { ledger, sealed, total } = await books();
    const before = await total(day(7));
    expect(await sealDue(ledger, scope, day(7), always)).toBe(14);
    await sealAll(ledger, day(7));
    expect(
      sealed()
        .map(row => row.day)
        .at(-1),
    ).toBe('2025-05-15'); // 16 May ended two days ago
    expect(await sealDue(ledger, scope, day(7), always)).toBe(0);
    expect([before, await total(day(7))]).toEqual([5 * 12 * 96_000, before]);
    const { findings } = verify(ledger.all(), { start: monday, end: day(7) }, day(7));
    expect(findings).toEqual([]);
  });

  test('are sealed by two houses at once, or after one has died in the middle, as by one', async () => {
    const [one, two, dead] = [await books(), await books(), await books()];
    await sealAll(one.ledger, day(7));
    await Promise.all([sealDue(two.ledger, scope, day(7), always), sealDue(two.ledger, scope, day(7), always)]);
    await sealAll(two.ledger, day(7));
    await expect(sealDue(dying(dead.ledger, 5), scope, day(7), always)).rejects.toThrow('died');
    await sealAll(dead.ledger, day(7));
    expect(two.sealed()).toEqual(one.sealed());
    expect(dead.sealed()).toEqual(one.sealed());
  });

  test('wait for the next tick where there is no time left', async () => {
    const { ledger, sealed } = await books();
    expect(await sealDue(ledger, scope, day(7), () => false)).toBe(0);
    expect(sealed()).toEqual([]);
  });
});

describe('a correction', () => {
  const [, night] = nights as [unknown, (typeof nights)[number]];
  const reversed: MeterCorrectedRow = {
    ...{ kind: 'meter-corrected', at: day(9), scope, meterId: night.meterId, openedAt: night.at, resource: box, revision: 1 },
    ...{ finding: 'reversed', perHour: null, covered: null, source: 'bill of 2025-05', detail: 'BoxUsage in these hours' },
  };

  test('seals anew the days that it reaches, and is told from then on', async () => {
    const { ledger, sealed, total } = await books();
    await sealAll(ledger, day(8));
    expect(await correct(ledger, reversed, day(9))).toEqual({ fresh: true, days: 2 });
    expect(sealed().flatMap(row => (row.revision > 1 ? [`${row.day} ${row.revision}`] : []))).toEqual(['2025-05-13 2', '2025-05-14 2']);
    expect([await total(day(8)), await total(day(9))]).toEqual([5 * 12 * 96_000, 4 * 12 * 96_000]);
    expect(verify(ledger.all(), { start: monday, end: day(7) }, day(9)).findings).toEqual([]);
  });

  test('made again is nothing; after a crash it goes on where it stopped, and until then the ledger shows it', async () => {
    const { ledger, total } = await books();
    await sealAll(ledger, day(8));
    await expect(correct(dying(ledger, 2), reversed, day(9))).rejects.toThrow('died');
    expect(verify(ledger.all(), { start: monday, end: day(7) }, day(9)).findings.map(f => f.code)).toContain('sum-differs');
    expect(await correct(ledger, reversed, day(9))).toEqual({ fresh: false, days: 2 });
    expect(await correct(ledger, reversed, day(10))).toEqual({ fresh: false, days: 0 });
    expect(await total(day(9))).toBe(4 * 12 * 96_000);
  });
});
