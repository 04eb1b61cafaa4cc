import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchDir } from '../unit/scratch.ts';
import { missingTools } from './check-tools.ts';

test('names all missing tools of the unit tests at once, with the packages that bring them', () => {
  const dir = scratchDir();
  writeFileSync(join(dir, 'cpio'), '#!/bin/sh\n', { mode: 0o755 });
  const tools = [
    { name: 'cpio', package: 'cpio', unit: true },
    { name: 'mke2fs', package: 'e2fsprogs', unit: true },
    { name: 'debugfs', package: 'e2fsprogs', unit: true },
    { name: 'apt-config', package: 'apt', unit: true },
    { name: 'tmux', package: 'tmux' },
  ];
  expect(missingTools(tools, dir)).toBe(
    'the unit tests need mke2fs, debugfs, apt-config: apt-get install apt e2fsprogs',
  );
  expect(missingTools(tools.slice(0, 1), dir)).toBeUndefined();
});
