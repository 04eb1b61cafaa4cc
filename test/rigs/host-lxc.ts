import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { applyEdits } from '../../toolkit/lxc/apply-edits.ts';
import { buildWithAutotools } from '../../toolkit/lxc/build-with-autotools.ts';
import { buildWithMeson } from '../../toolkit/lxc/build-with-meson.ts';
import { lxcDirectories } from '../../toolkit/lxc/directories.ts';
import type { LxcTarget } from '../../toolkit/lxc/lxc-builder.ts';
import { findRecipe, planLxcBuild } from '../../toolkit/lxc/recipes.ts';

/** Where Debian has the host's libraries; test/host-tools.mjs installs their development packages. */
const HOST_LIBRARIES = '/usr/lib/x86_64-linux-gnu';

const HOST: LxcTarget = {
  meson: { cpuFamily: 'x86_64', cpu: 'x86_64', endian: 'little' },
  sizeFlags: [],
  sizeLinkerFlags: [],
  mesonOptions: ['-Db_lto=false'],
};

/** The tools of a release of LXC, for this machine. */
export interface HostLxc {
  readonly version: string;
  /** Runs a tool; what it prints goes together into `text`. */
  run(tool: string, args: readonly string[]): Promise<{ exitCode: number | undefined; text: string }>;
}

/**
 * Compiles a release of LXC for this machine, by the recipe that boards get theirs by, and keeps it in out/test for the
 * next time. `tarball`: lxc-VERSION.tar.gz with a folder of that name in it.
 */
export async function buildHostLxc(version: string, tarball: string): Promise<HostLxc> {
  const dir = shippedPath('out', 'test', 'host-lxc', version);
  const installed = join(dir, 'installed');
  const directories = lxcDirectories({ prefix: '/usr' });
  if (!existsSync(join(dir, 'done'))) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    await execa('tar', ['-xzf', tarball], { cwd: dir });
    const sourceDir = join(dir, `lxc-${version}`);
    // Without it the parser refuses the key of the policy, from 4.0 on.
    const withSeccomp = findRecipe(version).recipe.refuses?.['seccomp'] === undefined;
    const plan = planLxcBuild(version, withSeccomp ? ['seccomp'] : []);
    await applyEdits(sourceDir, plan);
    const build = plan.buildSystem === 'meson' ? buildWithMeson : buildWithAutotools;
    await build({
      plan,
      sourceDir,
      workDir: dir,
      installDir: installed,
      stagingDir: stageHostLibraries(dir),
      toolchain: {
        prefix: '',
        cflags: ['-w'],
        version: '',
        machine: 'x86_64-linux-gnu',
        libc: '',
        sysroot: '/',
        identity: '',
      },
      architecture: HOST,
      directories,
      launcher: [],
      run: ([program, ...args], { cwd = dir, env = {}, parallel = false } = {}) =>
        execa(program, [...args, ...(parallel ? ['-j2'] : [])], { cwd, env, all: true }),
    });
    mkdirSync(join(dir, 'done'));
  }
  return {
    version,
    async run(tool, args) {
      const { exitCode, all } = await execa(join(installed, directories.bindir, tool), args, {
        env: { LD_LIBRARY_PATH: join(installed, directories.libdir) },
        all: true,
        reject: false,
      });
      return { exitCode, text: all };
    },
  };
}

/** libcap and libseccomp alone, so that nothing else of the host is found. */
function stageHostLibraries(dir: string): string {
  const lib = join(dir, 'staging', 'usr', 'lib');
  mkdirSync(join(lib, 'pkgconfig'), { recursive: true });
  for (const library of ['libcap', 'libseccomp']) {
    for (const name of [`${library}.so`, `${library}.a`, `pkgconfig/${library}.pc`])
      symlinkSync(join(HOST_LIBRARIES, name), join(lib, name));
  }
  return join(dir, 'staging');
}
