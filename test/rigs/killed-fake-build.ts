import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { KilledBuild } from './killed-builds.ts';
import type { TempProject } from './temp-project.ts';

/** The board `killed`: the fake trees as tarballs, so that the store has something to unpack, and images of all kinds. */
export function killedFakeBuild(project: TempProject): KilledBuild {
  const sourceOf = (component: string, name: string): { readonly sources: readonly object[] } => {
    const tarball = `${name}.tar.xz`;
    execFileSync('tar', ['-cJf', join(project.dir, tarball), '-C', join(project.dir, 'sources'), component]);
    return { sources: [{ path: `../${tarball}` }] };
  };
  project.writeBoard('killed', {
    kernel: sourceOf('kernel', 'linux-6.1.999'),
    busybox: sourceOf('busybox', 'busybox-1.37.0'),
    lxc: sourceOf('lxc', 'lxc-5.0.2'),
    libcap: sourceOf('libcap', 'libcap-2.66'),
    images: ['tar.gz', 'squashfs', 'ext4'],
  });
  return {
    start: () => project.spawn(['build', '--board', 'killed']),
    outDir: project.outDir('killed'),
    storeDir: project.storeDir,
    files: [
      ...['rootfs.tar.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux'].map((name) => `images/${name}`),
      'work/assemble-rootfs/manifest.json',
    ],
  };
}
