/**
 * `npm run simulate`: stories drawn from seeds, played in the virtual cloud with faults at every boundary, judged by the ten promises.
 * Exit code 0: all promises kept; 1: one was broken, and how to see it again is printed; 2: bad input.
 */
import { Command, InvalidArgumentError } from 'commander';
import { type Instant, instant } from '../shared/model/time.ts';
import { PROMISES, type Promised, type Violation } from '../simulator/judges/verdict.ts';
import { type Cut, cut, RULE_NAMES } from '../simulator/swarm/cut.ts';
import { plotOf } from '../simulator/swarm/generate.ts';
import { FAULT_KINDS, type FaultKind, type Plot } from '../simulator/swarm/plot.ts';
import type { Shrunk } from '../simulator/swarm/shrink.ts';
import { tale } from '../simulator/swarm/tale.ts';
import { drawn, runMany } from './simulate/many.ts';
import { runPlot } from './simulate/run-seed.ts';
import { idList, narrowings, optionsOf, ruleNames, shortestOf } from './simulate/shortest.ts';
import { readStory, type Story, saveStory } from './simulate/story.ts';
import { type SeedSummary, totalsOf } from './simulate/summary.ts';

interface Options {
  readonly seed: number;
  readonly seeds?: number;
  readonly from: number;
  readonly workers: number;
  readonly faults?: readonly FaultKind[];
  readonly days?: number;
  readonly keep?: NonNullable<Cut['keep']>;
  readonly until?: Instant;
  readonly narrow?: NonNullable<Cut['narrow']>;
  readonly usual?: NonNullable<Cut['usual']>;
  readonly story?: Story & { readonly path: string };
  readonly save?: string;
  readonly shrink?: boolean;
  readonly twins?: boolean;
  readonly first?: Promised;
  readonly json?: boolean;
}

const number = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new InvalidArgumentError(`write a number from ${least} on.`);
  return value;
};

function faultList(text: string): FaultKind[] {
  if (text === 'none') return [];
  if (text === 'all') return [...FAULT_KINDS];
  return text.split(',').map(name => {
    const kind = FAULT_KINDS.find(known => known === name.trim());
    if (kind === undefined) throw new InvalidArgumentError(`"${name}" is none of: none, all, ${FAULT_KINDS.join(', ')}.`);
    return kind;
  });
}

function promised(text: string): Promised {
  const promise = PROMISES.find(known => known === text);
  if (promise === undefined) throw new InvalidArgumentError(`write one of ${PROMISES.join(', ')}.`);
  return promise;
}

/** What throws names the value and what to write instead. */
const orSay =
  <T>(read: (text: string) => T) =>
  (text: string): T => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };

await new Command('simulate')
  .description('play seeds in the virtual cloud and judge the ten promises')
  .option('--seed <n>', 'play this seed and print its story', number(0), 1)
  .option('--seeds <n>', 'play so many seeds, and print what they came to', number(1))
  .option('--from <n>', 'the first of many seeds', number(0), 1)
  .option('--workers <n>', 'processes for many seeds', number(1), 2)
  .option('--faults <list>', 'none, all, or kinds by comma', faultList)
  .option('--days <n>', 'length in days', number(0.25))
  .option('--keep <ids>', 'only these boxes, fleets, deeds and faults of the story', idList)
  .option('--until <instant>', 'end the story there', orSay(instant))
  .option('--narrow <spells>', 'faults that blow for a shorter while: fault-3@FROM/TO, by comma', orSay(narrowings))
  .option('--usual <rules>', `rules that are as usual again, by comma: ${RULE_NAMES.join(', ')}`, orSay(ruleNames))
  .option(
    '--story <file>',
    'play this kept story instead of a seed',
    orSay((path: string) => ({ path, ...readStory(path) })),
  )
  .option('--save <file>', 'keep the story that was played in a file; with --shrink, the shortest')
  .option('--shrink', 'when the seed fails, look for the shortest story that still does')
  .option('--twins', 'judge heals for each of many seeds: every story is played once more without faults')
  .option('--first <promise>', 'of many seeds: stop at the first that breaks this promise', promised)
  .option('--json', 'print one value')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .action((options: Options) => (options.seeds === undefined ? one(options) : many(options, options.seeds)))
  .parseAsync();

function draw({ faults, days }: Options, seed: number): Plot {
  return plotOf(seed, { ...(faults !== undefined && { faults }), ...(days !== undefined && { days }) });
}

async function one(options: Options): Promise<void> {
  const { keep, until, narrow, usual, save } = options;
  const whole = options.story?.plot ?? draw(options, options.seed);
  const begun = { ...(keep && { keep }), ...(until !== undefined && { until }), ...(narrow && { narrow }), ...(usual && { usual }) };
  const plot = cut(whole, begun);
  const { evidence, violations } = await runPlot(plot, true);
  const [first] = violations;
  if (options.json) {
    const { hits, done, echoes, unheard, told, visits } = evidence;
    const writes = evidence.cloud.record.writes.filter(w => w.service !== 'sqs');
    process.stdout.write(
      `${JSON.stringify({ plot, violations, writes, hits, done, echoes, unheard: [...unheard], told, visits }, null, 2)}\n`,
    );
  } else {
    process.stdout.write(tale(evidence, violations));
    process.stdout.write(first === undefined ? 'All ten promises were kept.\n' : `${violations.length} times a promise was broken.\n`);
  }
  process.exitCode = first === undefined ? 0 : 1;
  const shortest = first !== undefined && options.shrink ? await shortestOf(whole, begun, first) : null;
  if (first !== undefined && shortest !== null) sayShortest(shortest, first, options);
  if (save !== undefined)
    saveStory(save, { was: first === undefined ? 'kept' : `${first.promise}: ${first.what}`, plot: shortest?.plot ?? plot });
}

/** As a command. A value that was asked for stays one. */
function sayShortest(shortest: Shrunk, { promise }: Violation, { faults, days, story, json }: Options): void {
  const which = [
    story === undefined ? `--seed ${shortest.plot.seed}` : `--story ${story.path}`,
    ...(faults === undefined || faults.length === FAULT_KINDS.length ? [] : [`--faults ${faults.join(',') || 'none'}`]),
    ...(days === undefined ? [] : [`--days ${days}`]),
  ];
  (json ? process.stderr : process.stdout).write(
    `The shortest story in which ${promise} is broken in the same way, after ${shortest.tries} tries:\n  npm run simulate -- ${which.join(' ')} ${optionsOf(shortest)}\n`,
  );
}

async function many(options: Options, count: number): Promise<void> {
  const began = performance.now();
  const summaries = await runMany({
    plots: drawn(count, options.from, seed => draw(options, seed)),
    workers: options.workers,
    ...(options.twins && { twins: true }),
    ...(options.first !== undefined && { stopAt: options.first }),
    onSeed: (summary, done) => progress(summary, done, count),
  });
  const totals = totalsOf(summaries);
  const minutes = (performance.now() - began) / 60_000;
  const broken = totals.failed.flatMap(one => one.violations);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...totals, seedsPerMinute: Math.round(totals.seeds / minutes) }, null, 2)}\n`);
  else {
    const faults = Object.entries(totals.faults).map(([kind, n]) => `  ${String(n).padStart(8)}  ${kind}`);
    process.stdout.write(`Faults met:\n${faults.join('\n')}\n`);
    const met = Object.values(totals.faults).reduce((a, b) => a + b, 0);
    process.stdout.write(
      `${totals.seeds} seeds from ${options.from} on, ${met} faults met, ${totals.writes} writes judged, ${totals.deeds} deeds of people, ${broken.length} violations (goal 0) in ${totals.failed.length} seeds; heals judged in ${totals.healsJudged}; ${Math.round(totals.seeds / minutes)} seeds a minute.\n`,
    );
  }
  if (!options.json) for (const { seed } of totals.failed) process.stdout.write(`  npm run simulate -- --seed ${seed} --shrink\n`);
  process.exitCode = totals.failed.length === 0 ? 0 : 1;
}

function progress({ seed, violations, broke }: SeedSummary, done: number, of: number): void {
  for (const { promise, at, what } of violations) process.stderr.write(`seed ${seed}: ${promise} at ${at}: ${what}\n`);
  if (broke !== null) process.stderr.write(`seed ${seed} broke: ${broke}\n`);
  if (done % 100 === 0) process.stderr.write(`${done} of ${of}\n`);
}
