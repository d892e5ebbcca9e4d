/** What becomes of a change of type: for every reason and outcome. */
import { expect, test } from '@jest/globals';
import { rememberInstance } from '../../shared/memory/remember.ts';
import type { InstanceMemory, Retype, StartInFlight } from '../../shared/model/memory.ts';
import type { Change, ChangeReason } from '../../shared/model/plan.ts';
import type { Outcome } from '../../shared/model/receipt.ts';
import { addSeconds, DAY, HOUR } from '../../shared/model/time.ts';
import { box, enrolled, noon } from '../decide/facts.ts';

const at = addSeconds(noon, HOUR);
const evidence = { days: 14, hours: 100, cpuMax: 10, cpuAfter: 20, memoryMax: null, memoryAfter: null, perHour: 1, priceSource: 'x' };
const rightsize = { code: 'rightsize', fromType: 'm5.xlarge', toType: 'm5.large', ...evidence } as unknown as ChangeReason;
const fallback: ChangeReason = { code: 'fallback-type', fromType: 'm5.xlarge', toType: 'm6i.large', why: 'none' };
const restored: ChangeReason = {
  code: 'type-restored',
  fromType: 'm5.large',
  toType: 'm5.xlarge',
  why: 'does-not-start',
  detail: 'no capacity',
};
const start: StartInFlight = { changeId: 'chg-1', boundary: noon, attempt: 2, at: noon, failure: 'no capacity' };
const retype: Retype = { at: noon, own: 'm5.xlarge', to: 'm5.large', because: 'rightsize', failing: null, back: null };

function remembered(memory: InstanceMemory, because: ChangeReason, type: string, outcome: Outcome, attempt = 1): InstanceMemory | null {
  const change = {
    id: 'chg-9',
    resource: box('i-1').ref,
    action: { kind: 'modify-instance-type', type },
    because,
    causeAt: noon,
    attempt,
  } as Change;
  return rememberInstance(memory, { change, outcome, at, requestId: null, detail: 'said AWS' }, 'mtr-1');
}

test('a smaller type is owed back until it has come up; refused it rests a month, hindered a week', () => {
  const after = (outcome: Outcome) => remembered(enrolled(), rightsize, 'm5.large', outcome);
  expect(after('done')).toEqual(enrolled({ retype: { ...retype, at } }));
  expect(after('refused')).toEqual(enrolled({ resting: { type: 'm5.large', until: addSeconds(at, 30 * DAY), why: 'said AWS' } }));
  expect(after('failed')).toEqual(enrolled({ resting: { type: 'm5.large', until: addSeconds(at, 7 * DAY), why: 'said AWS' } }));
  for (const outcome of ['already-so', 'stale', 'not-attempted'] as const) expect(after(outcome)).toEqual(enrolled());
});

test('a type that stands in is tried once for the same on-hours, and its own is that of before the first', () => {
  const after = (outcome: Outcome, memory = enrolled({ start })) => remembered(memory, fallback, 'm6i.large', outcome);
  const first = after('done');
  expect(first).toEqual(
    enrolled({
      retype: { ...retype, at, to: 'm6i.large', because: 'capacity' },
      fellBack: { boundary: noon, types: ['m6i.large'] },
      start: { ...start, atOnce: true },
    }),
  );
  const second = remembered(
    first ?? enrolled(),
    { ...fallback, fromType: 'm6i.large', toType: 'm5a.large' } as ChangeReason,
    'm5a.large',
    'done',
  );
  expect(second).toMatchObject({ retype: { own: 'm5.xlarge', to: 'm5a.large' }, fellBack: { types: ['m6i.large', 'm5a.large'] } });
  const yesterday = enrolled({ start, fellBack: { boundary: addSeconds(noon, -DAY), types: ['m6i.large', 'm5a.large'] } });
  for (const outcome of ['refused', 'failed', 'stale', 'already-so'] as const)
    expect(after(outcome, yesterday)).toEqual(enrolled({ start, fellBack: { boundary: noon, types: ['m6i.large'] } }));
  expect(after('not-attempted')).toEqual(enrolled({ start }));
  expect(after('done', enrolled())?.start).toBeNull();
});

test('its own type again: the start need not wait, and the smaller one rests a month; a way back that failed is counted', () => {
  const owing = enrolled({ start, retype });
  const after = (outcome: Outcome, memory = owing, attempt = 1) => remembered(memory, restored, 'm5.xlarge', outcome, attempt);
  for (const outcome of ['done', 'already-so'] as const)
    expect(after(outcome)).toEqual(
      enrolled({
        retype: null,
        start: { ...start, atOnce: true },
        resting: { type: 'm5.large', until: addSeconds(at, 30 * DAY), why: 'no capacity' },
      }),
    );
  for (const outcome of ['refused', 'failed', 'stale'] as const)
    expect(after(outcome, owing, 3)).toEqual(enrolled({ start, retype: { ...retype, back: { attempt: 3, at } } }));
  expect(after('not-attempted')).toEqual(owing);
  expect(remembered(owing, { ...restored, detail: null } as ChangeReason, 'm5.xlarge', 'done')?.resting?.why).toBe('does-not-start');
  // it has been given a third type meanwhile: what is its own is still owed
  expect(remembered(owing, restored, 'm5.2xlarge', 'done')).toBe(owing);
  const stoodIn = enrolled({ retype: { ...retype, because: 'capacity' } });
  expect(after('done', stoodIn)).toEqual(enrolled({ retype: null, start: null }));
  expect(after('done', enrolled())).toEqual(enrolled());
});

test('a stop that undoes a resize is owed like one of off-hours, and has no meter', () => {
  const because: ChangeReason = { code: 'resize-undone', fromType: 'm5.large', toType: 'm5.xlarge', failing: 'impaired' };
  const change = {
    id: 'chg-9',
    resource: box('i-1').ref,
    action: { kind: 'stop-instance', hibernate: false },
    because,
    causeAt: noon,
  } as Change;
  const memory = rememberInstance(enrolled({ retype }), { change, outcome: 'done', at, requestId: null, detail: null }, 'mtr-1');
  expect(memory?.stop).toEqual({ changeId: 'chg-9', at, because: 'off-hours', meterId: 'mtr-1', unmetered: true });
});

test('a type is changed for no other reason', () => {
  expect(() => remembered(enrolled(), { code: 'tags-completed', markedAt: noon }, 'm5.large', 'done')).toThrow(/because of tags-completed/);
});
