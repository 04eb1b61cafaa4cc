import { expect, test } from 'vitest';
import { faultsOf, runCell } from '../rigs/matrix-cell.ts';
import { cellName, prebuiltCells } from '../rigs/matrix-cells.ts';

// The cells whose LXC has to be compiled are in test/long.
test.each(prebuiltCells.map((cell) => ({ name: cellName(cell), cell })))(
  '$name does the ten things',
  async ({ cell }) => {
    const result = await runCell(cell);
    expect(faultsOf(cell, result), result.stderr).toEqual([]);
    expect(result.version).toBe(cell.lxc);
  },
);
