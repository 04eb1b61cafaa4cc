import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decompress } from '../../../toolkit/unpack/decompress.ts';
import { sourceRig } from '../sources/source-rig.ts';

test('a reader that stops in the middle of a large archive ends the tool', async () => {
  const { dir, context } = sourceRig();
  const file = join(dir, 'large.tar');
  writeFileSync(file, randomBytes(4 << 20));
  execFileSync('xz', ['-0', file]);
  let bytes = 0;
  for await (const piece of decompress({ file: `${file}.xz` }, context)) {
    bytes += piece.length;
    if (bytes > 100_000) break;
  }
  expect(bytes).toBeLessThan(2 << 20);
});
