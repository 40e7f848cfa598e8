import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { deterministicRules, plainRules, testRules } from './scripts/lint/bans.js';
import { importDirections } from './scripts/lint/import-directions.js';

const tests = ['packages/*/src/**/*.{test,fixture}.ts', 'packages/sim/test/**/*.ts', 'tests/**/*.ts'];

/** The files that are the real time, chance and process, named one by one. */
const exempt = [
  'packages/server/src/runtime.ts',
  'packages/server/src/storage/store-entry.ts',
  'packages/client/src/system.ts',
  'packages/client/src/http-server/own-process.ts',
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '.cluster/', '**/*.d.ts']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { house: { rules: { 'import-directions': importDirections } } },
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...plainRules,
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'house/import-directions': 'error',
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // An async method without await is how a trait is met by something that has the answer at hand.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    rules: { eqeqeq: 'error', 'no-unused-vars': 'error', 'prefer-const': 'error' },
  },
  {
    files: ['packages/{core,server,web,client}/src/**/*.ts'],
    ignores: [...tests, ...exempt],
    rules: deterministicRules,
  },
  {
    files: tests,
    rules: {
      ...testRules,
      'max-lines-per-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['packages/e2e/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
);
