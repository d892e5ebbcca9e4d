/** Who wants a box back within the hour was stopped too early: it is counted, shown, and leads to later hours. */
import { expect, test } from '@jest/globals';
import { boomerangHints } from '../../cli/boomerang-hints.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { day, type Story } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const BERLIN = 'Europe/Berlin';

/** Somebody starts it so many minutes after we have stopped it, works until ten, and the morning comes. */
async function night(story: Story, box: string, evening: string, morning: string, minutes: string): Promise<void> {
  await story.at(`${evening} 18:58`);
  await story.ticksUntil(`${evening} 19:00`);
  expect(box).toBeStopped();
  await story.at(`${evening} 19:${minutes}`);
  story.human.starts(box);
  await story.ticksUntil(`${evening} 22:00`);
  expect(box).toBeRunning();
  await story.ticksUntil(`${morning} 07:30`);
}

const proposals = async (story: Story) => (await story.notices()).filter(n => n.kind === 'proposal');
const remembered = async (story: Story, box: string) => (await story.remembered()).instances.get(box)?.value;

test('three of them in a fortnight propose later hours, once', async () => {
  const story = day(WEDNESDAY, BERLIN);
  const box = story.box({ tags: { Name: 'payroll', 'ebb:owner': 'qa@example.com' } });
  await night(story, box, 'Wed', 'Thu', '10');
  await night(story, box, 'Thu', 'Fri', '25');
  expect((await remembered(story, box))?.boomerangs).toHaveLength(2);
  expect(await proposals(story)).toEqual([]);
  const account = { account: story.scope.account, config: outside().config() };
  expect(await boomerangHints(await story.plan('stop-start-instances', [box]), account, BERLIN)).toEqual([
    'Stopped by us Thu 15 May 19:00 (Europe/Berlin), and started again by somebody Thu 15 May 19:25 (Europe/Berlin); the same 1 time before, in a fortnight.',
  ]);

  await story.at('Fri 18:58');
  await story.ticksUntil('Fri 19:00');
  await story.at('Fri 19:40');
  story.human.starts(box);
  await story.ticksUntil('Fri 20:10');
  expect(await proposals(story)).toMatchObject([
    { what: 'later-hours', owner: 'qa@example.com', schedule: 'office-hours', times: 3, from: '19:00', to: '21:00' },
  ]);
  expect((await boomerangHints(await story.plan('stop-start-instances', [box]), account, BERLIN)).at(-1)).toBe(
    'Proposal: somebody wanted it back within the hour 3 times in 14 days; 21:00 instead of 19:00 as the end of office-hours would have suited, or a schedule of its own (ebb:schedule).',
  );
  await story.ticksUntil('Mon 08:00');
  expect(await proposals(story)).toHaveLength(1);
}, 60_000);

test('who comes back later than that is no boomerang, and neither is what we bring back', async () => {
  const story = day(WEDNESDAY, BERLIN);
  const [late, never] = [story.box(), story.box()];
  await story.at('18:58');
  await story.ticksUntil('19:00');
  await story.at('20:05');
  story.human.starts(late);
  await story.ticksUntil('tomorrow 08:00');
  expect((await remembered(story, late))?.boomerangs ?? []).toEqual([]);
  expect((await remembered(story, never))?.boomerangs ?? []).toEqual([]);
});
