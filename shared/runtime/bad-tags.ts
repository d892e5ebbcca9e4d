/** A tag that cannot be read leaves its machine alone, and its owner hears what to write instead: once for each way in which it is wrong. */
import { fingerprint } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { addSeconds, DAY } from '../model/time.ts';
import { leaveTrace, post, wasTold } from './outbox.ts';
import type { Machine } from './pens/look.ts';
import type { Run } from './run.ts';

/** What is still wrong after so long is told again. */
const AGAIN = 30 * DAY;

export async function tellBadTags({ memory, at }: Run, { left }: Plan, machines: readonly Machine[]): Promise<void> {
  for (const { resource, because } of left) {
    if (because.code !== 'bad-tag') continue;
    const { tag, value, remedy } = because;
    const trace = `bad-tag#${fingerprint({ id: resource.id, scope: resource.scope, tag, value })}`;
    if (await wasTold(memory, trace, at)) continue;
    const owner = machines.find(machine => machine.resource.id === resource.id)?.owner ?? null;
    await post(memory, { kind: 'bad-tag', at, resource, owner, tag, value, remedy });
    await leaveTrace(memory, trace, at, addSeconds(at, AGAIN));
  }
}
