/** Plays hourly traces against the idle decision and scores it by what the machines really did next. */
import { hourly, newFleet } from '../../shared/decide/idle/fleet.ts';
import { GAP, type RiskModel } from '../../shared/decide/idle/risk.ts';
import type { VmSet } from './traces.ts';

export interface Score {
  /** Hours in idle runs of at least GAP hours. */
  readonly savable: number;
  /** Hours saved by stops that nobody undid within GAP hours. */
  readonly saved: number;
  readonly stops: number;
  /** Stops after which use came within GAP hours. */
  readonly wrong: number;
  /** Stops that we ended ourselves within GAP hours: they count as right, and saved little. */
  readonly young: number;
  /** Use that found its machine stopped. */
  readonly blocked: number;
  /** Machines × 30 days. */
  readonly months: number;
}

export const WARM_UP_HOURS = 14 * 24;

/** All machines of the set are one fleet. */
export function replay(set: VmSet, truth: readonly Uint8Array[], modelOf: (id: string) => RiskModel): Score {
  const machines = set.vms.map((vm, i) => ({ vm, inUse: truth[i] ?? new Uint8Array(), running: true, since: -1, slept: 0 }));
  const score = {
    savable: 0,
    saved: 0,
    stops: 0,
    wrong: 0,
    young: 0,
    blocked: 0,
    months: (machines.length * (set.hours - WARM_UP_HOURS)) / 720,
  };
  for (const { inUse } of machines) score.savable += savableHours(inUse.subarray(WARM_UP_HOURS));

  const byId = new Map(machines.map(m => [m.vm.id, m]));
  const start = Math.floor(set.startEpoch / 3600);
  let fleet = newFleet;
  for (let h = 1; h < set.hours; h++) {
    const seen = machines.map(({ vm, running }) => {
      const visible = running;
      return { id: vm.id, running, cpuMax: visible ? value(vm.cpuMax[h - 1]) : null, netMax: visible ? value(vm.netMax[h - 1]) : null };
    });
    const wishes = hourly(fleet, start + h - 1, seen, { act: h >= WARM_UP_HOURS, utcOffsetOf: () => set.utcOffsetHours, modelOf });
    fleet = wishes.next;
    for (const id of wishes.start) {
      const m = byId.get(id);
      if (m === undefined || m.running) continue;
      m.running = true;
      score.saved += m.slept;
      if (h - m.since < GAP) score.young++;
    }
    for (const id of wishes.stop) {
      const m = byId.get(id);
      if (m === undefined || !m.running) continue;
      Object.assign(m, { running: false, since: h, slept: 0 });
      score.stops++;
    }
    for (const m of machines) {
      if (m.running) continue;
      if (m.inUse[h] === 1) {
        m.running = true;
        score.blocked++;
        if (h - m.since < GAP) score.wrong++;
        else score.saved += m.slept;
      } else if (m.inUse[h] === 0) m.slept++;
    }
  }
  for (const m of machines) if (!m.running) score.saved += m.slept;
  return score;
}

export function savableHours(inUse: Uint8Array): number {
  let sum = 0;
  let run = 0;
  for (let h = 0; h <= inUse.length; h++) {
    if (inUse[h] === 0) run++;
    else {
      if (run >= GAP) sum += run;
      run = 0;
    }
  }
  return sum;
}

const value = (v: number | undefined): number | null => (v === undefined || Number.isNaN(v) ? null : v);
