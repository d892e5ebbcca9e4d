import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { rowKey } from '../../shared/ledger/keys.ts';
import { stopMeterId } from '../../shared/ledger/meters.ts';
import type { LedgerRow, SettledRow } from '../../shared/model/ledger.ts';
import { type Change, changeId } from '../../shared/model/plan.ts';
import type { SealedRow } from '../../shared/model/sealed.ts';
import { addSeconds, DAY, type Instant } from '../../shared/model/time.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { loseAnswers } from '../support/lost-answers.ts';
import { at, box, closed, opened, scope } from './worked-examples.ts';

let tables: Tables;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await openTables();
  client = new DynamoDBClient(tables.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});

const ledger = () => createLedger(client, tables.ledger);

/** A change of its own for every test: the table is shared. */
function stopAt(causeAt: Instant): Change {
  const argued = {
    resource: box,
    action: { kind: 'stop-instance', hibernate: false },
    expects: { launchedAt: at('2025-05-12T06:00:00Z') },
    causeAt,
    attempt: 1,
  } as const;
  return {
    ...argued,
    id: changeId(argued),
    pen: 'stop-start-instances',
    because: {
      code: 'idle',
      cpuMax: 2.13,
      threshold: 5,
      window: { start: addSeconds(causeAt, -DAY), end: causeAt },
      coverage: 0.9583333333333334,
    },
    policy: 'dev-test',
    mode: 'act',
    saving: null,
    losing: ['public-ipv4'],
    owner: null,
  };
}

const claim = (change: Change, claimedAt = change.causeAt): LedgerRow => ({ kind: 'claimed', at: claimedAt, scope, change });
const settle = (change: Change, rest: Partial<SettledRow> = {}): LedgerRow => ({
  kind: 'settled',
  at: addSeconds(change.causeAt, 5),
  scope,
  changeId: change.id,
  causeAt: change.causeAt,
  outcome: 'done',
  requestId: 'f0b1c2d3',
  detail: null,
  ...rest,
});

async function all(rows: AsyncIterable<LedgerRow>): Promise<LedgerRow[]> {
  const found: LedgerRow[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('a claim', () => {
  test('of fifty racing workers is won by exactly one', async () => {
    const change = stopAt(at('2025-05-01T19:00:00Z'));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, worker) => ledger().append(claim(change, addSeconds(change.causeAt, worker)))),
    );
    expect(answers.filter(won => won)).toHaveLength(1);
  });

  test('is won once even when it is told again word for word', async () => {
    const change = stopAt(at('2025-05-02T19:00:00Z'));
    expect(await ledger().append(claim(change))).toBe(true);
    expect(await ledger().append(claim(change))).toBe(false);
  });

  test('is ours when it took effect and only its answer was lost', async () => {
    const change = stopAt(at('2025-05-03T19:00:00Z'));
    const flaky = new DynamoDBClient(tables.clientConfig);
    const wire = loseAnswers(flaky, 1);
    expect(await createLedger(flaky, tables.ledger).append(claim(change))).toBe(true);
    expect(wire.sent()).toBe(3); // the claim, its retry, and the look at whose row it is
    flaky.destroy();
  });

  test('is not ours when the answer was lost and another had claimed before', async () => {
    const change = stopAt(at('2025-05-04T19:00:00Z'));
    await ledger().append(claim(change));
    const flaky = new DynamoDBClient(tables.clientConfig);
    loseAnswers(flaky, 1);
    expect(await createLedger(flaky, tables.ledger).append(claim(change))).toBe(false);
    flaky.destroy();
  });

  test('that is lost at the first attempt costs one round trip', async () => {
    const change = stopAt(at('2025-05-05T19:00:00Z'));
    await ledger().append(claim(change));
    const second = new DynamoDBClient(tables.clientConfig);
    const wire = loseAnswers(second, 0);
    expect(await createLedger(second, tables.ledger).append(claim(change))).toBe(false);
    expect(wire.sent()).toBe(1);
    second.destroy();
  });

  test('that cannot be made throws: nobody is told that it was won or lost', async () => {
    const change = stopAt(at('2025-05-06T19:00:00Z'));
    await expect(createLedger(client, 'no-such-table').append(claim(change))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('what became of a change', () => {
  test('is found by its id, cause and scope alone, and settled once', async () => {
    const change = stopAt(at('2025-05-07T23:59:58Z'));
    expect(await ledger().lookUp({ ...change, scope })).toEqual({ claimed: false, settled: null });

    await ledger().append(claim(change, at('2025-05-08T00:00:03Z')));
    expect(await ledger().lookUp({ ...change, scope })).toEqual({ claimed: true, settled: null });

    const settled = settle(change, { at: at('2025-05-08T00:00:09Z') });
    expect(await ledger().append(settled)).toBe(true);
    expect(await ledger().append(settle(change, { outcome: 'failed' }))).toBe(false);
    expect(await ledger().lookUp({ ...change, scope })).toEqual({ claimed: true, settled });
  });

  test('is not mistaken for what became of another change of the same day', async () => {
    const [one, another] = [stopAt(at('2025-04-09T18:00:00Z')), stopAt(at('2025-04-09T19:00:00Z'))];
    await ledger().append(claim(one));
    await ledger().append(settle(one));
    expect(await ledger().lookUp({ ...another, scope })).toEqual({ claimed: false, settled: null });
  });

  test('a proposal is no claim', async () => {
    const change = stopAt(at('2025-05-08T19:00:00Z'));
    await ledger().append({ kind: 'proposed', at: change.causeAt, scope, change });
    expect(await ledger().lookUp({ ...change, scope })).toEqual({ claimed: false, settled: null });
    expect(await ledger().append(claim(change))).toBe(true);
  });
});

describe('a meter', () => {
  test('closes once, whoever closes it and on whatever day, and its day holds both rows', async () => {
    const meter = opened(stopMeterId('chg-of-the-ninth'), at('2025-05-09T19:00:00Z'));
    expect(await ledger().append(meter)).toBe(true);
    expect(await ledger().append(closed(meter, at('2025-05-12T06:00:00Z')))).toBe(true);
    expect(await ledger().append(closed(meter, at('2025-05-13T08:00:00Z'), 'started-by-someone'))).toBe(false);
    expect(await all(ledger().rows(scope, at('2025-05-09T00:00:00Z'), at('2025-05-10T00:00:00Z')))).toEqual([
      closed(meter, at('2025-05-12T06:00:00Z')),
      meter,
    ]);
  });
});

describe('rows', () => {
  test('come back as they were told: numbers, nulls, lists and absent fields', async () => {
    const change = stopAt(at('2025-05-14T19:00:00Z'));
    const rows: LedgerRow[] = [
      claim(change),
      settle(change, { requestId: null, outcome: 'refused', detail: 'stop protection' }),
      { kind: 'noted', at: change.causeAt, scope, resource: { ...box, name: null }, what: 'stopped-by-someone', detail: '' },
    ];
    for (const row of rows) await ledger().append(row);
    expect(await all(ledger().rows(scope, change.causeAt, addSeconds(change.causeAt, 1)))).toEqual(rows);
  });

  test('of money stay integers, and an undefined field is simply absent', async () => {
    const meter = opened('mtr-integers', at('2025-05-15T19:00:00Z'));
    await ledger().append({ ...meter, note: undefined } as LedgerRow);
    const { pk, sk } = rowKey(meter);
    const { Item } = await client.send(new GetItemCommand({ TableName: tables.ledger, Key: { pk: { S: pk }, sk: { S: sk } } }));
    expect(Item?.['perHour']).toEqual({ N: '96000' });
    expect(Item?.['note']).toBeUndefined();
  });

  test('of several days come day by day in order of keys, page after page, of one scope, and no further than asked', async () => {
    const elsewhere = { ...scope, region: 'eu-west-1' };
    const bulk = 'x'.repeat(90_000); // a page of a query holds 1 MB
    const notes = Array.from(
      { length: 30 },
      (_, n): LedgerRow => ({
        kind: 'noted',
        at: addSeconds(at('2025-05-20T00:00:00Z'), Math.floor(n / 15) * DAY + (n % 15) * 60),
        scope,
        resource: box,
        what: 'started-by-someone',
        detail: bulk,
      }),
    );
    const others = [
      { ...notes[0], scope: elsewhere },
      { ...notes[0], at: at('2025-05-19T23:59:59Z') },
      { ...notes[0], at: at('2025-05-22T00:00:00Z') },
    ] as LedgerRow[];
    await Promise.all([...notes, ...others].map(row => ledger().append(row)));

    const counting = new DynamoDBClient(tables.clientConfig);
    const wire = loseAnswers(counting, 0);
    const stream = createLedger(counting, tables.ledger).rows(scope, at('2025-05-20T12:00:00Z'), at('2025-05-22T00:00:00Z'));
    const found: LedgerRow[] = [];
    for await (const row of stream) {
      if (found.push(row) === 1) expect(wire.sent()).toBe(1); // the first row does not wait for the last page
    }
    expect(found).toEqual(notes);
    expect(wire.sent()).toBe(4); // two pages a day
    counting.destroy();
  });
});

describe('sealed days', () => {
  const sealed = (day: string, revision = 1): LedgerRow => ({
    ...{ kind: 'sealed', at: at('2027-02-01T00:00:00Z'), scope, day, revision, rows: 0, lines: [], running: [], corrections: [] },
    ...{ counts: {} as SealedRow['counts'], ownCost: {} },
  });
  const days = async (from: string, to: string) =>
    (await all(ledger().sealed(scope, at(from), at(to)))).map(row => row.kind === 'sealed' && `${row.day} ${row.revision}`);

  test('are read from their first to the last that begins before the end, all revisions, across the turn of a year', async () => {
    const told = ['2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02'];
    for (const day of told) await ledger().append(sealed(day));
    await ledger().append(sealed('2027-01-01', 2));
    const turn = ['2026-12-30 1', '2026-12-31 1', '2027-01-01 1', '2027-01-01 2'];
    expect(await days('2026-12-30T00:00:00Z', '2027-01-02T00:00:00Z')).toEqual(turn);
    expect(await days('2026-12-30T00:00:00Z', '2027-01-02T00:00:01Z')).toEqual([...turn, '2027-01-02 1']);
    expect(await days('2026-12-30T00:00:00Z', '2026-12-31T00:00:00Z')).toEqual(['2026-12-30 1']);
    expect(await days('2028-01-01T00:00:00Z', '2028-01-02T00:00:00Z')).toEqual([]);
  });
});

test('the rows of one meter are found by its name and opening alone', async () => {
  const [meter, twin] = [opened('mtr-a', at('2025-06-01T19:00:00Z')), opened('mtr-ab', at('2025-06-01T20:00:00Z'))];
  for (const row of [meter, closed(meter, at('2025-06-03T06:00:00Z')), twin]) await ledger().append(row);
  expect(await all(ledger().meter(scope, 'mtr-a', meter.at))).toEqual([closed(meter, at('2025-06-03T06:00:00Z')), meter]);
});

describe('on the wire', () => {
  const row = claim(stopAt(at('2025-05-30T19:00:00Z')));
  const refused = { name: 'ConditionalCheckFailedException', $metadata: { attempts: 2 } };

  test('every read is strongly consistent: a claim that is not seen would be made twice', async () => {
    const { told, ledger } = answering(() => ({}));
    expect(await all(ledger.rows(scope, row.at, addSeconds(row.at, 1)))).toEqual([]);
    expect(await ledger.lookUp({ ...stopAt(row.at), scope })).toEqual({ claimed: false, settled: null });
    expect(told.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true]);
  });

  test('a row in the way that does not say who wrote it, or that cannot be found, is not ours', async () => {
    for (const Item of [undefined, { kind: { S: 'claimed' } }]) {
      const { told, ledger } = answering(command => (command === 'PutItemCommand' ? refused : { Item }));
      expect(await ledger.append(row)).toBe(false);
      expect(told.at(-1)?.ConsistentRead).toBe(true);
    }
  });

  test('a refusal that does not say how often it was tried is looked into', async () => {
    const { told, ledger } = answering(command => (command === 'PutItemCommand' ? { ...refused, $metadata: undefined } : {}));
    expect(await ledger.append(row)).toBe(false);
    expect(told).toHaveLength(2);
  });

  /** What a client was asked, which answers by the name of the command; an answer with a name is an error. */
  function answering(answer: (command: string) => object) {
    const told: { readonly ConsistentRead?: boolean }[] = [];
    const send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
      told.push(command.input);
      const given = answer(command.constructor.name);
      if ('name' in given) throw given;
      return given;
    };
    return { told, ledger: createLedger({ send } as unknown as DynamoDBClient, 'ledger') };
  }
});
