import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../cli/exit.ts';
import { readPlan } from '../../cli/plan-file.ts';
import { type Change, changeId, type Plan } from '../../shared/model/plan.ts';
import { instant } from '../../shared/model/time.ts';

const at = instant('2025-05-14T19:00:00Z');
const scope = { account: '123456789012', region: 'eu-west-1' };
const tags = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true });
const action = fc.oneof(
  fc.record({ kind: fc.constant('stop-instance' as const), hibernate: fc.boolean() }),
  fc.record({ kind: fc.constant('start-instance' as const) }),
  fc.record({ kind: fc.constant('set-desired-capacity' as const), desiredCapacity: fc.nat(100) }),
  fc.record({ kind: fc.constant('create-tags' as const), tags }),
  fc.record({ kind: fc.constant('delete-tags' as const), keys: fc.array(fc.string(), { maxLength: 3 }) }),
);
const change = fc.tuple(action, fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 9 })).map(([act, id, attempt]): Change => {
  const argued = {
    resource: { kind: 'instance', id, name: null, scope },
    action: act,
    expects: { launchedAt: at },
    causeAt: at,
    attempt,
  } as const;
  return {
    ...argued,
    id: changeId(argued),
    because: { code: 'off-hours', schedule: 'office-hours', since: at, until: null },
    ...{ pen: 'stop-start-instances', policy: 'dev-test', mode: 'act', saving: null, losing: [], owner: null },
  };
});
const plan = fc
  .array(change, { maxLength: 5 })
  .map((changes): Plan => ({ version: 1, at, scopes: [scope], changes, left: [], unread: [] }));

test('a plan that was kept is the plan that is read', () => {
  fc.assert(fc.property(plan, kept => expect(readPlan('plan.json', JSON.stringify(kept, null, 2))).toEqual(kept)));
});

test('a change that anybody edited is refused', () => {
  fc.assert(
    fc.property(change, fc.constantFrom('resource', 'attempt', 'causeAt', 'action'), (one, what) => {
      const edits = {
        resource: { ...one.resource, id: `${one.resource.id}x` },
        attempt: one.attempt + 1,
        causeAt: '2025-05-14T19:00:01Z',
        action: one.action.kind === 'start-instance' ? { kind: 'stop-instance', hibernate: false } : { kind: 'start-instance' },
      };
      const text = JSON.stringify({ version: 1, at, scopes: [scope], changes: [{ ...one, [what]: edits[what] }], left: [], unread: [] });
      expect(() => readPlan('plan.json', text)).toThrow(/was edited by hand; make the plan anew/);
    }),
  );
});

test('any other text is refused in one line that names the file and the remedy', () => {
  const json = fc.oneof(
    fc.string(),
    fc.json(),
    plan.map(p => JSON.stringify({ ...p, version: 2 })),
    plan.map(p => JSON.stringify(p).slice(0, -1)),
  );
  fc.assert(
    fc.property(json, text => {
      try {
        readPlan('plan.json', text);
        throw new Error('was read');
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(error.message).toMatch(/^plan\.json.*with ebb plan --out plan\.json$/s);
      }
    }),
  );
});
