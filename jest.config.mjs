/** Native ES modules; Node's own type stripping is the only transformer, so a stack trace shows the line you wrote. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/scripts/strip-types.mjs' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testSequencer: '<rootDir>/scripts/long-first.mjs',
  testTimeout: 60_000,
  maxWorkers: '100%', // jest would leave one of two cores idle
};
