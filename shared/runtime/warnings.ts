/** Warnings before an idle stop: told first and remembered afterwards, so that a crash in between tells twice and never stops untold. */
import type { Warnings } from '../decide/warnings.ts';
import { instanceKey } from '../memory/shelves.ts';
import type { InstanceMemory } from '../model/memory.ts';
import { changeItem } from './items.ts';
import { post } from './outbox.ts';
import type { Run } from './run.ts';

export async function tellWarnings(run: Run, { given, over }: Warnings): Promise<void> {
  for (const { change, warned } of given) {
    const { resource, because, owner, saving, losing } = change;
    const { stopsAt, unanswered } = warned;
    await post(run.memory, { kind: 'idle-warning', at: warned.at, resource, because, stopsAt, unanswered, owner, saving, losing });
    await remember(run, resource.id, memory => ({ ...memory, warned }));
  }
  for (const { answer, owner, warned, told: because } of over) {
    const { resource } = answer;
    if (because !== null) await post(run.memory, { kind: 'warning-withdrawn', at: run.at, resource, owner, warnedAt: warned.at, because });
    await remember(run, resource.id, memory => (memory.warned?.at === warned.at ? { ...memory, warned: null } : memory));
  }
}

/** Who is not enrolled has no finding to be warned of. */
async function remember(run: Run, id: string, next: (memory: InstanceMemory) => InstanceMemory): Promise<void> {
  await changeItem<InstanceMemory>(run, instanceKey(id), run.at, held => (held === null ? null : next(held)));
}
