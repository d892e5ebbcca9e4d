/** From a mark to its consequence and back: warned three times, stopped by the instance pen, given back when the tags are there. */
import { describe, expect, test } from '@jest/globals';
import { addSeconds, floorTo, HOUR } from '../../shared/model/time.ts';
import type { TagPolicy } from '../../shared/policy/schema.ts';
import { rememberBirth } from '../../shared/runtime/births.ts';
import { askFor } from '../../shared/runtime/wishes.ts';
import { devTest, requiredTags } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const always = { name: 'always', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '00:00', end: '24:00' }] };

function office(policy: Partial<TagPolicy> = {}, options: StoryOptions = {}) {
  const strict = requiredTags({ grace: { days: 4 }, escalate: 'stop', ...policy });
  const machines = devTest({ schedule: 'always' });
  const story = day('2025-05-12', 'UTC', { policies: [strict, machines], schedules: [always], from: '11:59', ...options });
  const warnings = async () => (await story.notices()).flatMap(n => (n.kind === 'tag-warning' ? [`${n.stage} ${n.at}`] : []));
  return {
    ...story,
    warnings,
    /** Both pens at each full hour until then, the tag pen first: a deployment ticks more often, and finds no more due. */
    until: async (wall: string) => {
      const end = story.timeOf(wall);
      for (let at = addSeconds(floorTo(story.now(), HOUR), HOUR); at <= end; at = addSeconds(at, HOUR)) {
        await story.cloud.advanceTo(at);
        await story.tick('enforce-tags', 'due');
        await story.tick('stop-start-instances');
      }
      await story.cloud.advanceTo(end);
    },
    why: (id: string) => story.why(id, 'stop-start-instances'),
  };
}

const WARNED = ['birth 2025-05-12T12:00:00Z', 'half-time 2025-05-14T12:00:00Z', 'last-day 2025-05-15T12:00:00Z'];

describe('a dev-test box without its tags', () => {
  test('is warned at birth, at half-time and a day before, once each, then stopped, and comes back when the tags are there', async () => {
    const { cloud, box, until, warnings, why, human, remembered, ledger, tick } = office();
    const lacking = box();
    const complete = box({ tags: { owner: 'ann' } });
    await until('Fri 11:59');
    expect(await warnings()).toEqual(WARNED);
    expect(lacking).toBeRunning();
    await until('Fri 12:10');
    expect(lacking).toBeStopped();
    expect(complete).toBeRunning();
    expect((await warnings()).at(-1)).toMatch(/^stopped 2025-05-16T12:0/);
    expect(await why(lacking)).toBe(
      'Left alone: stopped by us since Fri 16 May 12:00 UTC, and not started while owner is missing, which was to be added by 12:00.',
    );
    expect((await ledger()).flatMap(r => (r.kind === 'meter-opened' ? [r.class] : []))).toEqual(['tags']);
    human.tags(lacking, { owner: 'ann' });
    await until('Fri 12:20');
    // No event was heard here; the next hour's look sees it.
    await until('Fri 13:05');
    expect(lacking).toBeRunning();
    expect((await remembered()).instances.get(lacking)?.value.stop).toBeNull();
    await tick('enforce-tags');
    expect(cloud.instance(lacking).tags.has('ebb:mark')).toBe(false);
    expect((await warnings()).length).toBe(WARNED.length + 1);
  });

  test('that names nobody is told of to whoever made it', async () => {
    const { box, until, run, now, notices } = office();
    const lacking = box();
    const birth = {
      at: now(),
      call: 'RunInstances',
      by: { name: 'x', service: null, person: { who: 'anna@example.com', known: 'identity-center' } },
    };
    const bell = { pen: 'enforce-tags', look: [lacking], at: now(), cause: 'RunInstances', dedupId: 'birth-1', birth } as const;
    const pen = await run('enforce-tags');
    await rememberBirth(pen as never, { ...bell, scope: pen.scope } as never);
    await until('Fri 12:10');
    const told = (await notices()).flatMap(n => (n.kind === 'tag-warning' && n.stage === 'stopped' ? [n.owner] : []));
    expect(told).toEqual(['anna@example.com']);
  });

  test('is left to whoever starts it again: one deadline has one consequence', async () => {
    const { box, until, human } = office();
    const lacking = box();
    await until('Fri 12:10');
    expect(lacking).toBeStopped();
    human.starts(lacking);
    await until('Sat 12:00');
    expect(lacking).toBeRunning();
  });

  test('is not stopped by hand-edited marks, nor saved by them', async () => {
    const { box, until, human, writes } = office();
    const [early, late] = [box(), box()];
    await until('Mon 12:05');
    human.tags(early, { 'ebb:mark': 'missing owner - due 2020-01-01T00:00:00Z' });
    human.tags(late, { 'ebb:mark': 'missing owner - due 2099-01-01T00:00:00Z' });
    await until('Fri 11:59');
    expect(writes().filter(w => w.action === 'StopInstances')).toEqual([]);
    await until('Fri 12:10');
    expect(early).toBeStopped();
    expect(late).toBeStopped();
  });

  test('is only warned where the policy does not escalate, and nobody is stopped for whom no policy of instances speaks', async () => {
    const gentle = office({ escalate: undefined } as Partial<TagPolicy>);
    const lacking = gentle.box();
    await gentle.until('Fri 13:00');
    expect(lacking).toBeRunning();
    expect(await gentle.warnings()).toEqual(WARNED);

    const other = office();
    const prod = other.launch({ tags: { environment: 'prod' } });
    await other.until('Fri 13:00');
    expect(prod).toBeRunning();
  });

  test('is stopped later where the last warning came late', async () => {
    const { box, until, at, warnings } = office();
    const lacking = box();
    await until('Mon 12:05');
    await at('Fri 11:00'); // nobody ticked for days
    await until('Fri 13:00');
    expect(lacking).toBeRunning();
    expect((await warnings()).at(-1)).toBe('last-day 2025-05-15T12:00:00Z');
    await until('Sat 11:04');
    expect(lacking).toBeRunning();
    await until('Sat 13:00');
    expect(lacking).toBeStopped();
  });

  test('that sleeps through its deadline is not started only to be stopped again, and is as soon as its tags are there', async () => {
    const hours = { name: 'always', timeZone: 'UTC', periods: [{ weekdays: 'mon-sun', begin: '13:00', end: '24:00' }] };
    const { box, until, why, human, tick } = office({}, { schedules: [hours] });
    const lacking = box();
    await until('Fri 12:30');
    expect(lacking).toBeStopped();
    await until('Fri 14:00');
    expect(lacking).toBeStopped();
    expect(await why(lacking)).toContain('not started while owner is missing');
    human.tags(lacking, { owner: 'ann' });
    await tick('stop-start-instances', [lacking]);
    expect(lacking).toBeRunning();
  });
});

describe('what somebody takes up in Slack', () => {
  test('is written once, clears the mark and is spent', async () => {
    const { box, until, run, now, instance, human, tick, remembered } = office();
    const lacking = box();
    await until('Mon 12:05');
    expect(instance(lacking).tags.has('ebb:mark')).toBe(true);
    const tables = await run('enforce-tags');
    const wish = {
      id: 'w-1',
      at: now(),
      by: 'U123',
      via: 'slack',
      why: null,
      want: 'tags',
      tags: { owner: 'ann', team: 'pay 🚀' },
    } as const;
    await askFor(tables as never, tables.scope, 'enforce-tags', lacking, wish, now()).catch(() => {});
    await tick('enforce-tags', [lacking]);
    expect(Object.fromEntries(instance(lacking).tags)).toEqual({ environment: 'dev', owner: 'ann', team: 'pay 🚀' });
    expect((await remembered('enforce-tags')).tags.get(lacking)?.value.mark ?? null).toBeNull();
    human.tags(lacking, { owner: 'bob' });
    await tick('enforce-tags', [lacking]);
    expect(instance(lacking).tags.get('owner')).toBe('bob');
  });
});
