/** Stops that do not work: what cannot hibernate is stopped all the same, and who is told how often. */
import { describe, expect, test } from '@jest/globals';
import { instant } from '../../shared/model/time.ts';
import { devTest, idleOnly } from '../support/policies.ts';
import { day } from '../support/story.ts';

const WEDNESDAY = '2025-05-14';
const hibernating = { policies: [devTest({ hibernate: true })] };
/** EC2's words, until the agent within has made room for the memory; an image without the agent never gets there. */
const NOT_READY = { name: 'UnsupportedOperation', message: 'Instance is not ready to hibernate yet, retry in a few minutes.', status: 400 };

type Story = ReturnType<typeof day>;
const stopsOf = ({ writes }: Story) =>
  writes()
    .filter(w => w.action === 'StopInstances')
    .map(w => `${w.at.slice(11, 16)} ${(w.params as { Hibernate?: boolean }).Hibernate === true ? 'hibernate' : 'stop'}`);

describe('a machine that EC2 will not hibernate', () => {
  test('is asked again at the next ticks, because it may only not be ready yet', async () => {
    const story = day(WEDNESDAY, 'UTC', hibernating);
    const box = story.box({ hibernation: true });
    story.cloud.faults.next('ec2:StopInstances', NOT_READY, { times: 2 });
    await story.at('18:58');
    await story.ticksUntil('19:10');
    expect(box).toBeStopped();
    expect(stopsOf(story).at(-1)).toBe('19:10 hibernate');
  });

  test('is stopped as others are when it has refused three times, and asked again a week later', async () => {
    const story = day(WEDNESDAY, 'UTC', hibernating);
    const box = story.box({ hibernation: true });
    story.cloud.faults.next('ec2:StopInstances', NOT_READY, { times: 3 });
    await story.at('18:58');
    await story.ticksUntil('19:15');
    expect(box).toBeStopped();
    expect(stopsOf(story).at(-1)).toBe('19:15 stop');
    await story.ticksUntil('tomorrow 19:00');
    expect(stopsOf(story).at(-1)).toBe('19:00 stop');
    for (const time of ['07:00', '19:00']) {
      await story.cloud.advanceTo(instant(`2025-05-22T${time}:00Z`));
      await story.tick();
    }
    expect(stopsOf(story).at(-1)).toBe('19:00 hibernate');
  });

  test('is stopped for idleness, too', async () => {
    const story = day(WEDNESDAY, 'UTC', { policies: [idleOnly(4, { hibernate: true })] });
    const box = story.box({ hibernation: true, cpu: () => 1 });
    story.cloud.faults.next('ec2:StopInstances', NOT_READY, { times: 3 });
    await story.ticksUntil('09:30');
    expect(box).toBeRunning();
    await story.ticksUntil('12:00');
    expect(box).toBeStopped();
    expect(stopsOf(story).at(-1)).toMatch(/stop$/);
  });
});

test('another refusal is no word about hibernation', async () => {
  const story = day(WEDNESDAY, 'UTC', hibernating);
  const box = story.box({ hibernation: true });
  const busy = {
    name: 'IncorrectInstanceState',
    message: `This instance '${box}' is not in a state from which it can be stopped.`,
    status: 400,
  };
  story.cloud.faults.next('ec2:StopInstances', busy, { times: 4 });
  await story.at('18:58');
  await story.ticksUntil('19:20');
  expect(box).toBeStopped();
  expect(stopsOf(story).at(-1)).toBe('19:20 hibernate');
});

test('a stop that fails all evening is told when it fails, after some minutes, and then about hourly', async () => {
  const story = day(WEDNESDAY);
  const box = story.box();
  const busy = {
    name: 'IncorrectInstanceState',
    message: `This instance '${box}' is not in a state from which it can be stopped.`,
    status: 400,
  };
  story.cloud.faults.next('ec2:StopInstances', busy, { times: 1_000 });
  await story.at('18:58');
  await story.ticksUntil('21:30');
  const told = (await story.notices()).filter(n => n.kind === 'changes').map(n => n.at.slice(11, 16));
  expect(told).toEqual(['19:00', '19:10', '20:00', '21:00']);
});
