import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alarmName, readAlarmName } from '../../shared/model/alarm-name.ts';
import { PENS } from '../../shared/model/ids.ts';
import type { FleetPolicy } from '../../shared/policy/schema.ts';
import { doorbells } from '../../shared/runtime/doorbells.ts';
import { type HouseEvent, parseEvent } from '../../shared/runtime/events.ts';
import { webFleet } from '../support/policies.ts';
import * as shapes from './event-shapes.ts';

const self = shapes.scope.account;
const other = '444455556666';
const config = {
  accounts: [
    { account: 'self', regions: ['eu-west-1', 'us-east-1'], commitments: 'unknown' },
    { account: other, regions: ['eu-west-1'], role: 'arn:aws:iam::444455556666:role/ebbtide', commitments: 'none' },
  ],
  policies: [],
} as const;
const configuration = config as unknown as Parameters<typeof doorbells>[1];

const read = (event: unknown): HouseEvent => {
  const parsed = parseEvent(event);
  if (parsed.kind === 'unreadable') throw new Error(parsed.why);
  return parsed;
};
const rung = (event: unknown) => doorbells(read(event), configuration, self);
/** `pen region look` of each doorbell. */
const said = (event: unknown) => rung(event).doorbells.map(({ pen, scope, look }) => [pen, `${scope.account}/${scope.region}`, look]);

describe('what rings what', () => {
  test('a tick rings its pen once for every account in each of its regions', () => {
    expect(said(shapes.tick('stop-start-instances', 'due'))).toEqual([
      ['stop-start-instances', `${self}/eu-west-1`, 'due'],
      ['stop-start-instances', `${self}/us-east-1`, 'due'],
      ['stop-start-instances', `${other}/eu-west-1`, 'due'],
    ]);
  });

  test('a rule of somebody else, which names no pen, has every pen look for what is due', () => {
    expect(rung(shapes.scheduled()).doorbells).toHaveLength(3 * PENS.length);
    expect(new Set(rung(shapes.scheduled()).doorbells.map(d => d.look))).toEqual(new Set(['due']));
  });

  test('an alarm rings for the group that its dimensions name', () => {
    for (const event of [shapes.alarm(), shapes.alarmAction(), shapes.snsAlarm()]) {
      expect(said(event)).toEqual([['resize-fleets', `${self}/eu-west-1`, ['web-asg']]]);
    }
  });

  test.each(['composite', 'insights', 'queue', 'otherMetric'] as const)(
    'a %s alarm that names no fleet rings for the whole scope',
    name => {
      expect(said(shapes.alarm(shapes.CONFIGURATIONS[name]))).toEqual([['resize-fleets', `${self}/eu-west-1`, 'all']]);
    },
  );

  test.each(['ALARM', 'OK', 'INSUFFICIENT_DATA'])('%s rings too: what is true is observed afresh', state => {
    const { doorbells: rings } = rung(shapes.alarm(shapes.CONFIGURATIONS.single, state));
    expect(rings).toMatchObject([{ look: ['web-asg'], cause: `alarm web busy: now ${state}`, at: '2025-05-14T19:00:03Z' }]);
  });

  test('a suppressed alarm is a doorbell like any other', () => {
    const event = shapes.alarm(shapes.CONFIGURATIONS.composite, 'ALARM', { actionsSuppressedBy: 'WaitPeriod' });
    expect(rung(event).doorbells).toMatchObject([{ look: 'all', cause: 'alarm web busy: now ALARM, actions suppressed by WaitPeriod' }]);
  });

  test('an alarm that names several fleets rings for each of them alone, so that none waits for another', () => {
    const event = shapes.alarmCalled('mine', { description: 'ebb:fleets=web-blue,web-green' });
    expect(said(event)).toEqual([
      ['resize-fleets', `${self}/eu-west-1`, ['web-blue']],
      ['resize-fleets', `${self}/eu-west-1`, ['web-green']],
    ]);
  });

  test.each([shapes.groupActivity('Launch Unsuccessful'), shapes.lifecycle(), shapes.lifecycle('terminate'), shapes.refresh()])(
    'what becomes of its members rings for a group: %j',
    event => {
      expect(said(event)).toEqual([['resize-fleets', `${self}/eu-west-1`, ['web-asg']]]);
    },
  );

  test('a launch that failed rings with its cause, for the log', () => {
    const StatusMessage = 'We currently do not have sufficient capacity.';
    const { doorbells: rings } = rung(shapes.groupActivity('Launch Unsuccessful', 'web-asg', { StatusMessage }));
    expect(rings).toMatchObject([{ cause: `launch in web-asg failed: ${StatusMessage}` }]);
    expect(rung(shapes.lifecycle()).doorbells).toMatchObject([{ cause: 'launch in web-asg waits for a lifecycle hook' }]);
  });

  test('Spot that goes, or may go, rings for the instance: the pen looks its group up', () => {
    for (const event of [shapes.interruption(), shapes.rebalance()]) {
      expect(said(event)).toEqual([['resize-fleets', `${self}/eu-west-1`, [shapes.SPOT]]]);
    }
  });

  test('new instances ring for their tags', () => {
    expect(said(shapes.apiCall('RunInstances'))).toEqual([['enforce-tags', `${self}/eu-west-1`, ['i-0abc', 'i-0def']]]);
  });

  test.each<[keyof typeof shapes.BIRTHS, string[]]>([
    ['CreateVolume', ['vol-0a']],
    ['CreateSnapshots', ['snap-0a', 'snap-0b']],
    ['AllocateAddress', ['eipalloc-0a']],
    ['CreateAutoScalingGroup', ['web-asg']],
    ['CreateEnvironment', ['environment/shop/shop-dev']],
  ])('%s rings for the tags of what it made, and tells who made it', (call, look) => {
    const { doorbells: rings } = rung(shapes.birth(call, { userIdentity: shapes.SIGNED_IN }));
    expect(rings).toMatchObject([{ pen: 'enforce-tags', look, at: '2025-05-14T18:59:58Z', cause: call }]);
    expect(rings[0]?.birth).toMatchObject({ call, by: { person: { who: 'anna@example.com', known: 'identity-center' } } });
  });

  test('a launch whose answer was too long for CloudTrail has the whole scope looked at', () => {
    const event = shapes.apiCall('RunInstances', { responseElements: { omitted: true } });
    expect(rung(event).doorbells).toMatchObject([
      { pen: 'enforce-tags', look: 'all', cause: 'RunInstances, which does not say what it made' },
    ]);
  });

  test('changed tags ring for the tag pen, and for the pen whose policies match by them', () => {
    expect(said(shapes.tagChange())).toEqual([
      ['enforce-tags', `${self}/eu-west-1`, ['i-0abc']],
      ['stop-start-instances', `${self}/eu-west-1`, ['i-0abc']],
    ]);
    const changed = (arn: string) => said(shapes.tagChange(['team'], arn)).map(([pen, , look]) => [pen, look]);
    const retagged = said(shapes.groupTags('CreateOrUpdateTags', ['team'], ['api', 'web-asg'])).map(([pen, , look]) => [pen, look]);
    expect(retagged).toEqual([
      ['enforce-tags', ['api', 'web-asg']],
      ['resize-fleets', ['api']],
      ['resize-fleets', ['web-asg']],
    ]);
    expect(rung(shapes.groupTags('DeleteTags', ['ebb:mark'])).doorbells).toEqual([]);
    expect(changed(`arn:aws:ec2:eu-west-1:${self}:volume/vol-0a`)).toEqual([['enforce-tags', ['vol-0a']]]);
    expect(changed('arn:aws:ec2:eu-west-1::snapshot/snap-0a')).toEqual([['enforce-tags', ['snap-0a']]]);
    expect(changed(`arn:aws:ec2:eu-west-1:${self}:elastic-ip/eipalloc-0a`)).toEqual([['enforce-tags', ['eipalloc-0a']]]);
    expect(changed(`arn:aws:elasticbeanstalk:eu-west-1:${self}:environment/shop/dev`)).toEqual([
      ['enforce-tags', ['environment/shop/dev']],
    ]);
  });
});

describe('an alarm on a signal of a policy rings for its fleet', () => {
  const queue = (pattern: string, names: string[]) =>
    webFleet({ name: 'workers', match: { tags: {}, names }, signals: [{ kind: 'queue', queue: pattern, perInstance: 100 }] });
  const looks = (event: unknown, ...policies: FleetPolicy[]) =>
    doorbells(read(event), { ...configuration, policies }, self).doorbells.map(d => d.look);
  const busy = shapes.alarm(shapes.CONFIGURATIONS.queue);

  test.each<[string, FleetPolicy[], unknown[]]>([
    ['the policy names one group', [queue('jobs', ['workers'])], [['workers']]],
    ['the policy names two, and both live on that queue', [queue('jobs', ['blue', 'green'])], [['blue'], ['green']]],
    ['its pattern leaves open which group it is', [queue('jobs', ['work*'])], ['all']],
    ['another queue', [queue('mails', ['workers'])], ['all']],
    ['one of two policies leaves it open', [queue('jobs', ['workers']), queue('jobs', ['w*'])], ['all']],
    ['two policies know the queue', [queue('jobs', ['workers']), queue('jobs', ['others'])], [['others'], ['workers']]],
  ])('%s', (_, policies, expected) => {
    expect(looks(busy, ...policies)).toEqual(expected);
  });

  test('a queue that is called after its group names the group', () => {
    const called = (QueueName: string) => shapes.contributor({ QueueName });
    expect(looks(called('jobs-of-blue.fifo'), queue('jobs-of-{group}.fifo', ['*e']))).toEqual([['blue']]);
    expect(looks(called('jobs-of-.fifo'), queue('jobs-of-{group}.fifo', ['*e']))).toEqual(['all']);
  });

  test('requests are told by their target group, metrics by all of their dimensions', () => {
    const names = { tags: {}, names: ['web'] };
    const targetGroup = 'targetgroup/web/943f017f100becff';
    const requests = webFleet({ match: names, signals: [{ kind: 'requests', loadBalancer: 'app/web/50dc', targetGroup, perInstance: 9 }] });
    expect(looks(shapes.contributor({ TargetGroup: targetGroup, LoadBalancer: 'app/web/50dc' }), requests)).toEqual([['web']]);
    const dimensions = { Service: 'shop', Stage: 'prod' };
    const metric = webFleet({
      match: names,
      signals: [{ kind: 'metric', of: 'fleet', perInstance: 9, namespace: 'Shop', metric: 'Orders', statistic: 'Sum', dimensions }],
    });
    expect(looks(shapes.contributor(dimensions), metric)).toEqual([['web']]);
    expect(looks(shapes.contributor({ Stage: 'prod' }), metric)).toEqual(['all']);
    const plain = webFleet({
      match: names,
      signals: [{ kind: 'metric', of: 'fleet', perInstance: 9, namespace: 'Shop', metric: 'Orders', statistic: 'Sum' }],
    });
    expect(looks(shapes.contributor({}), plain)).toEqual(['all']);
  });
});

describe('the name of an alarm', () => {
  const group = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_./#@ '), minLength: 1, maxLength: 255 });
  const policy = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/);
  const signal = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

  test('leads back to its fleet, or is too long and says so; CloudWatch takes it', () => {
    fc.assert(
      fc.property(policy, group, signal, (...parts) => {
        const name = alarmName(...parts);
        expect(name.length).toBeLessThanOrEqual(255);
        const [of, fleet, what] = parts;
        const fits = `ebb:${of}:${fleet}:${what}`.length <= 255;
        expect(readAlarmName(name)).toEqual({ policy: of, group: fits ? fleet : null, signal: what });
      }),
    );
  });
});

describe('what rings nothing says why', () => {
  test.each<[string, unknown]>([
    ['only ebb:mark changed, which is ours', shapes.tagChange(['ebb:mark'])],
    ['tags of a ec2 subnet concern no policy', shapes.tagChange(['team'], `arn:aws:ec2:eu-west-1:${self}:subnet/subnet-1`)],
    [
      'CreateVolume failed with Client.DryRunOperation: nothing was made',
      shapes.birth('CreateVolume', { errorCode: 'Client.DryRunOperation' }),
    ],
    [`${self}/ap-south-1 is not among the configured scopes`, shapes.birth('AllocateAddress', { awsRegion: 'ap-south-1' })],
    ['999999999999/eu-west-1 is not among the configured scopes', shapes.birth('CopySnapshot', { recipientAccountId: '999999999999' })],
    [
      'RunInstances failed with Client.UnauthorizedOperation: nothing was made',
      shapes.apiCall('RunInstances', { errorCode: 'Client.UnauthorizedOperation', responseElements: null }),
    ],
    ['StopInstances is written down by watch-changes and rings nothing', shapes.apiCall('StopInstances')],
    ['state changes are written down by watch-changes and ring nothing', shapes.stateChange()],
    ['nobody listens to EBS Volume Notification', shapes.eventBridge('EBS Volume Notification', {})],
    [`${self}/ap-south-1 is not among the configured scopes`, { ...shapes.stateChange(), region: 'ap-south-1', resources: [] }],
    ['999999999999/eu-west-1 is not among the configured scopes', { ...shapes.stateChange(), account: '999999999999', resources: [] }],
  ])('%s', (ignored, event) => {
    expect(rung(event)).toEqual({ doorbells: [], ignored });
  });
});

describe('copies of one event', () => {
  const everything = fc.constantFrom(...shapes.ALL);
  // SQS API reference: alphanumerics and punctuation, at most 128
  const SQS = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

  test('have the same deduplication ids, and no two doorbells of a queue share one', () => {
    fc.assert(
      fc.property(everything, event => {
        const [once, twice] = [rung(event).doorbells, rung(structuredClone(event)).doorbells];
        expect(twice).toEqual(once);
        for (const mine of Map.groupBy(once, d => d.pen).values()) expect(new Set(mine.map(d => d.dedupId)).size).toBe(mine.length);
        for (const { dedupId } of once) expect(dedupId).toMatch(SQS);
      }),
    );
  });

  test('whatever an event is called, SQS takes its id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), id => {
        for (const { dedupId } of rung({ ...shapes.groupActivity(), id }).doorbells) expect(dedupId).toMatch(SQS);
      }),
    );
  });

  test('two transitions of one alarm are two', () => {
    const later = { ...shapes.alarmAction(), time: '2025-05-14T19:00:03.432+0000' };
    expect(rung(later).doorbells[0]?.dedupId).not.toBe(rung(shapes.alarmAction()).doorbells[0]?.dedupId);
  });
});
