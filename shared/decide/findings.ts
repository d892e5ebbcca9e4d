/** What a look has found that people should hear, beside what is done about it. */
import type { InstanceMemory } from '../model/memory.ts';
import type { Notice } from '../model/notice.ts';
import type { Instance } from '../model/observation.ts';
import type { Instant } from '../model/time.ts';
import { readOwner } from '../policy/tags.ts';

type Memories = ReadonlyMap<string, InstanceMemory>;

/** @param held as it was before this look. @param next what it has made of it. */
export const findings = (instances: readonly Instance[], held: Memories, next: Memories, at: Instant): Notice[] =>
  instances.flatMap(instance => {
    const [before, after] = [held.get(instance.ref.id), next.get(instance.ref.id)];
    return after === undefined
      ? []
      : [
          ...checksFailing(instance, before, after, at),
          ...smallerType(instance, after, at),
          ...laterHours(instance, after, at),
          ...keepOver(instance, after, at),
        ];
  });

/** Told once for each way in which they fail. */
function checksFailing({ ref, tags }: Instance, before: InstanceMemory | undefined, { boot }: InstanceMemory, at: Instant): Notice[] {
  if (boot?.failing == null || boot.failing === before?.boot?.failing) return [];
  return [{ kind: 'checks-failing', at, resource: ref, owner: readOwner(tags), startedAt: boot.startedAt, failing: boot.failing }];
}

/** Told at the look that found it. */
const keepOver = ({ ref, tags }: Instance, { keepOver: over }: InstanceMemory, at: Instant): Notice[] =>
  over?.at === at ? [{ kind: 'keep-over', at, resource: ref, owner: readOwner(tags), until: over.until }] : [];

/** Told at the look that found it. */
function laterHours({ ref, tags }: Instance, { later }: InstanceMemory, at: Instant): Notice[] {
  return later?.at === at ? [{ kind: 'proposal', resource: ref, owner: readOwner(tags), what: 'later-hours', ...later }] : [];
}

/** Told at the look that found it. */
function smallerType({ ref, tags }: Instance, { sized }: InstanceMemory, at: Instant): Notice[] {
  if (sized?.told?.at !== at || sized.to === null) return [];
  return [
    {
      kind: 'proposal',
      at,
      resource: ref,
      owner: readOwner(tags),
      what: 'resize',
      fromType: sized.from,
      toType: sized.to,
      evidence: sized.evidence,
    },
  ];
}
