/** Dates in policies and schedules that are over are told once to whoever reads the channel, so that somebody takes them out. */
import { fingerprint } from '../model/ids.ts';
import type { Memory } from '../model/ports.ts';
import { addSeconds, DAY, type Instant } from '../model/time.ts';
import type { Config } from '../policy/schema.ts';
import { whatIsOver } from '../policy/stale.ts';
import { leaveTrace, post, wasTold } from './outbox.ts';

/** What is still there after so long is told again. */
const AGAIN = 365 * DAY;

/** Told first, then noted as told: a crash in between tells twice. @returns how many were new. */
export async function tellOver(memory: Memory, config: Pick<Config, 'policies' | 'schedules'>, at: Instant): Promise<number> {
  const fresh: string[] = [];
  for (const note of whatIsOver(config, at)) if (!(await wasTold(memory, traceOf(note), at))) fresh.push(note);
  if (fresh.length === 0) return 0;
  await post(memory, { kind: 'over', at, notes: fresh });
  for (const note of fresh) await leaveTrace(memory, traceOf(note), at, addSeconds(at, AGAIN));
  return fresh.length;
}

const traceOf = (note: string): string => `over#${fingerprint(note)}`;
