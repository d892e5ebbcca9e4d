/** All resources that serverless.yml does not write out, computed from the policies and from the tables the code itself acts on. */
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../shared/policy/load.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { alarms } from './alarms.ts';
import type { Resources } from './cloudformation.ts';
import { pages } from './pages.ts';
import { queues } from './queues.ts';
import { roles } from './roles.ts';
import { tables } from './tables.ts';
import { triggers } from './triggers.ts';

export interface Place {
  readonly stage: string;
  readonly region: string;
}

/** @throws Error naming the remedy when the command line asks for a place that `config/scopes.yml` does not name. */
export function stack(place: Place, config: Config = loadConfig(fileURLToPath(new URL('../../config', import.meta.url)))) {
  checkPlace(place, config);
  return {
    Resources: {
      ...tables(config.stage),
      ...pages(),
      ...queues(),
      ...triggers(),
      ...roles(config),
      ...alarms(),
    } satisfies Resources,
    Outputs: {
      AlarmTopicArn: { Description: 'Alarms that speak SNS: add this topic to their actions', Value: { Ref: 'AlarmTopic' } },
      AlertTopicArn: { Description: "The house's own alarms: subscribe to it", Value: { Ref: 'AlertTopic' } },
      LedgerTableName: { Description: 'For ebb, as EBB_LEDGER_TABLE', Value: { Ref: 'LedgerTable' } },
      PagesBucketName: { Description: 'The pages of the weeks; for ebb, as EBB_PAGES_BUCKET', Value: { Ref: 'PagesBucket' } },
      MemoryTableName: { Description: 'For ebb, as EBB_MEMORY_TABLE', Value: { Ref: 'MemoryTable' } },
    },
  };
}

/** The functions carry the compiled policies, so the stage and the region of the stack may not differ from what those say. */
function checkPlace({ stage, region }: Place, { stage: ours, accounts }: Config): void {
  if (stage !== ours) throw new Error(`config/scopes.yml says stage "${ours}", the command line "${stage}": change the file instead`);
  const home = accounts[0];
  if (home?.account !== 'self') throw new Error('config/scopes.yml › accounts.0.account: must be `self`, the account Ebbtide stands in');
  if (region !== home.regions[0])
    throw new Error(`config/scopes.yml says region "${home.regions[0]}" first, the command line "${region}": change the file instead`);
}
