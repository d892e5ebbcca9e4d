/**
 * Learns the risk model of shared/decide/idle from hourly traces: `node bench/idle/train.ts FOLDER SET… > shared/decide/idle/model.json`.
 * Every so many idle hours of every machine become a row; its label is whether the machine was in use within the hours ahead.
 */
import { activityOf, IDLE } from '../../shared/decide/idle/activity.ts';
import { FEATURES, featuresOf } from '../../shared/decide/idle/features.ts';
import { emptyHistory, tell } from '../../shared/decide/idle/history.ts';
import { GAP, type RiskModel } from '../../shared/decide/idle/risk.ts';
import { type BoostOptions, boost } from './boost.ts';
import { readVmSet, truthOf, type VmSet } from './traces.ts';

const OPTIONS: BoostOptions = { rounds: 60, leaves: 10, rate: 0.12, leafRowsMin: 300, l2: 10 };

/** Before a week has passed there is no history to speak of. */
const FIRST_HOUR = 200;
const EVERY = 2;

export function train(sets: readonly VmSet[], options = OPTIONS): RiskModel {
  const soon = learn(sets, GAP, options);
  return { soon, next: learn(sets, 1, options) };
}

function learn(sets: readonly VmSet[], ahead: number, options: BoostOptions) {
  const rows: Float64Array[] = [];
  const labels: number[] = [];
  for (const set of sets) {
    const start = Math.floor(set.startEpoch / 3600);
    for (const [v, truth] of truthOf(set).entries()) {
      const vm = set.vms[v];
      if (vm === undefined) continue;
      let history = emptyHistory(start);
      for (let h = 0; h + ahead <= set.hours; h++) {
        // Machines are asked at different hours, so that every hour of the day is learnt from.
        if (h >= FIRST_HOUR && (h + 7 * v) % EVERY === 0) {
          const activity = activityOf(history);
          if (activity.hours.at(-1) === IDLE) {
            rows.push(featuresOf(activity, start + h + set.utcOffsetHours, ahead).row);
            labels.push(truth.subarray(h, h + ahead).includes(1) ? 1 : 0);
          }
        }
        history = tell(history, start + h, { cpuMax: numberOrNull(vm.cpuMax[h]), netMax: numberOrNull(vm.netMax[h]) });
      }
    }
  }
  const flat = new Float32Array(rows.length * FEATURES.length);
  for (const [i, row] of rows.entries()) flat.set(row, i * FEATURES.length);
  return boost(flat, FEATURES.length, Uint8Array.from(labels), options);
}

const numberOrNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

if (import.meta.main) {
  const [folder = '.', ...names] = process.argv.slice(2);
  console.log(JSON.stringify({ features: FEATURES, ...train(names.map(name => readVmSet(folder, name))) }));
}
