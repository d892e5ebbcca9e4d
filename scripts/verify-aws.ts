/**
 * `npm run verify:aws [-- --profile NAME] [--region REGION …]`: a read-only check against the real account. Resolves credentials, asks for one
 * page of each read the pens make, and asks EC2 by DryRun whether it would let us write. Nothing is ever written.
 * Exit code 0: all that can be checked is allowed; 1: something is not; 2: no credentials, or bad input.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { PricingClient } from '@aws-sdk/client-pricing';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { loadConfig } from '../shared/policy/load.ts';
import { type Found, type Place, PROBES } from './verify-probes.ts';

const { values } = readArguments();
if (values.profile !== undefined) process.env['AWS_PROFILE'] = values.profile;

const config = loadConfig(fileURLToPath(new URL('../config', import.meta.url)));
const regions = values.region ?? [...new Set(config.accounts.filter(({ role }) => role === undefined).flatMap(a => a.regions))];

await whoAmI(regions[0] ?? 'us-east-1');
let denied = 0;
for (const region of regions) denied += await verify(region);
console.log(
  denied === 0
    ? '\nAll that can be checked is allowed. Nothing was written.'
    : `\n${denied} ${denied === 1 ? 'is' : 'are'} not allowed or did not answer. Nothing was written.`,
);
process.exitCode = denied === 0 ? 0 : 1;

function readArguments() {
  try {
    return parseArgs({ options: { profile: { type: 'string' }, region: { type: 'string', multiple: true } } });
  } catch (error) {
    return fail(error);
  }
}

async function whoAmI(region: string): Promise<void> {
  const identity = await new STSClient({ region }).send(new GetCallerIdentityCommand({})).catch(fail);
  console.log(`${identity.Arn} in account ${identity.Account}`);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exit(2);
}

/** @returns how many probes did not find what they ask allowed. */
async function verify(region: string): Promise<number> {
  const place: Place = {
    ec2: new EC2Client({ region }),
    autoScaling: new AutoScalingClient({ region }),
    beanstalk: new ElasticBeanstalkClient({ region }),
    cloudWatch: new CloudWatchClient({ region }),
    ssm: new SSMClient({ region }),
    pricing: new PricingClient({ region: 'us-east-1' }), // the price list of all regions answers there
    stage: config.stage,
  };
  console.log(`\n${region}`);
  let denied = 0;
  for (const [action, probe] of Object.entries(PROBES)) {
    const found = await probe(place).catch(asFound);
    if (found.verdict === 'denied') denied += 1;
    console.log(`  ${found.verdict.padEnd(8)} ${action.padEnd(44)} ${found.detail}`);
  }
  return denied;
}

function asFound(error: unknown): Found {
  return { verdict: 'denied', detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
