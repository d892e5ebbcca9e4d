/** The virtual cloud as a stand-in for an account: the working week's world at its first instant, with empty tables. */

import { PENS } from '../shared/model/ids.ts';
import { loadConfig } from '../shared/policy/load.ts';
import { useOutside } from '../shared/runtime/outside.ts';
import { workingWeek } from '../simulator/scenarios/working-week.ts';
import { openTables } from '../simulator/tables.ts';

export async function standIn(configFolder: string): Promise<{ readonly account: string; close(): Promise<void> }> {
  const config = loadConfig(configFolder);
  const { cloud } = workingWeek({ seed: 7 });
  const tables = await openTables();
  const region = cloud.regions[0] ?? '';
  const queues = PENS.map(pen => [
    `EBB_QUEUE_${pen.toUpperCase().replaceAll('-', '_')}`,
    cloud.createQueue({ name: `${pen}.fifo`, region }).url,
  ]);
  const environment = {
    AWS_REGION: region,
    EBB_LEDGER_TABLE: tables.ledger,
    EBB_MEMORY_TABLE: tables.memory,
    POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'],
    POWERTOOLS_METRICS_DISABLED: 'true',
    ...Object.fromEntries(queues),
  };
  const undo = useOutside(cloud.outside({ environment, config, tables }));
  return {
    account: cloud.account,
    close: async () => {
      undo();
      await tables.close();
    },
  };
}
