import { expect, test } from 'vitest';
import { runCell } from '../rigs/matrix-cell.ts';

/** What each point checks at least; test/matrix has the points and the containers. */
const CHECKS = { 1: 14, 2: 5, 3: 2, 4: 4, 5: 13, 6: 8, 7: 13, 8: 10, 9: 6, 10: 4 };

test.each(['v2', 'v1'] as const)("Debian's LXC does the ten things on cgroup %s", async (layout) => {
  const { results, stderr } = await runCell(layout);
  const failed = results.flatMap((one) => one.failed.map((text) => `${one.point}: ${text}`));
  expect(failed, stderr).toEqual([]);
  for (const [point, count] of Object.entries(CHECKS))
    expect(
      results.find((one) => one.point === point)?.passed ?? 0,
      `checks of point ${point}`,
    ).toBeGreaterThanOrEqual(count);
});
