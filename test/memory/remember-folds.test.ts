/** Whatever is told of an instance or a group, in whatever course: what is remembered is what a clerk finds who reads the receipts backwards. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rememberFleet, rememberInstance, rememberTags } from '../../shared/memory/remember.ts';
import { MARK_TAG } from '../../shared/model/ids.ts';
import type { FleetMemory, InstanceMemory, TagMemory } from '../../shared/model/memory.ts';
import type { Action, Change, ChangeReason, Sizes } from '../../shared/model/plan.ts';
import type { Outcome, Receipt } from '../../shared/model/receipt.ts';
import { addSeconds, DAY, HOUR, type Instant, instant } from '../../shared/model/time.ts';

const scope = { account: '111122223333', region: 'eu-west-1' };
const began = instant('2025-05-14T17:00:00Z');
const onHours: ChangeReason = { code: 'on-hours', schedule: 'office', since: began, stoppedAt: began, lastFailure: null };
const offHours: ChangeReason = { code: 'off-hours', schedule: 'office', since: began, until: null };
const asked: ChangeReason = { code: 'asked', by: 'U1', via: 'slack', at: began, why: null, lastFailure: null };
const types = { fromType: 'm5.xlarge', toType: 'm5.large' };
const outcome = fc.constantFrom<Outcome>('done', 'done', 'already-so', 'stale', 'refused', 'failed', 'not-attempted');

interface Told {
  readonly action: Action;
  readonly because: ChangeReason;
  readonly outcome: Outcome;
  readonly after: number;
  readonly detail: string | null;
}

/** One after another, as a pen settles them: seconds to a few hours apart. */
const course = (deeds: fc.Arbitrary<Pick<Told, 'action' | 'because'>>): fc.Arbitrary<Receipt[]> =>
  fc
    .array(
      fc.record({
        deed: deeds,
        ...{ outcome, after: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 20 * HOUR })) },
        detail: fc.constantFrom(null, 'not ready to hibernate yet', 'InternalError'),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map(told => {
      let at: Instant = began;
      return told.map(({ deed, after, ...rest }, n) => {
        at = addSeconds(at, after);
        return receipt(n, { ...deed, ...rest, after }, at);
      });
    });

const receipt = (n: number, { action, because, outcome: came, detail }: Told, at: Instant): Receipt => ({
  change: {
    ...{ id: `chg-${n}`, pen: 'stop-start-instances', resource: { kind: 'instance', id: 'the-resource', name: null, scope } },
    ...{ action, because, causeAt: addSeconds(at, -60), attempt: n + 1, policy: 'dev-test', mode: 'act' },
    ...{ expects: sizesNumbered(n), saving: null, losing: [], owner: null },
  } satisfies Change,
  ...{ outcome: came, at, requestId: null, detail },
});
const sizesNumbered = (n: number): Sizes => ({ minSize: n % 4, maxSize: 9, desiredCapacity: (n * 7) % 6 });

const after = (receipts: readonly Receipt[]) =>
  receipts.reduce<InstanceMemory | null>((m, r) => rememberInstance(m, r, `mtr-${r.change.id}`), null);
const afterFleet = (receipts: readonly Receipt[]) => receipts.reduce<FleetMemory | null>((m, r) => rememberFleet(m, r), null);
const twice = (receipts: readonly Receipt[]): Receipt[] => receipts.flatMap(r => [r, r]);
/** Those since the latest for which `ends` holds, that one left out. */
const since = (receipts: readonly Receipt[], ends: (r: Receipt) => boolean) => receipts.slice(receipts.findLastIndex(ends) + 1);

describe('an instance', () => {
  const stop = (hibernate: boolean): Action => ({ kind: 'stop-instance', hibernate });
  const retype: Action = { kind: 'modify-instance-type', type: 'm5.xlarge' };
  const deeds = fc.constantFrom<Pick<Told, 'action' | 'because'>>(
    { action: stop(false), because: offHours },
    { action: stop(true), because: offHours },
    { action: stop(false), because: asked },
    { action: stop(false), because: { code: 'tag-deadline', missing: ['owner'], deadline: began } },
    { action: { kind: 'start-instance' }, because: onHours },
    { action: { kind: 'start-instance' }, because: asked },
    { action: retype, because: { code: 'fallback-type', ...types, why: 'none left' } },
    { action: retype, because: { code: 'type-restored', ...types, why: 'stood-in', detail: null } },
    { action: { kind: 'create-tags', tags: { a: 'b' } }, because: offHours },
  );
  const isStop = ({ change }: Receipt) => change.action.kind === 'stop-instance';
  const stopped = (r: Receipt) => isStop(r) && r.outcome === 'done';

  test('told twice is told once', () => {
    fc.assert(fc.property(course(deeds), receipts => expect(after(twice(receipts))).toEqual(after(receipts))));
  });

  test('is owed its return for our latest stop, and what came of starts and stops counts from the latest that was done', () => {
    fc.assert(
      fc.property(course(deeds), receipts => {
        const ours = receipts.findLast(r => stopped(r) && r.change.because.code !== 'asked');
        const start = since(receipts, stopped).findLast(
          r => r.change.action.kind === 'start-instance' && r.outcome !== 'already-so' && r.outcome !== 'not-attempted',
        );
        const failed = since(receipts, stopped).findLast(r => isStop(r) && r.outcome === 'failed');
        const { stop: owed = null, start: inFlight = null, failedStop = null, unhibernated } = after(receipts) ?? {};
        expect([owed?.changeId, owed?.at, owed?.meterId]).toEqual([ours?.change.id, ours?.at, ours && `mtr-${ours.change.id}`]);
        expect([inFlight?.changeId, inFlight?.failure ?? null]).toEqual([
          start?.change.id,
          start === undefined || start.outcome === 'done' ? null : (start.detail ?? start.outcome),
        ]);
        expect(failedStop?.attempt).toBe(failed?.change.attempt);
        const asleepAtLast = receipts.filter(
          r => isStop(r) && 'hibernate' in r.change.action && r.change.action.hibernate && (r.outcome === 'done' || r.outcome === 'failed'),
        );
        const inVain = since(asleepAtLast, stopped).filter(r => r.detail?.includes('hibernate'));
        expect(unhibernated?.times ?? 0).toBe(inVain.length);
      }),
      { numRuns: 200 },
    );
  });

  test('that got another type gets back the one of before the first, and each is tried once for the same on-hours', () => {
    fc.assert(
      fc.property(course(deeds), receipts => {
        const { fellBack } = after(receipts) ?? {};
        expect(fellBack?.types ?? []).toEqual([...new Set(fellBack?.types)]);
        expect(after(receipts)?.retype?.own ?? 'm5.xlarge').toBe('m5.xlarge');
      }),
    );
  });
});

describe('a group', () => {
  const sizes = { minSize: 0, maxSize: 9, desiredCapacity: 0 };
  const deeds = fc.oneof(
    fc.nat(5).map(desiredCapacity => ({ action: { kind: 'set-desired-capacity', desiredCapacity } as const, because: offHours })),
    fc.nat(5).map(minSize => ({ action: { kind: 'set-min-size', minSize } as const, because: offHours })),
    fc.constant({ action: { kind: 'set-sizes', ...sizes } as const, because: offHours }),
    fc.constant({ action: { kind: 'set-sizes', minSize: 2, maxSize: 9, desiredCapacity: 4 } as const, because: onHours }),
  );
  const did = (kind: Action['kind'], because?: ChangeReason) => (r: Receipt) =>
    r.outcome === 'done' && r.change.action.kind === kind && (because === undefined || r.change.because.code === because.code);

  test('told twice is told once', () => {
    fc.assert(fc.property(course(deeds), receipts => expect(afterFleet(twice(receipts))).toEqual(afterFleet(receipts))));
  });

  test('is owed the sizes of before the first of ours, and its floor of before the first, whatever came between', () => {
    fc.assert(
      fc.property(course(deeds), receipts => {
        const memory = afterFleet(receipts);
        const woke = (r: Receipt) => r.change.because === onHours && (r.outcome === 'done' || r.outcome === 'already-so');
        const slept = since(receipts, woke).find(did('set-sizes', offHours));
        expect([memory?.asleep?.changeId, memory?.asleep?.was]).toEqual([slept?.change.id, slept?.change.expects]);

        const floors = receipts.filter(did('set-min-size'));
        const last = floors.at(-1);
        expect(memory?.floor?.was).toBe(floors[0]?.change.expects.minSize);
        expect(memory?.floor?.is).toBe(last?.change.action.kind === 'set-min-size' ? last.change.action.minSize : undefined);
        const recent = floors.map(({ at }) => at).filter(at => last !== undefined && at > addSeconds(last.at, -DAY));
        expect(memory?.floor?.changedAt ?? []).toEqual(recent);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a mark', () => {
  const missing = (days: number, keys: readonly string[]): ChangeReason => ({
    ...{ code: 'tags-missing', missing: keys, deadline: addSeconds(began, days * DAY) },
  });
  const set: Action = { kind: 'create-tags', tags: { [MARK_TAG]: 'owner missing' } };
  const deeds = fc.oneof(
    fc.record({
      action: fc.constant(set),
      because: fc.constantFrom(missing(7, ['owner']), missing(7, ['owner', 'team']), missing(9, ['owner'])),
    }),
    fc.constantFrom<Pick<Told, 'action' | 'because'>>(
      { action: { kind: 'delete-tags', keys: [MARK_TAG] }, because: { code: 'tags-completed', markedAt: began } },
      { action: { kind: 'create-tags', tags: { team: 'default' } }, because: missing(7, ['owner']) },
    ),
  );
  const afterTags = (receipts: readonly Receipt[]) => receipts.reduce<TagMemory | null>((m, r) => rememberTags(m, r), null);
  const shown = (r: Receipt) => r.outcome === 'done' || r.outcome === 'already-so';

  test('stands since it was first set with its deadline, lacks what was last found missing, and told twice is told once', () => {
    fc.assert(
      fc.property(course(deeds), receipts => {
        const cleared = (r: Receipt) => shown(r) && r.change.action.kind === 'delete-tags';
        const sets = since(receipts, cleared).filter(r => shown(r) && r.change.action === set);
        const deadlineOf = ({ change: { because } }: Receipt) => ('deadline' in because ? because.deadline : null);
        const last = sets.at(-1);
        const first = last && since(sets, r => deadlineOf(r) !== deadlineOf(last))[0];
        const { mark = null } = afterTags(receipts) ?? {};
        expect([mark?.markedAt, mark?.deadline, mark?.missing]).toEqual([
          first?.at,
          last && deadlineOf(last),
          last && 'missing' in last.change.because ? last.change.because.missing : undefined,
        ]);
        expect(afterTags(twice(receipts))).toEqual(afterTags(receipts));
      }),
      { numRuns: 200 },
    );
  });
});
