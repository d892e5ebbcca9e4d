/**
 * A house over the virtual cloud whose records are on paper, and which can be made to die: at the k-th step of its dealings with AWS, the
 * ledger or memory, before the step or after it took effect. Once dead, nothing more is done until it is revived.
 */
import { shelfOf, sortShelf } from '../../shared/memory/shelves.ts';
import type { Doorbell } from '../../shared/model/doorbell.ts';
import { PENS, type Pen } from '../../shared/model/ids.ts';
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { parseEvent } from '../../shared/runtime/events.ts';
import { type Equippable, type Outside, useOutside } from '../../shared/runtime/outside.ts';
import { type Reconciled, reconcile } from '../../shared/runtime/reconcile.ts';
import type { Run } from '../../shared/runtime/run.ts';
import { testifyState } from '../../shared/runtime/testify.ts';
import type { Cloud } from '../../simulator/cloud.ts';
import { paperLedger, paperMemory } from './paper.ts';
import { configOf, type Rules } from './policies.ts';

export type When = 'before' | 'after';

export interface House {
  readonly cloud: Cloud;
  readonly ledger: ReturnType<typeof paperLedger>;
  readonly memory: ReturnType<typeof paperMemory>;
  run(pen: Pen, at?: Instant): Run;
  /** One doorbell; `null` when the house died of it. */
  ring(pen: Pen, look?: Doorbell['look']): Promise<Reconciled | null>;
  /** Advances to each instant and rings there. */
  rings(pen: Pen, instants: readonly Instant[]): Promise<void>;
  dieAt(step: number, when: When): void;
  revive(): void;
  /** Steps taken since the house was last made to die, or revived. */
  steps(): number;
  isDead(): boolean;
  remembered(pen: Pen): Promise<ReturnType<typeof sortShelf>>;
  leave(): void;
}

export interface HouseOptions extends Rules {
  /** Loses all events. */
  readonly deaf?: boolean;
  /** Waits for so many turns of the event loop before a step: two workers meet in between. */
  readonly jitter?: () => number;
}

class Died extends Error {}

export function houseOf(cloud: Cloud, { deaf = false, jitter = () => 0, ...rules }: HouseOptions = {}): House {
  const config = configOf(rules);
  const scope = { account: cloud.account, region: cloud.regions[0] ?? '' };
  let [taken, fatal, dead]: [number, { step: number; when: When } | null, boolean] = [0, null, false];

  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dead) throw new Died('nobody is there');
    for (let turns = jitter(); turns > 0; turns--) await new Promise(resolve => setImmediate(resolve));
    taken++;
    const mine = fatal?.step === taken ? fatal.when : null;
    if (mine === 'before') dead = true;
    if (dead) throw new Died(`died ${mine} step ${taken}`);
    const answer = await act();
    if (mine === 'after') dead = true;
    if (dead) throw new Died(`died ${mine} step ${taken}`);
    return answer;
  };
  const mortal = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method = target[name as keyof T];
        if (typeof method !== 'function' || name === 'all') return method;
        return name === 'rows' || name === 'sealed' || name === 'meter' ? method : (...args: unknown[]) => step(() => method(...args));
      },
    });

  const virtual = cloud.outside({ config, environment: { AWS_REGION: scope.region } });
  const world: Outside = {
    ...virtual,
    equip: <C extends Equippable>(client: C) => {
      const equipped = virtual.equip(client);
      equipped.middlewareStack.add(next => args => step(() => next(args)), { step: 'initialize', name: 'mortal' });
      return equipped;
    },
  };
  const [ledger, memory] = [paperLedger(), paperMemory()];
  const records = { ledger: mortal(ledger), memory: mortal(memory) };
  const leave = useOutside(world);

  cloud.onEvent(async json => {
    const event = deaf ? null : parseEvent(json);
    // Watch-changes is a function of its own: it lives while a pen's worker dies.
    if (event?.kind === 'instance-state') await testifyState(event, { ledger, memory }, cloud.now());
  });

  const run = (pen: Pen, at = cloud.now()): Run => ({
    ...{ pen, scope, at, ...records, shelf: shelfOf(pen, scope), config, commitments: 'none' },
    clients: clientsFor({ region: scope.region }),
    remaining: () => 900_000,
  });
  const ring = async (pen: Pen, look: Doorbell['look'] = 'all') => {
    try {
      return await reconcile(run(pen), look);
    } catch (error) {
      if (!dead) throw error;
      return null;
    }
  };
  const doom = (next: typeof fatal) => {
    [taken, fatal, dead] = [0, next, false];
  };
  return {
    cloud,
    ledger,
    memory,
    run,
    ring,
    rings: async (pen, instants) => {
      for (const at of instants) {
        await cloud.advanceTo(at);
        await ring(pen);
      }
    },
    dieAt: (at, when) => doom({ step: at, when }),
    revive: () => doom(null),
    steps: () => taken,
    isDead: () => dead,
    remembered: async pen => sortShelf(await memory.readShelf(shelfOf(pen, scope), cloud.now())),
    leave,
  };
}

/** `count` instants, `minutes` apart. */
export const every = (minutes: number, from: Instant, count: number): Instant[] =>
  Array.from({ length: count }, (_, i) => addSeconds(from, i * minutes * MINUTE));

/**
 * Judged from the world's own record: every write of ours was claimed before it and is settled after; no change id had an effect twice;
 * no question is left open. Returns what is wrong, in words.
 */
export async function complaints({ cloud, ledger, remembered }: House): Promise<string[]> {
  const wrong: string[] = [];
  const rows = ledger.all();
  const effects = new Map<string, number>();
  for (const write of cloud.record.writes) {
    const ids = [...write.userAgent.matchAll(/ebbtide\/(chg-[0-9a-f]+)/g)].map(match => match[1] ?? '');
    for (const id of ids) {
      const claimed = rows.find(r => r.kind === 'claimed' && r.change.id === id);
      if (claimed === undefined) wrong.push(`${write.action} at ${write.at} was never claimed`);
      else if (claimed.at > write.at) wrong.push(`${write.action} at ${write.at} was claimed only at ${claimed.at}`);
      if (!rows.some(r => r.kind === 'settled' && r.changeId === id)) wrong.push(`${write.action} at ${write.at} was never settled`);
      if (claimed?.kind === 'claimed' && write.changed.includes(claimed.change.resource.id)) effects.set(id, (effects.get(id) ?? 0) + 1);
    }
  }
  for (const [id, count] of effects) if (count > 1) wrong.push(`${id} took effect ${count} times`);
  for (const pen of PENS) for (const id of (await remembered(pen)).pending.keys()) wrong.push(`${id} is still a question of ${pen}`);
  return wrong;
}
