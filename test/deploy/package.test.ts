/** The package as a user makes it, offline and without credentials: bundles, artifacts that run alone, and a template that lints. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Metafile } from 'esbuild';
import { notForFunctions } from '../../scripts/build.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import { unzip } from '../support/unzip.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const FUNCTIONS = ['answer-slack', 'dispatch', 'enforce-tags', 'resize-fleets', 'stop-start-instances', 'tell-slack', 'watch-changes'];
const PENS = ['ResizeFleets', 'StopStartInstances', 'EnforceTags'];
const RUNG = ['Dispatch', 'WatchChanges', 'TellSlack'];

// biome-ignore lint/suspicious/noExplicitAny: a CloudFormation template is any JSON
type Properties = Record<string, any>;
interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Properties; readonly DeletionPolicy?: string }>
  >;
}

const packed = mkdtempSync(join(tmpdir(), 'ebbtide-package-'));
const templateFile = join(packed, 'cloudformation-template-update-stack.json');
let template: Template;

beforeAll(async () => {
  // No credentials, no home, no region: nothing of the machine may be needed.
  const env = { PATH: process.env['PATH'], HOME: packed };
  await run(process.execPath, ['scripts/build.ts'], { cwd: ROOT, env });
  await run(process.execPath, ['node_modules/serverless/bin/serverless.js', 'package', '--package', packed], { cwd: ROOT, env });
  template = JSON.parse(readFileSync(templateFile, 'utf8'));
}, 120_000);

afterAll(() => rmSync(packed, { recursive: true, force: true }));

const of = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
const properties = (id: string): Properties => template.Resources[id]?.Properties ?? {};

describe('artifacts', () => {
  test('there is one for each function', () => {
    expect(readdirSync(packed).filter(file => file.endsWith('.zip'))).toEqual(FUNCTIONS.map(name => `${name}.zip`));
    expect(readdirSync(join(ROOT, 'functions')).filter(file => file.endsWith('.ts'))).toEqual(FUNCTIONS.map(name => `${name}.ts`));
  });

  test.each(FUNCTIONS)('%s runs unpacked in a bare Node process, and answers to an event that says nothing', async name => {
    const folder = join(packed, name);
    const paths = unzip(join(packed, `${name}.zip`), folder);
    expect(paths.filter(path => !path.startsWith(`dist/${name}/`))).toEqual(['dist/config.json']);
    expect(JSON.parse(readFileSync(join(folder, 'dist/config.json'), 'utf8'))).toEqual(loadConfig(join(ROOT, 'config')));

    const answer = await invoke(folder, name, { nonsense: true });
    expect(JSON.stringify(answer)).toMatch(/unreadable|ignored|batchItemFailures/);
  });

  test('a doorbell makes a worker load its SDK clients from the artifact alone; AWS being out of reach sends it back to the queue', async () => {
    const [account, region, at] = ['123456789012', 'eu-west-1', '2025-05-14T19:00:00Z'];
    const doorbell = { pen: 'stop-start-instances', scope: { account, region }, look: 'all', at, cause: 'tick', dedupId: 'tick-1' };
    const folder = join(packed, 'again');
    unzip(join(packed, 'stop-start-instances.zip'), folder);
    const attributes = { MessageGroupId: `${account}/${region}` };
    const answer = await invoke(folder, 'stop-start-instances', {
      Records: [{ messageId: 'm-1', body: JSON.stringify(doorbell), attributes, eventSource: 'aws:sqs' }],
    });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });

  test('the guard sees what a function must not pay for', () => {
    const schema = ['shared/policy/schema.ts', 'shared/policy/schema/fleets.ts'];
    const inputs = Object.fromEntries([...schema, 'shared/policy/match.ts'].map(file => [file, { bytesInOutput: 9 }]));
    const outputs = { 'dist/x/index.mjs': { inputs } } as unknown as Metafile['outputs'];
    expect(notForFunctions({ outputs })).toEqual(schema);
  });
});

/** Runs the handler in a process of its own, in the folder that Lambda would call /var/task, with AWS out of reach. */
async function invoke(folder: string, name: string, event: unknown): Promise<unknown> {
  const code = `
    const { handler } = await import(process.cwd() + '/dist/${name}/index.mjs');
    const context = { functionName: '${name}', awsRequestId: 'r-1', memoryLimitInMB: '512', getRemainingTimeInMillis: () => 60_000,
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:ebbtide-dev-${name}' };
    const answer = await handler(${JSON.stringify(event)}, context);
    console.log('ANSWER ' + JSON.stringify(answer));
    process.exit(0);`;
  const env = {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    ...{ EBB_CONFIG: 'dist/config.json', EBB_LEDGER_TABLE: 'ledger', EBB_MEMORY_TABLE: 'memory' },
    ...{ POWERTOOLS_SERVICE_NAME: 'ebbtide-dev', POWERTOOLS_METRICS_NAMESPACE: 'Ebbtide' },
  };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, env });
  expect(stdout).not.toContain('ERR_MODULE_NOT_FOUND');
  const line = stdout.split('\n').find(text => text.startsWith('ANSWER '));
  return line === undefined ? undefined : JSON.parse(line.slice('ANSWER '.length));
}

describe('template', () => {
  test('cfn-lint finds nothing', () => {
    const required = (process.env['EBB_REQUIRE'] ?? '').split(',').includes('cfn-lint');
    try {
      execFileSync('cfn-lint', ['--version'], { stdio: 'ignore' });
    } catch (cause) {
      if (required) throw new Error('EBB_REQUIRE names cfn-lint, but it does not start', { cause });
      process.stderr.write('\nSKIPPED: cfn-lint is not installed (pip install cfn-lint): the template was not linted\n');
      return;
    }
    expect(execFileSync('cfn-lint', [templateFile, '--include-checks', 'W'], { encoding: 'utf8' })).toBe('');
  });

  test('ticks are rung at the cadence of the design, with the time they stand for, and buried when they cannot be', () => {
    const schedules = of('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
    const shown = schedules.map(s => [s['ScheduleExpression'], s['ScheduleExpressionTimezone'], JSON.parse(s['Target'].Input)]);
    const at = '<aws.scheduler.scheduled-time>';
    const { hour, timeZone } = loadConfig(join(ROOT, 'config')).slack.summary;
    expect(shown).toEqual([
      ['rate(1 minute)', undefined, { tick: 'resize-fleets', look: 'all', at }],
      ['rate(5 minutes)', undefined, { tick: 'stop-start-instances', look: 'due', at }],
      ['rate(1 hour)', undefined, { tick: 'stop-start-instances', look: 'all', at }],
      ['rate(6 hours)', undefined, { tick: 'enforce-tags', look: 'all', at }],
      ['rate(5 minutes)', undefined, { tick: 'enforce-tags', look: 'due', at }],
      ['rate(5 minutes)', undefined, { tick: 'outbox', at }],
      [`cron(0 ${hour} * * ? *)`, timeZone, { tick: 'summary', period: 'daily', at }],
      [`cron(0 ${hour} ? * MON *)`, timeZone, { tick: 'summary', period: 'weekly', at }],
    ]);
    for (const { Target, State } of schedules) {
      expect(State).toBe('ENABLED');
      expect(Target.RoleArn).toEqual({ 'Fn::GetAtt': ['SchedulerRole', 'Arn'] });
      expect(isFifo(Target.DeadLetterConfig.Arn)).toBe(false);
    }
  });

  test('pages are kept encrypted, for 400 days, where nobody but the account reads them, and only the mouth puts them there', () => {
    const { BucketEncryption, PublicAccessBlockConfiguration: closed, LifecycleConfiguration } = properties('PagesBucket');
    expect(BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
    expect([Object.keys(closed).length, new Set(Object.values(closed))]).toEqual([4, new Set([true])]);
    expect(LifecycleConfiguration.Rules).toEqual([expect.objectContaining({ Status: 'Enabled', ExpirationInDays: 400 })]);
    expect(properties('PagesBucketPolicy')['PolicyDocument'].Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
    const mayPut = of('AWS::IAM::Role').filter(([, role]) => JSON.stringify(role).includes('s3:'));
    expect(mayPut.map(([id]) => id)).toEqual(['TellSlackRole']);
    expect(JSON.stringify(mayPut)).toMatch(/"Action":\["s3:PutObject"\],"Resource":\[\{"Fn::Sub":"\$\{PagesBucket\.Arn\}\/weekly\/\*"\}\]/);
  });

  test('every source has dead letters of its own kind: FIFO for FIFO queues, standard for rules, schedules, topics and retries', () => {
    for (const pen of PENS) {
      expect(properties(`${pen}Queue`)['FifoQueue']).toBe(true);
      expect(properties(`${pen}Queue`)['RedrivePolicy'].deadLetterTargetArn).toEqual({ 'Fn::GetAtt': [`${pen}DeadLetters`, 'Arn'] });
      expect(isFifo({ 'Fn::GetAtt': [`${pen}DeadLetters`, 'Arn'] })).toBe(true);
    }
    const standard = [
      ...of('AWS::Events::Rule').map(([, { Properties }]) => Properties['Targets'][0].DeadLetterConfig.Arn),
      ...of('AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties['DestinationConfig'].OnFailure.Destination),
      properties('DispatchSnsSubscriptionAlarmTopic')['RedrivePolicy'].deadLetterTargetArn,
    ];
    expect(standard.length).toBe(9 + 3 + 1);
    expect(standard.filter(isFifo)).toEqual([]);
    for (const [, { Properties }] of of('AWS::Lambda::EventSourceMapping'))
      expect(Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
  });

  test('each dead-letter queue has an alarm, and a missing heartbeat rings', () => {
    for (const name of [...PENS, ...RUNG]) {
      const alarm = properties(`${name}DeadLettersAlarm`);
      expect(alarm['Dimensions']).toEqual([{ Name: 'QueueName', Value: { 'Fn::GetAtt': [`${name}DeadLetters`, 'QueueName'] } }]);
      expect([alarm['MetricName'], alarm['ComparisonOperator'], alarm['Threshold']]).toEqual([
        'ApproximateNumberOfMessagesVisible',
        'GreaterThanOrEqualToThreshold',
        1,
      ]);
    }
    const heart = properties('HeartbeatAlarm');
    expect(heart).toMatchObject({ Namespace: 'Ebbtide', MetricName: 'TickCompleted', TreatMissingData: 'breaching', Threshold: 1 });
    expect(heart['Period'] * heart['EvaluationPeriods']).toBe(600);
    for (const [, { Properties }] of of('AWS::CloudWatch::Alarm')) expect(Properties['AlarmActions']).toEqual([{ Ref: 'AlertTopic' }]);
  });

  test('Slack has a URL to call: anybody may, and the signature of the raw body says who is Slack', () => {
    expect(of('AWS::Lambda::Url').map(([, { Properties }]) => [Properties['AuthType'], Properties['TargetFunctionArn']])).toEqual([
      ['NONE', { 'Fn::GetAtt': ['AnswerDashslackLambdaFunction', 'Arn'] }],
    ]);
    const stuck = properties('OutboxAlarm');
    expect([stuck['Namespace'], stuck['MetricName'], stuck['AlarmActions']]).toEqual(['Ebbtide', 'NoticesStuck', [{ Ref: 'AlertTopic' }]]);
    expect(properties('TellDashslackLambdaFunction')['Environment'].Variables['EBB_ALERT_TOPIC']).toEqual({ Ref: 'AlertTopic' });
  });

  test('a queue hides a message for longer than its worker may run', () => {
    for (const [, { Properties }] of of('AWS::Lambda::EventSourceMapping')) {
      const worker = properties(Properties['FunctionName']['Fn::GetAtt'][0]);
      const queue = properties(Properties['EventSourceArn']['Fn::GetAtt'][0]);
      expect(queue['VisibilityTimeout']).toBeGreaterThan(worker['Timeout']);
    }
  });

  test('an alarm may ring by EventBridge, by SNS and directly', () => {
    const patterns = of('AWS::Events::Rule').map(([, { Properties }]) => Properties['EventPattern']);
    expect(patterns).toContainEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change'],
    });
    expect(properties('DispatchSnsSubscriptionAlarmTopic')['TopicArn']).toEqual({ Ref: 'AlarmTopic' });
    expect(properties('DispatchAlarmPermission')).toMatchObject({
      Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  });

  test('functions run on arm64 Node 24, are traced, keep their logs for a while and know their tables and policies', () => {
    const functions = of('AWS::Lambda::Function');
    expect(functions.length).toBe(FUNCTIONS.length);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], TracingConfig: { Mode: 'Active' } });
      expect(Properties['Environment'].Variables).toMatchObject({
        EBB_CONFIG: 'dist/config.json',
        EBB_LEDGER_TABLE: { Ref: 'LedgerTable' },
        EBB_MEMORY_TABLE: { Ref: 'MemoryTable' },
      });
    }
    for (const [, { Properties }] of of('AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBe(30);
    expect(of('AWS::Logs::LogGroup').length).toBe(FUNCTIONS.length);
  });

  test('both tables are encrypted and can be restored; memory alone forgets', () => {
    for (const id of ['LedgerTable', 'MemoryTable'])
      expect(properties(id)).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
      });
    expect(properties('LedgerTable')['TimeToLiveSpecification']).toBeUndefined();
    expect(properties('MemoryTable')['TimeToLiveSpecification']).toEqual({ AttributeName: 'expires', Enabled: true });
  });

  test('no function shares a role, and no role is left over', () => {
    const roles = of('AWS::Lambda::Function').map(([, { Properties }]) => Properties['Role']['Fn::Sub']);
    expect(new Set(roles).size).toBe(FUNCTIONS.length);
    const used = new Set([...roles.map(role => role.slice(2, -'.Arn}'.length)), 'SchedulerRole']);
    expect(of('AWS::IAM::Role').filter(([id]) => !used.has(id))).toEqual([]);
  });
});

const isFifo = (arn: { 'Fn::GetAtt': [string, string] }): boolean => properties(arn['Fn::GetAtt'][0])['FifoQueue'] === true;
