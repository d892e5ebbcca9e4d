/** Over any tags and policies: what is put right stays right, no value is lost, and what belongs to others is never touched. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideTags } from '../../shared/decide/decide-tags.ts';
import { dueFrom, stagesOf, warningDue } from '../../shared/decide/rules/tags/marks.ts';
import { rememberTags } from '../../shared/memory/remember.ts';
import type { ResourceKind, Tags } from '../../shared/model/ids.ts';
import type { TagMark, TagMemory } from '../../shared/model/memory.ts';
import type { Tagged } from '../../shared/model/observation.ts';
import type { Action, Plan } from '../../shared/model/plan.ts';
import { removedKeys, writtenTags } from '../../shared/model/tagging.ts';
import { addSeconds, DAY, HOUR, type Instant } from '../../shared/model/time.ts';
import { judge } from '../../shared/policy/explain.ts';
import { loadPatterns } from '../../shared/policy/patterns.ts';
import { policySchema, type TagPolicy } from '../../shared/policy/schema.ts';
import { missingKeys } from '../../shared/policy/tag-rules.ts';
import { sentence } from '../../shared/report/sentences.ts';
import { configOf } from '../support/policies.ts';
import { answer, noon, scope, tagged, taggeds } from './facts.ts';

const KINDS: readonly ResourceKind[] = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'];
const KEYS = ['owner', 'Owner', 'env', 'Env', 'centre', 'Name', 'aws:x', 'elasticbeanstalk:environment-name', 'constructor'];
const VALUES = ['ann', 'ANN', 'dev', 'Dev', 'prod', 'production', '', '🚀', 'CC-12', 'x'.repeat(256)];

const tags: fc.Arbitrary<Tags> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...KEYS, 'ebb:mark'), fc.constantFrom(...VALUES)), { selector: ([key]) => key, maxLength: 7 })
  .map(pairs => Object.fromEntries(pairs));

const requirement = fc.record(
  {
    key: fc.constantFrom('owner', 'env', 'centre', 'Name', 'constructor'),
    values: fc.constantFrom(['dev', 'prod'], ['ann', 'Dev']),
    pattern: fc.constantFrom('[a-z]+', 'CC-[0-9]+', '.*'),
    case: fc.constantFrom('exact', 'ignore', 'lower', 'upper'),
    default: fc.constantFrom('ann', 'dev', 'CC-1', 'DEV'),
    where: fc.constantFrom({ tags: { env: ['prod'] } }, { tags: { owner: ['a*'] } }, { resources: ['volume', 'instance'] }),
  },
  { requiredKeys: ['key'] },
);

/** Only such as would be loaded. */
const policy: fc.Arbitrary<TagPolicy> = fc
  .record(
    {
      required: fc.array(requirement, { minLength: 1, maxLength: 4 }),
      normalise: fc.record({
        keys: fc.constantFrom({}, { owner: ['Owner'] }, { env: ['Env'], owner: ['Owner', 'centre'] }),
        values: fc.constantFrom({}, { env: { prod: ['production', 'PROD'] } }, { owner: { ann: ['ANN', '🚀'] } }),
      }),
      inherit: fc.constantFrom(['owner'], ['env', 'centre']),
    },
    { requiredKeys: ['required'] },
  )
  .map(drawn =>
    judge(policySchema, {
      kind: 'tags',
      name: 'owners',
      mode: 'act',
      grace: { days: 7 },
      match: { resources: [...KINDS], except: { tagging: 'exempt' } },
      ...drawn,
    }),
  )
  .filter(result => 'ok' in result)
  .map(result => (result as { ok: TagPolicy }).ok);

const resource = fc.record({ kind: fc.constantFrom(...KINDS), tags, source: tags, loose: fc.subarray(['owner', 'env']) });

beforeAll(() => loadPatterns([{ kind: 'tags', required: [{ key: 'x', pattern: 'x' }] } as unknown as TagPolicy]));

const SOURCE = tagged('i-0aaaaaaaaaaaaaaaa');

interface Drawn {
  readonly kind: ResourceKind;
  readonly tags: Tags;
  readonly source: Tags;
  readonly loose: readonly string[];
}

const carrierOf = ({ kind, tags: worn, loose }: Drawn): Tagged => ({
  ...tagged('it', worn),
  ref: { kind, id: 'it', name: 'dev', scope },
  unpropagated: kind === 'auto-scaling-group' ? loose : [],
  source: kind === 'volume' || kind === 'snapshot' ? SOURCE.ref.id : null,
});

function decide(one: Tagged, asked: TagPolicy, drawn: Drawn, memory: TagMemory | null = null, at: Instant = noon): Plan {
  const held = new Map(memory === null ? [] : [['it', memory]]);
  const sources = new Map([[SOURCE.ref.id, { ...SOURCE, tags: drawn.source }]]);
  return decideTags(taggeds(at, [one], { memory: held, sources }), configOf({ policies: [asked] })).plan;
}

/** The world after an action, as AWS would have it. */
function after(one: Tagged, action: Action): Tagged {
  const written = writtenTags(action);
  const left = Object.entries({ ...one.tags, ...written }).filter(([key]) => !removedKeys(action).includes(key));
  const passed = action.kind === 'tag-group' ? Object.keys(action.propagated) : [];
  const kept = action.kind === 'tag-group' ? Object.keys(action.tags) : [];
  return { ...one, tags: Object.fromEntries(left), unpropagated: [...one.unpropagated.filter(key => !passed.includes(key)), ...kept] };
}

describe('over any tags and any policy that loads', () => {
  test('one write is enough: looked at again, there is no more to say, and every answer is a sentence', () => {
    fc.assert(
      fc.property(policy, resource, (asked, drawn) => {
        const one = carrierOf(drawn);
        const [change] = decide(one, asked, drawn).changes;
        const next = change === undefined ? one : after(one, change.action);
        const memory =
          change === undefined ? null : rememberTags(null, { change, outcome: 'done', at: noon, requestId: 'r', detail: null });
        const again = decide(next, asked, drawn, memory, addSeconds(noon, HOUR));
        expect(again.changes).toEqual([]);
        expect(sentence(answer(again, 'it'))).toMatch(/^Left alone: /);
        if (answer(again, 'it').code === 'compliant') expect(missingKeys(next.tags, asked, next.ref)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('no value is lost, nothing of AWS or Beanstalk is touched, and nothing is written that the service would refuse', () => {
    fc.assert(
      fc.property(policy, resource, (asked, drawn) => {
        const one = carrierOf(drawn);
        for (const { action } of decide(one, asked, drawn).changes) {
          const next = after(one, action);
          for (const key of removedKeys(action)) {
            const heir = Object.entries(asked.normalise?.keys ?? {}).find(([, others]) => others.includes(key))?.[0] ?? '';
            expect(next.tags[heir]).not.toBe('');
            expect(Object.hasOwn(next.tags, heir)).toBe(true);
          }
          for (const [key, value] of Object.entries(writtenTags(action))) {
            expect(key).not.toMatch(/^(aws|elasticbeanstalk):/);
            if (drawn.kind === 'beanstalk-environment') expect(key).not.toBe('Name');
            if (drawn.kind === 'auto-scaling-group' || drawn.kind === 'beanstalk-environment')
              expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
            expect([...value].length).toBeLessThanOrEqual(256);
            if (drawn.kind !== 'beanstalk-environment') continue;
            expect(value).not.toBe('dev'); // its own name
            expect(value).not.toBe('');
            expect([...value].length).toBeLessThan(256);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is exempt, has a parent, or could not be read is never written to', () => {
    fc.assert(
      fc.property(policy, resource, fc.constantFrom('exempt', 'parent', 'unread', 'off', 'blind'), (asked, drawn, how) => {
        const one = carrierOf(drawn);
        const shut: Tagged = {
          ...one,
          ...(how === 'exempt' && { tags: { ...one.tags, tagging: 'exempt' } }),
          ...(how === 'off' && { tags: { ...one.tags, 'ebb:policy': 'off' } }),
          ...(how === 'parent' && { parent: { kind: 'cloudformation-stack', name: 'payroll' } as const }),
          ...(how === 'unread' && { unread: 'AccessDenied' }),
        };
        if (how !== 'blind') expect(decide(shut, asked, drawn).changes).toEqual([]);
        if (how !== 'blind' || one.source === null || asked.inherit === undefined) return;
        // Nobody can say what it would inherit: no default is made up for it, and it is not marked.
        const unseen = taggeds(noon, [one], { blind: new Map([['instance', 'UnauthorizedOperation']]) });
        expect(answer(decideTags(unseen, configOf({ policies: [asked] })).plan, 'it')).toMatchObject({ code: 'tags-unread' });
      }),
    );
  });

  test('tags that are complete clear the mark, in the same write that completes them', () => {
    fc.assert(
      fc.property(policy, resource, (asked, drawn) => {
        const one = carrierOf(drawn);
        const mark: TagMark = { missing: ['owner'], markedAt: noon, deadline: addSeconds(noon, DAY) };
        const [change] = decide(one, asked, drawn, { mark }).changes;
        if (change === undefined || change.because.code === 'tags-missing') return;
        const next = after(one, change.action);
        if (missingKeys(next.tags, asked, one.ref).length > 0) return;
        expect(removedKeys(change.action)).toContain('ebb:mark');
        expect(rememberTags({ mark }, { change, outcome: 'done', at: noon, requestId: 'r', detail: null })).toBeNull();
      }),
    );
  });
});

describe('the stages of a mark', () => {
  const marked = (days: number): TagMark => ({ missing: ['owner'], markedAt: noon, deadline: addSeconds(noon, days * DAY) });
  const after_ = (hours: number) => addSeconds(noon, hours * HOUR);

  test('are birth, half-time and the last day; of a short grace those that come before one another', () => {
    const stages = (days: number) =>
      stagesOf(marked(days)).map(({ stage, at }) => [stage, (Date.parse(at) - Date.parse(noon)) / 3_600_000]);
    expect(stages(7)).toEqual([
      ['birth', 0],
      ['half-time', 84],
      ['last-day', 144],
    ]);
    expect(stages(2)).toEqual([
      ['birth', 0],
      ['last-day', 24],
    ]);
    expect(stages(1)).toEqual([
      ['birth', 0],
      ['half-time', 12],
    ]);
  });

  test('are told once each, and of several that were missed the latest', () => {
    const mark = marked(7);
    expect([0, 83, 84, 200].map(hours => warningDue(mark, after_(hours)))).toEqual(['birth', 'birth', 'half-time', 'last-day']);
    const warned = [{ stage: 'half-time' as const, at: after_(90) }];
    expect([84, 143, 144].map(hours => warningDue({ ...mark, warned }, after_(hours)))).toEqual([null, null, 'last-day']);
    const often = [{ stage: 'birth' as const, at: noon }, ...warned];
    expect([90, 144].map(hours => warningDue({ ...mark, warned: often }, after_(hours)))).toEqual([null, 'last-day']);
    expect(warningDue(mark, after_(-1))).toBeNull();
  });

  test('nothing follows before the last warning has stood for as long as it was meant to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 100 * 24 }), (days, hours) => {
        const mark = marked(days);
        expect(dueFrom(mark)).toBeNull();
        expect(dueFrom({ ...mark, warned: [{ stage: 'birth', at: noon }] })).toBeNull();
        const last = stagesOf(mark).at(-1);
        if (last === undefined) throw new Error('a mark without stages');
        const given = { stage: last.stage, at: after_(hours) };
        const from = dueFrom({ ...mark, warned: [given] });
        expect(from !== null && from >= mark.deadline).toBe(true);
        const stood = (Date.parse(from ?? '') - Date.parse(given.at)) / 1000;
        expect(stood).toBeGreaterThanOrEqual((Date.parse(mark.deadline) - Date.parse(last.at)) / 1000);
      }),
    );
  });
});
