import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rowKey } from '../../shared/ledger/keys.ts';
import { instanceKey, pendingKey, shelfOf } from '../../shared/memory/shelves.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { InstanceState } from '../../shared/model/observation.ts';
import type { Memory, MemoryItem } from '../../shared/model/ports.ts';
import { addSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { ApiCallEvent } from '../../shared/runtime/events/cloudtrail.ts';
import { testifyCall, testifyState } from '../../shared/runtime/testify.ts';
import { FELL_BACK, witness } from '../../shared/runtime/witness.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const resource = { kind: 'instance', id: 'i-0abc', name: null, scope } as const;
const stoppedAt = instant('2025-05-14T19:00:00Z');
const after = (seconds: number): Instant => addSeconds(stoppedAt, seconds);

const enrolled: InstanceMemory = {
  enrolledAt: instant('2025-05-01T00:00:00Z'),
  baseline: { kind: 'unknown', why: 'no-metrics', frozenAt: instant('2025-05-01T00:00:00Z') },
  stop: null,
  start: null,
  failedStop: null,
};
const debt = { changeId: 'chg-1', at: stoppedAt, because: 'off-hours', meterId: 'mtr-1' } as const;
const asleep: InstanceMemory = { ...enrolled, stop: debt };
/** … by somebody else than us, within the hour. */
const wantedBack = (seconds: number): Partial<InstanceMemory> => {
  const back = { stoppedAt, because: debt.because, at: after(seconds) };
  return { back: { ...back, by: 'someone' }, boomerangs: [back] };
};
const starting = (at: Instant, failure: string | null = null): InstanceMemory => ({
  ...asleep,
  start: { changeId: 'chg-2', boundary: at, attempt: 1, at, failure },
});
const sees = (memory: InstanceMemory, state: InstanceState, at: Instant) => witness(memory, { resource, state, at });
const told = (rows: readonly LedgerRow[]) =>
  rows.map(row => (row.kind === 'meter-closed' ? `closed ${row.at} ${row.why}` : row.kind === 'noted' ? `noted ${row.what}` : row.kind));

describe('a machine comes up', () => {
  test('by our start: the meter closes at the second EC2 names, and the debt is paid', () => {
    const { rows, next } = sees(starting(after(3600)), 'running', after(3621));
    expect(rows).toEqual([
      { kind: 'meter-closed', at: after(3621), scope, meterId: 'mtr-1', openedAt: stoppedAt, resource, why: 'started-by-us' },
    ]);
    const boot = { boundary: after(3600), startedAt: after(3600), runningAt: after(3621), failing: null };
    expect(next).toMatchObject({ ...enrolled, boot });
  });

  test('by a person: the meter closes as well, and who it was not is noted', () => {
    const { rows, next } = sees(asleep, 'running', after(60));
    expect(told(rows)).toEqual([`closed ${after(60)} started-by-someone`, 'noted started-by-someone']);
    expect(next).toEqual({ ...enrolled, ...wantedBack(60) });
  });

  test('by a person, after AWS refused our own start', () => {
    const { rows, next } = sees(starting(after(60), 'InsufficientInstanceCapacity'), 'running', after(90));
    expect(told(rows)).toEqual([`closed ${after(90)} started-by-someone`, 'noted started-by-someone']);
    expect(next).toEqual({ ...enrolled, ...wantedBack(90) });
  });

  test('before we stopped it, says a late event: nothing changes', () => {
    for (const seconds of [-600, -1, 0]) expect(sees(asleep, 'running', after(seconds))).toEqual({ rows: [], next: asleep });
  });

  test('`pending` bills nothing yet', () => {
    expect(sees(asleep, 'pending', after(60))).toEqual({ rows: [], next: asleep });
  });

  test('without a debt of ours: nothing to close', () => {
    expect(sees(enrolled, 'running', after(60))).toEqual({ rows: [], next: enrolled });
  });
});

describe('a machine goes down', () => {
  test.each(['stopping', 'stopped'] as const)('%s with a start of ours in flight is a start that failed, told once', state => {
    const memory = starting(after(3600));
    const { rows, next } = sees(memory, state, after(3630));
    expect(told(rows)).toEqual(['noted start-failed']);
    expect(next?.start?.failure).toBe(FELL_BACK);
    expect(next?.stop).toEqual(debt);
    expect(next === null ? null : sees(next, 'stopped', after(3640))).toEqual({ rows: [], next });
  });

  test('our own stop arriving at `stopped` is no failure of the start that followed, and no stop by a person', () => {
    for (const memory of [asleep, starting(after(120))]) expect(sees(memory, 'stopped', after(45))).toEqual({ rows: [], next: memory });
  });

  test('without a debt of ours somebody else stopped it: noted once, at `stopped`', () => {
    expect(sees(enrolled, 'stopping', after(60)).rows).toEqual([]);
    expect(told(sees(enrolled, 'stopped', after(90)).rows)).toEqual(['noted stopped-by-someone']);
  });

  test.each(['shutting-down', 'terminated'] as const)('%s ends the credit and is forgotten', state => {
    const { rows, next } = sees(asleep, state, after(60));
    expect(told(rows)).toEqual([`closed ${after(60)} terminated`, 'noted terminated']);
    expect(next).toBeNull();
    expect(told(sees(enrolled, state, after(60)).rows)).toEqual(['noted terminated']);
  });

  test('a meter never closes before it opened', () => {
    expect(told(sees(asleep, 'terminated', after(-5)).rows)).toEqual([`closed ${stoppedAt} terminated`, 'noted terminated']);
  });
});

/** Both tables as far as a witness needs them, with a crash at will and every write counted. */
function house(memory: InstanceMemory | null, pending: MemoryItem[] = []) {
  const rows = new Map<string, LedgerRow>();
  const items = new Map<string, MemoryItem>(pending.map(item => [item.key, item]));
  if (memory !== null) items.set(instanceKey(resource.id), { key: instanceKey(resource.id), value: memory, version: 1 });
  const state = { crashAt: Number.POSITIVE_INFINITY, steps: 0, rival: null as null | (() => void) };
  const step = () => {
    if (++state.steps === state.crashAt) throw new Error('crashed');
  };
  const shelves: Pick<Memory, 'readShelf' | 'read' | 'write' | 'forget'> = {
    readShelf: async shelf => (shelf === shelfOf('stop-start-instances', scope) ? [...items.values()] : []),
    read: async (_shelf, key) => items.get(key) ?? null,
    write: async (_shelf, item) => {
      step();
      state.rival?.();
      state.rival = null;
      if ((items.get(item.key)?.version ?? 0) !== item.version) return false;
      items.set(item.key, { ...item, version: item.version + 1 });
      return true;
    },
    forget: async (_shelf, { key, version }) => {
      step();
      return items.get(key)?.version === version && items.delete(key);
    },
  };
  const ledger = {
    append: async (row: LedgerRow) => {
      step();
      const { pk, sk } = rowKey(row);
      const fresh = !rows.has(`${pk} ${sk}`);
      if (fresh) rows.set(`${pk} ${sk}`, row);
      return fresh;
    },
    lookUp: async () => ({ claimed: false, settled: null }),
    rows: async function* () {},
    sealed: async function* () {},
    meter: async function* () {},
  };
  return {
    tables: { memory: shelves, ledger },
    state,
    held: () => (items.get(instanceKey(resource.id))?.value ?? null) as InstanceMemory | null,
    put: (value: InstanceMemory) => {
      const version = (items.get(instanceKey(resource.id))?.version ?? 0) + 1;
      items.set(instanceKey(resource.id), { key: instanceKey(resource.id), value, version });
    },
    rows: () => [...rows.values()].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

type Fact = readonly [state: InstanceState, at: Instant];
const tell = (h: ReturnType<typeof house>, [state, at]: Fact) =>
  testifyState({ kind: 'instance-state', id: 'e', at, scope, instanceId: resource.id, state }, h.tables, after(90_000));

/** What EC2 tells of one night: the life before, our stop, and how the machine came up (or did not). */
const ENDS: Record<string, { memory: InstanceMemory; facts: readonly Fact[] }> = {
  'our start': {
    memory: starting(after(3600)),
    facts: [
      ['pending', after(3602)],
      ['running', after(3621)],
    ],
  },
  'a person': {
    memory: asleep,
    facts: [
      ['pending', after(600)],
      ['running', after(615)],
    ],
  },
  'a start that fell back': {
    memory: starting(after(3600)),
    facts: [
      ['pending', after(3602)],
      ['stopped', after(3633)],
    ],
  },
  'our start, and a person who stops it again': {
    memory: starting(after(3600)),
    facts: [
      ['pending', after(3602)],
      ['running', after(3621)],
      ['stopping', after(7200)],
    ],
  },
  'the end': {
    memory: asleep,
    facts: [
      ['shutting-down', after(600)],
      ['terminated', after(640)],
    ],
  },
};
const BEFORE: readonly Fact[] = [
  ['pending', after(-36_010)],
  ['running', after(-36_000)],
  ['stopping', after(0)],
  ['stopped', after(31)],
];

describe('whatever the order', () => {
  test.each(Object.keys(ENDS))('events of a night that ends by %s close the same meters, late, twice and in any order', async name => {
    const { memory, facts } = ENDS[name] ?? { memory: asleep, facts: [] };
    const all = [...BEFORE, ...facts];
    const closedBy = async (order: readonly Fact[]) => {
      const h = house(memory);
      for (const fact of order) await tell(h, fact);
      return { closed: h.rows().filter(row => row.kind === 'meter-closed'), stop: h.held()?.stop ?? null };
    };
    const expected = await closedBy(all);
    // Of an end the instance itself tells at the next look.
    expect(expected.closed).toHaveLength(name === 'a start that fell back' || name === 'the end' ? 0 : 1);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }), async order =>
        expect(await closedBy(order)).toEqual(expected),
      ),
    );
  });

  test('a crash at any step leaves what the second delivery completes', async () => {
    for (const { memory, facts } of Object.values(ENDS)) {
      const whole = house(memory);
      for (const fact of [...BEFORE, ...facts]) await tell(whole, fact);
      for (let crashAt = 1; crashAt <= whole.state.steps; crashAt++) {
        const h = house(memory);
        h.state.crashAt = crashAt;
        for (const fact of [...BEFORE, ...facts]) await tell(h, fact).catch(() => tell(h, fact));
        expect([h.rows(), h.held()]).toEqual([whole.rows(), whole.held()]);
      }
    }
  });

  test('who writes in between is heard first', async () => {
    const h = house(asleep);
    h.state.rival = () => h.put({ ...asleep, failedStop: { causeAt: stoppedAt, attempt: 2 } });
    await tell(h, ['running', after(60)]);
    expect(h.held()).toEqual({ ...enrolled, failedStop: { causeAt: stoppedAt, attempt: 2 }, ...wantedBack(60) });
    expect(told(h.rows()).filter(row => row.startsWith('closed'))).toHaveLength(1);
  });
});

describe('on record', () => {
  test('nothing is written down of an instance that is not enrolled', async () => {
    const h = house(null);
    expect(await tell(h, ['stopped', after(60)])).toBeNull();
    expect(h.rows()).toEqual([]);
  });

  test('a stop of ours that is not settled yet is no stop by someone, unless someone asked for it', async () => {
    const change = { id: 'chg-9', resource, action: { kind: 'stop-instance', hibernate: false }, because: { code: 'off-hours' } };
    const theirs = { ...change, because: { code: 'asked', by: 'U024BE7LH' } };
    const asked = house(enrolled, [{ key: pendingKey('chg-9'), value: { change: theirs, claimedAt: after(40) }, version: 1 }]);
    expect(told((await tell(asked, ['stopped', after(90)])) ?? [])).toEqual(['noted stopped-by-someone']);
    const h = house(enrolled, [{ key: pendingKey('chg-9'), value: { change, claimedAt: after(40) }, version: 1 }]);
    expect(await tell(h, ['stopped', after(90)])).toEqual([]);
    expect(told((await tell(house(enrolled), ['stopped', after(90)])) ?? [])).toEqual(['noted stopped-by-someone']);
  });

  test('who called is noted, unless it was us, or the call failed, or the instance is not enrolled', async () => {
    const call: ApiCallEvent = {
      ...{ kind: 'api-call', id: 'e', at: after(60), scope, call: 'StopInstances', instanceIds: [resource.id, 'i-0def'] },
      ...{ by: { name: 'user/anna', service: null, person: null }, changeIds: [], errorCode: null },
    };
    const noted = { kind: 'noted', at: after(60), scope, resource, what: 'asked-by-someone', detail: 'StopInstances by user/anna' };
    expect(await testifyCall(call, house(enrolled).tables, after(61))).toEqual([noted]);
    for (const rest of [{ changeIds: ['chg-1'] }, { errorCode: 'Client.UnauthorizedOperation' }]) {
      expect(await testifyCall({ ...call, ...rest }, house(enrolled).tables, after(61))).toEqual([]);
    }
  });
});
