/** Our own run: what `resize-fleets` thinks with, told requests and CPU as `npm run protocol:fleet` is told them. */
import type { Service } from '../../shared/decide/fleet/learner.ts';
import { hear, type Mind } from '../../shared/decide/fleet/mind.ts';
import type { Scaler } from './group.ts';

/** @param firstMinute of the trace, since 1970 @param scale from the trace's own unit to instances that would be busy at 100 % */
export function ours(service: Service, firstMinute: number, scale: number): Scaler {
  let mind: Mind | null = null;
  return ({ newest, cpu, demand, carriers, desired }) => {
    if (newest < 0) return desired;
    const readings = [
      { kind: 'cpu', of: 'instance', full: 100, value: Number(cpu.toFixed(4)) },
      { kind: 'requests', of: 'fleet', full: null, value: Number((demand / scale).toFixed(6)) },
    ] as const;
    const heard = hear(mind, { minute: firstMinute + newest, readings, carriers }, service);
    mind = heard?.mind ?? null;
    return heard?.capacity ?? desired;
  };
}
