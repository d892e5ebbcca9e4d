/**
 * Everything a run touches beyond its own code: the clock, the environment, the policies, the SDK's transport and Slack's.
 * One seam, so that the virtual cloud (and a test) can stand where AWS does while the handlers run unmodified. It lives on `globalThis`
 * under a registered symbol, so a bundled handler in a bare process can be given one by a preload.
 */
import { randomBytes } from 'node:crypto';
import type { Client, MetadataBearer } from '@smithy/types';
import { type Instant, instant } from '../model/time.ts';
import type { Config } from '../policy/schema.ts';

export interface Outside {
  now(): Instant;
  sleep(milliseconds: number): Promise<void>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The compiled policies. */
  config(): Config;
  /** Merged into every SDK client's constructor: endpoint, credentials, retry strategy. `{}` on AWS. */
  clientConfig(service: string, region: string): Readonly<Record<string, unknown>>;
  /** Called once with every SDK client that is made; the virtual cloud adds its middleware here. */
  equip<C extends Equippable>(client: C): C;
  fetch: typeof fetch;
  /** Opaque: 128 random bits, and nothing to be learned from them. */
  secret(): string;
}

/** What every SDK v3 client is, as far as the seam is concerned. */
// biome-ignore lint/suspicious/noExplicitAny: the input and output unions of all services meet here
export type Equippable = Client<any, MetadataBearer & any, any>;

const SEAM = Symbol.for('ebbtide.outside');
const seam = globalThis as { [SEAM]?: Outside };

export const outside = (): Outside => {
  seam[SEAM] ??= aws();
  return seam[SEAM];
};

/** Puts another world outside; returns what undoes it. */
export function useOutside(world: Outside): () => void {
  const before = seam[SEAM];
  seam[SEAM] = world;
  return () => {
    if (before === undefined) delete seam[SEAM];
    else seam[SEAM] = before;
  };
}

export const secret = (): string => randomBytes(16).toString('base64url');

function aws(): Outside {
  let config: Config | undefined;
  return {
    now: () => instant(Date.now()),
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    environment: process.env,
    config: () => {
      config ??= compiledConfig(process.env['EBB_CONFIG']);
      return config;
    },
    clientConfig: () => ({}),
    equip: client => client,
    fetch: globalThis.fetch,
    secret,
  };
}

/** A bundle carries its policies as JSON: validated when it was packaged, so only read here. */
function compiledConfig(path: string | undefined): Config {
  if (path === undefined)
    throw new Error('EBB_CONFIG is not set: it names the compiled policies (npm run package writes them into each bundle)');
  return JSON.parse(process.getBuiltinModule('node:fs').readFileSync(path, 'utf8')) as Config;
}
