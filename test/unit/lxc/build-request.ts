import { lxcDirectories } from '../../../toolkit/lxc/directories.ts';
import type { LxcBuildRequest } from '../../../toolkit/lxc/lxc-builder.ts';
import { planLxcBuild } from '../../../toolkit/lxc/recipes.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';

/** The request to compile a release, for either build system; it runs nothing. */
export function buildRequest(version: string, changes: Partial<LxcBuildRequest> = {}): LxcBuildRequest {
  return {
    plan: planLxcBuild(version, []),
    sourceDir: '/out/work/tree',
    workDir: '/out/work',
    installDir: '/out/work/target',
    stagingDir: '/out/work/staging',
    toolchain: {
      prefix: '/opt/vendor/bin/mipsel-linux-',
      cflags: ['-Os', '-march=mips32r2'],
      version: '12.2.0',
      machine: 'mipsel-vendor-linux-gnu',
      libc: 'glibc 2.36',
      sysroot: '/',
      identity: '',
    },
    architecture: architectures.mipsel,
    directories: lxcDirectories({ prefix: '/usr' }),
    launcher: [],
    run: () => Promise.resolve(),
    ...changes,
  };
}
