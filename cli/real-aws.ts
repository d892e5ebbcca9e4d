/** The real world outside: default credential chain or a profile, several regions, another endpoint; the policies from the YAML itself. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Instant, instant } from '../shared/model/time.ts';
import { loadConfig } from '../shared/policy/load.ts';
import type { Config } from '../shared/policy/schema.ts';
import { accountOf, clientsFor } from '../shared/runtime/clients.ts';
import { type Outside, useOutside } from '../shared/runtime/outside.ts';
import { Refusal } from './exit.ts';

export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string[];
  readonly endpointUrl?: string;
  readonly config?: string;
  /** Decide as if it were then. */
  readonly at?: Instant;
}

/** Adds the options that name an account to look at. */
export const withAwsOptions = (command: Command): Command =>
  command
    .option('--profile <name>', 'profile of the AWS configuration files; else the default credential chain')
    .option('--region <name...>', 'regions to look at, instead of those of config/scopes.yml')
    .option('--endpoint-url <url>', 'another endpoint for all services, such as an emulator')
    .option('--config <folder>', 'folder of policies (default: EBB_CONFIG, else ./config)');

/** Where the policies are; checked, so that a typo is not an empty set of policies. */
export function configFolder({ config }: Pick<AwsOptions, 'config'>): string {
  const folder = config ?? process.env['EBB_CONFIG'] ?? 'config';
  if (!existsSync(folder)) throw new Refusal(`there is no folder ${folder}; name your policies with --config or EBB_CONFIG`);
  return folder;
}

/** From now on the rooms talk to this account; returns the account id. */
export async function useAws(options: AwsOptions): Promise<{ readonly account: string; readonly config: Config }> {
  const config = narrowed(loadConfig(configFolder(options)), options.region);
  const region = config.accounts[0]?.regions[0] ?? process.env['AWS_REGION'];
  if (region === undefined) throw new Refusal('no region: name one with --region, or list some in config/scopes.yml');
  useOutside(await world(options, config, region));
  return { account: await accountOf(clientsFor({ region })), config };
}

/** `--region` narrows what is looked at, or moves it elsewhere: the account's own policies hold there too. */
function narrowed(config: Config, regions: readonly string[] | undefined): Config {
  if (regions === undefined || regions.length === 0) return config;
  return { ...config, accounts: config.accounts.map(account => ({ ...account, regions: [...regions] })) };
}

async function world({ profile, endpointUrl, at }: AwsOptions, config: Config, region: string): Promise<Outside> {
  const credentials = profile === undefined ? {} : { credentials: (await import('@aws-sdk/credential-providers')).fromIni({ profile }) };
  const endpoint = endpointUrl === undefined ? {} : { endpoint: checked(endpointUrl) };
  return {
    now: () => at ?? instant(Date.now()),
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    environment: { AWS_REGION: region, ...process.env },
    config: () => config,
    clientConfig: () => ({ ...credentials, ...endpoint }),
    equip: client => client,
    fetch: globalThis.fetch,
  };
}

function checked(url: string): string {
  if (!URL.canParse(url)) throw new Refusal(`--endpoint-url: ${JSON.stringify(url)} is not a URL; write http://127.0.0.1:5000 or the like`);
  return url;
}
