/** What people hear of a mark: when it is set, at half-time, on its last day, and when something followed from it. */
import { stagesOf, warningDue } from '../decide/rules/tags/marks.ts';
import { type SortedShelf, shelfOf, sortShelf, taggedKey } from '../memory/shelves.ts';
import type { ResourceRef } from '../model/ids.ts';
import type { TagMark, TagMemory } from '../model/memory.ts';
import type { Plan } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { setsMark } from '../model/tagging.ts';
import { policiesOf } from '../policy/match.ts';
import { changeItem } from './items.ts';
import { post } from './outbox.ts';
import type { TagsLooked } from './pens/tags.ts';
import type { Run } from './run.ts';

/** Of marks that were just set, and of those that stand while their policy acts. */
export async function warnOfMarks(
  run: Run,
  { plan, tagged, concerned }: TagsLooked,
  { tags }: SortedShelf,
  receipts: readonly Receipt[],
): Promise<void> {
  const set = receipts.filter(({ change, outcome }) => setsMark(change.action) && (outcome === 'done' || outcome === 'already-so'));
  const due = standing(run, plan).filter(({ id }) => {
    const mark = tags.get(id)?.value.mark ?? null;
    return mark !== null && warningDue(mark, run.at) !== null;
  });
  const seen = new Map(tagged.map(resource => [resource.ref.id, resource]));
  for (const resource of [...set.map(({ change }) => change.resource), ...due]) {
    const carrier = seen.get(resource.id);
    await warn(run, resource, carrier === undefined ? null : concerned(carrier));
  }
}

function standing({ config }: Run, { left }: Plan): ResourceRef[] {
  const acting = new Set(policiesOf(config.policies, 'tags').flatMap(({ name, mode }) => (mode === 'act' ? [name] : [])));
  return left.flatMap(({ resource, because, policy }) => (because.code === 'marked' && acting.has(policy ?? '') ? [resource] : []));
}

/** Posted first and remembered after: a crash in between posts the same words again, which the outbox knows while they wait there. */
async function warn(run: Run, resource: ResourceRef, owner: string | null): Promise<void> {
  const key = taggedKey(resource.id);
  const held = (await run.memory.read(run.shelf, key, run.at))?.value as TagMemory | undefined;
  const mark = held?.mark ?? null;
  const stage = mark === null ? null : warningDue(mark, run.at);
  if (mark === null || stage === null) return;
  const { missing, deadline } = mark;
  const at = stagesOf(mark).find(s => s.stage === stage)?.at ?? run.at;
  await post(run.memory, { kind: 'tag-warning', at, resource, missing, deadline, stage, owner });
  const told = { stage, at: run.at };
  await changeItem<TagMemory>(run, key, run.at, now =>
    now?.mark?.markedAt === mark.markedAt ? { ...now, mark: { ...now.mark, warned: [...(now.mark.warned ?? []), told] } } : now,
  );
}

/** Of the instance pen: what was stopped because its deadline was over. */
export async function tellTagStops({ memory, scope, at: now }: Run, receipts: readonly Receipt[]): Promise<void> {
  const stopped = receipts.filter(({ change, outcome }) => change.because.code === 'tag-deadline' && outcome === 'done');
  if (stopped.length === 0) return;
  const { births } = sortShelf(await memory.readShelf(shelfOf('enforce-tags', scope), now));
  for (const { change, at } of stopped) {
    const { because, resource } = change;
    if (because.code !== 'tag-deadline') continue;
    const { missing, deadline } = because;
    const owner = change.owner ?? births.get(resource.id)?.by.person?.who ?? null;
    await post(memory, { kind: 'tag-warning', at, resource, missing, deadline, stage: 'stopped', owner });
  }
}

/** Marks that something may follow from, by instance: read only where a policy lets it. */
export async function marksOf({ config, memory, scope, at }: Run): Promise<Map<string, TagMark>> {
  if (!policiesOf(config.policies, 'tags').some(({ mode, escalate }) => mode === 'act' && escalate !== undefined)) return new Map();
  const { tags } = sortShelf(await memory.readShelf(shelfOf('enforce-tags', scope), at));
  return new Map([...tags].flatMap(([id, { value }]) => (value.mark === null ? [] : [[id, value.mark] as const])));
}
