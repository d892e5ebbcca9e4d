import { describe, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import { type Cloud, createCloud } from '../../simulator/cloud.ts';
import type { BusEvent } from '../../simulator/world/bus.ts';
import { datapoints, type Statistic } from '../../simulator/world/datapoints.ts';
import type { MetricName } from '../../simulator/world/metric-source.ts';
import { sourceOf } from '../../simulator/world/metrics.ts';
import { regionOf } from '../../simulator/world/world.ts';

const MONDAY = instant('2025-05-12T08:00:00Z');
const HOUR = 3600;

const begin = (seed = 7): Cloud => createCloud({ seed, at: MONDAY });
const after = (seconds: number): Instant => addSeconds(MONDAY, seconds);

function hear(cloud: Cloud): BusEvent[] {
  const heard: BusEvent[] = [];
  cloud.onEvent(event => void heard.push(event));
  return heard;
}

/** What GetMetricData would roll up, oldest first. */
function read(cloud: Cloud, metric: MetricName, stat: Statistic, period: number, from: Instant, to: Instant) {
  const source = sourceOf(cloud.world, regionOf(cloud.world, 'eu-west-1'), metric);
  if (source === null) return [];
  const { times, values } = datapoints(source, stat, period, { start: epochSeconds(from), end: epochSeconds(to) }, cloud.world.clock.now());
  return times.map((time, i) => [instant(time * 1000), values[i] as number] as const);
}

const cpuOf = (id: string): MetricName => ({
  namespace: 'AWS/EC2',
  name: 'CPUUtilization',
  dimensions: [{ Name: 'InstanceId', Value: id }],
});
const groupMetric = (namespace: string, name: string): MetricName => ({
  namespace,
  name,
  dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }],
});

describe('an instance', () => {
  test('takes its time to stop and to start, and gets a new launch time and address', async () => {
    const cloud = begin();
    const box = cloud.launch({ publicIpv4: 'auto', since: instant('2025-03-01T00:00:00Z') });
    const { launchTime, publicIp } = cloud.instance(box);

    cloud.human.stops(box);
    expect(cloud.instance(box)).toMatchObject({ state: 'stopping', transitionReason: 'User initiated (2025-05-12 08:00:00 GMT)' });
    await cloud.advanceTo(after(19));
    expect(cloud.instance(box).state).toBe('stopping');
    await cloud.advanceTo(after(60));
    expect(cloud.instance(box)).toMatchObject({ state: 'stopped', publicIp: null, launchTime });

    cloud.human.starts(box);
    expect(cloud.instance(box)).toMatchObject({ state: 'pending', launchTime: epochSeconds(after(60)), transitionReason: '' });
    await cloud.advanceTo(after(60 + 24));
    expect(cloud.instance(box).state).toBe('pending');
    await cloud.advanceTo(after(60 + 40));
    expect(cloud.instance(box).state).toBe('running');
    expect(cloud.instance(box).publicIp).not.toBe(publicIp);
    expect(cloud.instance(box).createdAt).toBe(epochSeconds(instant('2025-03-01T00:00:00Z')));
  });

  test('is billed from running to stopping, and not while it is pending, stopping or stopped', async () => {
    const cloud = begin();
    const box = cloud.launch();
    cloud.at(after(HOUR), () => cloud.human.stops(box));
    cloud.at(after(3 * HOUR), () => cloud.human.starts(box));
    await cloud.advanceTo(after(5 * HOUR));

    const running = cloud.record.transitions.find(t => t.instance === box && t.to === 'running' && t.at > after(3 * HOUR))?.at ?? '';
    const boot = epochSeconds(running as Instant) - epochSeconds(after(3 * HOUR));
    expect(boot).toBeGreaterThanOrEqual(25);
    const billed = cloud.record.billedSeconds(box, epochSeconds(MONDAY), epochSeconds(after(5 * HOUR)));
    expect(billed).toBe(HOUR + (2 * HOUR - boot)); // one hour before the stop, and two after the start less its boot
  });

  test('is billed until stopped when it hibernates, and until shutting-down when it is terminated', async () => {
    const cloud = begin();
    const sleeper = cloud.launch({ hibernation: true });
    const gone = cloud.launch();
    const { ec2 } = await import('../../simulator/services/ec2.ts');
    const call = { world: cloud.world, region: regionOf(cloud.world, 'eu-west-1'), requestId: '', invocation: '', changed: [] };
    ec2['StopInstances']?.answer({ InstanceIds: [sleeper], Hibernate: true }, call);
    cloud.human.terminates(gone);
    await cloud.advanceTo(after(HOUR));

    const stopped = cloud.record.transitions.find(t => t.instance === sleeper && t.to === 'stopped')?.at as Instant;
    const [from, to] = [epochSeconds(MONDAY), epochSeconds(after(HOUR))];
    expect(cloud.record.billedSeconds(sleeper, from, to)).toBe(epochSeconds(stopped) - from);
    expect(cloud.record.billedSeconds(sleeper, from, to)).toBeGreaterThan(80);
    expect(cloud.record.billedSeconds(gone, from, to)).toBe(0);
    expect(cloud.instance(gone).state).toBe('terminated');
  });

  test('falls back to stopped when the key of its volume may not be used, as often as it was told to', async () => {
    const cloud = begin();
    const box = cloud.launch({ state: 'stopped' });
    cloud.troubleStarts(box, { kind: 'kms', times: 1 });
    cloud.human.starts(box);
    await cloud.advanceTo(after(20));
    expect(cloud.instance(box)).toMatchObject({ state: 'stopped', stateReason: { Code: 'Client.InternalError' } });
    expect(cloud.record.billedSeconds(box, epochSeconds(MONDAY), epochSeconds(after(20)))).toBe(0);

    cloud.human.starts(box);
    await cloud.advanceTo(after(80));
    expect(cloud.instance(box).state).toBe('running');
  });

  test('tells the bus its states, and CloudTrail tells who was behind it', async () => {
    const cloud = begin();
    const heard = hear(cloud);
    const box = cloud.launch();
    cloud.human.stops(box);
    await cloud.advanceTo(after(300));

    const states = heard.filter(e => e['detail-type'] === 'EC2 Instance State-change Notification');
    expect(states.map(e => e.detail)).toEqual([
      { 'instance-id': box, state: 'stopping' },
      { 'instance-id': box, state: 'stopped' },
    ]);
    expect(states[0]).toMatchObject({
      version: '0',
      source: 'aws.ec2',
      account: '123456789012',
      time: MONDAY,
      region: 'eu-west-1',
      resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${box}`],
    });
    const [trail] = heard.filter(e => e['detail-type'] === 'AWS API Call via CloudTrail');
    expect(trail).toMatchObject({
      source: 'aws.ec2',
      resources: [],
      detail: {
        eventSource: 'ec2.amazonaws.com',
        eventName: 'StopInstances',
        userIdentity: { type: 'IAMUser' },
        requestParameters: { instancesSet: { items: [{ instanceId: box }] } },
        responseElements: {
          instancesSet: { items: [{ instanceId: box, currentState: { name: 'stopping' }, previousState: { name: 'running' } }] },
        },
        readOnly: false,
      },
    });
  });

  test('that somebody launches is pending, then running, and its RunInstances names it', async () => {
    const cloud = begin();
    const heard = hear(cloud);
    const box = cloud.human.launches({ tags: { Name: 'trial' } });
    expect(box).toMatch(/^i-0[0-9a-f]{16}$/);
    await cloud.advanceTo(after(120));
    expect(cloud.record.transitions.map(t => [t.from, t.to])).toEqual([
      [null, 'pending'],
      ['pending', 'running'],
    ]);
    const trail = heard.find(e => e['detail-type'] === 'AWS API Call via CloudTrail');
    expect(trail?.detail).toMatchObject({
      eventName: 'RunInstances',
      responseElements: { instancesSet: { items: [{ instanceId: box }] } },
    });
  });

  test('that a later turn overtook does not arrive where it was going', async () => {
    const cloud = begin();
    const box = cloud.launch();
    cloud.human.stops(box);
    await cloud.advanceTo(after(5));
    cloud.human.terminates(box);
    await cloud.advanceTo(after(300));
    expect(cloud.record.transitions.map(t => t.to)).toEqual(['running', 'stopping', 'shutting-down', 'terminated']);
  });
});

describe('history before the story', () => {
  test('an instance that ran in office hours only has the launch time and the datapoints of those', async () => {
    const cloud = begin();
    const box = cloud.launch({ ranInHour: hour => hour % 24 >= 6 && hour % 24 < 18 && hour < 120 });
    expect(cloud.instance(box).launchTime).toBe(epochSeconds(instant('2025-05-12T06:00:00Z')));

    await cloud.advanceTo(after(60)); // the last sample before the story is published by then
    const week = read(cloud, cpuOf(box), 'SampleCount', HOUR, addSeconds(MONDAY, -7 * 24 * HOUR), MONDAY);
    expect(week).toHaveLength(5 * 12); // this Monday's two hours, and of last Monday the ten from 08:00 on
    expect(week.every(([, count]) => count === 12)).toBe(true);
    expect(week.some(([at]) => at.slice(0, 10) === '2025-05-11')).toBe(false); // Sunday
  });

  test('a stopped instance has the launch time of the run before', () => {
    const cloud = createCloud({ seed: 7, at: instant('2025-05-12T20:00:00Z') });
    const box = cloud.launch({ state: 'stopped', ranInHour: hour => hour % 24 >= 6 && hour % 24 < 18 });
    expect(cloud.instance(box).launchTime).toBe(epochSeconds(instant('2025-05-12T06:00:00Z')));
    expect(cloud.record.billed(box)).toEqual([]);
  });

  test('an instance younger than the window has no datapoints before its birth', () => {
    const cloud = begin();
    const box = cloud.launch({ since: addSeconds(MONDAY, -2 * HOUR) });
    expect(read(cloud, cpuOf(box), 'SampleCount', HOUR, addSeconds(MONDAY, -24 * HOUR), MONDAY)).toHaveLength(2);
  });
});

describe('metrics', () => {
  test('basic monitoring gives a sample every five minutes, rolled up to what is asked', async () => {
    const cloud = begin();
    const box = cloud.launch({ cpu: at => (at % HOUR < 300 ? 80 : 10) });
    await cloud.advanceTo(after(2 * HOUR));
    const hour = (stat: Statistic) => read(cloud, cpuOf(box), stat, HOUR, MONDAY, after(HOUR));
    expect(hour('SampleCount')).toEqual([[MONDAY, 12]]);
    expect(hour('Maximum')).toEqual([[MONDAY, 80]]);
    expect(hour('Minimum')).toEqual([[MONDAY, 10]]);
    expect(hour('Sum')).toEqual([[MONDAY, 80 + 11 * 10]]);
    expect(hour('Average')[0]?.[1]).toBeCloseTo((80 + 11 * 10) / 12);
  });

  test('the newest period is seen a minute after it ended', async () => {
    const cloud = begin();
    const box = cloud.launch({ monitoring: 'detailed' });
    const newest = async (seconds: number) => {
      await cloud.advanceTo(after(seconds));
      return read(cloud, cpuOf(box), 'Average', 60, after(-600), after(1200)).at(-1)?.[0];
    };
    expect(await newest(179)).toBe(after(0));
    expect(await newest(180)).toBe(after(60));
    expect(await newest(239)).toBe(after(60));
  });

  test('what does not run publishes nothing: silence, and not zero', async () => {
    const cloud = begin();
    const box = cloud.launch({ monitoring: 'detailed' });
    cloud.human.stops(box);
    cloud.at(after(HOUR), () => cloud.human.starts(box));
    await cloud.advanceTo(after(2 * HOUR));
    const minutes = read(cloud, cpuOf(box), 'Average', 60, MONDAY, after(2 * HOUR));
    expect(minutes[0]?.[0]).toMatch(/T09:0[01]:00Z$/); // in the minute of its boot, or in the next
  });

  test('minutes are kept for 15 days, five minutes for 63', () => {
    const cloud = begin();
    const box = cloud.launch({ monitoring: 'detailed' });
    const daysAgo = (days: number) => addSeconds(MONDAY, -days * 24 * HOUR);
    expect(read(cloud, cpuOf(box), 'Average', 60, daysAgo(20), daysAgo(16))).toEqual([]);
    expect(read(cloud, cpuOf(box), 'Average', 300, daysAgo(20), daysAgo(19))).toHaveLength(288);
  });

  test('a metric that nobody publishes is silent', () => {
    const cloud = begin();
    expect(read(cloud, cpuOf('i-00000000000000000'), 'Average', 60, after(-600), MONDAY)).toEqual([]);
    expect(read(cloud, groupMetric('AWS/EC2', 'CPUUtilization'), 'Average', 60, after(-600), MONDAY)).toEqual([]);
  });
});

describe('an Auto Scaling group', () => {
  const found = (cloud: Cloud, more = {}) =>
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 4, demand: () => 3, bootSeconds: 120, ...more });

  test('CPU is demand over what serves, and an instance that warms up does not serve', async () => {
    const cloud = begin();
    found(cloud);
    cloud.human.setsDesiredCapacity('web', 6);
    await cloud.advanceTo(after(HOUR));

    const cpu = new Map(read(cloud, groupMetric('AWS/EC2', 'CPUUtilization'), 'Average', 60, MONDAY, after(600)));
    const serving = new Map(read(cloud, groupMetric('AWS/EC2', 'CPUUtilization'), 'SampleCount', 60, MONDAY, after(600)));
    const inService = new Map(read(cloud, groupMetric('AWS/AutoScaling', 'GroupInServiceInstances'), 'Average', 60, MONDAY, after(600)));
    expect([cpu.get(after(0)), serving.get(after(0))]).toEqual([75, 4]);
    expect([cpu.get(after(60)), inService.get(after(60))]).toEqual([75, 6]); // in service after the boot, and not yet warm
    expect([cpu.get(after(240)), serving.get(after(240))]).toEqual([50, 6]);
  });

  test('CPU saturates at 100 %', async () => {
    const cloud = begin();
    found(cloud, { demand: () => 9 });
    await cloud.advanceTo(after(600));
    expect(read(cloud, groupMetric('AWS/EC2', 'CPUUtilization'), 'Maximum', 600, MONDAY, after(600))).toEqual([[MONDAY, 100]]);
  });

  test('scaling in terminates the oldest members that are not protected', async () => {
    const cloud = begin();
    found(cloud);
    const old = [...cloud.group('web').members.keys()];
    cloud.human.setsDesiredCapacity('web', 5);
    await cloud.advanceTo(after(300));
    const [protectedOne] = [...cloud.group('web').members.values()];
    if (protectedOne !== undefined) protectedOne.scaleInProtected = true;
    cloud.human.setsDesiredCapacity('web', 2);
    await cloud.advanceTo(after(600));

    const left = [...cloud.group('web').members.keys()];
    expect(left).toHaveLength(2);
    expect(left).toContain(old[0]); // protected
    expect(old).not.toContain(left[1]); // the newest
  });

  test('a stopped member is replaced, and the stopped one is terminated', async () => {
    const cloud = begin();
    const heard = hear(cloud);
    found(cloud);
    const [victim = ''] = [...cloud.group('web').members.keys()];
    cloud.human.stops(victim);
    await cloud.advanceTo(after(600));
    expect(cloud.instance(victim).state).toBe('terminated');
    expect(cloud.group('web').members.size).toBe(4);
    expect(cloud.group('web').members.has(victim)).toBe(false);
    const kinds = heard.filter(e => e.source === 'aws.autoscaling').map(e => e['detail-type']);
    expect(kinds.toSorted()).toEqual(['EC2 Instance Launch Successful', 'EC2 Instance Terminate Successful']);
  });

  test('suspended processes stay undone', async () => {
    const cloud = begin();
    found(cloud, { suspended: ['Launch'] });
    cloud.human.setsDesiredCapacity('web', 6);
    await cloud.advanceTo(after(600));
    expect(cloud.group('web').members.size).toBe(4);
  });

  test('its members carry its tags and its name', () => {
    const cloud = begin();
    found(cloud, { tags: { environment: 'prod' }, beanstalk: 'shop-env' });
    const [member = ''] = [...cloud.group('web').members.keys()];
    expect(Object.fromEntries(cloud.instance(member).tags)).toEqual({
      environment: 'prod',
      'elasticbeanstalk:environment-name': 'shop-env',
      Name: 'shop-env',
      'aws:autoscaling:groupName': 'web',
    });
  });
});

describe('an alarm', () => {
  test('rings when M of N datapoints are over the threshold, in the words of CloudWatch', async () => {
    const cloud = begin();
    const heard = hear(cloud);
    const surge = epochSeconds(after(600));
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 4, demand: at => (at < surge ? 2 : 3.5) });
    const metric = groupMetric('AWS/EC2', 'CPUUtilization');
    cloud.putAlarm({ name: 'web-cpu', description: 'busy', metric, threshold: 70, evaluationPeriods: 3, datapointsToAlarm: 2 });
    await cloud.advanceTo(after(HOUR));

    const rung = heard.filter(e => e['detail-type'] === 'CloudWatch Alarm State Change');
    expect(rung.map(e => (e.detail as { state: { value: string } }).state.value)).toEqual(['OK', 'ALARM']);
    const alarm = rung[1] as BusEvent;
    expect(alarm).toMatchObject({
      source: 'aws.cloudwatch',
      resources: ['arn:aws:cloudwatch:eu-west-1:123456789012:alarm:web-cpu'],
      detail: {
        alarmName: 'web-cpu',
        configuration: {
          description: 'busy',
          metrics: [
            {
              metricStat: {
                metric: { dimensions: { AutoScalingGroupName: 'web' }, name: 'CPUUtilization', namespace: 'AWS/EC2' },
                period: 60,
                stat: 'Average',
              },
              returnData: true,
            },
          ],
        },
        previousState: { value: 'OK' },
      },
    });
    const { state } = alarm.detail as { state: { reason: string; reasonData: string; timestamp: string } };
    expect(state.reason).toBe(
      'Threshold Crossed: 2 out of the last 3 datapoints [87.5 (12/05/25 08:11:00), 87.5 (12/05/25 08:10:00)] were greater than the threshold (70.0) (minimum 2 datapoints for OK -> ALARM transition).',
    );
    expect(JSON.parse(state.reasonData)).toMatchObject({ version: '1.0', statistic: 'Average', period: 60, threshold: 70 });
    expect(state.timestamp).toMatch(/^2025-05-12T08:1[34]:\d\d\.000\+0000$/);
  });

  test('without data it is INSUFFICIENT_DATA, or what missing data was said to mean', async () => {
    const cloud = begin();
    const box = cloud.launch({ monitoring: 'detailed' });
    const silent = cloud.putAlarm({ name: 'silent', metric: cpuOf(box), threshold: 90 });
    const breaching = cloud.putAlarm({ name: 'breaching', metric: cpuOf(box), threshold: 90, treatMissingData: 'breaching' });
    await cloud.advanceTo(after(300));
    expect([silent.state.value, breaching.state.value]).toEqual(['OK', 'OK']);
    cloud.human.stops(box);
    await cloud.advanceTo(after(900));
    expect([silent.state.value, breaching.state.value]).toEqual(['INSUFFICIENT_DATA', 'ALARM']);
  });
});

describe('the clock', () => {
  test('a delivery that sleeps sees the world go on, while other deliveries wait', async () => {
    const cloud = begin();
    const box = cloud.launch();
    const told: string[] = [];
    cloud.at(after(10), () => {
      cloud.human.stops(box);
      cloud.world.clock.sleep(90);
      told.push(`${cloud.instance(box).state} at ${cloud.now()}`);
    });
    cloud.at(after(50), () => void told.push(`late at ${cloud.now()}`));
    await cloud.advanceTo(after(50));
    expect(told).toEqual([`stopped at ${after(100)}`, `late at ${after(100)}`]);
    expect(cloud.now()).toBe(after(100));
  });

  test('cannot be advanced from inside a delivery', async () => {
    const cloud = begin();
    cloud.at(after(10), () => cloud.advanceTo(after(20)));
    await expect(cloud.advanceTo(after(30))).rejects.toThrow('sleep instead');
  });
});

test('the same seed gives the same world to the byte, another seed another one', async () => {
  const story = async (seed: number) => {
    const cloud = begin(seed);
    const heard = hear(cloud);
    cloud.createGroup({ name: 'web', minSize: 1, maxSize: 10, desiredCapacity: 3, demand: () => 2 });
    const box = cloud.launch({ publicIpv4: 'auto' });
    cloud.at(after(100), () => cloud.human.stops(box));
    cloud.at(after(200), () => cloud.human.setsDesiredCapacity('web', 5));
    cloud.at(after(400), () => cloud.human.starts(box));
    await cloud.advanceTo(after(HOUR));
    return JSON.stringify([heard, cloud.record.writes, cloud.record.transitions, cloud.record.instances().map(m => m.billed)]);
  };
  expect(await story(7)).toBe(await story(7));
  expect(await story(8)).not.toBe(await story(7));
});
