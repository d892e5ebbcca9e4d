/** What the instance pen asks about idleness, and what comes of it. Between the hours nothing is measured: only who rests is thought of. */
import { decideInstances, type InstanceFacts, type Standing, wouldMeasure } from '../../decide/decide-instances.ts';
import type { Thinking } from '../../decide/idle/consider.ts';
import type { InstanceMemory } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import { epochSeconds, HOUR, type Instant } from '../../model/time.ts';
import { observeOtherUse } from '../../observe/idle-signals.ts';
import type { InstancesSeen } from '../../observe/instances.ts';
import type { Clients } from '../clients.ts';
import { idleAsking, think } from '../idle.ts';
import { type Busy, idleApart, readIdle } from '../idle-shelf.ts';
import type { Apart, Looking } from './look.ts';

export interface IdleLook {
  /** By the fixed rule: hours of CPU to look back on. */
  cpuHours(instance: Instance, standing: Standing): number | null;
  /** By what was learned: the first hour that has to be told. */
  since(instance: Instance, standing: Standing): Instant | null;
  conclude(
    seen: InstancesSeen,
    memory: ReadonlyMap<string, InstanceMemory>,
    standingOf: (instance: Instance) => Standing,
  ): { readonly thoughts: ReadonlyMap<string, Thinking>; readonly apart: readonly Apart[] };
}

export async function lookAtIdleness({ run, look, measure }: Looking, memory: ReadonlyMap<string, InstanceMemory>): Promise<IdleLook> {
  const { at, config } = run;
  const whole = typeof look === 'string';
  const used = config.policies.some(p => p.kind === 'instances' && p.idle !== undefined);
  const held = await readIdle(run, !used ? [] : measure ? (whole ? 'all' : look) : asleep(memory));
  const asking = idleAsking(held, at, whole);
  const stillBusy = (instance: Instance, { policy }: Standing) =>
    whole && policy?.idle !== undefined && policy.idle !== 'learned' ? busyNow(held.busy.get(instance.ref.id), policy.idle, at) : null;
  return {
    cpuHours: (instance, standing) => {
      const { policy } = standing;
      if (!measure || policy?.idle === undefined || policy.idle === 'learned' || !wouldMeasure(instance, standing)) return null;
      return stillBusy(instance, standing) === null ? policy.idle.hours : null;
    },
    since: (instance, standing) => (measure ? asking.since(instance, standing) : null),
    conclude: (seen, heard, standingOf) => {
      const learned = think(seen.instances, held, { at, config, memory: heard, standingOf, series: seen.idle });
      const waiting = seen.instances.flatMap(instance => {
        const thought = wouldMeasure(instance, standingOf(instance)) ? stillBusy(instance, standingOf(instance)) : null;
        return thought === null ? [] : [[instance.ref.id, thought] as const];
      });
      const busy = busyOnes(seen.instances, standingOf);
      const { minds, tolerance } = learned;
      const kept = { minds, busy, tolerance, steeredTo: Math.floor(epochSeconds(at) / HOUR) - 1 };
      return {
        thoughts: new Map<string, Thinking>([...learned.thoughts, ...waiting]),
        apart: whole && measure ? [idleApart(held, kept, at)] : [],
      };
    },
  };
}

/** Read one by one; beyond that the whole shelf is read sooner. */
const NAMED_MAX = 50;

/** Stopped for idleness: some have to be woken within the hour. */
function asleep(memory: ReadonlyMap<string, InstanceMemory>): 'all' | readonly string[] {
  const ids = [...memory].filter(([, { stop }]) => stop?.because === 'idle').map(([id]) => id);
  return ids.length > NAMED_MAX ? 'all' : ids;
}

type Threshold = { readonly cpuBelow: number; readonly hours: number };

/** Both windows of the rule have to have left the hour of use behind. */
function busyNow(busy: Busy | undefined, { cpuBelow, hours }: Threshold, at: Instant): Thinking | null {
  if (busy === undefined || busy.cpuMax < cpuBelow) return null;
  const again = busy.hour + hours + 2;
  return again * HOUR <= epochSeconds(at) ? null : { busy, again };
}

/** Those that were just seen busy, so that they need not be measured again before they could be idle. */
function busyOnes(instances: readonly Instance[], standingOf: (instance: Instance) => Standing): ReadonlyMap<string, Busy> {
  const found = new Map<string, Busy>();
  for (const instance of instances) {
    const idle = standingOf(instance).policy?.idle;
    if (instance.cpuMax === null || idle === undefined || idle === 'learned') continue;
    const { start, values } = instance.cpuMax;
    const index = values.findLastIndex(v => v !== null && v >= idle.cpuBelow);
    if (index !== -1) found.set(instance.ref.id, { hour: epochSeconds(start) / HOUR + index, cpuMax: values[index] ?? 0 });
  }
  return found;
}

const ROUNDS_MAX = 10;

/** Disk, GPU and credits of those that a plan would stop. One that is in use gives its place in the budget to another: hence rounds. */
export async function withOtherUse(
  facts: InstanceFacts,
  clients: Clients,
  config: Parameters<typeof decideInstances>[1],
): Promise<InstanceFacts> {
  let known = facts;
  const asked = new Set<string>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const wouldStop = decideInstances(known, config).plan.changes.filter(
      c => c.because.code === 'idle-learned' && !asked.has(c.resource.id),
    );
    if (wouldStop.length === 0) return known;
    for (const { resource } of wouldStop) asked.add(resource.id);
    const boxes = known.resources.filter(i => wouldStop.some(c => c.resource.id === i.ref.id));
    const { found, unread } = await observeOtherUse(clients, boxes, facts.at);
    const idle = new Map(known.idle);
    for (const [id, otherUse] of found) {
      const thought = idle.get(id);
      if (thought !== undefined && !('busy' in thought)) idle.set(id, { ...thought, otherUse });
    }
    known = { ...known, idle, unread: [...known.unread, ...unread] };
  }
  return known;
}
