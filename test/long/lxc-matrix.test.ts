import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { lxcRecipes } from '../../toolkit/lxc/recipes.ts';
import { faultsOf, runCell } from '../rigs/matrix-cell.ts';
import {
  cellName,
  compiledCells,
  matrixReleases,
  prebuiltCells,
  seriesNotBooted,
} from '../rigs/matrix-cells.ts';
import { keepResult, readResults, rowOf, writePage } from '../rigs/matrix-page.ts';

const sources = process.env['LXC_KIT_LXC_SOURCES'];
/** Set by `npm run matrix`. */
const writesPage = process.env['LXC_KIT_WRITE_MATRIX'] !== undefined;
const page = shippedPath('docs', 'lxc-boot-matrix.md');

test('every series that has a recipe has a release here', () => {
  const series = matrixReleases.map(({ version }) => version.split('.').slice(0, 2).join('.'));
  expect([...new Set([...series, ...seriesNotBooted])].sort()).toEqual(
    lxcRecipes.map((recipe) => recipe.series).sort(),
  );
});

if (sources === undefined) {
  process.stderr.write(
    'LXC from source was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

// Those of test/boot only for the page.
const cells = [...(writesPage ? prebuiltCells : []), ...(sources === undefined ? [] : compiledCells)];

test.runIf(cells.length > 0).each(cells.map((cell) => ({ name: cellName(cell), cell })))(
  '$name does the ten things',
  async ({ cell }) => {
    const tarball = join(sources ?? '', `lxc-${cell.lxc}.tar.gz`);
    if (!cell.prebuilt) expect(existsSync(tarball), `${tarball} is there`).toBe(true);
    const result = await runCell(cell, cell.prebuilt ? undefined : tarball);
    await keepResult(cell, result);
    expect(faultsOf(cell, result), result.stderr).toEqual([]);
    expect(result.version).toBe(cell.lxc);
    const limit = matrixReleases.find(({ version }) => version === cell.lxc)?.limit;
    expect(result.size).toBeLessThan(limit ?? 0);
    if (!writesPage) expect(readFileSync(page, 'utf8')).toContain(rowOf(cell, result));
  },
);

test.runIf(writesPage)('the page is written, from this run and what earlier ones kept', async () => {
  await writePage(page, await readResults([...prebuiltCells, ...compiledCells]));
});
