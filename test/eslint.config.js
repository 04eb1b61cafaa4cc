import { fileURLToPath } from 'node:url';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Host tools are started in one module, which puts each into a process group that never outlives lxc-kit. */
const PROCESSES = {
  paths: ['execa', 'node:child_process', 'child_process', 'zx'].map((name) => ({
    name,
    message: 'Start host tools with runTool() of toolkit/host/run-tool.ts.',
  })),
};

/** What belongs to the process as a whole is read in cli/ (where it was started also in session/) and handed on as a parameter. */
const PROCESS_WIDE = ['exit', 'exitCode', 'env', 'cwd', 'chdir', 'argv', 'stdin', 'stdout', 'stderr'].map(
  (property) => ({
    object: 'process',
    property,
    message: 'Only toolkit/cli may use it; take it as a parameter.',
  }),
);

/** The rules for everything, the scripts too. */
const RULES = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  eqeqeq: 'error',
  'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],

  // A number in a text is what template strings are for.
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  // `() => emit(event)` says what it does; a block around it says nothing more.
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  // Left out of an object on purpose: const { name: _name, ...rest } = board.
  '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
  // What was caught and kept is thrown on as it came.
  '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
  // TypeScript wants these brackets (noPropertyAccessFromIndexSignature).
  '@typescript-eslint/dot-notation': 'off',
  // Which of the two object types is chosen tells nobody anything.
  '@typescript-eslint/consistent-type-definitions': 'off',
};

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'out/', 'test/fixtures/', '**/*.config.{js,ts}'] },
  {
    files: ['toolkit/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'test/rigs/tsconfig.json'],
        tsconfigRootDir: root,
      },
    },
    rules: { ...RULES, 'no-restricted-imports': ['error', PROCESSES] },
  },
  {
    // The scripts are programs of their own: they start tools and print.
    files: ['toolkit/*.mjs', 'test/**/*.mjs', '.ci/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parserOptions: { project: 'test/scripts.tsconfig.json', tsconfigRootDir: root } },
    rules: RULES,
  },
  {
    files: ['toolkit/**/*.ts'],
    ignores: ['toolkit/cli/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'console', message: 'Rooms emit events; only cli/ prints.' },
      ],
      'no-restricted-properties': ['error', ...PROCESS_WIDE],
    },
  },
  {
    files: ['toolkit/session/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...PROCESS_WIDE.filter(({ property }) => property !== 'env' && property !== 'cwd'),
      ],
    },
  },
  {
    files: [
      'toolkit/host/run-tool.ts',
      'toolkit/host/run-shell.ts',
      'toolkit/host/process-groups.ts',
      'toolkit/emulator/**',
      'test/**',
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    // Tables of data are as long as what they list.
    files: ['toolkit/board/schema.ts', 'toolkit/lxc-keys/lxc-keys.ts', 'toolkit/kconfig/symbol-changes.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test file is a list of cases.
      'max-lines': 'off',
      // What a test looks at is there, or the test fails.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Small servers and callbacks in one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
);
