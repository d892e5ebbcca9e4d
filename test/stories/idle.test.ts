/** Idleness as it was learned of each box: days of dev-test boxes whose own past says when they are wanted. */
import { describe, expect, test } from '@jest/globals';
import type { Mind } from '../../shared/decide/idle/consider.ts';
import { addSeconds, floorTo, HOUR } from '../../shared/model/time.ts';
import { packMind, unpackMind } from '../../shared/runtime/idle-items.ts';
import { readIdle } from '../../shared/runtime/idle-shelf.ts';
import { busy, idle, nightlyJob, officeUse } from '../../simulator/workloads.ts';
import { devTest, idleOnly, officeHours } from '../support/policies.ts';
import { day, type Story, type StoryOptions } from '../support/story.ts';

/** No hours but those that a box itself has shown. */
const learned = (other: StoryOptions = {}): StoryOptions => {
  const { schedule: _, ...policy } = devTest({ idle: 'learned', breaker: { share: 1, atLeast: 99 } });
  return { policies: [policy], ...other };
};

const calls = (story: Story, id: string) =>
  story.writes().flatMap(w => (w.changed.includes(id) ? [`${w.action} ${w.at.slice(5, 16)}`] : []));
/** Looks at whole hours alone: nothing falls due in between. */
async function hourly(story: Story, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await story.advanceTo(addSeconds(floorTo(story.now(), HOUR), HOUR));
    await story.tick();
  }
}

const mindOf = async (story: Story, id: string) => (await readIdle(await story.run(), [id])).minds.get(id);

describe('a box whose past is quiet', () => {
  test('is stopped at the first hourly tick: six weeks of its past are there to be read', async () => {
    const story = day('2025-05-14', 'UTC', learned());
    const box = story.box({ cpu: idle({ seed: 3 }) });
    expect(await story.why(box)).toMatch(
      /^Idle for 67\d hours until Wed 14 May 06:00 UTC by a floor of its own \(use begins at \d(\.\d)? % CPU or \d\d? KB\/s\); .* likely to be used within 4 hours, and 8 % is tolerated; at this time it was in use on 0 of 20 such days\.$/,
    );
    await story.tick();
    expect(box).toBeStopped();
    await hourly(story, 10);
    expect(calls(story, box)).toEqual(['StopInstances 05-14T06:00']);
    expect(await story.why(box)).toMatch(/stopped by us \(idle\) since Wed 14 May 06:00/);
  });

  test('and which is younger than eight days is left to show what it does', async () => {
    const story = day('2025-05-14', 'UTC', learned());
    const box = story.box({ cpu: idle({ seed: 3 }), since: story.now().replace('-14', '-10') as never });
    await story.tick();
    expect(box).toBeRunning();
    expect(await story.why(box)).toBe('Left alone: what idle means is still being learned of it: 96 of 200 hours.');
  });
});

describe('a box with a job every night', () => {
  test('rests in between, and is up minutes before each', async () => {
    const story = day('2025-05-14', 'UTC', learned());
    const box = story.box({ cpu: nightlyJob({ seed: 4, hour: 2 }), type: 'm5.large' });
    await hourly(story, 19);
    await story.ticksUntil('tomorrow 01:49');
    expect(box).toBeStopped();
    await story.ticksUntil('tomorrow 01:52');
    expect(box).toBeRunning();
    await hourly(story, 23);
    await story.ticksUntil('Fri 02:00');
    const starts = calls(story, box).filter(call => call.startsWith('Start'));
    expect(starts).toEqual(['StartInstances 05-15T01:50', 'StartInstances 05-16T01:50']);
    expect((await mindOf(story, box))?.learner.trust).toBe(1);
  });
});

describe('somebody who needs a box that we have stopped', () => {
  const surprised = async () => {
    const story = day('2025-05-14', 'UTC', learned());
    const box = story.box({ cpu: idle({ seed: 3 }) });
    await story.tick();
    await story.at('07:20');
    story.human.starts(box);
    return { story, box };
  };

  test('has it, and the house trusts its judgement of this box less than before', async () => {
    const { story, box } = await surprised();
    await story.ticksUntil('08:10');
    expect(await story.why(box)).toMatch(/it started Wed 14 May 07:20 UTC, and idleness is measured from 10:00/);
    await story.ticksUntil('10:10');
    const mind = await mindOf(story, box);
    expect(mind?.learner.trust).toBeCloseTo(0.4, 1);
    expect(mind?.learner.rest).toBeNull();
    const rows = await story.ledger();
    expect(rows.filter(r => r.kind === 'meter-closed').map(r => r.why)).toEqual(['started-by-someone']);
  });

  test('costs trust once, however often the tick is told', async () => {
    const { story, box } = await surprised();
    for (const wall of ['08:00', '08:00', '09:00', '09:00', '10:00', '10:00', '11:00']) {
      await story.at(wall);
      await story.tick();
    }
    expect((await mindOf(story, box))?.learner.trust).toBeCloseTo(0.4, 1);
    const { tolerance } = await readIdle(await story.run(), 'all');
    expect(Math.exp(tolerance.ofWrong)).toBeCloseTo(0.08 * Math.exp(-0.05 * 0.95), 2);
  });
});

describe('what argues against a stop', () => {
  test('a GPU at work, disks at work, and credits that are spent: a box is not idle because its CPU is', async () => {
    const story = day('2025-05-14', 'UTC', learned());
    const lately = Date.parse(story.now()) / 1000 - 7200;
    const quiet = { cpu: idle({ seed: 3 }), network: () => 1 };
    const trainer = story.box({ ...quiet, type: 'g5g.xlarge' });
    const disks = story.box({ ...quiet, type: 'm5.large', diskOps: at => (at > lately ? 400 : 2) });
    const silent = story.box({ ...quiet, type: 'm5.large' });
    await putGpu(story, trainer);
    await story.tick();
    expect(disks).toBeRunning();
    expect(await story.why(disks)).toMatch(/its disks were in use in the hour from Wed 14 May 0[45]:00 UTC \([\d,]+ operations a sample/);
    expect(trainer).toBeRunning();
    expect(await story.why(trainer)).toMatch(/its GPU was in use in the hour from Wed 14 May 05:00 UTC \(62 %, and use begins at 5 %\)/);
    expect(silent).toBeStopped();
  });

  test('off-hours come first, and a box whose hours ended is not judged by the quiet of its nights', async () => {
    const story = day('2025-05-14', 'UTC', {
      policies: [devTest({ idle: 'learned' })],
      schedules: [officeHours()],
      from: '18:00',
    });
    const box = story.box({
      cpu: officeUse({ seed: 6 }),
      type: 'm5.large',
      ranInHour: hour => hour < 120 && hour % 24 >= 7 && hour % 24 < 19,
    });
    await story.ticksUntil('19:05');
    expect(calls(story, box)).toEqual(['StopInstances 05-14T19:00']);
    await story.ticksUntil('tomorrow 09:00');
    const mind = await mindOf(story, box);
    expect(mind?.learner.rest ?? null).toBeNull();
    expect(mind?.learner.history.cpu ?? '').not.toContain('-');
  });
});

/** As the CloudWatch agent does, with a dimension for each GPU. */
async function putGpu(story: Story, id: string): Promise<void> {
  const cloudWatch = await (await story.run()).clients.cloudWatch();
  const { PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const Dimensions = [
    { Name: 'InstanceId', Value: id },
    { Name: 'index', Value: '0' },
  ];
  const datum = { MetricName: 'nvidia_smi_utilization_gpu', Dimensions, Value: 62, Timestamp: new Date(Date.parse(story.now()) - 600_000) };
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'CWAgent', MetricData: [datum] }));
}

test('what is learned lies on the shelf in a kilobyte or so each, and is written only where a tail of metrics would not tell it again', async () => {
  const story = day('2025-05-14', 'UTC', learned());
  const boxes = [idle({ seed: 3 }), nightlyJob({ seed: 4, hour: 2 }), busy({ seed: 5 }), officeUse({ seed: 6 })].map(cpu =>
    story.box({ cpu }),
  );
  await hourly(story, 12);
  const { memory, at } = await story.run();
  const items = await memory.readShelf(`${story.scope.account}/${story.scope.region}#idle`, at);
  expect(items.map(({ key }) => key)).toEqual([...boxes.map(id => `learner#${id}`).toSorted(), 'tolerance']);
  for (const { key, value, version } of items.slice(0, -1)) {
    expect(JSON.stringify({ pk: '123456789012/eu-west-1#idle', sk: key, value }).length).toBeLessThan(1400);
    expect(version).toBeLessThan(12);
    expect(packMind(unpackMind(value) as Mind)).toEqual(value);
  }
});

test('who has opted out of another scheduler is not stopped for idleness either', async () => {
  const scheduleTags = [{ key: 'maid_offhours', language: 'custodian' }] as const;
  const story = day('2025-05-14', 'UTC', { policies: [idleOnly(4, { scheduleTags: [...scheduleTags] })] });
  const out = story.box({ tags: { maid_offhours: 'off' }, cpu: () => 1 });
  const quiet = story.box({ cpu: () => 1 });
  await story.ticksUntil('07:10');
  expect(quiet).toBeStopped();
  expect(out).toBeRunning();
  expect(await story.why(out)).toBe('Left alone: its tag maid_offhours opts out.');
});
