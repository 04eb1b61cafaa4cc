import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, plannedSteps, projectMaker } from './rig.ts';

/** The board of these tests in its present state; each test changes one thing of it. */
const board: Record<string, unknown> = {
  description: 'as it was',
  toolchain: { cflags: ['-Os', '-march=mips32r2'] },
  kernel: { fragments: ['lxc', './vendor.config'], config: { CONFIG_DUMMY: 'y' } },
  rootfs: {
    hostname: 'first',
    overlays: ['./overlay'],
    files: [{ path: '/etc/from-host', type: 'file', mode: '0640', source: './from-host' }],
  },
  images: ['tar.gz', 'cpio.gz'],
  containers: ['one.yaml'],
};

const container: Record<string, unknown> = {
  name: 'one',
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
};

const IMAGES = ['pack-cpio.gz', 'pack-tar.gz'];
const ROOTFS = ['assemble-rootfs', 'emit-containers', 'lay-out-rootfs', ...IMAGES];
const CONTAINERS = ['assemble-rootfs', 'emit-containers', ...IMAGES];
const COMPILED = ['build-busybox', 'build-kernel', 'build-libcap', 'build-lxc'];
const CONFIGURED = ['configure-busybox', 'configure-kernel'];

const create = projectMaker();
let project: TempProject;
/** Options of every build; a test may add one that later tests keep. */
const options: string[] = [];

beforeAll(async () => {
  project = await create();
  project.write('boards/vendor.config', 'CONFIG_TUN=y\n');
  project.write('boards/overlay/etc/motd', 'hello\n');
  project.write('boards/overlay/etc/other', 'other\n');
  symlinkSync('motd', join(project.dir, 'boards/overlay/etc/issue'));
  project.write('boards/from-host', 'from the host\n');
  project.write('boards/one.yaml', JSON.stringify(container));
  project.writeBoard('fake2', board);
  await buildWell(project, options, { board: 'fake2' });
});

function change(changes: Readonly<Record<string, unknown>>): void {
  Object.assign(board, changes);
  project.writeBoard('fake2', board);
}

function changeContainer(changes: Readonly<Record<string, unknown>>): void {
  Object.assign(container, changes);
  project.write('boards/one.yaml', JSON.stringify(container));
}

const path = (...parts: string[]): string => join(project.dir, ...parts);

function imageHash(): string {
  return createHash('sha256')
    .update(readFileSync(imageFile(project, 'rootfs.tar.gz', 'fake2')))
    .digest('hex');
}

interface Change {
  readonly what: string;
  readonly make: () => void | Promise<void>;
  /** The steps that run again, all of them and no others. */
  readonly runs: readonly string[];
  /** Steps that `plan` has to take into account, and that turn out fresh because what they need came out the same. */
  readonly spared?: readonly string[];
  /** Whether rootfs.tar.gz is another one afterwards. */
  readonly newRootfs?: boolean;
}

const changes: readonly Change[] = [
  { what: 'nothing', make: () => undefined, runs: [] },
  {
    what: 'a description, a comment in the profile and the time of an overlay file',
    make: () => {
      change({ description: 'another' });
      appendFileSync(path('boards/fake2.yaml'), '\n# a comment\n');
      utimesSync(path('boards/overlay/etc/motd'), 1, 1);
    },
    runs: [],
  },
  {
    what: 'the command of a container',
    make: () => changeContainer({ command: ['/bin/sh', '-i'] }),
    runs: ['check-versions', ...CONTAINERS],
    newRootfs: true,
  },
  {
    what: 'a memory limit of a container, which the kernel configuration has to allow',
    make: () => changeContainer({ limits: { memory: '32M' } }),
    runs: ['check-versions', 'configure-kernel', ...CONTAINERS],
    spared: ['build-kernel'],
    newRootfs: true,
  },
  {
    what: 'a fragment, by a symbol',
    make: () => project.write('boards/vendor.config', 'CONFIG_TUN=y\nCONFIG_IPVLAN=y\n'),
    // The root filesystem has no modules of the kernel, and so nothing of it.
    runs: ['configure-kernel', 'build-kernel'],
    spared: CONTAINERS,
  },
  {
    what: 'a fragment, by a comment',
    make: () => appendFileSync(path('boards/vendor.config'), '# Nothing more is needed.\n'),
    runs: ['configure-kernel'],
    spared: ['build-kernel', ...CONTAINERS],
  },
  {
    what: 'a fragment, by a symbol that is on anyway',
    make: () => appendFileSync(path('boards/vendor.config'), 'CONFIG_VETH=y\n'),
    runs: ['configure-kernel'],
    spared: ['build-kernel', ...CONTAINERS],
  },
  {
    what: 'an inline value',
    make: () => change({ kernel: { fragments: ['lxc', './vendor.config'], config: { CONFIG_DUMMY: 'n' } } }),
    runs: ['configure-kernel', 'build-kernel'],
    spared: CONTAINERS,
  },
  {
    what: 'the bytes of an overlay file',
    make: () => project.write('boards/overlay/etc/motd', 'hallo\n'),
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'only the mode of an overlay file',
    make: () => chmodSync(path('boards/overlay/etc/motd'), 0o600),
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'where a symbolic link in the overlay leads',
    make: () => {
      unlinkSync(path('boards/overlay/etc/issue'));
      symlinkSync('other', path('boards/overlay/etc/issue'));
    },
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'the name of a file in the overlay',
    make: () => renameSync(path('boards/overlay/etc/other'), path('boards/overlay/etc/another')),
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'the bytes of a file of rootfs.files',
    make: () => project.write('boards/from-host', 'from another host\n'),
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'the hostname',
    make: () => change({ rootfs: { ...(board['rootfs'] as object), hostname: 'second' } }),
    runs: ROOTFS,
    newRootfs: true,
  },
  {
    what: 'an image that was deleted, one that was altered and a kernel that was deleted',
    make: () => {
      rmSync(imageFile(project, 'rootfs.tar.gz', 'fake2'));
      appendFileSync(imageFile(project, 'rootfs.cpio.gz', 'fake2'), 'x');
      rmSync(imageFile(project, 'vmlinux', 'fake2'));
    },
    runs: ['build-kernel', ...IMAGES],
  },
  {
    what: 'a list of images with one more, which the kernel has to be able to mount',
    make: () => change({ images: ['tar.gz', 'cpio.gz', 'squashfs'] }),
    runs: ['configure-kernel', 'pack-squashfs'],
    spared: ['build-kernel', ...CONTAINERS],
  },
  {
    what: 'a list of images with one less',
    make: () => change({ images: ['tar.gz', 'cpio.gz'] }),
    // It was configured so before, and the plan finds what came out.
    runs: ['configure-kernel'],
  },
  {
    what: 'compiled files that somebody deleted: they come out the same',
    make: () => rmSync(path('out/fake2/work/build-busybox'), { recursive: true }),
    // They lie in the store, so that the plan knows that nothing after them has to run.
    runs: ['build-busybox'],
  },
  {
    what: 'a stamp that cannot be read',
    make: () => project.write('out/fake2/.lxc-kit/stamps/assemble-rootfs.json', '{"fing'),
    runs: ['assemble-rootfs'],
    spared: IMAGES,
  },
  {
    what: 'a file of a source tree',
    make: () =>
      project.changeSource('lxc', (dir) => {
        appendFileSync(join(dir, 'src/lxc/lxccontainer.c'), '/* patched */\n');
      }),
    runs: ['fetch-lxc', 'fetch-libcap', 'check-versions', 'build-lxc', ...ROOTFS],
    // The kernel's configuration depends only on the version of LXC.
    spared: ['build-libcap', 'configure-kernel', 'build-kernel'],
    newRootfs: true,
  },
  {
    what: 'the compiler flags',
    make: () => change({ toolchain: { cflags: ['-O2', '-march=mips32r2'] } }),
    runs: ['assemble-rootfs', 'check-toolchain', ...CONFIGURED, ...COMPILED],
    // The fake compiler makes the same of them.
    spared: ROOTFS,
  },
  {
    what: 'the compiler',
    make: () => appendFileSync(path('tools/bin/mipsel-linux-gnu-gcc'), '\n# another build of it\n'),
    runs: ['check-toolchain'],
    // It says the same of itself as the one before.
    spared: [...CONFIGURED, ...COMPILED, ...ROOTFS],
  },
  {
    what: 'the cgroup layout',
    make: () => change({ cgroup: 'v1' }),
    runs: ['check-versions', 'configure-kernel', 'build-kernel', ...ROOTFS],
    newRootfs: true,
  },
  {
    what: 'a source tree from the command line',
    make: async () => {
      await cp(project.sourceDir('busybox'), path('here/busybox'), { recursive: true });
      options.push('--source', 'busybox=here/busybox');
    },
    runs: ['fetch-busybox', 'configure-busybox', 'build-busybox'],
    spared: ROOTFS,
  },
  {
    what: 'the place of that tree',
    make: () => {
      renameSync(path('here'), path('there'));
      options.splice(0, 2, '--source', 'busybox=there/busybox');
    },
    // Compiled files contain the old place, in debug information and the like.
    runs: ['fetch-busybox', 'configure-busybox', 'build-busybox'],
    spared: ROOTFS,
  },
  {
    what: 'the place of the compiler',
    make: () => {
      renameSync(path('tools'), path('other-tools'));
      change({ toolchain: { directory: '../other-tools/bin', cflags: ['-O2', '-march=mips32r2'] } });
    },
    runs: ['assemble-rootfs', 'check-toolchain', ...CONFIGURED, ...COMPILED],
    spared: ROOTFS,
  },
  { what: 'nothing any more', make: () => undefined, runs: [] },
];

test.each(changes)('$what', async ({ make, runs, spared = [], newRootfs = false }) => {
  const before = imageHash();
  await make();
  const planned = await plannedSteps(project, options, 'fake2');
  const { ran } = await buildWell(project, options, { board: 'fake2' });
  expect(planned, 'planned').toEqual([...new Set([...runs, ...spared])].sort());
  expect(ran, 'ran').toEqual([...runs].sort());
  expect(imageHash() !== before, 'another root filesystem').toBe(newRootfs);
});
