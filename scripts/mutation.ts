/**
 * Mutation testing of the rooms that must not be wrong, each by its own tests. `npm run mutation [-- ROOM …]`; see docs/mutation.md, which it
 * brings up to date. Exit code 1 below 85 %, and when something survived that nobody has argued for.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Arguments, readRoom, scoreOf, writeDoc } from './mutation/survivors.ts';

const ROOMS = ['decide', 'decide/fleet', 'decide/idle', 'execute', 'ledger', 'memory'];
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

const said = JSON.parse(readFileSync('scripts/mutation/survivors.json', 'utf8')) as Arguments;
const reports = rooms.map(room => readRoom(room, said)).filter(report => report !== null);
writeDoc('docs/mutation.md', reports);

console.log(`\n${'room'.padEnd(14)}${'mutants'.padStart(9)}${'survived'.padStart(10)}${'score'.padStart(9)}`);
for (const report of reports) {
  const { room, valid, detected } = report;
  console.log(`${room.padEnd(14)}${String(valid).padStart(9)}${String(valid - detected).padStart(10)}${scoreOf(report).padStart(9)}`);
}
const open = reports.flatMap(report => report.survivors.filter(survivor => survivor.why === null));
for (const { file, row, mutant } of open)
  console.error(`${file}:${row} ${mutant} survived: kill it, or argue for it in scripts/mutation/survivors.json`);
process.exit(failed.length === 0 && open.length === 0 ? 0 : 1);
