import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEvent } from '../../shared/runtime/events.ts';
import * as shapes from './event-shapes.ts';

const { scope } = shapes;
const at = '2025-05-14T19:00:03Z';

describe('events of every shape become one union', () => {
  test('a tick names its pen, how far it looks and the time it was scheduled for', () => {
    expect(parseEvent(shapes.tick('enforce-tags', 'due'))).toEqual({
      kind: 'tick',
      pen: 'enforce-tags',
      look: 'due',
      at: '2025-05-14T19:00:00Z',
    });
  });

  test('an alarm says the same in all three of its shapes', () => {
    const said = { kind: 'alarm', at, scope, name: 'web busy: now', state: 'ALARM', suppressedBy: null, groups: ['web-asg'] };
    for (const shape of [shapes.alarm(), shapes.alarmAction(), shapes.snsAlarm(), shapes.snsAlarm(shapes.SNS_MATH)]) {
      expect(parseEvent(shape)).toMatchObject(said);
    }
  });

  test.each([
    ['single', ['web-asg']],
    ['math', ['web-asg']],
    ['anomaly', ['web-asg']],
    ['insights', []],
    ['insightsOfOne', ['web-asg']],
    ['composite', []],
    ['compositeOfOurs', ['web-asg']],
    ['queue', []],
    ['otherMetric', []],
  ] as const)('a %s configuration names the groups %j', (name, groups) => {
    const configuration = shapes.CONFIGURATIONS[name];
    for (const shape of [shapes.alarm(configuration), shapes.alarmAction(configuration)]) {
      expect(parseEvent(shape)).toMatchObject({ kind: 'alarm', groups });
    }
  });

  test('an alarm over many series rings for each of them by its attributes', () => {
    expect(parseEvent(shapes.contributor())).toMatchObject({ kind: 'alarm', state: 'ALARM', groups: ['web-asg'] });
    expect(parseEvent(shapes.contributor({ QueueName: 'jobs' }))).toMatchObject({ groups: [], dimensions: [['QueueName', 'jobs']] });
  });

  test.each<[string, object, string[]]>([
    ['its name, where it is called as ours are', shapes.alarmCalled('ebb:web:web-blue:cpu'), ['web-blue']],
    ['a name of another kind says nothing', shapes.alarmCalled('ebb:web-blue'), []],
    [
      'words in its description',
      shapes.alarmCalled('mine', { description: 'too slow (ebb:fleets=web-blue,web-green)' }),
      ['web-blue', 'web-green'],
    ],
    ['one word is enough', shapes.alarmCalled('mine', { description: 'ebb:fleet=web-blue' }), ['web-blue']],
    [
      'its tags, where the alarm hands them on',
      shapes.alarmCalled('mine', { alarmTags: { 'ebb:fleets': 'web-blue', team: 'shop' } }),
      ['web-blue'],
    ],
    ['tags in a list', shapes.alarmCalled('mine', { alarmTags: [{ Key: 'ebb:fleets', Value: 'web-blue' }] }), ['web-blue']],
    ['a tag that is called as a dimension is none', shapes.alarmCalled('mine', { alarmTags: { AutoScalingGroupName: 'web' } }), []],
    ['what no group can be called is no group', shapes.alarmCalled('mine', { description: `ebb:fleets=a:b,${'x'.repeat(256)}` }), []],
    ['a rule with ARNs', shapes.alarm({ alarmRule: 'OK(arn:aws:cloudwatch:eu-west-1:1:alarm:ebb:web:web-blue:cpu)' }), ['web-blue']],
    [
      'a search that excludes a group does not name it',
      shapes.alarm({ metrics: [{ expression: `SELECT AVG(x) WHERE AutoScalingGroupName != 'a'` }] }),
      [],
    ],
  ])('which fleet it speaks of: %s', (_, event, groups) => {
    expect(parseEvent(event)).toMatchObject({ kind: 'alarm', groups });
  });

  test('a composite alarm that rings on while it is suppressed says by what', () => {
    const event = shapes.alarm(shapes.CONFIGURATIONS.composite, 'ALARM', {
      actionsSuppressedBy: 'Alarm',
      actionsSuppressedReason: 'Actions suppressed by alarm deploying',
    });
    expect(parseEvent(event)).toMatchObject({ kind: 'alarm', state: 'ALARM', suppressedBy: 'Alarm' });
  });

  test('SNS tells the region by name only, so the ARN of the alarm counts, or else of the topic', () => {
    const elsewhere = { account: '444455556666', region: 'us-east-1' };
    const AlarmArn = 'arn:aws:cloudwatch:us-east-1:444455556666:alarm:x';
    expect(parseEvent(shapes.snsAlarm({ AlarmArn, Region: 'US East (N. Virginia)' }))).toMatchObject({ scope: elsewhere });
    expect(parseEvent(shapes.snsAlarm({ AlarmArn: undefined, Region: 'EU - Ireland' }))).toMatchObject({ scope });
    expect(parseEvent(shapes.snsAlarm({ AlarmArn: 'arn:aws:cloudwatch:REGION:ACCOUNT:alarm:x' }, 'arn:aws:sns:EXAMPLE'))).toEqual({
      kind: 'unreadable',
      why: 'names no account and region: "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:x"',
    });
  });

  test('a rule may send its events through SNS', () => {
    const sns = shapes.snsAlarm();
    const [first] = sns.Records;
    const Records = [{ ...first, Sns: { ...first?.Sns, Message: JSON.stringify(shapes.groupActivity()) } }];
    expect(parseEvent({ Records })).toEqual(parseEvent(shapes.groupActivity()));
  });

  test('a state change needs neither a version nor resources', () => {
    const { version: _, ...bare } = shapes.stateChange('stopping');
    const said = { kind: 'instance-state', id: shapes.ID, at, scope, instanceId: 'i-0abc', state: 'stopping' };
    expect(parseEvent({ ...bare, resources: [] })).toEqual(said);
    expect(parseEvent({ ...bare, resources: undefined })).toEqual(said);
  });

  test('an ARN with an Availability Zone and no account does not garble the scope', () => {
    expect(parseEvent(shapes.interruption())).toEqual({ kind: 'spot-interruption', id: shapes.ID, at, scope, instanceId: shapes.SPOT });
    expect(parseEvent(shapes.rebalance())).toMatchObject({ kind: 'rebalance-recommendation', scope, instanceId: shapes.SPOT });
  });

  test.each([
    [shapes.groupActivity('Launch Successful'), 'launch', 'succeeded'],
    [shapes.groupActivity('Launch Unsuccessful'), 'launch', 'failed'],
    [shapes.groupActivity('Terminate Successful'), 'terminate', 'succeeded'],
    [shapes.groupActivity('Terminate Unsuccessful'), 'terminate', 'failed'],
    [shapes.lifecycle('launch'), 'launch', 'waiting'],
    [shapes.lifecycle('terminate'), 'terminate', 'waiting'],
    [shapes.refresh('Succeeded'), 'refresh', 'succeeded'],
    [shapes.refresh('Failed'), 'refresh', 'failed'],
    [shapes.refresh('Cancelled'), 'refresh', 'cancelled'],
  ] as const)('%j of a group', (event, activity, outcome) => {
    expect(parseEvent(event)).toMatchObject({ kind: 'group-activity', group: 'web-asg', activity, outcome, why: null });
  });

  test('a launch that failed says why, in the words of Auto Scaling', () => {
    const StatusMessage = 'We currently do not have sufficient m5.large capacity in the Availability Zone you requested (eu-west-1a).';
    expect(parseEvent(shapes.groupActivity('Launch Unsuccessful', 'web-asg', { StatusMessage }))).toMatchObject({ why: StatusMessage });
  });

  test('a tag change names its resource by the ARN', () => {
    expect(parseEvent(shapes.tagChange(['a', 'b']))).toMatchObject({
      kind: 'tag-change',
      resourceIds: ['i-0abc'],
      changedKeys: ['a', 'b'],
    });
    const arn = (service: string, rest: string) => `arn:aws:${service}:${scope.region}:${scope.account}:${rest}`;
    const changed = (...named: Parameters<typeof arn>) => parseEvent(shapes.tagChange(['a'], arn(...named)));
    expect(changed('ec2', 'volume/vol-0a')).toMatchObject({ resourceType: 'volume', resourceIds: ['vol-0a'] });
    expect(changed('elasticbeanstalk', 'environment/shop/shop-dev')).toMatchObject({ resourceIds: ['environment/shop/shop-dev'] });
    expect(changed('ec2', 'volume/')).toMatchObject({ resourceIds: [] });
    // A snapshot's ARN names no account.
    const snapshot = parseEvent(shapes.tagChange(['a'], `arn:aws:ec2:${scope.region}::snapshot/snap-0a`));
    expect(snapshot).toMatchObject({ scope, resourceType: 'snapshot', resourceIds: ['snap-0a'] });
  });

  test('tags of groups are told by CloudTrail, several groups in one call', () => {
    const told = { kind: 'tag-change', service: 'autoscaling', resourceType: 'autoScalingGroup' };
    expect(parseEvent(shapes.groupTags('CreateOrUpdateTags', ['b', 'a'], ['web/blue', 'api']))).toMatchObject({
      ...told,
      ...{ resourceIds: ['api', 'web/blue'], changedKeys: ['a', 'b'] },
    });
    expect(parseEvent(shapes.groupTags('DeleteTags'))).toMatchObject({ ...told, resourceIds: ['web-asg'], changedKeys: ['owner'] });
    for (const requestParameters of [null, { tags: 'owner' }, { tags: [null, { resourceId: 7, key: {} }] }])
      expect(parseEvent(shapes.groupTags('DeleteTags', [], [], { requestParameters }))).toMatchObject({ ...told, resourceIds: [] });
    expect(parseEvent(shapes.groupTags('DeleteTags', ['a'], ['web'], { errorCode: 'ScalingActivityInProgress' }))).toMatchObject({
      kind: 'other',
    });
    // EC2 has a DeleteTags of its own, of which `Tag Change on Resource` tells.
    expect(parseEvent(shapes.apiCall('DeleteTags'))).toMatchObject({ kind: 'other' });
  });

  test('what nobody listens to is read, and says what it is', () => {
    expect(parseEvent(shapes.eventBridge('EBS Volume Notification', {}))).toMatchObject({ kind: 'other', what: 'EBS Volume Notification' });
    expect(parseEvent(shapes.apiCall('DescribeInstances'))).toMatchObject({
      kind: 'other',
      what: 'DescribeInstances of ec2.amazonaws.com',
    });
  });
});

describe('CloudTrail', () => {
  test('a call is the same inside of EventBridge and as CloudTrail itself delivers it', () => {
    const said = {
      kind: 'api-call',
      id: '6589a9eb-59b7-4895-b7ab-962ed3cc257c',
      at: '2025-05-14T18:59:58Z',
      scope,
      call: 'StopInstances',
      instanceIds: ['i-0abc', 'i-0def'],
      by: { name: 'user/anna', service: null, person: { who: 'anna', known: 'iam-user' } },
      changeIds: [],
      errorCode: null,
    };
    expect(parseEvent(shapes.apiCall('StopInstances'))).toEqual(said);
    expect(parseEvent(shapes.record('StopInstances'))).toEqual(said);
  });

  const session = (role: string, name: string, more: object = {}) => ({
    ...{ type: 'AssumedRole', arn: `arn:aws:sts::${scope.account}:assumed-role/${role}/${name}`, accountId: scope.account, ...more },
  });
  const from = (sourceIdentity: string) => ({ sessionContext: { sourceIdentity, sessionIssuer: { type: 'Role' }, attributes: {} } });
  const federated = (name: string) => ({ type: 'FederatedUser', arn: `arn:aws:sts::${scope.account}:federated-user/${name}` });
  const CLOUD_FORMATION = 'cloudformation.amazonaws.com';

  test.each<[string, string | null, string | null, unknown]>([
    ['user/anna', null, 'anna iam-user', shapes.PERSON],
    ['user/anna', null, 'anna iam-user', shapes.CONSOLE],
    ['user/teams/anna', null, 'anna iam-user', { type: 'IAMUser', arn: `arn:aws:iam::${scope.account}:user/teams/anna` }],
    ['assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/anna@example.com', null, 'anna@example.com identity-center', shapes.SIGNED_IN],
    ['assumed-role/AWSReservedSSO_Admin_0f/anna', null, 'anna identity-center', session('AWSReservedSSO_Admin_0f', 'anna')],
    ['assumed-role/dev/anna@example.com', null, 'anna@example.com session-name', session('dev', 'anna@example.com')],
    ['federated-user/anna@example.com', null, 'anna@example.com session-name', federated('anna@example.com')],
    // Down a chain of roles the session is called as the last role's user liked; the source identity stays.
    ['assumed-role/deploy/x', null, 'anna@example.com source-identity', session('deploy', 'x', from('anna@example.com'))],
    ['assumed-role/ci/build-42', null, null, shapes.ROLE],
    ['assumed-role/web/i-0123456789abcdef0', null, null, session('web', 'i-0123456789abcdef0')],
    ['assumed-role/dev/botocore-session-1700000000', null, null, session('dev', 'botocore-session-1700000000')],
    ['federated-user/bob', null, null, federated('bob')],
    ['root', null, null, shapes.ROOT],
    ['autoscaling.amazonaws.com', 'autoscaling.amazonaws.com', null, shapes.AUTO_SCALING],
    ['AWS Internal', 'AWS Internal', null, { type: 'AWSService', invokedBy: 'AWS Internal' }],
    // CloudFormation calls with the credentials of whoever asked it to.
    [CLOUD_FORMATION, CLOUD_FORMATION, 'anna iam-user', { ...shapes.PERSON, invokedBy: CLOUD_FORMATION }],
    [CLOUD_FORMATION, CLOUD_FORMATION, null, session('cfn-exec', 'AWSCloudFormation', { invokedBy: CLOUD_FORMATION })],
    ['unknown', null, null, null],
    ['unknown', null, null, {}],
    ['user/<!channel>', null, null, { type: 'IAMUser', arn: `arn:aws:iam::${scope.account}:user/<!channel>`, userName: '<!channel>' }],
  ])('the caller is %s, by service %s, person %s', (name, service, person, userIdentity) => {
    const event = parseEvent(shapes.apiCall('RunInstances', { userIdentity }));
    const { by } = event as Extract<typeof event, { by: unknown }>;
    expect([by.name, by.service, by.person === null ? null : `${by.person.who} ${by.person.known}`]).toEqual([name, service, person]);
  });

  test('our own calls carry their change ids in the user agent', () => {
    const [a, b] = ['chg-0123456789abcdef0123', 'chg-fedcba9876543210fedc'];
    const userAgent = `aws-sdk-js/3.1160.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0 api/ec2#3.1160.0 ebbtide/${a} ebbtide/${b}`;
    expect(parseEvent(shapes.apiCall('StopInstances', { userAgent }))).toMatchObject({ changeIds: [a, b] });
  });

  test('a call that failed answers with nothing, and names what was asked for', () => {
    const failed = { errorCode: 'Server.InsufficientInstanceCapacity', responseElements: null };
    expect(parseEvent(shapes.apiCall('StartInstances', failed))).toMatchObject({
      instanceIds: ['i-0abc', 'i-0def'],
      errorCode: 'Server.InsufficientInstanceCapacity',
    });
  });

  test('a call that makes something names what it made, sorted', () => {
    expect(parseEvent(shapes.apiCall('RunInstances'))).toEqual({
      kind: 'birth',
      id: '6589a9eb-59b7-4895-b7ab-962ed3cc257c',
      at: '2025-05-14T18:59:58Z',
      scope,
      call: 'RunInstances',
      born: ['i-0abc', 'i-0def'],
      by: { name: 'user/anna', service: null, person: { who: 'anna', known: 'iam-user' } },
      errorCode: null,
    });
    const born = (call: keyof typeof shapes.BIRTHS, rest: object = {}) => parseEvent(shapes.birth(call, rest));
    expect(born('CreateVolume')).toMatchObject({ born: ['vol-0a'] });
    expect(born('CreateSnapshot')).toMatchObject({ born: ['snap-0a'] });
    expect(born('CreateSnapshots')).toMatchObject({ born: ['snap-0a', 'snap-0b'] });
    const alone = { CreateSnapshotsResponse: { snapshotSet: { item: { snapshotId: 'snap-0c' } } } };
    expect(born('CreateSnapshots', { responseElements: alone })).toMatchObject({ born: ['snap-0c'] });
    expect(born('CopySnapshot')).toMatchObject({ born: ['snap-0a'] });
    expect(born('AllocateAddress')).toMatchObject({ born: ['eipalloc-0a'] });
    expect(born('CreateAutoScalingGroup')).toMatchObject({ born: ['web-asg'] });
    expect(born('CreateEnvironment')).toMatchObject({ born: ['environment/shop/shop-dev'] });
    const answered = { responseElements: { environmentId: 'e-abcdefghij', environmentName: 'shop-dev' } };
    expect(born('CreateEnvironment', answered)).toMatchObject({ born: ['e-abcdefghij'] });
  });

  test('a call that failed, or whose answer was left out, made nothing that it names', () => {
    const omitted = { responseElements: { omitted: true, originalSize: 111604, reason: 'responseElements too large' } };
    for (const rest of [{ errorCode: 'Client.DryRunOperation', responseElements: null }, omitted, { responseElements: 'x' }]) {
      expect(parseEvent(shapes.apiCall('RunInstances', rest))).toMatchObject({ kind: 'birth', born: [] });
    }
  });

  test('a call of the same name that belongs to another service makes nothing of ours', () => {
    const cloudShell = shapes.birth('CreateEnvironment', { eventSource: 'cloudshell.amazonaws.com' });
    expect(parseEvent(cloudShell)).toMatchObject({ kind: 'other', what: 'CreateEnvironment of cloudshell.amazonaws.com' });
  });
});

describe('what cannot be read says why in one line', () => {
  test.each<[string, unknown]>([
    ['not a JSON object', null],
    ['not a JSON object', [shapes.tick()]],
    ['neither a tick, an EventBridge event, an alarm nor a CloudTrail record', {}],
    ['tick: one of resize-fleets, stop-start-instances, enforce-tags expected', { tick: 'everything', look: 'all', at }],
    ['at: "7" is no instant', { ...shapes.tick(), at: '7' }],
    ['time: "yyyy-mm-ddThh:mm:ssZ" is no instant', { ...shapes.stateChange(), time: 'yyyy-mm-ddThh:mm:ssZ' }],
    ['detail.instance-id: string expected', shapes.eventBridge('EC2 Instance State-change Notification', { instanceId: 'i-0abc' })],
    ['detail.state: one of pending, running, stopping, stopped, shutting-down, terminated expected', shapes.stateChange('rebooting')],
    ['names no account and region', { ...shapes.stateChange(), account: 'self', resources: [] }],
    ['Records: one SNS message expected, 0 found', { Records: [] }],
    ['Records.0.Sns: object expected', { Records: [{ body: '{}' }] }],
    ['Records.0.Sns.Message: not a JSON object', { Records: [{ Sns: { MessageId: 'm', Message: 'hello' } }] }],
  ])('%s', (why, event) => {
    expect(parseEvent(event)).toEqual({ kind: 'unreadable', why });
  });

  test('any JSON at all is read or declined, and never throws', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), event => declinedOrRead(parseEvent(event))));
  });

  test('a valid event with anything in any one place is read or declined', () => {
    const places = shapes.ALL.flatMap(event => pathsOf(event).map(path => ({ event, path })));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), fc.boolean(), ({ event, path }, value, remove) => {
        const mutant = structuredClone(event);
        mutate(mutant, path, remove ? undefined : value);
        declinedOrRead(parseEvent(mutant));
      }),
      { numRuns: 2000 },
    );
  });
});

const published = process.env['EBB_EVENTS'];
const files = published !== undefined && existsSync(published) ? readdirSync(published).filter(name => name.endsWith('.json')) : [];
if (files.length === 0) console.warn('SKIPPED: published event payloads; EBB_EVENTS names no folder that holds any');

(files.length === 0 ? describe.skip : describe)('published payloads', () => {
  // A payload whose time or region is still the documentation's placeholder is declined for just that, and read once it is filled in.
  const PLACEHOLDERS = [
    ['yyyy-mm-ddThh:mm:ssZ', '2025-05-14T19:00:03Z'],
    ['cloudwatch:REGION:ACCOUNT_NUMBER', 'cloudwatch:eu-west-1:111122223333'],
  ] as const;

  test.each(files.length === 0 ? ['none'] : files)('%s', name => {
    const text = readFileSync(join(published ?? '', name), 'utf8');
    const read = parseEvent(JSON.parse(text));
    const filled = parseEvent(JSON.parse(PLACEHOLDERS.reduce((t, [placeholder, real]) => t.replaceAll(placeholder, real), text)));
    if (text.includes('"block_actions"')) return expect(read.kind).toBe('unreadable');
    expect(filled.kind).not.toBe('unreadable');
    if (read.kind === 'unreadable') expect(PLACEHOLDERS.some(([placeholder]) => text.includes(placeholder))).toBe(true);
  });
});

function declinedOrRead(read: ReturnType<typeof parseEvent>): void {
  if (read.kind === 'unreadable') expect(read.why).toMatch(/^[^\n]{1,300}$/);
  else if (read.kind !== 'tick') {
    expect(read.scope.account).toMatch(/^\d{12}$/);
    expect(read.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
}

/** Every place in a JSON value, as the keys that lead there. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function mutate(value: object, [key = '', ...rest]: readonly string[], to: unknown): void {
  const holder = value as Record<string, unknown>;
  if (rest.length === 0) holder[key] = to;
  else mutate(holder[key] as object, rest, to);
}
