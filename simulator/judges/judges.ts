/** The ten, each in a file of its own. They read the world's record, the tables as they lie there, and what Slack was told. */
import type { Evidence } from '../swarm/evidence.ts';
import { bounded } from './bounded.ts';
import { comesBack } from './comes-back.ts';
import { conserved } from './conserved.ts';
import { explained } from './explained.ts';
import { floor } from './floor.ts';
import { heals } from './heals.ts';
import { nothingLost } from './nothing-lost.ts';
import { once } from './once.ts';
import { isProtected } from './protected.ts';
import { quiescent } from './quiescent.ts';
import { type Judge, PROMISES, type Promised, type Violation } from './verdict.ts';

export const JUDGES: Readonly<Record<Promised, Judge>> = {
  protected: isProtected,
  bounded,
  once,
  'nothing-lost': nothingLost,
  quiescent,
  conserved,
  'comes-back': comesBack,
  floor,
  heals,
  explained,
};

/** Every promise that was broken, in the order of the ten. */
export const judge = (evidence: Evidence, twin: Evidence | null): Violation[] =>
  PROMISES.flatMap(promise => [...JUDGES[promise](evidence, twin)].map(violation => ({ promise, ...violation })));
