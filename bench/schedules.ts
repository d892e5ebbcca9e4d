/**
 * States a second: how many questions "what does this schedule say at that instant?" are answered. `npm run bench:schedules [-- QUESTIONS]`
 * A hundred schedules of every sort in eight zones, asked at instants drawn from five years; medians of rounds taken in turns. A busy machine
 * gives a process a part of its time: the second column counts the seconds that it was given.
 */
import { answerLine } from '../cli/commands/schedule-state.ts';
import { type Instant, instant } from '../shared/model/time.ts';
import { stateAt, stateOnly } from '../shared/policy/schedule.ts';
import type { Period, Schedule } from '../shared/policy/schema.ts';

const [QUESTIONS = 200_000] = process.argv.slice(2).map(Number);
const ROUNDS = 7;
const FROM = Date.UTC(2023, 0, 1);
const FIVE_YEARS = Date.UTC(2028, 0, 1) - FROM;

const ZONES = 'Europe/Berlin America/New_York Australia/Lord_Howe Africa/Casablanca Pacific/Apia Asia/Kolkata America/Sao_Paulo UTC'.split(
  ' ',
);
const PERIODS: readonly (readonly Period[])[] = [
  [{ weekdays: 'mon-fri', begin: '07:00', end: '19:00' }],
  [{ weekdays: 'mon-fri', begin: '14:00', end: '02:00' }, { weekdays: 'sat' }],
  [
    { weekdays: 'mon#1,friL', begin: '08:00' },
    { monthdays: '15W,L', end: '20:00' },
  ],
  [{ monthdays: '1/7', months: 'oct-mar', begin: '06:30', end: '22:15' }],
  [
    { begin: '05:00', end: '23:59' },
    { begin: '00:00', end: '03:00' },
    { weekdays: 'sun', monthdays: '1-10/2' },
  ],
];
const schedules: readonly Schedule[] = Array.from({ length: 100 }, (_, i) => ({
  name: `schedule-${i}`,
  timeZone: ZONES[i % ZONES.length] ?? 'UTC',
  periods: [...(PERIODS[i % PERIODS.length] ?? [])],
}));

/** A small linear congruential generator: the same questions every time. */
let drawn = 1;
const draw = (below: number): number => {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((drawn / 2 ** 32) * below);
};
const questions = Array.from({ length: QUESTIONS }, (): readonly [Schedule, Instant] => [
  schedules[draw(schedules.length)] as Schedule,
  instant(FROM + draw(FIVE_YEARS)),
]);
const lines = questions
  .slice(0, QUESTIONS / 10)
  .map(([{ timeZone, periods }, at], id) => JSON.stringify({ id, schedule: { timeZone, periods }, at }));
const freshLines = lines.map((line, i) =>
  line.replace(
    '"periods":[',
    `"periods":[{"begin":"00:${String(i % 60).padStart(2, '0')}","end":"00:${String(Math.floor(i / 60) % 60).padStart(2, '0')}"},`,
  ),
);

const CASES: readonly { readonly what: string; readonly count: number; run(): unknown }[] = [
  { what: 'state, all days reckoned before', count: questions.length, run: () => tally(questions, ([s, at]) => stateOnly(s, at)) },
  { what: 'state with since and until', count: questions.length, run: () => tally(questions, ([s, at]) => stateAt(s, at).state) },
  {
    what: 'state, nothing reckoned before',
    count: questions.length,
    run: () => {
      const fresh = new Map(schedules.map(s => [s, { ...s }]));
      return tally(questions, ([s, at]) => stateOnly(fresh.get(s) ?? s, at));
    },
  },
  { what: 'JSON lines, a hundred schedules', count: lines.length, run: () => lines.map(answerLine).length },
  { what: 'JSON lines, all schedules different', count: freshLines.length, run: () => freshLines.map(answerLine).length },
];

/** What was answered, so that no answer can be left out. */
function tally<T>(items: readonly T[], ask: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const answer = ask(item);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

const wall = CASES.map((): number[] => []);
const cpu = CASES.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, { run }] of CASES.entries()) {
    const [begun, used] = [performance.now(), process.cpuUsage()];
    run();
    const { user, system } = process.cpuUsage(used);
    wall[i]?.push(performance.now() - begun);
    cpu[i]?.push((user + system) / 1000);
  }
}
const median = (values: readonly number[] = []): number => values.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
const perSecond = (count: number, ms: number): string =>
  Math.round((count / ms) * 1000)
    .toLocaleString('en-US')
    .padStart(17);
console.log(`Node ${process.version}, medians of ${ROUNDS} rounds; answers: ${JSON.stringify(CASES[0]?.run())}`);
console.log('question                               answers a second   a CPU second');
for (const [i, { what, count }] of CASES.entries())
  console.log(`${what.padEnd(38)}${perSecond(count, median(wall[i]))}${perSecond(count, median(cpu[i])).slice(2)}`);
