/** The real world outside: default credential chain or a profile, several regions, another endpoint; the policies from the YAML itself. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Instant, instant } from '../shared/model/time.ts';
import { judgeRegion } from '../shared/policy/judges.ts';
import { loadConfig } from '../shared/policy/load.ts';
import type { Config } from '../shared/policy/schema.ts';
import { accountOf, clientsFor } from '../shared/runtime/clients.ts';
import { type Outside, secret, useOutside } from '../shared/runtime/outside.ts';
import { Refusal } from './exit.ts';

export interface AwsOptions {
  readonly profile?: string;
  /** Where to look. */
  readonly region?: readonly string[];
  readonly endpointUrl?: string;
  readonly config?: string;
  /** Decide as if it were then. */
  readonly at?: Instant;
}

/** Adds the options that name an account to look at. */
export const withAwsOptions = (command: Command): Command =>
  withCredentials(command.option('--region <name...>', 'regions to look at, instead of those of scopes.yml'));

/** … or to speak to, where nothing is looked at. */
export const withCredentials = (command: Command): Command =>
  command
    .option('--profile <name>', 'profile of the AWS configuration files; else the default credential chain')
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
  const config = loadConfig(configFolder(options));
  const home = config.accounts[0]?.regions[0];
  if (home === undefined) throw new Refusal('no region: list some in scopes.yml');
  const looked = narrowed(config, options.region);
  useOutside(await world(options, looked, home));
  return { account: await accountOf(clientsFor({ region: home })), config: looked };
}

/** `--region` narrows what is looked at, or moves it elsewhere: the account's own policies hold there too. */
function narrowed(config: Config, regions: readonly string[] | undefined): Config {
  if (regions === undefined || regions.length === 0) return config;
  for (const region of regions) {
    const trouble = judgeRegion(region);
    if (trouble !== null) throw new Refusal(`--region: ${trouble}`);
  }
  return { ...config, accounts: config.accounts.map(account => ({ ...account, regions: [...new Set(regions)] })) };
}

/**
 * @param home where tables and pause are: the first region of scopes.yml, as for the deployment. Neither `--region` nor an AWS_REGION of
 * the shell moves it, or a pause would be put where no function reads it.
 */
async function world({ profile, endpointUrl, at }: AwsOptions, config: Config, home: string): Promise<Outside> {
  const credentials = profile === undefined ? {} : { credentials: (await import('@aws-sdk/credential-providers')).fromIni({ profile }) };
  const endpoint = endpointUrl === undefined ? {} : { endpoint: checked(endpointUrl), forcePathStyle: true };
  return {
    now: () => at ?? instant(Date.now()),
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    // Metrics are lines on standard output, for CloudWatch's agent in Lambda; here that is the answer's.
    environment: { ...process.env, AWS_REGION: home, POWERTOOLS_METRICS_DISABLED: 'true' },
    config: () => config,
    clientConfig: () => ({ ...credentials, ...endpoint }),
    equip: client => client,
    fetch: globalThis.fetch,
    secret,
  };
}

function checked(url: string): string {
  if (!URL.canParse(url)) throw new Refusal(`--endpoint-url: ${JSON.stringify(url)} is not a URL; write http://127.0.0.1:5000 or the like`);
  return url;
}
