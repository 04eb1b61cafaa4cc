import { expect, test } from 'vitest';
import { isLaterDebian } from '../rigs/lxc-for-boots.ts';
import { faultsOf, runCell } from '../rigs/matrix-cell.ts';
import { cellName, prebuiltCells } from '../rigs/matrix-cells.ts';

if (isLaterDebian()) {
  process.stderr.write(
    "The cells of docs/lxc-boot-matrix.md with Debian 12's own LXC and Linux 6.1 were NOT TESTED: this Debian has neither\n",
  );
}

// The cells whose LXC has to be compiled are in test/long.
test.runIf(!isLaterDebian()).each(prebuiltCells.map((cell) => ({ name: cellName(cell), cell })))(
  '$name does the ten things',
  async ({ cell }) => {
    const result = await runCell(cell);
    expect(faultsOf(cell, result), result.stderr).toEqual([]);
    expect(result.version).toBe(cell.lxc);
  },
);
