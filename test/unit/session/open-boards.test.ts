import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBoards } from '../../../toolkit/session/open-boards.ts';
import { rejectionOf } from '../sources/source-rig.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

/** The files of boards with these names, each in a folder of its own. */
function boards(...names: string[]): string[] {
  const dir = scratchDir();
  return names.map((name, index) => {
    const path = `${index}/board.yaml`;
    writeFiles(dir, { [path]: `schema: 1\nname: ${name}\nkernel: { defconfig: allnoconfig }\n` });
    return join(dir, path);
  });
}

test('each of several boards has a folder of its own below --out', async () => {
  const board = boards('one', 'two');
  const outDirs = (await openBoards({ board, out: '/work/out' })).map(({ outDir }) => outDir);
  expect(outDirs).toEqual(['/work/out/one', '/work/out/two']);
  const [only] = await openBoards({ board: board.slice(0, 1), out: '/work/out' });
  expect(only?.outDir).toBe('/work/out');
});

test('two boards of one name are refused, and one that is named twice is built once', async () => {
  const board = boards('stb', 'stb');
  expect(await rejectionOf(openBoards({ board }))).toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(
      /^two boards would be built in .*out\/stb: both are called stb$/,
    ) as string,
  });
  expect(await openBoards({ board: [board[0] ?? '', board[0] ?? ''] })).toHaveLength(1);
});
