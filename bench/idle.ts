/**
 * How good the idle decision is: `npm run bench:idle -- FOLDER [--truth strict|lax|nocron] [--folds 3] [--set NAME]…`
 * FOLDER holds `traces.json` and hourly CSV files of machines (bench/idle/traces.ts says which columns). Without --folds the shipped model is
 * scored; with it, models are learnt without the machines they are scored on. Machines that move together stay in one fold.
 */
import { parseArgs } from 'node:util';
import { shippedModel } from '../shared/decide/idle/risk.ts';
import { foldsOf } from './idle/folds.ts';
import { replay, type Score } from './idle/replay.ts';
import { readVmSet, type Truth, truthOf, type VmSet } from './idle/traces.ts';
import { train } from './idle/train.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    truth: { type: 'string', default: 'default' },
    folds: { type: 'string', default: '0' },
    set: { type: 'string', multiple: true, default: ['vms-bitbrains-rnd', 'vms-azure-2017'] },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run bench:idle -- FOLDER [--truth default|strict|lax|nocron] [--folds N] [--set NAME]…');
  process.exit(2);
}

const sets = values.set.map(name => readVmSet(folder, name));
const folds = Number(values.folds);
console.log('| machines | model | recall % | wrong stops % | blocked per VM and 30 d | stops per VM and 30 d |');
console.log('|---|---|---|---|---|---|');
for (const set of sets) {
  const truth = truthOf(set, values.truth as Truth);
  if (folds < 2) tell(set, 'shipped', [replay(set, truth, shippedModel)]);
  else {
    const fold = foldsOf(set, folds);
    const scores = Array.from({ length: folds }, (_, k) => {
      const inside = [...fold.keys()].filter(v => fold[v] === k);
      const others: VmSet = { ...set, vms: set.vms.filter((_, v) => fold[v] !== k) };
      const score = replay(set, truth, train([others, ...sets.filter(s => s !== set)]), inside);
      tell(set, `fold ${k + 1} of ${folds}, ${inside.length} machines`, [score]);
      return score;
    });
    tell(set, 'all folds', scores);
  }
}

function tell(set: VmSet, model: string, scores: readonly Score[]): void {
  const sum = (of: (s: Score) => number) => scores.reduce((a, s) => a + of(s), 0);
  const months = sum(s => s.months);
  const cells = [
    (100 * sum(s => s.saved)) / sum(s => s.savable),
    (100 * sum(s => s.wrong)) /
      Math.max(
        1,
        sum(s => s.stops),
      ),
    sum(s => s.blocked) / months,
    sum(s => s.stops) / months,
  ];
  console.log(`| ${set.name} | ${model} | ${cells.map((c, i) => c.toFixed(i < 2 ? 1 : 2)).join(' | ')} |`);
}
