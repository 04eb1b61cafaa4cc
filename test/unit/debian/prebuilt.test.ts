import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { takePrebuilt } from '../../../toolkit/debian/prebuilt.ts';
import { debWith } from '../sources/archives.ts';
import { rejectionOf } from '../sources/source-rig.ts';
import { madeUpApt, type MadeUpApt } from './made-up-apt.ts';

/** A program or library; `needs` are the libraries that it is linked with. */
const elf = (path: string, ...needs: string[]) => ({
  path,
  body: `\x7fELF ${needs.join(' ')}`,
  mode: 0o755,
});

function rigWith(packages: Readonly<Record<string, ReturnType<typeof elf>[]>>): MadeUpApt {
  const neededLibraries = async (file: string): Promise<string[]> =>
    (await readFile(file, 'latin1')).split(' ').filter((word) => word.includes('.so.'));
  const apt = madeUpApt({ neededLibraries });
  for (const [name, files] of Object.entries(packages))
    apt.offer(name, `${name}_1.0-1_mipsel.deb`, debWith(files));
  return apt;
}

async function packagesOf({ context }: MadeUpApt): Promise<string[]> {
  const recipe = { packages: ['tool'], port: { arch: 'mipsel' } };
  const { files } = await takePrebuilt('lxc', 'tool', recipe, context);
  return files.map(({ name }) => name.split('_')[0] ?? '');
}

const TOOL = elf('./usr/bin/tool', 'liba.so.1');
const LIBRARY = elf('./usr/lib/liba.so.1', 'libb.so.1');

test('libraries of libraries come along, from the package that has them', async () => {
  const apt = rigWith({
    tool: [TOOL],
    liba1: [LIBRARY],
    libb1: [elf('./usr/share/doc/libb1/moved')],
    libb1t64: [elf('./usr/lib/mipsel-linux-gnu/libb.so.1')],
  });
  expect(await packagesOf(apt)).toEqual(['liba1', 'libb1t64', 'tool']);
});

test('a library that no package has is named with the file that needs it', async () => {
  const apt = rigWith({ tool: [TOOL], liba1: [LIBRARY], libb1: [elf('./usr/share/libb.so.1')] });
  expect((await rejectionOf(packagesOf(apt))).message).toBe(
    '/usr/lib/liba.so.1 needs libb.so.1: the package libb1 does not contain it; E: Unable to locate package libb1t64',
  );
});
