import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { combineTools } from './combine-tools.ts';
import { rootfsMountPoint } from './directories.ts';
import { compilerFlags, linkerFlags, type LxcBuilder, type LxcBuildRequest } from './lxc-builder.ts';

/** Builds LXC up to 4.0. */
export const buildWithAutotools: LxcBuilder = async (request) => {
  const { sourceDir, stagingDir, installDir, directories, run } = request;
  if (await wantsAutogen(request)) await run(['sh', 'autogen.sh'], { cwd: sourceDir });
  const env = {
    // Keep pkg-config from finding libraries of the build host.
    PKG_CONFIG_LIBDIR: join(stagingDir, 'usr/lib/pkgconfig'),
    PKG_CONFIG_SYSROOT_DIR: stagingDir,
  };
  const make = ['make', `CFLAGS=${cflags(request).join(' ')}`] as const;
  await run(['sh', './configure', ...configureArguments(request)], { cwd: sourceDir, env });
  // configure adds its own flags, such as -Werror and a stack protector; these replace them.
  await run(make, { cwd: sourceDir, env, parallel: true });
  await run([...make, `DESTDIR=${installDir}`, 'install'], { cwd: sourceDir, env });
  const objectsDir = join(sourceDir, 'src', 'lxc');
  // The installed one: libtool keeps the one of the build in a hidden folder.
  await combineTools(request, { objectsDir, library: join(installDir, directories.libdir, 'liblxc.so.1') });
};

/** Whether configure must be generated: a repository tag has none, and edits of its sources make it out of date. */
async function wantsAutogen({ sourceDir, plan }: LxcBuildRequest): Promise<boolean> {
  if (plan.edits.some(({ file }) => /(?:^|\/)(?:Makefile\.am|configure\.ac)$/.test(file))) return true;
  return stat(join(sourceDir, 'configure')).then(
    () => false,
    () => true,
  );
}

/** Returns the arguments of configure. */
export function configureArguments(request: LxcBuildRequest): string[] {
  const { plan, directories, toolchain } = request;
  const { prefix, bindir, libdir } = directories;
  return [
    `--host=${toolchain.machine}`,
    `--prefix=${prefix}`,
    `--bindir=${bindir}`,
    `--libdir=${libdir}`,
    '--sysconfdir=/etc',
    '--localstatedir=/var',
    `--with-rootfs-path=${rootfsMountPoint(directories)}`,
    ...plan.options,
    ...crossTools(request),
    `CFLAGS=${cflags(request).join(' ')}`,
    `LDFLAGS=${linkerFlags(request).join(' ')}`,
  ];
}

function crossTools({ launcher, toolchain: { prefix }, stagingDir }: LxcBuildRequest): string[] {
  // -L is part of CC because the test for a static libcap clears CFLAGS, CPPFLAGS and LDFLAGS.
  const compiler = [...launcher, `${prefix}gcc`, `-L${stagingDir}/usr/lib`];
  return [`CC=${compiler.join(' ')}`, `AR=${prefix}ar`, `RANLIB=${prefix}ranlib`, `STRIP=${prefix}strip`];
}

function cflags(request: LxcBuildRequest): string[] {
  const { toolchain, stagingDir } = request;
  return ['-Os', ...toolchain.cflags, ...compilerFlags(request), `-I${stagingDir}/usr/include`];
}
