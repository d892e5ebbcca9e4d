/**
 * Plays hourly traces as an account would be run: the same learners, told late because an instance that could not be idle is not measured.
 * Counts how often each is asked, next to a sweep that always asks.
 */
import { consider, type Mind } from '../../shared/decide/idle/consider.ts';
import type { OurStop, Terms } from '../../shared/decide/idle/follow.ts';
import { newLearner, type RestEnd } from '../../shared/decide/idle/learner.ts';
import { GAP, shippedModel } from '../../shared/decide/idle/risk.ts';
import { newTolerance, steer, tolerated } from '../../shared/decide/idle/tolerance.ts';
import { type Score, savableHours, WARM_UP_HOURS } from './replay.ts';
import type { Vm, VmSet } from './traces.ts';

export interface Sparse extends Omit<Score, 'young'> {
  /** Times that a machine's metrics were asked for, an instance and day. */
  readonly asked: number;
}

interface Machine {
  readonly vm: Vm;
  readonly inUse: Uint8Array;
  readonly stops: OurStop[];
  mind: Mind;
  since: number;
  slept: number;
}

/** @param always asks every running machine every hour. */
export function sparse(set: VmSet, truth: readonly Uint8Array[], always: boolean): Sparse {
  const first = Math.floor(set.startEpoch / 3600);
  const machines = set.vms.map(
    (vm, i): Machine => ({
      ...{ vm, inUse: truth[i] ?? new Uint8Array(), stops: [], since: -1, slept: 0 },
      mind: { learner: newLearner(first), askAt: 0 },
    }),
  );
  const days = (machines.length * (set.hours - WARM_UP_HOURS)) / 24;
  const score = { savable: 0, saved: 0, stops: 0, wrong: 0, blocked: 0, asked: 0 };
  for (const { inUse } of machines) score.savable += savableHours(inUse.subarray(WARM_UP_HOURS));
  let tolerance = newTolerance;

  for (let h = 1; h < set.hours; h++) {
    const now = first + h;
    const acts = h >= WARM_UP_HOURS;
    const terms = { tolerance: tolerated(tolerance), utcOffset: set.utcOffsetHours, model: shippedModel, onPaper: !acts };
    const ends: RestEnd[] = [];
    for (const machine of machines) {
      if (runs(machine) && acts && !always && machine.mind.askAt > now) continue;
      if (runs(machine) && acts) score.asked += 1 / days;
      const told = tick(machine, now, first, terms);
      machine.mind = told.mind;
      ends.push(...told.ends);
      if (!acts || told.thought.learning !== null) continue;
      const last = machine.stops.at(-1);
      if (runs(machine) && told.thought.wish.wish === 'rest') {
        machine.stops.push({ hour: now, idle: true, back: null });
        Object.assign(machine, { since: h, slept: 0 });
        score.stops++;
      } else if (last?.back === null && told.thought.wish.wish === 'wake') {
        score.saved += machine.slept;
        machine.stops[machine.stops.length - 1] = { ...last, back: { hour: now, by: 'us' } };
      }
    }
    tolerance = steer(tolerance, machines.length, ends);
    for (const machine of machines) {
      const last = machine.stops.at(-1);
      if (last === undefined || last.back !== null) continue;
      if (machine.inUse[h] === 0) machine.slept++;
      if (machine.inUse[h] !== 1) continue;
      machine.stops[machine.stops.length - 1] = { ...last, back: { hour: now, by: 'someone' } };
      score.blocked++;
      if (h - machine.since < GAP) score.wrong++;
      else score.saved += machine.slept;
    }
  }
  for (const machine of machines) if (!runs(machine)) score.saved += machine.slept;
  return { ...score, months: days / 30 };
}

const runs = ({ stops }: Machine): boolean => stops.at(-1)?.back !== null;

function tick({ vm, mind, stops }: Machine, now: number, first: number, terms: Terms) {
  const value = (v: number | undefined): number | null => (v === undefined || Number.isNaN(v) ? null : v);
  return consider(
    mind.learner,
    now,
    {
      stops: stops.slice(-2),
      closed: () => false,
      measured: hour => ({ cpuMax: value(vm.cpuMax[hour - first]), netMax: value(vm.netMax[hour - first]) }),
    },
    terms,
  );
}
