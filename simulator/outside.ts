/** The virtual cloud as the house sees it: real SDK clients whose calls are answered here, behind their own retry middleware. */
import { instant } from '../shared/model/time.ts';
import type { Config } from '../shared/policy/schema.ts';
import type { Equippable, Outside } from '../shared/runtime/outside.ts';
import { answeredBy, virtualConfig } from './client-side.ts';
import { serve } from './services/serve.ts';
import type { Tables } from './tables.ts';
import type { World } from './world/world.ts';

export interface OutsideOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The compiled policies. */
  readonly config: Config;
  /** Where the embedded tables are; without them DynamoDB is out of reach. */
  readonly tables?: Pick<Tables, 'endpoint'> & Partial<Pick<Tables, 'requestHandler'>>;
  /** Stands for the internet; without it every request fails. */
  readonly fetch?: typeof fetch;
}

/** Does not reach for the network: what has no virtual counterpart fails. */
export function outsideOf(world: World, { environment = {}, config, tables, fetch = noInternet }: OutsideOptions): Outside {
  return {
    now: () => instant(world.clock.now() * 1000),
    sleep: async milliseconds => world.clock.sleep(milliseconds / 1000),
    environment,
    config: () => config,
    clientConfig: (service, region) =>
      virtualConfig(service, region, { ...(tables && { tables }), sleep: seconds => world.clock.sleep(seconds) }),
    equip: client => equip(world, client),
    fetch,
    secret: () => world.ids.uuid('secret'),
  };
}

/** Adds the middleware that answers instead of the network; DynamoDB is let through to the embedded tables. */
export const equip = <C extends Equippable>(world: World, client: C): C =>
  answeredBy(client, request => serve(world, { ...request, caller: world.caller }));

const noInternet: typeof fetch = async input => {
  throw new TypeError(`fetch failed: the virtual cloud has no internet for ${String(input)}`);
};
