/** Mutation testing of the rooms that must not be wrong, each by its own tests. `npm run mutation [-- ROOM …]`; see docs/mutation.md. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ROOMS = ['decide', 'execute', 'ledger', 'memory'];
const rooms = process.argv.length > 2 ? process.argv.slice(2) : ROOMS;

const unknown = rooms.filter(room => !ROOMS.includes(room));
if (unknown.length > 0) {
  console.error(`no room ${unknown.join(', ')} is mutated; there are ${ROOMS.join(', ')}`);
  process.exit(2);
}

const failed = rooms.filter(room => {
  const env = { ...process.env, EBB_MUTATE: room };
  const stryker = ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run'];
  return spawnSync(process.execPath, stryker, { env, stdio: 'inherit' }).status !== 0;
});

console.log(`\n${'room'.padEnd(10)}${'mutants'.padStart(9)}${'survived'.padStart(10)}${'score'.padStart(9)}`);
for (const room of rooms) console.log(row(room));
process.exit(failed.length === 0 ? 0 : 1);

function row(room: string): string {
  const { files } = JSON.parse(readFileSync(`reports/mutation/${room}.json`, 'utf8')) as Report;
  const states = Object.values(files).flatMap(file => file.mutants.map(mutant => mutant.status));
  const detected = states.filter(s => s === 'Killed' || s === 'Timeout').length;
  const valid = states.filter(s => s !== 'CompileError' && s !== 'RuntimeError' && s !== 'Ignored').length;
  const score = `${((100 * detected) / valid).toFixed(1)} %`;
  return `${room.padEnd(10)}${String(valid).padStart(9)}${String(valid - detected).padStart(10)}${score.padStart(9)}`;
}

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}
