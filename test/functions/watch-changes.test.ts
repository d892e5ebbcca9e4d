import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { handler } from '../../functions/watch-changes.ts';
import { instanceKey, shelfOf } from '../../shared/memory/shelves.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import { instant } from '../../shared/model/time.ts';
import { tables } from '../../shared/runtime/tables.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import * as shapes from '../runtime/event-shapes.ts';
import { context, onStage, scope } from './stage.ts';

const shelf = shelfOf('stop-start-instances', scope);
const stoppedAt = instant('2025-05-13T19:00:00Z');
const now = instant('2025-05-14T19:05:00Z');
const asleep: InstanceMemory = {
  enrolledAt: instant('2025-05-01T00:00:00Z'),
  baseline: { kind: 'unknown', why: 'no-metrics', frozenAt: instant('2025-05-01T00:00:00Z') },
  stop: { changeId: 'chg-1', at: stoppedAt, because: 'off-hours', meterId: 'mtr-1' },
  start: null,
  failedStop: null,
};

let server: Tables;
let leave = () => {};

beforeAll(async () => {
  server = await openTables();
  leave = onStage({ now, clientConfig: () => ({ ...server.clientConfig }) });
});
afterAll(async () => {
  leave();
  await server.close();
});

const remember = async (id: string, value: InstanceMemory) =>
  expect(await (await tables()).memory.write(shelf, { key: instanceKey(id), value, version: 0 })).toBe(true);
const recall = async (id: string) => (await (await tables()).memory.read(shelf, instanceKey(id), now))?.value;

describe('watch-changes', () => {
  test('a running machine closes its meter in the real tables, once however often it is told', async () => {
    await remember('i-0run', asleep);
    const { written } = await handler(shapes.stateChange('running', 'i-0run'), context);
    expect(written).toMatchObject([
      { kind: 'meter-closed', at: '2025-05-14T19:00:03Z', meterId: 'mtr-1', openedAt: stoppedAt, why: 'started-by-someone' },
      { kind: 'noted', what: 'started-by-someone' },
    ]);
    const back = { at: '2025-05-14T19:00:03Z', by: 'someone', because: 'off-hours', stoppedAt };
    expect(await recall('i-0run')).toEqual({ ...asleep, stop: null, back });
    expect(await handler(shapes.stateChange('running', 'i-0run'), context)).toEqual({ written: [], ignored: null });
    const onRecord: string[] = [];
    for await (const row of (await tables()).ledger.rows(scope, stoppedAt, now)) onRecord.push(row.kind);
    expect(onRecord).toEqual(['meter-closed', 'noted']);
  });

  test('a machine that runs before our start of it is settled was started by us', async () => {
    await remember('i-0ours', { ...asleep, stop: { changeId: 'chg-2', at: stoppedAt, because: 'off-hours', meterId: 'mtr-2' } });
    const resource = { kind: 'instance', id: 'i-0ours', name: null, scope };
    const because = { code: 'on-hours', schedule: 'office-hours', since: stoppedAt, stoppedAt, lastFailure: null };
    const change = { id: 'chg-start', resource, action: { kind: 'start-instance' }, because, causeAt: stoppedAt, attempt: 1 };
    const { memory } = await tables();
    await memory.write(shelf, { key: 'pending#chg-start', value: { change, claimedAt: now }, version: 0 });
    const { written } = await handler(shapes.stateChange('running', 'i-0ours'), context);
    expect(written).toMatchObject([{ kind: 'meter-closed', meterId: 'mtr-2', why: 'started-by-us' }]);
    expect(await recall('i-0ours')).toMatchObject({ stop: null, start: null });
    await memory.forget(shelf, { key: 'pending#chg-start', version: 1 });
  });

  test('a terminated machine is forgotten', async () => {
    await remember('i-0end', { ...asleep, stop: null });
    expect((await handler(shapes.stateChange('terminated', 'i-0end'), context)).written).toMatchObject([{ what: 'terminated' }]);
    expect(await recall('i-0end')).toBeUndefined();
  });

  test('one that we had stopped is looked at at the next tick: it names the second of its end, and of a start that nobody heard of', async () => {
    const stop = { changeId: 'chg-late', at: stoppedAt, because: 'off-hours', meterId: 'mtr-late' } as const;
    const late: InstanceMemory = { ...asleep, stop };
    await remember('i-0late', late);
    const { memory } = await tables();
    await memory.write(shelf, {
      key: 'agenda',
      value: { nextAt: null, observedAt: now, day: '2025-05-14', disruptionsToday: 2 },
      version: 0,
    });
    expect((await handler(shapes.stateChange('terminated', 'i-0late'), context)).written).toEqual([]);
    expect(await recall('i-0late')).toEqual(late);
    expect((await memory.read(shelf, 'agenda', now))?.value).toMatchObject({ nextAt: expect.any(String), disruptionsToday: 2 });
    expect((await handler(shapes.stateChange('shutting-down', 'i-0late'), context)).written).toEqual([]);
    expect(await recall('i-0late')).toEqual(late);
    await memory.forget(shelf, { key: 'agenda', version: 2 });
  });

  test('who called is written down for the enrolled ones of its instances', async () => {
    await remember('i-0def', { ...asleep, stop: null });
    const { written } = await handler(shapes.apiCall('StopInstances'), context);
    expect(written).toMatchObject([{ what: 'asked-by-someone', detail: 'StopInstances by user/anna', resource: { id: 'i-0def' } }]);
  });

  test('other instances, other events and unreadable ones are answered with the reason', async () => {
    expect(await handler(shapes.stateChange('stopped', 'i-0new'), context)).toEqual({ written: [], ignored: 'i-0new is not enrolled' });
    expect(await handler(shapes.tick(), context)).toEqual({ written: [], ignored: 'a tick event bears on no meter' });
    expect(await handler({}, context)).toMatchObject({ unreadable: expect.stringContaining('neither a tick') });
  });
});
