/**
 * Deploys the package to moto, looks at what stands there, and removes it: `npm run smoke`, after `npm run package`.
 * What moto's CloudFormation skips (schedules, alarms, bucket policies, function URLs) is asserted on the template by test/deploy.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { loadConfig } from '../shared/policy/load.ts';
import { moto } from '../test/support/moto.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const server = await moto();
if (server === null) {
  console.log('SKIPPED: smoke: moto is not installed, nothing was deployed');
  process.exit(0);
}
try {
  await smoke(server.url);
} finally {
  await server.stop();
}

async function smoke(endpoint: string): Promise<void> {
  const { stage, accounts } = loadConfig(`${ROOT}config`);
  const region = accounts[0]?.regions[0] ?? 'us-east-1';
  const stack = `ebbtide-${stage}`;
  const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
  const environment = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_REGION: region };
  const look = () => lookAround(stack, { endpoint, region, credentials });

  const folder = await packageForMoto();
  await serverless(['deploy', '--package', folder], environment);
  await rm(folder, { recursive: true });
  const deployed = await look();
  expect('tables', deployed.tables.length, 2);
  expect('FIFO queues: one per pen, and its dead letters', deployed.fifo.length, 6);
  expect('standard dead-letter queues', deployed.standard.length, 3);
  expect('FIFO queues that redrive into FIFO ones', deployed.redrives.filter(arn => arn.endsWith('.fifo')).length, 3);

  await serverless(['remove'], environment);
  const removed = await look();
  expect('what remains', [...removed.tables, ...removed.fifo, ...removed.standard].length, 0);
  console.log(`smoke: ${stack} was deployed to moto, looked at and removed`);
}

/** A copy of the package without the output that tells where the function URL is: moto knows none, and fails over it. */
async function packageForMoto(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ebbtide-smoke-'));
  await cp(`${ROOT}.serverless`, folder, { recursive: true });
  await edit<State>(join(folder, 'serverless-state.json'), state => withoutUrls(state.service.provider.compiledCloudFormationTemplate));
  await edit<Template>(join(folder, 'cloudformation-template-update-stack.json'), withoutUrls);
  return folder;
}

interface Template {
  Outputs: Record<string, unknown>;
}
interface State {
  readonly service: { readonly provider: { readonly compiledCloudFormationTemplate: Template } };
}

async function edit<Content>(path: string, change: (content: Content) => void): Promise<void> {
  const content = JSON.parse(await readFile(path, 'utf8')) as Content;
  change(content);
  await writeFile(path, JSON.stringify(content));
}

function withoutUrls(template: Template): void {
  const told = Object.entries(template.Outputs).filter(([, output]) => !JSON.stringify(output).includes('"FunctionUrl"'));
  template.Outputs = Object.fromEntries(told);
}

/** Our tables and queues as the emulator has them. */
async function lookAround(stack: string, config: { endpoint: string; region: string; credentials: object }) {
  const { TableNames = [] } = await new DynamoDBClient(config as never).send(new ListTablesCommand({}));
  const sqs = new SQSClient(config as never);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const attributes = await Promise.all(
    QueueUrls.map(QueueUrl => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }))),
  );
  return {
    tables: TableNames.filter(name => name.startsWith(stack)),
    fifo: QueueUrls.filter(url => url.endsWith('.fifo')),
    standard: QueueUrls.filter(url => !url.endsWith('.fifo')),
    redrives: attributes.flatMap(({ Attributes }) => {
      const policy = Attributes?.['RedrivePolicy'];
      return policy === undefined ? [] : [String((JSON.parse(policy) as { deadLetterTargetArn: string }).deadLetterTargetArn)];
    }),
  };
}

function expect(what: string, seen: number, wanted: number): void {
  if (seen !== wanted) throw new Error(`${what}: ${wanted} expected, ${seen} seen`);
  console.log(`  ${what}: ${seen}`);
}

/** @throws Error when the command fails; its own words are on the terminal by then. */
function serverless(args: readonly string[], environment: Record<string, string>): Promise<void> {
  console.log(`serverless ${args.join(' ')} …`);
  const child = spawn(process.execPath, [`${ROOT}node_modules/serverless/bin/serverless.js`, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', code => (code === 0 ? resolve() : reject(new Error(`serverless ${args[0]} ended with ${code}`))));
  });
}
