// Options of ESLint's no-restricted-* rules. They are composed here because a later block of a flat
// configuration replaces the options of an earlier one.

const useRuntime = 'Time, chance, processes and output come from the Runtime that is handed in.';
const banned = (names) => names.map((name) => ({ name, message: useRuntime }));

const timers = ['setTimeout', 'setInterval'];
const timerModules = ['node:timers', 'node:timers/promises', 'timers', 'timers/promises'];

const style = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Export by name.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
];

const moduleState = [
  {
    selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind!="const"]',
    message: 'A module holds no state that changes.',
  },
];

const clockSyntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: useRuntime },
  { selector: 'CallExpression[callee.name="Date"]', message: useRuntime },
  {
    selector: 'MemberExpression[property.name=/^(random(Bytes|UUID|Int|Fill|FillSync)|getRandomValues)$/]',
    message: useRuntime,
  },
];

const properties = [
  { object: 'Date', property: 'now', message: useRuntime },
  { object: 'Math', property: 'random', message: useRuntime },
  { object: 'AbortSignal', property: 'timeout', message: useRuntime },
];

const cryptoRandom = {
  name: 'node:crypto',
  importNames: [
    'randomBytes',
    'randomUUID',
    'randomInt',
    'randomFill',
    'randomFillSync',
    'getRandomValues',
    'webcrypto',
  ],
  message: useRuntime,
};

/** Style bans, for every file of the packages. */
export const plainRules = { 'no-restricted-syntax': ['error', ...style, ...moduleState] };

/**
 * For tests: real time is not waited for (a condition with a deadline end to end, a virtual clock elsewhere). What
 * `beforeEach` sets up may stand at the top of the file.
 */
export const testRules = {
  'no-restricted-syntax': ['error', ...style],
  'no-restricted-globals': ['error', ...banned(timers)],
  'no-restricted-imports': ['error', { paths: banned(timerModules) }],
};

/** For sources that must do the same again when they are given the same Runtime. */
export const deterministicRules = {
  'no-restricted-syntax': ['error', ...style, ...moduleState, ...clockSyntax],
  'no-restricted-properties': ['error', ...properties],
  'no-restricted-globals': [
    'error',
    ...banned([...timers, 'setImmediate', 'performance', 'process', 'fetch', 'console', 'crypto']),
    ...banned(['globalThis', 'global']),
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [...banned([...timerModules, 'node:perf_hooks', 'node:process', 'node:console']), cryptoRandom],
    },
  ],
};
