/**
 * How good the idle decision is: `npm run bench:idle -- FOLDER [--truth strict|lax|nocron] [--folds 3] [--set NAME]… [--sparse]`
 * FOLDER holds `traces.json` and hourly CSV files of machines (bench/idle/traces.ts says which columns). Without --folds the shipped model is
 * scored; with it, models are learnt without the machines they are scored on. Machines that move together stay in one fold. --sparse plays the
 * shipped model as an account does, which asks for metrics only when something could come of it, next to a sweep that always asks.
 */
import { parseArgs } from 'node:util';
import { shippedModel } from '../shared/decide/idle/risk.ts';
import { foldsOf } from './idle/folds.ts';
import { replay, type Score } from './idle/replay.ts';
import { type Sparse, sparse } from './idle/sparse.ts';
import { readVmSet, type Truth, truthOf, type VmSet } from './idle/traces.ts';
import { train } from './idle/train.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    truth: { type: 'string', default: 'default' },
    sparse: { type: 'boolean', default: false },
    folds: { type: 'string', default: '0' },
    set: { type: 'string', multiple: true, default: ['vms-bitbrains-rnd', 'vms-azure-2017'] },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: npm run bench:idle -- FOLDER [--truth default|strict|lax|nocron] [--folds N] [--set NAME]… [--sparse]');
  process.exit(2);
}

const sets = values.set.map(name => readVmSet(folder, name));
const folds = Number(values.folds);
const last = values.sparse ? 'metrics asked per VM and day' : '… ended young by us';
console.log(`| machines | model | recall % | wrong stops % | blocked per VM and 30 d | stops | ${last} |`);
console.log('|---|---|--:|--:|--:|--:|--:|');
for (const set of sets) {
  const truth = truthOf(set, values.truth as Truth);
  if (values.sparse) {
    tellSparse(set, 'asked when it could rest', sparse(set, truth, false));
    tellSparse(set, 'always asked', sparse(set, truth, true));
  } else if (folds < 2) {
    const score = replay(set, truth, () => shippedModel);
    tell(set, 'shipped', score);
  } else {
    const fold = foldsOf(set, folds);
    const models = Array.from({ length: folds }, (_, k) => {
      const others: VmSet = { ...set, vms: set.vms.filter((_, v) => fold[v] !== k) };
      return train([others, ...sets.filter(s => s !== set)]);
    });
    const modelOf = new Map(set.vms.map((vm, v) => [vm.id, models[fold[v] ?? 0] ?? shippedModel]));
    const score = replay(set, truth, id => modelOf.get(id) ?? shippedModel);
    tell(set, `${folds} folds`, score);
  }
}

function tell(set: VmSet, model: string, score: Score): void {
  tellRow(set, model, score, (score.young / score.months).toFixed(2));
}

/** CPU, network in and network out are a metric each. */
function tellSparse(set: VmSet, model: string, score: Sparse): void {
  tellRow(set, model, score, (3 * score.asked).toFixed(1));
}

function tellRow(set: VmSet, model: string, { saved, savable, wrong, stops, blocked, months }: Omit<Score, 'young'>, last: string): void {
  const percent = (part: number, of: number) => ((100 * part) / Math.max(1, of)).toFixed(1);
  const monthly = (count: number) => (count / months).toFixed(2);
  const cells = [percent(saved, savable), percent(wrong, stops), monthly(blocked), monthly(stops), last];
  console.log(`| ${set.name} | ${model} | ${cells.join(' | ')} |`);
}
