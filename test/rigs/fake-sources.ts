import { chmod, cp, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture } from './fixture.ts';
import { makeElf } from './make-elf.ts';

/** A component of lxc-kit, as `--source` calls it. */
export type Component = 'kernel' | 'busybox' | 'libcap' | 'libseccomp' | 'lxc';

/** ELF files that the fake trees hand out as compiled, by their path in the tree. */
const PREBUILT: Readonly<Record<Component, Readonly<Record<string, Buffer>>>> = {
  kernel: {},
  busybox: {},
  libcap: { 'libcap.so': makeElf({ kind: 'shared', soname: 'libcap.so.2', needed: ['libc.so.6'] }) },
  libseccomp: {
    'libseccomp.so': makeElf({ kind: 'shared', soname: 'libseccomp.so.2', needed: ['libc.so.6'] }),
  },
  lxc: {
    'liblxc-cap.so': makeElf({ kind: 'shared', soname: 'liblxc.so.1', needed: ['libcap.so.2', 'libc.so.6'] }),
    'liblxc-nocap.so': makeElf({ kind: 'shared', soname: 'liblxc.so.1', needed: ['libc.so.6'] }),
    'lxc-tool.elf': makeElf({ kind: 'exec', needed: ['liblxc.so.1', 'libc.so.6'] }),
  },
};

const FIXTURES: Readonly<Record<Component, string>> = {
  kernel: 'fakelinux',
  busybox: 'fakebusybox',
  libcap: 'fakelibcap',
  libseccomp: 'fakelibseccomp',
  lxc: 'fakelxc',
};

/** Copies a fake source tree to `dir` and makes it read-only, as a tree in the store is. */
export async function installFakeSource(component: Component, dir: string): Promise<void> {
  await cp(fixture(FIXTURES[component]), dir, { recursive: true, dereference: true });
  for (const [name, bytes] of Object.entries(PREBUILT[component])) {
    await mkdir(join(dir, 'prebuilt'), { recursive: true });
    await writeFile(join(dir, 'prebuilt', name), bytes);
  }
  await makeReadOnly(dir);
}

/** Takes all write permissions of a tree away. (They do not stop root; `changedSources` finds what root wrote.) */
export async function makeReadOnly(dir: string): Promise<void> {
  await changeModes(dir, (mode) => mode & ~0o222);
}

/** Gives the owner of a tree write permission again, so that it can be changed or removed. */
export async function makeWritable(dir: string): Promise<void> {
  await changeModes(dir, (mode) => mode | 0o200);
}

async function changeModes(dir: string, change: (mode: number) => number): Promise<void> {
  // The folder first: without its permission what is in it cannot be listed.
  const { mode } = await lstat(dir);
  await chmod(dir, change(mode & 0o7777) | 0o500);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await changeModes(path, change);
    else if (entry.isFile()) await chmod(path, change((await lstat(path)).mode & 0o7777));
  }
}
