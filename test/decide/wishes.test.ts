/** What a wish may do and may not, whatever else is true of a machine. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideInstances } from '../../shared/decide/decide-instances.ts';
import { approved, spentWishes } from '../../shared/decide/wishes.ts';
import type { Wish } from '../../shared/model/memory.ts';
import type { Instance } from '../../shared/model/observation.ts';
import type { Change, Plan } from '../../shared/model/plan.ts';
import { addSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import { configOf, devTest } from '../support/policies.ts';
import { box, debt, enrolled, instances, noon } from './facts.ts';

const instants = fc.integer({ min: -30 * HOUR, max: 30 * HOUR }).map(seconds => addSeconds(noon, seconds));
const past = fc.integer({ min: 1, max: 60 * HOUR }).map(seconds => addSeconds(noon, -seconds));

const wishes: fc.Arbitrary<Wish> = fc
  .tuple(past, instants, fc.constantFrom('running', 'stopped', 'keep', 'snooze', 'approve'))
  .map(([at, until, want]) => {
    const said = { id: 'w', at, by: 'U024BE7LH', via: 'slack', why: null } as const;
    if (want === 'keep' || want === 'snooze') return { ...said, want, until };
    return want === 'approve' ? { ...said, want, action: 'stop-instance' } : { ...said, want: want as 'running' | 'stopped' };
  });

const machines: fc.Arbitrary<Instance> = fc
  .record({
    state: fc.constantFrom('running', 'stopped', 'pending', 'stopping', 'terminated'),
    launchedAt: past,
    stoppedAt: fc.option(past, { nil: null }),
    lifecycle: fc.constantFrom('on-demand', 'on-demand', 'spot'),
    stopProtection: fc.constantFrom(null, null, true, false),
    parent: fc.constantFrom(null, null, { kind: 'auto-scaling-group', name: 'web' }),
    type: fc.constantFrom('m5.large', 'm5.large', 'm5d.large'),
    tags: fc.constantFrom(
      { environment: 'dev' },
      { environment: 'dev', 'ebb:policy': 'off' },
      { environment: 'dev', 'ebb:keep-until': '2025-06-01' },
      {},
    ),
  })
  .map(other => box('i-1', other as Partial<Instance>));

const policies = fc.record({ mode: fc.constantFrom('act', 'plan'), enforced: fc.boolean(), retainRunning: fc.boolean() });
const memories = fc.option(past, { nil: null }).map(at => (at === null ? enrolled() : enrolled({ stop: debt(at) })));

const world = fc.record({ at: instants, wish: wishes, machine: machines, policy: policies, memory: memories });
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function planOf({ at, machine, policy, memory }: Omit<World, 'wish'>, wish: Wish | null) {
  const config = configOf({ policies: [devTest(policy as Parameters<typeof devTest>[0])] });
  const heard = new Map(wish === null ? [] : [['i-1', wish]]);
  return approved(decideInstances(instances(at, [machine], { memory: new Map([['i-1', memory]]), wishes: heard }), config).plan, heard);
}

const changeOf = (...args: Parameters<typeof planOf>): Change | null => planOf(...args).changes[0] ?? null;
const isAsked = (change: Change | null): boolean => change?.because.code === 'asked';

describe('whatever is true of a machine', () => {
  test('no wish stops what may not be stopped, nor touches what no policy speaks for', () => {
    fc.assert(
      fc.property(world, w => {
        const change = changeOf(w, w.wish);
        const { lifecycle, stopProtection, parent, tags, type } = w.machine;
        if (change?.action.kind === 'stop-instance') {
          expect([lifecycle, stopProtection === true, parent, type, tags['ebb:policy'], tags['environment']]).toEqual([
            ...['on-demand', false, null, 'm5.large', undefined, 'dev'],
          ]);
        }
        if (isAsked(change)) expect(tags).toMatchObject({ environment: 'dev' });
      }),
      { numRuns: 2000 },
    );
  });

  test('each has an answer, and exactly one', () => {
    fc.assert(
      fc.property(world, w => {
        const { changes, left } = planOf(w, w.wish);
        expect(changes.length + left.length).toBe(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('once it is done, the same wish asks for nothing more', () => {
    fc.assert(
      fc.property(world, w => {
        fc.pre(w.wish.at <= w.at); // whoever's clock is ahead of ours is held to `spentAt` alone
        const change = changeOf(w, w.wish);
        if (!isAsked(change)) return;
        const later = addSeconds(w.at, 5 * MINUTE);
        const machine: Instance =
          change?.action.kind === 'stop-instance'
            ? { ...w.machine, state: 'stopped', stoppedAt: laterOf(w.at, w.wish.at) }
            : { ...w.machine, state: 'running', launchedAt: laterOf(w.at, w.wish.at) };
        const after = { ...w, at: later, machine, memory: { ...w.memory, stop: null } };
        const again = changeOf(after, w.wish);
        expect(isAsked(again)).toBe(false);
        // … and whoever then does the opposite by hand has spoken last.
        const undone: Instance =
          machine.state === 'stopped'
            ? { ...machine, state: 'running', launchedAt: addSeconds(later, 60) }
            : { ...machine, state: 'stopped', stoppedAt: addSeconds(later, 60) };
        expect(isAsked(changeOf({ ...after, at: addSeconds(later, 120), machine: undone }, w.wish))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test('a wish that is spent starts and stops nothing', () => {
    fc.assert(
      fc.property(world, w => {
        if (w.wish.want === 'keep' || w.wish.want === 'snooze') return;
        const change = changeOf(w, { ...w.wish, spentAt: w.at });
        expect(isAsked(change)).toBe(false);
        if (w.wish.want === 'approve') expect(change).toEqual(changeOf(w, null));
      }),
      { numRuns: 1000 },
    );
  });

  test('keep and snooze never bring a stop about, and never take a start away that we owe', () => {
    fc.assert(
      fc.property(world, w => {
        if (w.wish.want !== 'keep' && w.wish.want !== 'snooze') return;
        const [said, unsaid] = [changeOf(w, w.wish), changeOf(w, null)];
        if (said !== null) expect(said).toEqual(unsaid);
        if (w.memory.stop !== null && unsaid?.action.kind === 'start-instance') expect(said).toEqual(unsaid);
      }),
      { numRuns: 2000 },
    );
  });

  test('is spent exactly when nothing will come of it any more', () => {
    fc.assert(
      fc.property(world, w => {
        const plan = planOf(w, w.wish);
        const spent = spentWishes(new Map([['i-1', w.wish]]), plan, []).get('i-1');
        if (w.wish.want === 'keep' || w.wish.want === 'snooze') expect(spent).toBeUndefined();
        else if (isAsked(plan.changes[0] ?? null)) expect(spent).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  ['stop-instance', 'on-hours-now', false],
  ['stop-instance', 'in-use', true],
  ['modify-instance-type', 'on-hours-now', false],
  ['modify-instance-type', 'in-use', false],
  ['modify-instance-type', 'opted-out', true],
] as const)('a yes to %s of a machine that is left for %s is over: %s', (action, code, over) => {
  const wish: Wish = { id: 'w', at: noon, by: 'ana', via: 'slack', why: null, want: 'approve', action };
  const left = [{ resource: { id: 'i-1' }, because: { code } }] as unknown as Plan['left'];
  expect(spentWishes(new Map([['i-1', wish]]), { changes: [], left } as unknown as Plan, []).has('i-1')).toBe(over);
});

test.each([
  ['running', 'stop-instance', 'plan', true],
  ['stopped', 'start-instance', 'plan', true],
  ['running', 'modify-instance-type', 'plan', false],
  ['running', 'stop-instance', 'act', false], // what is done now has its answer at the next look
] as const)('%s, asked for where %s is argued for in mode %s, is as it was asked: %s', (want, kind, mode, over) => {
  const wish: Wish = { id: 'w', at: noon, by: 'ana', via: 'slack', why: null, want };
  const changes = [{ resource: { id: 'i-1' }, action: { kind }, because: { code: 'off-hours' }, mode }] as unknown as Plan['changes'];
  const spent = spentWishes(new Map([['i-1', wish]]), { changes, left: [] } as unknown as Plan, []);
  expect([...spent]).toEqual(over ? [['i-1', { wish, denied: null }]] : []);
});

const laterOf = (a: Instant, b: Instant): Instant => addSeconds(a >= b ? a : b, 30);
