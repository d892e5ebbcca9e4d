/** Another type for what is stopped anyway: the smaller one that its load justifies, or one that EC2 has; and its own again. */
import { describe, expect, test } from '@jest/globals';
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import type { FurnitureOptions } from '../../simulator/world/launch.ts';
import { devTest } from '../support/policies.ts';
import { day, type Story } from '../support/story.ts';

const MONDAY = '2025-05-12';
const resize = (mode: 'plan' | 'act'): InstancePolicy['resize'] => ({ mode, days: 14, cpuTo: 80, memoryTo: 80 });
const smaller = (mode: 'plan' | 'act' = 'act', other: Partial<InstancePolicy> = {}) => ({
  policies: [devTest({ resize: resize(mode), ...other })],
});

/** A Linux m5.xlarge that has run for two months and never came above 30 %. */
const idlish: FurnitureOptions = { type: 'm5.xlarge', cpu: () => 30, tags: { Name: 'payroll', 'ebb:owner': 'payroll@example.com' } };

/** Memory in use, every hour of the last two weeks, as the CloudWatch agent publishes it. */
function publishMemory(story: Story, id: string, percent: number) {
  const now = Date.parse(story.now()) / 1000;
  const region = [...story.cloud.world.regions.values()][0];
  if (region === undefined) throw new Error('no region');
  const dimensions = [
    { Name: 'InstanceId', Value: id },
    { Name: 'InstanceType', Value: story.cloud.instance(id).type },
  ];
  for (let at = now - 14 * 86_400; at < now; at += 3600)
    put(region, { namespace: 'CWAgent', name: 'mem_used_percent', dimensions }, at, [percent]);
}
const { putValues: put } = await import('../../simulator/world/custom-metrics.ts');

async function night(options: Parameters<typeof day>[2], box: FurnitureOptions = idlish, memory: number | null = 30) {
  const story = day(MONDAY, 'UTC', options);
  const id = story.box(box);
  if (memory !== null) publishMemory(story, id, memory);
  await story.at('17:58');
  await story.ticksUntil('19:20');
  return { ...story, id, type: () => story.cloud.instance(id).type };
}

const deeds = ({ writes }: Pick<Story, 'writes'>) =>
  writes().map(({ at, action, params, error }) => {
    const type = (params as { InstanceType?: { Value: string } }).InstanceType?.Value;
    return `${at.slice(11, 16)} ${action.replace('Instances', '').replace('ModifyInstanceAttribute', `→ ${type}`)}${error === null ? '' : ' ✗'}`;
  });
const remembered = async (story: Story & { id: string }) => (await story.remembered()).instances.get(story.id)?.value;

describe('a smaller type', () => {
  test('is given while it sleeps, started with, and its own once its status checks have passed', async () => {
    const story = await night(smaller());
    expect(deeds(story)).toEqual(['19:00 Stop', '19:05 → m5.large']);
    expect(await remembered(story)).toMatchObject({ retype: { own: 'm5.xlarge', to: 'm5.large', because: 'rightsize' } });
    const [claimed] = (await story.ledger()).flatMap(r =>
      r.kind === 'claimed' && r.change.because.code === 'rightsize' ? [r.change] : [],
    );
    expect(claimed).toMatchObject({
      because: { fromType: 'm5.xlarge', toType: 'm5.large', cpuMax: 30, cpuAfter: 60, memoryMax: 30, memoryAfter: 60, perHour: 107_000 },
      expects: { type: 'm5.xlarge' },
      saving: { hours: 0, money: { high: 24 * 107_000 } },
    });
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:20');
    expect(story.id).toBeRunning();
    expect(deeds(story).slice(2)).toEqual(['07:00 Start']);
    expect(await remembered(story)).toMatchObject({ retype: null, boot: null });
    await story.at('tomorrow 18:58');
    await story.ticksUntil('Wed 07:20');
    expect(story.type()).toBe('m5.large'); // what was measured with another type says nothing of this one
    expect(deeds(story).filter(d => d.includes('→'))).toHaveLength(1);
  });

  test('has no less memory where nobody measures it: the family with more of it is taken', async () => {
    const story = await night(smaller(), idlish, null);
    expect(story.type()).toBe('r5.large'); // 2 vCPUs instead of 4, and the 16 GiB that it had
  });

  test('is taken back where it does not start, and rests for a month', async () => {
    const story = await night(smaller());
    story.aws.lacks({ type: 'm5.large', from: story.now(), to: story.cloud.now().replace('2025-05', '2025-07') as never });
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:20');
    expect(
      deeds(story)
        .slice(2)
        .filter((d, i, all) => d !== all[i - 1]),
    ).toEqual(['07:00 Start ✗', '07:05 → m5.xlarge', '07:10 Start']);
    expect(story.id).toBeRunning();
    expect(story.type()).toBe('m5.xlarge');
    expect(await remembered(story)).toMatchObject({ retype: null, resting: { type: 'm5.large' } });
    await story.at('tomorrow 18:58');
    await story.ticksUntil('tomorrow 19:30');
    expect(story.id).toBeStopped();
    expect(story.type()).toBe('m5.xlarge');
  });

  test('with which its checks fail is taken back at once: it cannot be used as it is', async () => {
    const story = await night(smaller());
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:01');
    story.aws.impairs(story.id, 20 * 60);
    await story.ticksUntil('tomorrow 07:40');
    expect(deeds(story).slice(2)).toEqual(['07:00 Start', '07:15 Stop', '07:20 → m5.xlarge', '07:25 Start']);
    expect(story.id).toBeRunning();
    expect((await story.notices()).filter(n => n.kind === 'checks-failing')).toHaveLength(1);
    // The night's meters, before the resize and after it; the stop that took it back saves nothing.
    const stops = (await story.ledger()).filter(r => r.kind === 'meter-opened' && r.class === 'schedule').map(r => r.at.slice(11, 16));
    expect(stops.toSorted()).toEqual(['19:00', '19:05']);
  });

  test('that EC2 refuses leaves it as it was, and it comes back in the morning', async () => {
    const story = day(MONDAY, 'UTC', smaller());
    const id = story.box(idlish);
    publishMemory(story, id, 30);
    await story.at('17:58');
    story.cloud.faults.next('ec2:ModifyInstanceAttribute', { name: 'UnauthorizedOperation', message: 'no', status: 403 }, { times: 99 });
    await story.ticksUntil('tomorrow 07:10');
    expect(id).toBeRunning();
    expect(story.cloud.instance(id).type).toBe('m5.xlarge');
    expect(deeds(story)).toEqual(['19:00 Stop', '19:05 → m5.large ✗', '07:00 Start']);
  });

  test('is not given to what hibernates, what a stack made, or what nobody puts to sleep; the latter two are told, at most weekly', async () => {
    const story = day(MONDAY, 'UTC', smaller());
    const hibernates = story.box({ ...idlish, hibernation: true });
    const stacked = story.box({ ...idlish, tags: { ...idlish.tags, 'aws:cloudformation:stack-name': 'payroll' } });
    const kept = story.box({ ...idlish, tags: { ...idlish.tags, 'ebb:keep-until': '2025-06-30' } });
    for (const id of [hibernates, stacked, kept]) publishMemory(story, id, 30);
    await story.at('17:58');
    await story.ticksUntil('19:30');
    for (const id of [hibernates, stacked, kept]) expect(story.cloud.instance(id).type).toBe('m5.xlarge');
    const told = async () =>
      (await story.notices()).flatMap(n => (n.kind === 'proposal' && n.what === 'resize' ? [[n.resource.id, n.toType]] : []));
    expect(await told()).toEqual([[stacked, 'm5.large']]);
    // Nobody has stopped the other one in its first week: a week in which its load was looked at once more.
    await story.cloud.advanceTo('2025-05-19T18:05:00Z' as never);
    await story.tick();
    expect((await told()).toSorted()).toEqual(
      [
        [stacked, 'm5.large'],
        [kept, 'm5.large'],
      ].toSorted(),
    );
    await story.cloud.advanceTo('2025-05-20T18:05:00Z' as never);
    await story.tick();
    expect(await told()).toHaveLength(2);
  });

  test('is proposed where the policy only plans it', async () => {
    const story = await night(smaller('plan'));
    expect(story.type()).toBe('m5.xlarge');
    const plan = await story.plan();
    expect(plan.changes).toMatchObject([
      { mode: 'plan', action: { kind: 'modify-instance-type', type: 'm5.large' }, because: { code: 'rightsize' } },
    ]);
    expect((await story.notices()).filter(n => n.kind === 'proposal')).toHaveLength(1);
  });
});

describe('a type that stands in', () => {
  const standIns = { policies: [devTest({ start: { early: false, fallbackTypes: ['t3.large', 'm6i.large', 'm7g.large', 'm5a.large'] } })] };
  const scarce = async (types: readonly string[]) => {
    const story = await night(standIns, { type: 'm5.large', cpu: () => 20 }, null);
    for (const type of types) story.aws.lacks({ type, from: story.now(), to: '2025-05-13T12:00:00Z' as never });
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:40');
    return story;
  };

  test('is started where EC2 has no capacity, in the order of the policy, and only what fits', async () => {
    const story = await scarce(['m5.large', 't3.large']);
    expect(deeds(story).filter((d, i, all) => d !== all[i - 1])).toEqual([
      '19:00 Stop',
      '07:00 Start ✗',
      '07:05 → t3.large',
      '07:10 Start ✗',
      '07:15 → m6i.large',
      '07:20 Start',
    ]);
    expect(story.id).toBeRunning();
    await story.at('tomorrow 18:58');
    await story.ticksUntil('tomorrow 19:10');
    expect(story.id).toBeStopped();
    expect(story.type()).toBe('m5.large');
    await story.at('Wed 06:58');
    await story.ticksUntil('Wed 07:10');
    expect(story.id).toBeRunning();
  });

  test('gives way to its own type where none of them comes up: that is tried until there is capacity again', async () => {
    const story = await scarce(['m5.large', 't3.large', 'm6i.large', 'm5a.large']);
    const changes = deeds(story).filter(d => d.includes('→'));
    expect(changes.map(d => d.slice(8))).toEqual(['t3.large', 'm6i.large', 'm5a.large', 'm5.large']);
    expect(story.id).toBeStopped();
    await story.ticksUntil('tomorrow 12:45');
    expect(story.id).toBeRunning();
    expect(story.type()).toBe('m5.large');
  });

  test('gives way to the next where its zone does not have it at all', async () => {
    const story = await night(standIns, { type: 'm5.large', cpu: () => 20 }, null);
    story.aws.lacks({ type: 'm5.large', from: story.now(), to: '2025-05-13T12:00:00Z' as never });
    await story.at('tomorrow 07:04');
    await story.ticksUntil('tomorrow 07:06');
    const message = 'Your requested instance type (t3.large) is not supported in your requested Availability Zone (eu-west-1a).';
    story.cloud.faults.next('ec2:StartInstances', { name: 'Unsupported', message, status: 400 });
    await story.ticksUntil('tomorrow 07:40');
    expect(story.id).toBeRunning();
    expect(story.type()).toBe('m6i.large');
  });

  test('on half a batch: the others start at once, each of the half in its own time', async () => {
    const story = day(MONDAY, 'UTC', standIns);
    const [scant, plenty] = [0, 1].map(k => Array.from({ length: 3 }, () => story.box({ type: k === 0 ? 'm5.large' : 'c5.large' })));
    await story.at('18:58');
    await story.ticksUntil('19:10');
    story.aws.lacks({ type: 'm5.large', from: story.now(), to: '2025-05-13T12:00:00Z' as never });
    await story.at('tomorrow 06:58');
    await story.ticksUntil('tomorrow 07:02');
    for (const id of plenty ?? []) expect(id).toBeRunning();
    await story.ticksUntil('tomorrow 07:20');
    for (const id of scant ?? []) {
      expect(id).toBeRunning();
      expect(story.cloud.instance(id).type).toBe('t3.large');
    }
  });
});
