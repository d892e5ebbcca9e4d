/**
 * Before a plan stops anything, EC2 is asked about those whom it would stop, and only about them: stop protection, announced maintenance,
 * borrowed CPU credits. Answers are remembered for a day, so that a plan that stands still asks nothing; before a write, protection is
 * asked again (execute).
 */
import { type Checked, decideInstances, type InstanceFacts } from '../../decide/decide-instances.ts';
import { instanceKey } from '../../memory/shelves.ts';
import type { InstanceMemory, Preflight } from '../../model/memory.ts';
import type { Instance, Maintenance, Unread } from '../../model/observation.ts';
import type { Receipt } from '../../model/receipt.ts';
import { addSeconds, DAY } from '../../model/time.ts';
import { observeStopProtection } from '../../observe/instances.ts';
import { observeMaintenance, observeSurplusCredits } from '../../observe/preflight.ts';
import { why } from '../../observe/why.ts';
import type { Clients } from '../clients.ts';
import { changeItem } from '../items.ts';
import type { Run } from '../run.ts';
import type { TypeReader } from './sizes.ts';

type Config = Parameters<typeof decideInstances>[1];

/**
 * So many are asked for the plan's sake, in so many rounds: EC2 answers twenty a second. Whoever is beyond that is planned unasked, and asked
 * when the pen is lifted, as everybody is.
 */
const ASKED_MAX = 500;
const ROUNDS_MAX = 10;

/** How long an answer holds. What is looked at by name, because somebody rang for it, is asked anew. */
const HOLDS = DAY;

export interface Preflighted {
  readonly facts: InstanceFacts;
  /** What EC2 told just now, by instance id: to be remembered. */
  readonly told: ReadonlyMap<string, Preflight>;
}

export interface Asking {
  readonly clients: Clients;
  readonly types: TypeReader;
  readonly config: Config;
}

/** A guarded instance gives its place in the budget to another, who has to be asked as well: hence rounds. */
export async function preflight(facts: InstanceFacts, { clients, types, config }: Asking, fresh: boolean): Promise<Preflighted> {
  const told = new Map<string, Preflight>();
  const asked = new Set<string>();
  let known = fresh ? facts : recalled(facts);
  let maintenance: Maintained | null = null;
  for (let round = 0; ; round++) {
    const wouldStop = decideInstances(known, config).plan.changes.filter(c => c.action.kind === 'stop-instance');
    const unasked = wouldStop.map(c => c.resource.id).filter(id => !asked.has(id));
    const asking = round < ROUNDS_MAX ? unasked.slice(0, ASKED_MAX - asked.size) : [];
    if (asking.length === 0) {
      return { facts: unasked.length === 0 ? known : { ...known, unread: [...known.unread, notAsked(unasked.length)] }, told };
    }
    for (const id of asking) asked.add(id);
    const boxes = known.resources.filter(i => asking.includes(i.ref.id));
    const strangers = boxes.filter(i => i.stopProtection === null);
    const protection = await observeStopProtection(
      clients,
      strangers.map(i => i.ref.id),
    );
    if (strangers.length > 0) maintenance ??= await maintained(clients);
    const credits = await observeSurplusCredits(clients, boxes, known.at);
    known = { ...answered(known, { boxes, protection, maintenance, credits }), types: await types.of(boxes.map(i => i.type)) };
    for (const { ref } of strangers) {
      const answer = protection.get(ref.id);
      if (answer !== undefined && 'stopProtection' in answer && maintenance?.events != null)
        told.set(ref.id, { at: known.at, stopProtection: answer.stopProtection, events: maintenance.events.get(ref.id) ?? [] });
    }
  }
}

const notAsked = (count: number): Unread => ({
  what: `stop protection of ${count} more`,
  why: `a plan asks ${ASKED_MAX} at most: each is asked before it is stopped`,
});

/** With what EC2 told in the last day. */
function recalled(facts: InstanceFacts): InstanceFacts {
  const checked = new Map<string, Checked>();
  const resources = facts.resources.map(instance => {
    const held = facts.memory.get(instance.ref.id)?.preflight;
    if (held === undefined || held.at <= addSeconds(facts.at, -HOLDS)) return instance;
    checked.set(instance.ref.id, { events: held.events, surplus: 0 });
    return { ...instance, stopProtection: held.stopProtection };
  });
  return { ...facts, resources, checked };
}

interface Maintained {
  /** `null`: it could not be read. */
  readonly events: ReadonlyMap<string, readonly Maintenance[]> | null;
  readonly unread: readonly Unread[];
}

async function maintained(clients: Clients): Promise<Maintained> {
  try {
    return { events: await observeMaintenance(clients), unread: [] };
  } catch (error) {
    return { events: null, unread: [{ what: 'scheduled events', why: why(error) }] };
  }
}

interface Answers {
  readonly boxes: readonly Instance[];
  readonly protection: Awaited<ReturnType<typeof observeStopProtection>>;
  readonly maintenance: Maintained | null;
  readonly credits: Awaited<ReturnType<typeof observeSurplusCredits>>;
}

function answered(facts: InstanceFacts, { boxes, protection, maintenance, credits }: Answers): InstanceFacts {
  const mute = [...protection].flatMap(([id, answer]) => ('why' in answer ? [[id, answer.why] as const] : []));
  const checked = new Map(facts.checked);
  for (const { ref } of boxes) {
    const events = protection.has(ref.id) ? (maintenance?.events?.get(ref.id) ?? []) : (checked.get(ref.id)?.events ?? []);
    checked.set(ref.id, { events, surplus: credits.surplus.get(ref.id) ?? 0 });
  }
  const resources = facts.resources.map(instance => {
    const answer = protection.get(instance.ref.id);
    return answer !== undefined && 'stopProtection' in answer ? { ...instance, stopProtection: answer.stopProtection } : instance;
  });
  const unread = [
    ...mute.map(([id, told]): Unread => ({ what: `stop protection of ${id}`, why: told })),
    ...(maintenance?.unread ?? []),
    ...credits.unread,
  ].filter(one => !facts.unread.some(u => u.what === one.what && u.why === one.why));
  return {
    ...facts,
    ...{ resources, checked },
    protectionUnread: new Map([...facts.protectionUnread, ...mute]),
    unread: [...facts.unread, ...unread],
  };
}

/** Memory with what was told; only of those that are remembered at all. */
export function withPreflight(
  told: ReadonlyMap<string, Preflight>,
  next: ReadonlyMap<string, InstanceMemory>,
  held: ReadonlyMap<string, InstanceMemory>,
): Map<string, InstanceMemory> {
  const all = new Map(next);
  for (const [id, preflight] of told) {
    const memory = next.get(id) ?? held.get(id);
    if (memory !== undefined) all.set(id, { ...memory, preflight });
  }
  return all;
}

/** Whoever was guarded since EC2 was asked is not planned to be stopped again: the next look asks anew, and says why it is left alone. */
export async function askRefusedAnew(run: Run, receipts: readonly Receipt[]): Promise<void> {
  for (const { change, outcome } of receipts)
    if (outcome === 'refused' && change.action.kind === 'stop-instance')
      await changeItem<InstanceMemory>(run, instanceKey(change.resource.id), run.at, withoutPreflight);
}

function withoutPreflight(memory: InstanceMemory | null): InstanceMemory | null {
  if (memory?.preflight === undefined) return memory;
  const { preflight: _, ...rest } = memory;
  return rest;
}
