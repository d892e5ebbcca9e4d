/** People at a terminal: each command is a process of its own, with faults like any function, and its writes bear its name. */
import type { Context } from 'aws-lambda';
import type { Config } from '../../shared/policy/schema.ts';
import type { Outside } from '../../shared/runtime/outside.ts';
import type { Visits } from '../faults/visits.ts';
import { standOutside } from '../stage/seam.ts';
import type { Spoken } from '../swarm/plot.ts';
import type { World } from '../world/world.ts';

/** The command, as people run it: it sees the world that stands outside. @throws what it ends with, but for success. */
export interface Terminal {
  /** @returns whether it was surely asked for: what is so already, or on its way, may only be noted. */
  ask(account: Account, id: string, words: Spoken): Promise<boolean>;
  release(account: Account): Promise<void>;
}

interface Account {
  readonly account: string;
  readonly config: Config;
}

interface Room {
  readonly world: World;
  readonly visits: Visits;
  /** What a new process sees, with the queues of the deployment named. */
  readonly outside: () => Outside;
}

export interface Commands {
  ask(id: string, words: Spoken, where: 'rung' | 'here'): Promise<boolean>;
  release(): Promise<void>;
}

export function commandsOf(terminal: Terminal, { world, visits, outside }: Room): Commands {
  const run = async <T>(around: Outside, command: (account: Account) => Promise<T>): Promise<T> => {
    const before = world.caller;
    world.caller = 'function:ebb';
    const leave = standOutside(around);
    try {
      return (await visits.visit('ebb', () => command({ account: world.account, config: around.config() }), null, PATIENCE)) as T;
    } finally {
      leave();
      world.caller = before;
    }
  };
  return {
    ask: (id, words, where) => run(where === 'here' ? away(outside()) : outside(), account => terminal.ask(account, id, words)),
    release: () => run(away(outside()), account => terminal.release(account)),
  };
}

/** Away from the deployment nothing can be rung. */
const away = (around: Outside): Outside => ({ ...around, environment: { ...around.environment, EBB_QUEUE_STOP_START_INSTANCES: '' } });

/** As long as anybody looks on. */
const PATIENCE = { getRemainingTimeInMillis: () => 60_000 } as Context;
