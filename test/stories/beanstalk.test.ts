import { describe, expect, test } from '@jest/globals';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import type { EnvironmentOptions } from '../../simulator/world/beanstalk.ts';
import { webFleet } from '../support/policies.ts';
import { day, type StoryOptions } from '../support/story.ts';

const pens = ['resize-fleets'] as const;

function environment(policy: Partial<FleetPolicy> = {}, options: Partial<EnvironmentOptions> = {}) {
  const usual: Partial<FleetPolicy> = { beanstalk: true, match: { tags: {}, names: ['shop*'] }, minSize: 1 };
  let policies: readonly FleetPolicy[] = [webFleet({ ...usual, ...policy })];
  const outside: StoryOptions['outside'] = world => ({ ...world, config: () => ({ ...world.config(), policies }) });
  const story = day('2025-05-14', 'UTC', { from: '08:00', outside });
  const group = story.createEnvironment({
    ...{ name: 'shop-dev', application: 'shop', minSize: 2, maxSize: 8, desiredCapacity: 4, demand: () => 1.8, monitoring: 'detailed' },
    ...options,
  });
  const owned = () => {
    const found = story.cloud.world.regions.get('eu-west-1')?.environments.get('shop-dev');
    if (found === undefined) throw new Error('the environment is gone');
    return found;
  };
  const settings = () => Object.fromEntries([...owned().settings.values()].map(s => [`${s.resource ?? s.namespace} ${s.name}`, s.value]));
  return {
    ...story,
    group,
    owned,
    settings,
    minSize: () => Number(settings()['aws:autoscaling:asg MinSize']),
    sizes: () => [story.group(group).minSize, story.group(group).maxSize, story.group(group).desired],
    wrote: () => story.writes().map(w => `${w.at.slice(11, 16)} ${w.action}`),
    ticksUntil: (wall: string) => story.ticksUntil(wall, { pens }),
    why: async () => {
      const plan = await story.plan('resize-fleets');
      const { sentence } = await import('../../shared/report/sentences.ts');
      const [answer] = [...plan.changes, ...plan.left];
      return answer === undefined ? 'nobody knows it' : sentence(answer.because);
    },
    deploys: (next: readonly FleetPolicy[]) => {
      policies = next;
    },
    acting: (more: Partial<FleetPolicy> = {}) => webFleet({ ...usual, ...policy, ...more }),
  };
}

describe('the floor of an environment', () => {
  test('is raised early and lowered late, a few times a day, by UpdateEnvironment alone', async () => {
    const { ticksUntil, setDemand, at, group, wrote, minSize, sizes, why } = environment();
    await at('08:10');
    setDemand(group, () => 3);
    await ticksUntil('08:30');
    expect(wrote()).toEqual(['08:14 UpdateEnvironment']);
    expect(minSize()).toBe(6);
    expect(sizes()).toEqual([6, 8, 6]);
    expect(await why()).toContain('a MinSize of 6 suits');
    setDemand(group, () => 0.5);
    await ticksUntil('11:00');
    expect(minSize()).toBe(6);
    expect(await why()).toContain('MinSize stays 6 until Wed 14 May 12:14 UTC');
    await ticksUntil('12:30');
    expect(wrote()).toEqual(['08:14 UpdateEnvironment', '12:14 UpdateEnvironment']);
    expect(minSize()).toBe(2); // what it was before us, not what demand would do with
  });

  test('waits until the environment is ready', async () => {
    const { ticksUntil, setDemand, at, group, wrote, owned, why } = environment();
    await at('08:10');
    owned().status = 'Updating';
    setDemand(group, () => 3);
    await ticksUntil('08:20');
    expect(wrote()).toEqual([]);
    expect(await why()).toBe('Left alone: its environment is Updating, and takes an update only when it is Ready.');
    owned().status = 'Ready';
    await ticksUntil('08:22');
    expect(wrote()).toEqual(['08:21 UpdateEnvironment']);
  });

  test('that moves for the first time is the moment to propose a better trigger, once', async () => {
    const { ticksUntil, setDemand, at, group, notices, settings } = environment();
    await at('08:10');
    setDemand(group, () => 3);
    await ticksUntil('12:30');
    expect((await notices()).filter(n => n.kind === 'proposal')).toMatchObject([{ what: 'trigger', resource: { name: 'shop-dev' } }]);
    expect(settings()['aws:autoscaling:trigger MeasureName']).toBe('NetworkOut');
  });

  test('goes back when nobody speaks for it any more', async () => {
    const { ticksUntil, setDemand, at, group, minSize, deploys } = environment();
    await at('08:10');
    setDemand(group, () => 3);
    await ticksUntil('08:30');
    deploys([]);
    await ticksUntil('08:40');
    expect(minSize()).toBe(2);
  });

  test('an answer that is lost is looked up in its settings, and nothing is written twice', async () => {
    const { ticksUntil, setDemand, at, group, faults, wrote, minSize, remembered, owned } = environment();
    await at('08:10');
    faults.next('elasticbeanstalk:UpdateEnvironment', { name: 'InternalFailure', status: 500 }, { after: true });
    setDemand(group, () => 3);
    await ticksUntil('08:30');
    expect(wrote().filter(w => w.includes('UpdateEnvironment')).length).toBeLessThanOrEqual(2); // the SDK's own retry
    expect(minSize()).toBe(6);
    expect((await remembered('resize-fleets')).fleets.get(owned().id)?.value.floor).toMatchObject({ was: 2, is: 6 });
  });

  test('of a policy that does not say so is left alone', async () => {
    const { ticksUntil, wrote, why } = environment({ beanstalk: false }, { demand: () => 6 });
    await ticksUntil('08:30');
    expect(wrote()).toEqual([]);
    expect(await why()).toContain('belongs to the Elastic Beanstalk environment shop-dev, and its policy does not say `beanstalk: true`');
  });
});

describe('a pause', () => {
  const asleep = { schedule: 'office-hours', offHours: { minSize: 0 } } as const;

  test('is a pair that is written in one update, ahead; it comes back by itself, and exactly', async () => {
    const { at, ticksUntil, wrote, settings, sizes, why, remembered, owned } = environment(asleep);
    await at('18:10');
    await ticksUntil('18:30');
    expect(wrote()).toEqual(['18:20 UpdateEnvironment']);
    expect(settings()).toMatchObject({
      ...{
        'ebb-pause StartTime': '2025-05-14T19:00:00Z',
        'ebb-pause MinSize': '0',
        'ebb-pause MaxSize': '0',
        'ebb-pause DesiredCapacity': '0',
      },
      ...{ 'ebb-resume StartTime': '2025-05-15T07:00:00Z', 'ebb-resume MinSize': '2', 'ebb-resume MaxSize': '8' },
      ...{ 'ebb-resume DesiredCapacity': '4', 'aws:autoscaling:asg MinSize': '2' },
    });
    expect(sizes()).toEqual([2, 8, 4]);
    expect(await why()).toContain('its pause from Wed 14 May 19:00 UTC to Thu 07:00 is set');
    await ticksUntil('19:05');
    expect(sizes()).toEqual([0, 0, 0]);
    expect(await why()).toContain('back Thu 07:00; it was 2 to 8, desired 4');
    await at('tomorrow 06:59');
    await ticksUntil('tomorrow 07:30');
    expect(sizes()).toEqual([2, 8, 4]);
    expect(wrote()).toHaveLength(1);
    expect((await remembered('resize-fleets')).fleets.get(owned().id)?.value.asleep).toBeNull();
    await at('tomorrow 18:15');
    await ticksUntil('tomorrow 19:05');
    expect(sizes()).toEqual([0, 0, 0]);
    expect(wrote()).toHaveLength(2);
  });

  test('that its second half did not end is ended by us, until it is', async () => {
    const { at, ticksUntil, sizes, wrote, owned } = environment(asleep);
    await at('18:15');
    await ticksUntil('19:05');
    expect(sizes()).toEqual([0, 0, 0]);
    owned().group.suspended.add('ScheduledActions');
    await at('tomorrow 07:01');
    owned().group.suspended.delete('ScheduledActions');
    await ticksUntil('tomorrow 07:40');
    expect(wrote()).toHaveLength(2);
    expect(sizes()).toEqual([2, 8, 4]);
  });

  test('that nobody speaks for any more is ended before its time, and one that has not begun never begins', async () => {
    const { at, ticksUntil, sizes, deploys } = environment(asleep);
    await at('18:15');
    await ticksUntil('18:30');
    deploys([]);
    await ticksUntil('19:30');
    expect(sizes()).toEqual([2, 8, 4]);
  });

  test('begins late where it was written late, and is not written for an hour that is nearly over', async () => {
    const { at, ticksUntil, sizes, wrote } = environment(asleep);
    await at('20:00');
    await ticksUntil('20:30');
    expect(wrote()).toEqual(['20:01 UpdateEnvironment']);
    expect(sizes()).toEqual([0, 0, 0]);
    const late = environment(asleep);
    await late.at('tomorrow 06:10');
    await late.ticksUntil('tomorrow 06:40');
    expect(late.wrote()).toEqual([]);
  });

  test('of a single instance is refused, with the reason', async () => {
    const { at, ticksUntil, wrote, why } = environment(asleep, { singleInstance: true, demand: () => 0.3 });
    await at('18:15');
    await ticksUntil('18:30');
    expect(wrote()).toEqual([]);
    expect(await why()).toContain('it is a single-instance environment');
  });

  test('is tried again a few times where Beanstalk does not take it, and told', async () => {
    const { at, ticksUntil, sizes, faults, notices } = environment(asleep);
    await at('18:15');
    faults.next('elasticbeanstalk:UpdateEnvironment', { name: 'OperationInProgressFailure', status: 400 }, { times: 2 });
    await ticksUntil('19:30');
    expect(sizes()).toEqual([0, 0, 0]);
    expect((await notices()).find(n => n.kind === 'changes')).toMatchObject({ lines: [{ outcome: 'failed' }] });
  });
});

test('whatever is done, its group and its instances are never written to', async () => {
  const { at, ticksUntil, setDemand, group, record, deploys, acting } = environment({ schedule: 'office-hours', offHours: { minSize: 0 } });
  await at('08:10');
  setDemand(group, () => 3);
  await ticksUntil('09:00');
  await at('18:15');
  await ticksUntil('19:05');
  deploys([acting({ mode: 'plan' })]);
  await at('tomorrow 06:58');
  await ticksUntil('tomorrow 07:30');
  deploys([]);
  await ticksUntil('tomorrow 08:30');
  const ours = record.writes.filter(w => w.userAgent.includes('ebbtide/chg-'));
  expect(ours.length).toBeGreaterThan(2);
  expect(new Set(ours.map(w => `${w.service}:${w.action}`))).toEqual(new Set(['elasticbeanstalk:UpdateEnvironment']));
});
