import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { combineTools } from './combine-tools.ts';
import { rootfsMountPoint } from './directories.ts';
import { compilerFlags, linkerFlags, type LxcBuilder, type LxcBuildRequest } from './lxc-builder.ts';
import { mesonCrossFile } from './meson-cross-file.ts';

/** Builds LXC 5.0 and later. */
export const buildWithMeson: LxcBuilder = async (request) => {
  const { sourceDir, workDir, installDir, run } = request;
  const crossFile = join(workDir, 'cross.ini');
  const objDir = join(workDir, 'obj');
  await writeFile(
    crossFile,
    mesonCrossFile({
      toolchain: request.toolchain,
      architecture: request.architecture,
      stagingDir: request.stagingDir,
      cflags: compilerFlags(request),
      ldflags: linkerFlags(request),
      launcher: request.launcher,
    }),
  );
  await run(['meson', 'setup', objDir, sourceDir, '--cross-file', crossFile, ...setupOptions(request)]);
  await run(['ninja', '-C', objDir], { parallel: true });
  await run(['ninja', '-C', objDir, 'install'], { env: { DESTDIR: installDir } });
  const objectsDir = join(objDir, 'src', 'lxc');
  await combineTools(request, { objectsDir, library: join(objectsDir, 'liblxc.a') });
};

/** Returns the options of `meson setup`. */
export function setupOptions({
  plan,
  directories,
  architecture,
}: Pick<LxcBuildRequest, 'plan' | 'directories' | 'architecture'>): string[] {
  return [
    `--prefix=${directories.prefix}`,
    `--bindir=${directories.bindir}`,
    `--libdir=${directories.libdir}`,
    '--sysconfdir=/etc',
    '--localstatedir=/var',
    '--buildtype=minsize',
    '--wrap-mode=nodownload',
    ...architecture.mesonOptions,
    `-Drootfs-mount-path=${rootfsMountPoint(directories)}`,
    ...plan.options,
  ];
}
