import { expect, test } from 'vitest';
import { expectLinear } from './growth.ts';

/** Something that the compiler cannot leave out. */
function spin(turns: number): number {
  let sum = 0;
  for (let turn = 0; turn < turns; turn++) sum = (sum * 31 + turn) % 1_000_003;
  return sum;
}

test('accepts work that grows linearly, and refuses work that grows as the square', async () => {
  await expectLinear((count) => spin(count * 2_000), 1_000);
  await expect(expectLinear((count) => spin(count * count * 2), 1_000)).rejects.toThrow(
    /^8 times the work costs \d+\.\d times as much$/,
  );
});
