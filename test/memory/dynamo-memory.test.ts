import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMemory } from '../../shared/memory/dynamo-memory.ts';
import { AGENDA_KEY, instanceKey, shelfOf } from '../../shared/memory/shelves.ts';
import { addSeconds, instant } from '../../shared/model/time.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { loseAnswers } from '../support/lost-answers.ts';

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

const memory = () => createMemory(client, tables.memory);
const now = instant('2025-05-14T19:00:00Z');

/** A shelf of its own for every test: the table is shared. */
let shelves = 0;
const emptyShelf = () => shelfOf('stop-start-instances', { account: '111122223333', region: `nowhere-${shelves++}` });

describe('an item', () => {
  test('is born at version 1 and counts up with every write', async () => {
    const shelf = emptyShelf();
    expect(await memory().read(shelf, AGENDA_KEY, now)).toBeNull();
    expect(await memory().write(shelf, { key: AGENDA_KEY, version: 0, value: { nextAt: null } })).toBe(true);
    expect(await memory().read(shelf, AGENDA_KEY, now)).toEqual({ key: AGENDA_KEY, version: 1, value: { nextAt: null } });
    expect(await memory().write(shelf, { key: AGENDA_KEY, version: 1, value: { nextAt: now } })).toBe(true);
    expect(await memory().read(shelf, AGENDA_KEY, now)).toEqual({ key: AGENDA_KEY, version: 2, value: { nextAt: now } });
  });

  test('of fifty who read the same version is written by exactly one', async () => {
    const shelf = emptyShelf();
    for (const version of [0, 1]) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, writer) => memory().write(shelf, { key: AGENDA_KEY, version, value: { writer } })),
      );
      expect(answers.filter(won => won)).toHaveLength(1);
      const item = await memory().read(shelf, AGENDA_KEY, now);
      expect(item).toEqual({ key: AGENDA_KEY, version: version + 1, value: { writer: answers.indexOf(true) } });
    }
  });

  test('that has changed since it was read is not overwritten, and one that is gone is not brought back', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: AGENDA_KEY, version: 0, value: 'one' });
    await memory().write(shelf, { key: AGENDA_KEY, version: 1, value: 'two' });
    expect(await memory().write(shelf, { key: AGENDA_KEY, version: 1, value: 'late' })).toBe(false);
    expect(await memory().forget(shelf, { key: AGENDA_KEY, version: 1 })).toBe(false);
    expect(await memory().forget(shelf, { key: AGENDA_KEY, version: 2 })).toBe(true);
    expect(await memory().forget(shelf, { key: AGENDA_KEY, version: 2 })).toBe(false);
    expect(await memory().write(shelf, { key: AGENDA_KEY, version: 2, value: 'late' })).toBe(false);
    expect(await memory().read(shelf, AGENDA_KEY, now)).toBeNull();
  });

  test('keeps numbers, nulls, lists and booleans, and drops what is undefined', async () => {
    const shelf = emptyShelf();
    const value = { integer: 96_000, share: 0.9583333333333334, list: [1, null, 'three'], yes: true, text: '', nothing: null };
    await memory().write(shelf, { key: instanceKey('i-1'), version: 0, value: { ...value, absent: undefined } });
    expect((await memory().read(shelf, instanceKey('i-1'), now))?.value).toEqual(value);
  });
});

describe('a write whose answer was lost', () => {
  const flaky = async <Answer>(act: (memory: ReturnType<typeof createMemory>) => Promise<Answer>): Promise<Answer> => {
    const unsteady = new DynamoDBClient(tables.clientConfig);
    loseAnswers(unsteady, 1);
    const answer = await act(createMemory(unsteady, tables.memory));
    unsteady.destroy();
    return answer;
  };

  test('counts as ours when it took effect', async () => {
    const shelf = emptyShelf();
    for (const version of [0, 1, 2]) {
      expect(await flaky(m => m.write(shelf, { key: AGENDA_KEY, version, value: { version } }))).toBe(true);
    }
    expect(await memory().read(shelf, AGENDA_KEY, now)).toEqual({ key: AGENDA_KEY, version: 3, value: { version: 2 } });
  });

  test('is not mistaken for the same words of somebody else', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: AGENDA_KEY, version: 0, value: 'mine' });
    expect(await flaky(m => m.write(shelf, { key: AGENDA_KEY, version: 0, value: 'mine' }))).toBe(false);
  });

  test('also when it forgets: what is gone is gone, and what has changed stays', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: AGENDA_KEY, version: 0, value: 'one' });
    expect(await flaky(m => m.forget(shelf, { key: AGENDA_KEY, version: 1 }))).toBe(true);
    await memory().write(shelf, { key: AGENDA_KEY, version: 0, value: 'one' });
    await memory().write(shelf, { key: AGENDA_KEY, version: 1, value: 'two' });
    expect(await flaky(m => m.forget(shelf, { key: AGENDA_KEY, version: 1 }))).toBe(false);
  });

  test('throws when the service cannot be asked: nobody is told that it was written or not', async () => {
    const item = { key: AGENDA_KEY, version: 0, value: 1 };
    const gone = { name: 'ResourceNotFoundException' };
    await expect(createMemory(client, 'no-such-table').write('outbox', item)).rejects.toMatchObject(gone);
    await expect(createMemory(client, 'no-such-table').forget('outbox', item)).rejects.toMatchObject(gone);
  });
});

describe('what expires', () => {
  const expiresAt = addSeconds(now, 60);

  test('is there until its last second and gone at the next, although the table still holds it', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: 'snooze', version: 0, value: 1 }, { at: now, expiresAt });
    expect(await memory().read(shelf, 'snooze', addSeconds(now, 59))).toEqual({ key: 'snooze', version: 1, value: 1 });
    expect(await memory().readShelf(shelf, addSeconds(now, 59))).toHaveLength(1);
    expect(await memory().read(shelf, 'snooze', expiresAt)).toBeNull();
    expect(await memory().readShelf(shelf, expiresAt)).toEqual([]);
  });

  test('makes room for its successor, but not a second too early', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: 'snooze', version: 0, value: 'old' }, { at: now, expiresAt });
    const successor = { key: 'snooze', version: 0, value: 'new' };
    expect(await memory().write(shelf, successor, { at: addSeconds(now, 59) })).toBe(false);
    expect(await memory().write(shelf, successor, { at: expiresAt })).toBe(true);
    expect(await memory().read(shelf, 'snooze', addSeconds(now, 86_400))).toEqual({ ...successor, version: 1 });
  });

  test('leaves what was written for good alone', async () => {
    const shelf = emptyShelf();
    await memory().write(shelf, { key: 'snooze', version: 0, value: 'for good' });
    expect(await memory().write(shelf, { key: 'snooze', version: 0, value: 'new' }, { at: now })).toBe(false);
  });
});

test('a shelf is read whole, page after page, in order of keys, and nothing of its neighbours', async () => {
  const [shelf, neighbour] = [emptyShelf(), emptyShelf()];
  const bulk = 'x'.repeat(90_000); // a page of a query holds 1 MB
  const keys = Array.from({ length: 15 }, (_, n) => instanceKey(`i-${String(n).padStart(3, '0')}`));
  await Promise.all(keys.toReversed().map(key => memory().write(shelf, { key, version: 0, value: bulk })));
  await memory().write(neighbour, { key: 'agenda', version: 0, value: 1 });

  const counting = new DynamoDBClient(tables.clientConfig);
  const wire = loseAnswers(counting, 0);
  const items = await createMemory(counting, tables.memory).readShelf(shelf, now);
  expect(items.map(item => item.key)).toEqual(keys);
  expect(wire.sent()).toBe(2);
  counting.destroy();
});

describe('on the wire', () => {
  const shelf = emptyShelf();
  const item = { key: AGENDA_KEY, version: 1, value: 1 };
  const refused = { name: 'ConditionalCheckFailedException', $metadata: { attempts: 2 } };

  test('every read is strongly consistent: an old version would lose the next write, an old shelf a debt', async () => {
    const { told, memory } = answering(() => ({}));
    expect(await memory.read(shelf, AGENDA_KEY, now)).toBeNull();
    expect(await memory.readShelf(shelf, now)).toEqual([]);
    expect(told.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true]);
  });

  test('what was refused after a retry is not ours when nothing is there any more, or something that no write of ours has left', async () => {
    for (const Item of [undefined, { pk: { S: shelf }, sk: { S: AGENDA_KEY } }]) {
      const { told, memory } = answering(command => (command === 'PutItemCommand' ? refused : { Item }));
      expect(await memory.write(shelf, item)).toBe(false);
      expect(told.at(-1)?.ConsistentRead).toBe(true);
    }
  });

  test('a refusal that does not say how often it was tried is looked into', async () => {
    const { told, memory } = answering(command => (command === 'PutItemCommand' ? { ...refused, $metadata: undefined } : {}));
    expect(await memory.write(shelf, item)).toBe(false);
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
    return { told, memory: createMemory({ send } as unknown as DynamoDBClient, 'memory') };
  }
});
