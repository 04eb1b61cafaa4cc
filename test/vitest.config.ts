import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** For slow machines: every time limit is multiplied by it. */
const factor = Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');
const minutes = (count: number): number => count * 60_000 * factor;

// Forks, because tests send signals. The groups of `groupOrder` run one after the other.
const shared = { root, pool: 'forks' } as const;
/** Vitest would leave one core idle: half of two. */
const parallel = { ...shared, maxWorkers: availableParallelism() } as const;

export default defineConfig({
  root,
  test: {
    coverage: {
      include: ['toolkit/**/*.ts'],
      reporter: ['json-summary'],
      reportsDirectory: 'node_modules/.cache/coverage',
    },
    projects: [
      {
        test: {
          ...parallel,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/rigs/**/*.test.ts', 'test/escape/**/*.test.ts'],
          globalSetup: ['test/rigs/check-tools.ts'],
          // Real processes on a machine that may be busy; nothing here waits that long when all is well.
          testTimeout: minutes(3),
          hookTimeout: minutes(3),
        },
      },
      {
        // The command line on fake source trees and a fake compiler: seconds.
        test: {
          ...parallel,
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/rigs/build-cli.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
        },
      },
      {
        // Real compilers and QEMU: one after the other, because each takes the whole machine.
        test: {
          ...shared,
          name: 'boot',
          sequence: { groupOrder: 2 },
          include: ['test/boot/**/*.test.ts'],
          globalSetup: ['test/rigs/build-cli.ts'],
          fileParallelism: false,
          testTimeout: minutes(60),
          hookTimeout: minutes(90),
        },
      },
      {
        // Tests that take longer than `npm test` may: other boards, LXC from source, repeated builds.
        test: {
          ...shared,
          name: 'long',
          sequence: { groupOrder: 3 },
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/rigs/build-cli.ts'],
          fileParallelism: false,
          testTimeout: minutes(120),
          hookTimeout: minutes(120),
        },
      },
    ],
  },
});
