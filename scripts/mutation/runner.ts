/** A Stryker test runner that keeps the modules loaded and switches mutants underneath them. Tests keep importing `@jest/globals`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { type Case, collect, run } from './globals.ts';

const GLOBALS = new URL('./globals.ts', import.meta.url).href;
const instrumented = globalThis as { __stryker__?: InstrumenterContext };

/** Counts up whenever everything of ours is to be evaluated anew: a mutant of what runs at load time is seen in no other way. */
let generation = 0;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: GLOBALS, shortCircuit: true };
    const resolved = next(specifier, context);
    const ours = resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/') && resolved.url !== GLOBALS;
    return ours && generation > 0 ? { ...resolved, url: `${resolved.url}?${generation}` } : resolved;
  },
});

class InProcessRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);
  readonly #patterns: readonly string[];
  #cases: readonly Case[] = [];
  /** By id: an incremental run looks at the file to see whether a test has changed. */
  readonly #files = new Map<string, string>();
  #loaded = -1;

  constructor(options: StrykerOptions) {
    this.#patterns = options['inProcess'] as readonly string[];
    // What a mutant left running may still fail when its test has long been judged: that must not take the process with it.
    process.on('uncaughtException', () => {});
    process.on('unhandledRejection', () => {});
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun({ coverageAnalysis }: DryRunOptions): Promise<DryRunResult> {
    const context = contextOf();
    delete context.activeMutant;
    await this.#load();
    const result = await this.#run(this.#cases, false);
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(result.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))));
    return coverageAnalysis === 'off' || context.mutantCoverage === undefined
      ? result
      : { ...result, mutantCoverage: context.mutantCoverage };
  }

  async mutantRun({
    activeMutant,
    testFilter,
    disableBail,
    hitLimit,
    mutantActivation,
    reloadEnvironment,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const context = contextOf();
    Object.assign(context, { hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
    if (reloadEnvironment) generation++;
    if (mutantActivation === 'static') context.activeMutant = activeMutant.id;
    else delete context.activeMutant;
    await this.#load();
    context.activeMutant = activeMutant.id;
    const chosen = testFilter === undefined ? this.#cases : this.#cases.filter(({ id }) => testFilter.includes(id));
    const result = await this.#run(quickFirst(chosen), !disableBail);
    return toMutantRunResult(determineHitLimitReached(context.hitCount, context.hitLimit) ?? result, disableBail);
  }

  async #load(): Promise<void> {
    if (this.#loaded === generation) return;
    const files: string[] = [];
    for (const pattern of this.#patterns) for await (const file of glob(pattern)) files.push(file);
    const all: Case[] = [];
    for (const file of files.sort()) {
      const path = join(process.cwd(), file);
      const cases = await collect(file, () => import(pathToFileURL(path).href));
      for (const { id } of cases) this.#files.set(id, path);
      all.push(...cases);
    }
    this.#cases = all;
    this.#loaded = generation;
  }

  async #run(chosen: readonly Case[], bail: boolean): Promise<CompleteDryRunResult> {
    const context = contextOf();
    const results = await run(chosen, {
      bail,
      before: id => {
        context.currentTestId = id;
      },
    });
    delete context.currentTestId;
    const tests = [...results].map(([id, { error, ms }]): TestResult => {
      const told = { id, name: id, timeSpentMs: Math.round(ms), fileName: this.#files.get(id) ?? id };
      return error === null
        ? { ...told, status: TestStatus.Success }
        : { ...told, status: TestStatus.Failed, failureMessage: error.stack ?? error.message };
    });
    return { status: DryRunStatus.Complete, tests };
  }
}

/** How long each test took when nothing was mutated, beside the sandbox's files: the process that measured it is not the one that asks. */
const TIMES = '.test-times.json';

/** Most mutants fall to many tests: a quick one says so sooner. Those that take about as long stay in order, and so in their blocks. */
function quickFirst(cases: readonly Case[]): readonly Case[] {
  const times = JSON.parse(readFileSync(TIMES, 'utf8')) as Readonly<Record<string, number>>;
  return cases.toSorted((a, b) => magnitude(times[a.id]) - magnitude(times[b.id]));
}

const magnitude = (ms = 0): number => Math.ceil(Math.log10(Math.max(1, ms)));

function contextOf(): InstrumenterContext {
  instrumented.__stryker__ ??= {};
  return instrumented.__stryker__;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
export const strykerValidationSchema = {
  type: 'object',
  properties: { inProcess: { type: 'array', items: { type: 'string' }, description: 'Globs of the test files' } },
};
