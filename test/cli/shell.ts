/** Commands as a user types them: `ebb` and the AWS CLI, in processes of their own. */
import { execFile, execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** With a variable set to `undefined` it is absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function ebb(args: readonly string[], environment: Environment = {}): Promise<Ran> {
  return run('node', [join(ROOT, 'cli/ebb.ts'), ...args], environment);
}

/** One clear line and nothing else: what every refusal looks like. */
export const isOneLine = ({ out, err }: Ran): boolean => out === '' && /^ebb: [^\n]+\n$/.test(err);

export async function aws(url: string, region: string, args: readonly string[], environment: Environment = {}): Promise<string> {
  // Compressed requests are unpacked twice by the emulator, so that large metric batches would be lost.
  const all = { AWS_DISABLE_REQUEST_COMPRESSION: 'true', AWS_PAGER: '', ...environment };
  const { code, out, err } = await run('aws', ['--endpoint-url', url, '--region', region, '--output', 'text', ...args], all);
  if (code !== 0) throw new Error(`aws ${args.slice(0, 2).join(' ')}: ${err.trim()}`);
  return out.trim();
}

/**
 * Whether there is an AWS CLI; said in one loud line when not.
 * @throws Error when there is none although `EBB_REQUIRE` names aws-cli.
 */
export function hasAwsCli(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    if ((process.env['EBB_REQUIRE'] ?? '').split(',').includes('aws-cli'))
      throw new Error('EBB_REQUIRE names aws-cli, but aws does not start');
    process.stderr.write('\nSKIPPED: ebb against moto needs the AWS CLI (aws): no account was made for it to look at\n');
    return false;
  }
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };

function run(command: string, args: readonly string[], environment: Environment): Promise<Ran> {
  const env = {
    ...process.env,
    ...CREDENTIALS,
    AWS_EC2_METADATA_DISABLED: 'true',
    PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    ...environment,
  };
  return new Promise(resolve => {
    const child = execFile(command, args, { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Runs all, a few at a time. */
export async function pooled<T>(tasks: readonly (() => Promise<T>)[], width = 3): Promise<T[]> {
  const results: T[] = [];
  const waiting = [...tasks.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
