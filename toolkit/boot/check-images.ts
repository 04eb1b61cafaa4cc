import { relative } from 'node:path';
import { KitError } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import { inOut } from '../host/own-folders.ts';
import type { Build } from '../opened-board/build.ts';
import { readManifest } from '../report/build-manifest.ts';

/**
 * Throws BOOT_FAILED unless these files are the ones that manifest.json names, by their sha256: a boot says something
 * about the image that ships only if it is that image.
 */
export async function checkImages(build: Build, files: readonly string[]): Promise<void> {
  const hint = `run: npx lxc-kit build --board ${build.boardArgument}`;
  const manifestFile = inOut(build.outDir, 'manifest.json');
  const manifest = readManifest(build.outDir);
  if (manifest === undefined) {
    throw new KitError(
      'BOOT_FAILED',
      `${build.displayPath(manifestFile)} does not say which images were built`,
      {
        hint,
      },
    );
  }
  const lines: string[] = [];
  for (const file of files) {
    const path = relative(build.outDir, file);
    const expected = manifest.artefacts.find((one) => one.path === path)?.sha256;
    const found = await hashFile(file);
    if (found === expected) continue;
    lines.push(
      `${build.displayPath(file)}: expected ${expected === undefined ? 'no such file' : `sha256 ${expected}`}`,
      `${' '.repeat(build.displayPath(file).length)}  found    sha256 ${found}`,
    );
  }
  if (lines.length === 0) return;
  throw new KitError('BOOT_FAILED', `this is not what ${build.displayPath(manifestFile)} says was built`, {
    lines,
    hint,
  });
}
