/** What becomes of a change of type: what is owed back, what is not tried again, and that the next start need not wait. Pure. */
import type { InstanceMemory } from '../model/memory.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, DAY } from '../model/time.ts';

/** Days until a smaller type is tried again with which it did not come up, or which EC2 refused; or with which something else went wrong. */
const RESTS = { failed: 30, hindered: 7 } as const;

/** @throws Error for a reason that no type is changed for. */
export function rememberType(memory: InstanceMemory, receipt: Receipt, type: string): InstanceMemory {
  const { because } = receipt.change;
  switch (because.code) {
    case 'rightsize':
      return rememberSmaller(memory, receipt, because);
    case 'fallback-type':
      return rememberStandIn(memory, receipt, because);
    case 'type-restored':
      return rememberRestored(memory, receipt, type, because.detail ?? because.why);
    default:
      throw new Error(`${receipt.change.id}: a type is not changed because of ${because.code}`);
  }
}

interface Types {
  readonly fromType: string;
  readonly toType: string;
}

function rememberSmaller(memory: InstanceMemory, { outcome, at, detail }: Receipt, { fromType: from, toType: to }: Types): InstanceMemory {
  if (outcome === 'done') return { ...memory, retype: { at, own: from, to, because: 'rightsize', failing: null, back: null } };
  if (outcome !== 'refused' && outcome !== 'failed') return memory;
  const days = outcome === 'refused' ? RESTS.failed : RESTS.hindered;
  return { ...memory, resting: { type: to, until: addSeconds(at, days * DAY), why: detail ?? outcome } };
}

/** Each type is tried once for the same on-hours, whatever became of it; its own is that of before the first of them. */
function rememberStandIn(memory: InstanceMemory, { change, outcome, at }: Receipt, { fromType: from, toType: to }: Types): InstanceMemory {
  if (outcome === 'not-attempted') return memory;
  const { fellBack, retype, start } = memory;
  const boundary = change.causeAt;
  const tried = fellBack?.boundary === boundary ? fellBack.types : [];
  const known = { ...memory, fellBack: { boundary, types: tried.includes(to) ? tried : [...tried, to] } };
  if (outcome !== 'done') return known;
  const own = retype?.because === 'capacity' ? retype.own : from;
  return {
    ...known,
    retype: { at, own, to, because: 'capacity', failing: null, back: null },
    start: start === null ? null : { ...start, atOnce: true },
  };
}

function rememberRestored(memory: InstanceMemory, { change, outcome, at }: Receipt, type: string, why: string): InstanceMemory {
  const { retype = null, start } = memory;
  if (retype === null || outcome === 'not-attempted') return memory;
  if (outcome !== 'done' && outcome !== 'already-so') return { ...memory, retype: { ...retype, back: { attempt: change.attempt, at } } };
  if (type !== retype.own) return memory;
  return {
    ...memory,
    retype: null,
    start: start === null ? null : { ...start, atOnce: true },
    ...(retype.because === 'rightsize' && { resting: { type: retype.to, until: addSeconds(at, RESTS.failed * DAY), why } }),
  };
}
