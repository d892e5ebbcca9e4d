/**
 * Mutation testing, room by room: `npm run mutation` for all, `npm run mutation -- decide ledger` for some. A room's own tests must notice
 * when its code is changed. Stories and handler tests notice more, but they are slow, and a room whose truth only a story knows is one that
 * nobody can edit.
 */
const room = process.env.EBB_MUTATE ?? 'decide';

/** Rooms of their own: they are held to small tests, and not to those that play weeks of minutes. */
const LEARNERS = ['decide/fleet', 'decide/idle'];

export default {
  mutate: [`shared/${room}/**/*.ts`, ...LEARNERS.filter(learner => learner !== room).map(learner => `!shared/${learner}/**`)],
  plugins: ['./scripts/mutation/runner.ts'],
  testRunner: 'in-process',
  inProcess: [`test/${room}/**/!(contract-moto).test.ts`],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  maxTestRunnerReuse: 200, // a reloaded module is never forgotten
  timeoutMS: 10_000, // on top of one and a half times what the tests took: a busy machine is no endless loop
  incremental: true,
  incrementalFile: `reports/mutation/${room}.incremental.json`,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: `reports/mutation/${room}.json` },
  thresholds: { high: 95, low: 90, break: 85 },
  ignorePatterns: ['/dist', '/.serverless', '/reports'],
  tsconfigFile: 'none', // the native TypeScript compiler has no API for Stryker to read it with, and types are stripped anyway
  tempDirName: '.stryker-tmp',
  cleanTempDir: 'always',
};
