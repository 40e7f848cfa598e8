/** What every project shares. Tests run from the sources, so no build is needed before them. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.check.json' }] },
  moduleNameMapper: {
    '^@artemis/core$': '<rootDir>/packages/core/src/index.ts',
    '^@artemis/core/config$': '<rootDir>/packages/core/src/config/index.ts',
    '^@artemis/core/testing$': '<rootDir>/packages/core/src/testing/index.ts',
    '^@artemis/cli/testing$': '<rootDir>/packages/cli/src/testing/index.ts',
    '^@artemis/client/node$': '<rootDir>/packages/client/src/node/index.ts',
    '^@artemis/client/http$': '<rootDir>/packages/client/src/http-server/index.ts',
    '^@artemis/(server|web|client|cli)$': '<rootDir>/packages/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist/', '<rootDir>/.cluster/'],
};

/** For tests that start a cluster, or let hours of virtual time pass on a busy machine. */
const slow = ['<rootDir>/tests/slow.ts'];

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/packages/{core,server,web,client,cli,sim}/src/**/*.test.ts',
        '<rootDir>/tests/{house,deploy}/**/*.test.ts',
      ],
      setupFilesAfterEnv: slow,
    },
    {
      ...shared,
      displayName: 'sim',
      testMatch: ['<rootDir>/packages/sim/test/**/*.test.ts'],
      setupFilesAfterEnv: slow,
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/packages/e2e/src/**/*.test.ts'],
      setupFilesAfterEnv: slow,
    },
    {
      ...shared,
      displayName: 'packages',
      testMatch: ['<rootDir>/tests/packages/**/*.test.ts'],
      setupFilesAfterEnv: slow,
    },
  ],
};
