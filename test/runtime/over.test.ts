/** What is over is told once. */
import { expect, test } from '@jest/globals';
import { addSeconds, DAY, instant } from '../../shared/model/time.ts';
import { waiting } from '../../shared/runtime/outbox.ts';
import { tellOver } from '../../shared/runtime/over.ts';
import { paperMemory } from '../support/paper.ts';
import { configOf, officeHours, webFleet } from '../support/policies.ts';
import { day } from '../support/story.ts';

const at = instant('2025-05-20T09:00:00Z');

test('dates in schedules and policies, once each, and a new one alone when it ends', async () => {
  const memory = paperMemory();
  const release = { state: 'running', from: '2025-05-16T18:00', to: '2025-05-18', why: 'release weekend' } as const;
  const later = { state: 'running', to: '2025-05-21' } as const;
  const config = configOf({
    schedules: [{ ...officeHours(), overrides: [release, later] }],
    policies: [webFleet({ overrides: [{ from: '2025-05-01', to: '2025-05-02', timeZone: 'UTC', minSize: 4 }] })],
  });
  const told = async () => (await waiting(memory, at)).flatMap(({ value: { notice } }) => (notice.kind === 'over' ? notice.notes : []));

  expect(await tellOver(memory, config, at)).toBe(2);
  expect(await told()).toEqual([
    'policy web: its override from 2025-05-01 to 2025-05-02 is over and does nothing any more; take it out',
    'schedules.yml: the override running (release weekend) ended 2025-05-18; remove it from office-hours',
  ]);
  expect(await tellOver(memory, config, addSeconds(at, DAY))).toBe(0);
  expect(await tellOver(memory, config, addSeconds(at, 2 * DAY))).toBe(1);
  expect((await told()).at(-1)).toBe('schedules.yml: the override running ended 2025-05-21; remove it from office-hours');
  expect(await tellOver(memory, configOf(), at)).toBe(0);
});

test('the date in a tag, to its owner, once; a later one is another', async () => {
  const story = day('2025-05-14', 'UTC');
  const demo = story.box({ tags: { 'ebb:keep-until': '2025-05-14T12:00', 'ebb:owner': 'qa@example.com' } });
  const told = async () => (await story.notices()).filter(n => n.kind === 'keep-over');
  await story.at('11:58');
  await story.tick();
  expect(await told()).toEqual([]);
  await story.ticksUntil('14:00');
  expect(await told()).toMatchObject([{ resource: { id: demo }, owner: 'qa@example.com', until: '2025-05-14T12:00:00Z' }]);
  story.human.tags(demo, { 'ebb:keep-until': '2025-05-14T16:00' });
  await story.ticksUntil('18:00');
  expect((await told()).map(n => n.until)).toEqual(['2025-05-14T12:00:00Z', '2025-05-14T16:00:00Z']);
});
