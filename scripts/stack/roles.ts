/** One role per function, each with what that function does and nothing else. */
import { PENS, type Pen } from '../../shared/model/ids.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { arnOf, oslsName, pascal, type Resource, type Resources, type Statement, sub, type Text } from './cloudformation.ts';
import { deadLettersOf, queueOf, RUNG, type Rung } from './queues.ts';
import { readStatements } from './reads.ts';
import { writeStatements } from './writes.ts';

export const roles = (config: Config): Resources => ({
  ...Object.fromEntries(PENS.map(pen => [`${pascal(pen)}Role`, roleOf(pen, statementsOfPen(pen, config))])),
  ...Object.fromEntries(RUNG.map(name => [`${pascal(name)}Role`, roleOf(name, [...statementsOf[name](config), mayBury(name)])])),
  AnswerSlackRole: roleOf('answer-slack', answering(config)),
  SchedulerRole: schedulerRole(),
});

const statementsOfPen = (pen: Pen, config: Config): Statement[] => [
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [arnOf(queueOf(pen))]),
  ...tables({ ledger: ['GetItem', 'PutItem', 'Query'], memory: ['GetItem', 'PutItem', 'DeleteItem', 'Query'] }),
  parameters(config, ['pause']),
  ...otherAccounts(config),
  ...readStatements(pen, config),
  ...writeStatements(pen, config),
];

const statementsOf: Record<Rung, (config: Config) => Statement[]> = {
  dispatch: () => [
    allow(
      ['sqs:SendMessage'],
      PENS.map(pen => arnOf(queueOf(pen))),
    ),
  ],
  // What happened is in the event: it asks EC2 nothing.
  'watch-changes': () => tables({ ledger: ['GetItem', 'PutItem', 'Query'], memory: ['GetItem', 'PutItem', 'DeleteItem', 'Query'] }),
  'tell-slack': config => [
    allow(['s3:PutObject'], [sub(`\${PagesBucket.Arn}/weekly/*`)]),
    ...tables({ ledger: ['GetItem', 'PutItem', 'Query'], memory: ['GetItem', 'PutItem', 'DeleteItem', 'Query'] }),
    parameters(config, ['slack/bot-token', 'slack/webhook']),
    allow(['sns:GetTopicAttributes', 'sns:Publish'], [{ Ref: 'AlertTopic' }]),
  ],
};

/** It asks, and does nothing: a wish on a shelf, a doorbell, and the secrets that prove who asks. */
const answering = (config: Config): Statement[] => [
  allow(
    ['sqs:SendMessage'],
    PENS.map(pen => arnOf(queueOf(pen))),
  ),
  allow(
    ['GetItem', 'PutItem', 'DeleteItem', 'Query'].map(a => `dynamodb:${a}`),
    [arnOf('MemoryTable')],
  ),
  parameters(config, ['slack/bot-token', 'slack/signing-secret']),
];

const allow = (Action: readonly string[], Resource: readonly Text[]): Statement => ({ Effect: 'Allow', Action, Resource });

/** The ledger is append-only, so nobody may update or delete there. */
const tables = (actions: { ledger: readonly string[]; memory: readonly string[] }): Statement[] => [
  allow(
    actions.ledger.map(a => `dynamodb:${a}`),
    [arnOf('LedgerTable')],
  ),
  allow(
    actions.memory.map(a => `dynamodb:${a}`),
    [arnOf('MemoryTable')],
  ),
];

const parameters = ({ stage }: Config, names: readonly string[]): Statement =>
  allow(
    ['ssm:GetParameter'],
    names.map(name => sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/ebbtide/${stage}/${name}`)),
  );

/** What may be done there is for the role over there to say. */
function otherAccounts({ accounts }: Config): Statement[] {
  const arns = [...new Set(accounts.flatMap(({ role }) => role ?? []))];
  return arns.length === 0 ? [] : [allow(['sts:AssumeRole'], arns)];
}

/** Lambda puts an event that failed to the end on the function's own dead-letter queue, in the function's name. */
const mayBury = (name: Rung): Statement => allow(['sqs:SendMessage'], [arnOf(deadLettersOf(name))]);

function roleOf(name: Pen | Rung | 'answer-slack', statements: readonly Statement[]): Resource {
  const logs = sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/\${AWS::StackName}-${name}:*`);
  return role('lambda.amazonaws.com', name, [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logs]),
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']), // X-Ray knows no resources here
    ...statements,
  ]);
}

function schedulerRole(): Resource {
  const rung: readonly Rung[] = ['dispatch', 'tell-slack'];
  return role('scheduler.amazonaws.com', 'ticks', [
    allow(
      ['lambda:InvokeFunction'],
      rung.map(name => arnOf(`${oslsName(name)}LambdaFunction`)),
    ),
    allow(
      ['sqs:SendMessage'],
      rung.map(name => arnOf(deadLettersOf(name))),
    ),
  ]);
}

const role = (Service: string, PolicyName: string, statements: readonly Statement[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service },
          Action: 'sts:AssumeRole',
          // Schedules of other accounts may not borrow the role.
          ...(Service.startsWith('scheduler') ? { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } } : {}),
        },
      ],
    },
    Policies: [{ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});
