/** Moto, an AWS emulator that others wrote: the second opinion of the contract tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { instant } from '../../shared/model/time.ts';
import { type Outside, secret } from '../../shared/runtime/outside.ts';

export interface Moto {
  readonly url: string;
  /** The world outside with moto in AWS's place. */
  outside(): Outside;
  /** Forgets everything. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const COMMANDS = [['moto_server'], ['python3', '-m', 'moto.server']] as const;

/**
 * A fresh server on a free port, or `null` where none is installed: said in one loud line, since what is skipped proves nothing.
 * @throws Error when none is there although `EBB_REQUIRE` names moto.
 */
export async function moto(): Promise<Moto | null> {
  const port = await freePort();
  for (const [command, ...args] of COMMANDS) {
    const server = await start(command, [...args, '-H', '127.0.0.1', '-p', String(port)], port);
    if (server !== null) return standing(server, `http://127.0.0.1:${port}`);
  }
  if ((process.env['EBB_REQUIRE'] ?? '').split(',').includes('moto')) {
    throw new Error('EBB_REQUIRE names moto, but neither moto_server nor python3 -m moto.server starts');
  }
  process.stderr.write(
    '\nSKIPPED: contract tests against moto (pip install "moto[server]"): nothing was compared with an AWS that others wrote\n',
  );
  return null;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const START_TIMEOUT_MS = 30_000;

/** The server once it answers; `null` when the command is not there or ends by itself. */
async function start(command: string, args: readonly string[], port: number): Promise<ChildProcess | null> {
  const server = spawn(command, args, { stdio: 'ignore' });
  let over = false;
  const ended = new Promise<void>(resolve => {
    const end = () => {
      over = true;
      resolve();
    };
    server.once('error', end);
    server.once('exit', end);
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!over && Date.now() < deadline) {
    if (await answers(`http://127.0.0.1:${port}/moto-api/data.json`)) return server;
    await Promise.race([ended, pause(100)]);
  }
  server.kill();
  return null;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    r => r.ok,
    () => false,
  );

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

function standing(server: ChildProcess, url: string): Moto {
  const orphan = () => server.kill();
  process.once('exit', orphan);
  return {
    url,
    outside: () => ({
      now: () => instant(Date.now()),
      sleep: pause,
      environment: {},
      config: () => {
        throw new Error('no policies are configured in a contract test');
      },
      clientConfig: () => ({ endpoint: url, credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' } }),
      equip: client => client,
      fetch: globalThis.fetch,
      secret,
    }),
    async reset() {
      const { ok, status } = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      if (!ok) throw new Error(`moto could not be reset: ${status}`);
    },
    async stop() {
      process.off('exit', orphan);
      const ended = new Promise(resolve => server.once('exit', resolve));
      server.kill();
      await ended;
    },
  };
}
