import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

// unit: what needs no page. e2e: the real program in a real browser, three files at a time, since
// the machines that run it are small, and after the unit tests: a group has one number of workers.
// screenshots: docs/screenshots. bench: figures, beside their goals. On a machine that others use too a page may be held up longer
// than a test waits: one that failed in CI is tried once more, and the list says so and why.
const retry = process.env['CI'] === 'true' ? 1 : 0;
const failedTries: Reporter = {
  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    for (const { stack, message } of test.result().errors ?? []) console.log(`${test.fullName}: the first try failed: ${stack ?? message}`);
  },
};
const browser = {
  environment: 'node', fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 15_000 } },
} as const;
const threeAtATime = { ...browser, retry, fileParallelism: true, maxWorkers: 3, sequence: { groupOrder: 1 } } as const;

export default defineConfig({
  test: {
    reporters: ['default', failedTries],
    projects: [
      { test: { name: 'unit', include: ['console/**/*.test.ts'], environment: 'node' } },
      { test: { name: 'e2e', include: ['test/e2e/*.test.ts'], ...threeAtATime } },
      { test: { name: 'bench', include: ['test/bench/*.bench.ts'], ...browser, testTimeout: 300_000 } },
      { test: { name: 'screenshots', include: ['test/screenshots/*.shots.ts'], ...browser, testTimeout: 120_000 } },
    ],
  },
});
