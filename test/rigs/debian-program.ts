import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../toolkit/host/remove-tree.ts';
import { toolEnvironment } from '../../toolkit/host/run-tool.ts';
import { readElf } from '../../toolkit/programs/elf.ts';
import type { SourceContext } from '../../toolkit/download/source-context.ts';
import { resolveSource } from '../../toolkit/sources/resolve-source.ts';
import { architectures } from '../../toolkit/toolchain/architectures.ts';
import { unpackDebs } from '../../toolkit/unpack/unpack.ts';

/**
 * Unpacks a program that Debian has compiled for mipsel, with the packages of all its libraries, to a directory that a
 * container is made from. The packages are taken as lxc-kit takes LXC's, and kept in the same store.
 */
export async function unpackDebianProgram(
  name: string,
  dir: string,
  { storeDir, workDir }: { readonly storeDir: string; readonly workDir: string },
): Promise<void> {
  const context: SourceContext = {
    storeDir,
    workDir,
    env: toolEnvironment(process.env),
    userEnv: process.env,
    offline: false,
    emit: () => undefined,
    step: 'test',
    logFile: join(workDir, `${name}.log`),
    signal: new AbortController().signal,
    neededLibraries: async (file) => (await readElf(file))?.needed ?? [],
  };
  mkdirSync(workDir, { recursive: true });
  await removeTree(dir);
  const request = {
    component: name,
    candidates: [{ debian: name }],
    prebuilt: { packages: [name], only: true, port: architectures.mipsel.debian.port },
  } as const;
  const source = await resolveSource(request, context);
  await unpackDebs(source, dir, {
    ...context,
    retake: () => resolveSource(request, { ...context, update: true }),
  });
}
