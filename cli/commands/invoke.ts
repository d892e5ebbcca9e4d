/** `ebb invoke FUNCTION --event FILE`: one handler, one event, its answer as JSON. */
import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import type { Command } from 'commander';
import { PENS } from '../../shared/model/ids.ts';
import { suggestion } from '../../shared/policy/suggest.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { EXIT, Refusal } from '../exit.ts';
import { logAside } from '../log-aside.ts';
import { type AwsOptions, configFolder, useAws, withAwsOptions } from '../real-aws.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Every function of functions/, by its name. Imported when called: each brings its own clients. */
const FUNCTIONS: Readonly<Record<string, () => Promise<{ readonly handler: unknown }>>> = {
  dispatch: () => import('../../functions/dispatch.ts'),
  'resize-fleets': () => import('../../functions/resize-fleets.ts'),
  'stop-start-instances': () => import('../../functions/stop-start-instances.ts'),
  'enforce-tags': () => import('../../functions/enforce-tags.ts'),
  'watch-changes': () => import('../../functions/watch-changes.ts'),
  'answer-slack': () => import('../../functions/answer-slack.ts'),
  'tell-slack': () => import('../../functions/tell-slack.ts'),
};

interface InvokeOptions extends AwsOptions {
  readonly event: string;
}

export const invoke = (program: Command): Command =>
  withAwsOptions(program.command('invoke'))
    .description('run one function on an event, against the virtual cloud unless --profile, --region or --endpoint-url is given')
    .argument('<function>', Object.keys(FUNCTIONS).join(', '))
    .requiredOption('--event <file>', 'the event, as JSON')
    .action(async (name: string, options: InvokeOptions) => {
      const load = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
      if (load === undefined)
        throw new Refusal(`there is no function "${name}"; ${suggestion(name, Object.keys(FUNCTIONS), 'see --help')}`);
      const event = readEvent(options.event);
      const isReal = options.profile !== undefined || options.region !== undefined || options.endpointUrl !== undefined;
      const world = isReal ? await real(name, options) : await virtual(options);
      try {
        const { handler } = await load();
        const { answer, lines } = await logAside(() => (handler as Handler)(event, contextOf(name, world.account)));
        const unreadable = unreadableIn(answer);
        if (unreadable !== null) throw new Refusal(`${options.event}: ${unreadable}`);
        process.stderr.write(lines.map(line => `${line}\n`).join(''));
        process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
        if (failuresIn(answer)) process.exitCode = EXIT.failed;
      } finally {
        await world.close();
      }
    });

function readEvent(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Refusal(
      code === undefined ? `${file} is not JSON: ${message}` : `${file} cannot be read (${code}); name a file that holds one event`,
    );
  }
}

async function real(name: string, options: AwsOptions) {
  const missing = needs(name).filter(variable => !process.env[variable]);
  if (missing.length > 0) {
    throw new Refusal(
      `${name} needs ${missing.join(', ')}, as its deployment would set; or leave --endpoint-url, --profile and --region away`,
    );
  }
  const { account } = await useAws(options);
  return { account, close: async () => {} };
}

/** What serverless.yml gives a function besides its code. */
const needs = (name: string): readonly string[] =>
  name === 'dispatch' ? PENS.map(pen => `EBB_QUEUE_${pen.toUpperCase().replaceAll('-', '_')}`) : ['EBB_LEDGER_TABLE', 'EBB_MEMORY_TABLE'];

async function virtual(options: AwsOptions) {
  const { standIn } = await import('../virtual.ts');
  return standIn(configFolder(options));
}

function contextOf(name: string, account: string): Context {
  const region = outside().environment['AWS_REGION'] ?? 'us-east-1';
  const end = Date.now() + 60_000;
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    memoryLimitInMB: '512',
    awsRequestId: 'invoked-by-hand',
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'cli',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => end - Date.now(),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

function unreadableIn(answer: unknown): string | null {
  const { unreadable } = (answer ?? {}) as { unreadable?: string | readonly string[] };
  return unreadable === undefined ? null : typeof unreadable === 'string' ? unreadable : unreadable.join('; ');
}

const failuresIn = (answer: unknown): boolean =>
  ((answer ?? {}) as { batchItemFailures?: unknown[] }).batchItemFailures?.length !== undefined &&
  (answer as { batchItemFailures: unknown[] }).batchItemFailures.length > 0;
