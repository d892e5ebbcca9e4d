/** Packaged handlers for the stage, each run in a fresh process: nothing passes from one tick to the next but tables and CloudWatch. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../../../shared/policy/schema.ts';
import { outside } from '../../../shared/runtime/outside.ts';
import type { RefusalLike } from '../../../simulator/client-side.ts';
import { serve } from '../../../simulator/services/serve.ts';
import type { Handler } from '../../../simulator/stage/lambda.ts';
import type { World } from '../../../simulator/world/world.ts';
import { fromWire, type ToHandler, type ToWorld, toWire } from './wire.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CHILD = join(import.meta.dirname, 'child.ts');
/** In a process of its own, because jest's module system does not carry esbuild. The child is bundled, too: that halves its start. */
const BUILD = `
  const [{ build }, esbuild] = await Promise.all([import('./scripts/build.ts'), import('esbuild')]);
  const [folder, child] = process.argv.slice(1);
  await build(folder + '/dist');
  await esbuild.build({ entryPoints: [child], outfile: folder + '/child.mjs', bundle: true, format: 'esm', platform: 'node', target: 'node24' });`;

export interface Packaged {
  /** How many processes have been used up. */
  readonly processes: () => number;
  load(name: string): Promise<Handler>;
  close(): Promise<void>;
}

/** Builds the bundles as `npm run package` does, with these policies beside them, into a folder of their own. */
export async function packaged(world: World, config: Config, endpoint: string): Promise<Packaged> {
  const folder = await mkdtemp(join(tmpdir(), 'ebbtide-fresh-'));
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', BUILD, folder, CHILD], { cwd: ROOT });
  await writeFile(join(folder, 'dist/config.json'), JSON.stringify(config));

  const spare = new Map<string, ChildProcess>();
  let used = 0;
  const start = (name: string): ChildProcess => {
    const args = [join(folder, 'dist', name, 'index.mjs'), endpoint];
    // The environment is the function's own, and nothing of the machine's.
    const child = fork(join(folder, 'child.mjs'), args, { cwd: folder, env: clean(outside().environment) });
    child.on('error', () => {}); // told to whoever waits for its answer, by its exit
    return child;
  };
  return {
    processes: () => used,
    load: async name => async (event, context) => {
      const child = spare.get(name) ?? start(name);
      spare.set(name, start(name)); // boots while this one works: fresh all the same
      used++;
      try {
        return await runIn(child, world, { event, context, remaining: context.getRemainingTimeInMillis() });
      } finally {
        child.kill('SIGKILL');
      }
    },
    close: async () => {
      for (const child of spare.values()) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const clean = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

type Invocation = Omit<Extract<ToHandler, { kind: 'invoke' }>, 'kind' | 'now'>;

/** @throws Error with what the handler threw, or when its process ended without an answer. */
function runIn(child: ChildProcess, world: World, invocation: Invocation): Promise<unknown> {
  const send = (message: ToHandler): void => void child.send(toWire(message));
  return new Promise((answered, failed) => {
    child.on('exit', code => failed(new Error(`the handler's process ended (${code}) before it answered`)));
    child.on('message', text => {
      const message = fromWire(String(text)) as ToWorld;
      switch (message.kind) {
        case 'call':
          return send({ kind: 'reply', id: message.id, ...answer(world, message.request), now: world.clock.now() });
        case 'sleep':
          world.clock.sleep(message.seconds);
          return send({ kind: 'reply', id: message.id, now: world.clock.now() });
        case 'answered':
          return answered(message.answer);
        case 'threw':
          return failed(Object.assign(new Error(message.error.message), { name: message.error.name }));
        default:
          return message satisfies never;
      }
    });
    send({ kind: 'invoke', ...invocation, now: world.clock.now() }); // kept for it until it listens
  });
}

function answer(world: World, request: Extract<ToWorld, { kind: 'call' }>['request']) {
  try {
    return { answer: serve(world, { ...request, caller: world.caller }) };
  } catch (error) {
    if ((error as Error).name !== 'Refusal') return { bug: String(error) };
    const { error: refused, requestId } = error as unknown as RefusalLike;
    const { name, message, status } = refused;
    return { refusal: { error: { name, message, status }, requestId } };
  }
}
