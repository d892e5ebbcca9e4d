/** Ledger and memory of the deployment: the tables that the environment names, else those of the stage that scopes.yml names. */
import type { Scope } from '../shared/model/ids.ts';
import { clientsFor } from '../shared/runtime/clients.ts';
import { scopesOf } from '../shared/runtime/doorbells.ts';
import { outside, useOutside } from '../shared/runtime/outside.ts';
import { setting } from '../shared/runtime/settings.ts';
import { type Tables, tables } from '../shared/runtime/tables.ts';
import { Refusal } from './exit.ts';
import { type Account, hasTables } from './look.ts';
import { type AwsOptions, useAws } from './real-aws.ts';

export interface Records extends Account {
  readonly tables: Tables;
  readonly scopes: readonly Scope[];
  /** The zone that people are told times in. */
  readonly zone: string;
}

/** @throws Refusal when there is no deployment to read from. */
export async function openRecords(options: AwsOptions): Promise<Records> {
  const account = await useAws(options);
  if (!hasTables()) await useDeployedTables(account.config.stage);
  return {
    ...account,
    tables: await tables(),
    scopes: scopesOf(account.config, account.account),
    zone: account.config.slack.summary.timeZone,
  };
}

/** CloudFormation names a table after its stack, itself and chance. */
async function useDeployedTables(stage: string): Promise<void> {
  const names = await tableNames();
  const region = setting('AWS_REGION');
  const found = (id: string): string => {
    const mine = names.filter(name => new RegExp(`^ebbtide-${stage}-${id}-[A-Z0-9]+$`).test(name));
    const [first] = mine;
    if (first !== undefined && mine.length === 1) return first;
    const [what, remedy] =
      first === undefined
        ? [`no table ebbtide-${stage}-${id}-…`, 'deploy first (npm run deploy), or name the tables with']
        : [`more than one table ebbtide-${stage}-${id}-…`, 'name yours with'];
    throw new Refusal(`there is ${what} in ${region}; ${remedy} EBB_LEDGER_TABLE and EBB_MEMORY_TABLE, which are outputs of the stack`);
  };
  const world = outside();
  const named = { EBB_LEDGER_TABLE: found('LedgerTable'), EBB_MEMORY_TABLE: found('MemoryTable') };
  useOutside({ ...world, environment: { ...world.environment, ...named } });
}

/**
 * From now on pages are kept in the bucket of the stage: the one that the environment names, else the stack's.
 * @throws Refusal where there is none.
 */
export async function usePagesBucket(stage: string): Promise<void> {
  const world = outside();
  if (world.environment['EBB_PAGES_BUCKET']) return;
  const { ListBucketsCommand } = await import('@aws-sdk/client-s3');
  const s3 = await clientsFor({ region: setting('AWS_REGION') }).s3();
  const Prefix = `ebbtide-${stage}-pagesbucket-`;
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix }));
  const [first, ...others] = Buckets.flatMap(({ Name = '' }) => (Name.startsWith(Prefix) ? [Name] : []));
  if (first === undefined || others.length > 0) {
    const what =
      first === undefined
        ? `no bucket ${Prefix}…; deploy first (npm run deploy), or name one in`
        : `more than one bucket ${Prefix}…; name yours in`;
    throw new Refusal(`there is ${what} EBB_PAGES_BUCKET, which is an output of the stack`);
  }
  useOutside({ ...world, environment: { ...world.environment, EBB_PAGES_BUCKET: first } });
}

async function tableNames(): Promise<string[]> {
  const { ListTablesCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await clientsFor({ region: setting('AWS_REGION') }).dynamoDb();
  const names: string[] = [];
  let from: string | undefined;
  do {
    const page = await client.send(new ListTablesCommand(from === undefined ? {} : { ExclusiveStartTableName: from }));
    names.push(...(page.TableNames ?? []));
    from = page.LastEvaluatedTableName;
  } while (from !== undefined);
  return names;
}
