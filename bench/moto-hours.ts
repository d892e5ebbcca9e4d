/**
 * What an hour costs in calls against an AWS that others wrote: a thousand dev-test instances in moto, looked at hour after hour by the instance
 * pen with real SDK clients. Every request that leaves for EC2, CloudWatch, STS or anything else of AWS is counted on its way out;
 * ledger and memory are the embedded tables, and counted apart. Needs moto: pip install "moto[server]".
 * `npm run bench:moto-hours [-- INSTANCES]`
 */
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { addSeconds, DAY, floorTo, HOUR, instant } from '../shared/model/time.ts';
import { clientsFor } from '../shared/runtime/clients.ts';
import { type Outside, useOutside } from '../shared/runtime/outside.ts';
import { reconcile } from '../shared/runtime/reconcile.ts';
import { runOf } from '../shared/runtime/run.ts';
import { openTables } from '../simulator/tables.ts';
import { moto } from '../test/support/moto.ts';
import { configOf, devTest } from '../test/support/policies.ts';

const INSTANCES = Number(process.argv[2] ?? 1_000);
const HOURS = 16;
const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

const server = await moto();
if (server === null) process.exit(2);
const tables = await openTables();
let now = floorTo(instant(Date.now()), HOUR);
const aws = new Map<string, number>();
const table = new Map<string, number>();

const world: Outside = {
  ...server.outside(),
  now: () => now,
  config: () => configOf({ policies: [learned()] }),
  environment: { AWS_REGION: REGION, EBB_LEDGER_TABLE: tables.ledger, EBB_MEMORY_TABLE: tables.memory },
  clientConfig: (service, region) =>
    service === 'dynamodb' ? { ...tables.clientConfig } : patient(server.outside().clientConfig(service, region)),
  equip: counted,
};
useOutside(world);
await furnish();
now = addSeconds(now, DAY); // they have run for a day

console.log(`${INSTANCES} instances, all of them dev-test; hour by hour, calls to AWS | calls to the tables`);
for (let hour = 0; hour < HOURS; hour++) {
  now = addSeconds(now, HOUR);
  aws.clear();
  table.clear();
  await reconcile(await runOf('stop-start-instances', { account: ACCOUNT, region: REGION }, ACCOUNT, () => 900_000), 'all');
  console.log(`  ${String(hour + 1).padStart(2)}  ${list(aws)} | ${list(table)}`);
}
await tables.close();
await server.stop();
process.exit(0);

function learned() {
  const { schedule: _, ...policy } = devTest({ idle: 'learned' });
  return policy;
}

/** Moto takes seconds for what AWS answers at once, and a retry would be counted. */
function patient(config: Readonly<Record<string, unknown>>) {
  return { ...config, requestHandler: { requestTimeout: 300_000 } };
}

/** A launch for every hundred. Moto makes up no metrics, so all of them are silent: whoever is asked is asked for the longest tail there is. */
async function furnish(): Promise<void> {
  const ec2 = await clientsFor({ region: REGION }).ec2();
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'environment', Value: 'dev' }] }];
  for (let n = INSTANCES; n > 0; n -= 100) {
    const count = Math.min(100, n);
    const launch = { ImageId: 'ami-12c6146b', InstanceType: 'm5.large' as const, MinCount: count, MaxCount: count, TagSpecifications };
    await ec2.send(new RunInstancesCommand(launch));
  }
}

/** Requests as they go out, retries counted again. */
function counted<C extends Parameters<Outside['equip']>[0]>(client: C): C {
  const service = (client.config as { serviceId?: string }).serviceId ?? '?';
  client.middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        const counts = service === 'DynamoDB' ? table : aws;
        const name = `${service} ${String(commandName).replace(/Command$/, '')}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return next(args);
      },
    { step: 'finalizeRequest', priority: 'low', name: 'counted' },
  );
  return client;
}

function list(counts: ReadonlyMap<string, number>): string {
  const sum = [...counts.values()].reduce((a, b) => a + b, 0);
  return `${sum} (${[...counts].map(([name, n]) => `${n} ${name}`).join(', ')})`;
}
