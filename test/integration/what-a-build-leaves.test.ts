import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { CliResult } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { imageFile, leftovers, printed, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let before: Record<string, string>;
let result: CliResult;
let seconds: number;

beforeAll(async () => {
  project = await create();
  project.writeBoard('full', {
    containers: [
      { name: 'one', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] },
      { name: 'two', kind: 'system', rootfs: { path: '/srv/two', from: 'busybox' }, command: ['/sbin/init'] },
    ],
    images: ['tar.gz', 'cpio.gz', 'squashfs', 'ext4'],
  });
  before = describeTree(project.dir);
  const started = performance.now();
  result = await project.run(['build', '--board', 'full']);
  seconds = (performance.now() - started) / 1000;
});

test('prints the paths of the images, and nothing else, to stdout', () => {
  expect(result.exitCode, result.stderr).toBe(0);
  const names = ['rootfs.tar.gz', 'rootfs.cpio.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux'];
  expect(result.stdout).toBe(names.map((name) => `out/full/images/${name}\n`).join(''));
});

test('leaves images, containers, configurations, logs and a manifest', () => {
  const files = project.listOut('full').filter((path) => !/^(?:work|\.lxc-kit)\//.test(path));
  expect(files).toEqual([
    'config/busybox.audit.json',
    'config/busybox.config',
    'config/kernel.audit.json',
    'config/kernel.config',
    'containers/one.conf',
    'containers/two.conf',
    'images/rootfs.cpio.gz',
    'images/rootfs.ext4',
    'images/rootfs.squashfs',
    'images/rootfs.tar.gz',
    'images/vmlinux',
    // Only steps that run a tool have a log.
    'logs/assemble-rootfs.log',
    'logs/build-busybox.log',
    'logs/build-kernel.log',
    'logs/build-libcap.log',
    'logs/build-lxc.log',
    'logs/configure-busybox.log',
    'logs/configure-kernel.log',
    'logs/pack-ext4.log',
    'logs/pack-squashfs.log',
    'manifest.json',
    'timeline.json',
  ]);
  expect(leftovers(project, 'full')).toEqual([]);
});

test('the kernel is configured without the files that a build beside it would need', () => {
  const files = readdirSync(join(project.dir, 'out/full/work/configure-kernel/obj/include/config'));
  expect(files).toEqual(['auto.conf']);
});

test('writes nothing but the out directory and the store', () => {
  const after = describeTree(project.dir);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => before[path] !== after[path],
  );
  expect([...new Set(changed.map((path) => path.replace(/\/.*/, '')))].sort()).toEqual(['out', 'store']);
  expect(project.changedSources()).toEqual([]);
});

test.each([
  ['one', '/opt/lxc/one.conf'],
  ['two', '/srv/two.conf'],
])('containers/%s.conf has the bytes of %s in the root filesystem', (name, path) => {
  const shown = readFileSync(join(project.outDir('full'), 'containers', `${name}.conf`));
  expect(shown.toString()).toContain('lxc.uts.name');
  expect(readFromTar(project, path, 'full').equals(shown)).toBe(true);
});

test('config/ has the configurations that were compiled', () => {
  const work = join(project.outDir('full'), 'work');
  const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
  const config = join(project.outDir('full'), 'config');
  expect(read(config, 'kernel.config')).toBe(read(work, 'build-kernel', 'obj', '.config'));
  expect(read(config, 'kernel.config')).toMatch(/^# Linux\/mips 6\.1\.999 Kernel Configuration$/m);
  expect(read(config, 'busybox.config')).toBe(read(work, 'build-busybox', 'obj', '.config'));
});

test('a log begins with the command line, to be pasted into a shell', () => {
  const [first] = printed(project, project.read('out/full/logs/build-kernel.log')).split('\n');
  expect(first?.replace(/-j\d+/, '-j<jobs>')).toMatchInlineSnapshot(
    `"$ cd <dir>/out/full/work/build-kernel && env PATH=<path> LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1767225600 'KBUILD_BUILD_TIMESTAMP=Thu, 01 Jan 2026 00:00:00 GMT' KBUILD_BUILD_USER=lxc-kit KBUILD_BUILD_HOST=lxc-kit KBUILD_BUILD_VERSION=1 KCONFIG_NOTIMESTAMP=1 make -C <dir>/sources/kernel O=<dir>/out/full/work/build-kernel/obj ARCH=mips CROSS_COMPILE=<dir>/tools/bin/mipsel-linux-gnu- 'CC=<dir>/tools/bin/mipsel-linux-gnu-gcc -ffile-prefix-map=<dir>/sources/kernel=linux -ffile-prefix-map=<dir>/out/full/work/build-kernel/obj=obj' vmlinux -j<jobs>"`,
  );
});

interface Manifest {
  readonly outcome: string;
  readonly board: string;
  readonly profile: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly lxc: Readonly<Record<string, unknown>>;
  readonly sources: readonly Readonly<Record<string, unknown>>[];
  readonly toolchain: Readonly<Record<string, unknown>>;
  readonly steps: readonly { id: string; outcome: string; seconds: number; reason: string }[];
  readonly artefacts: readonly { path: string; size: number; sha256: string }[];
}

function readManifest(): Manifest {
  return JSON.parse(project.read('out/full/manifest.json')) as Manifest;
}

test('the manifest says what was built of what', () => {
  const { outcome, board, profile, versions, lxc, sources, toolchain } = readManifest();
  expect({ outcome, board, profile, versions, lxc }).toEqual({
    outcome: 'built',
    board: 'full',
    profile: ['boards/fake.yaml', 'boards/full.yaml'],
    versions: { kernel: '6.1.999', busybox: '1.37.0', libcap: '2.66', lxc: '5.0.2' },
    lxc: { version: '5.0.2', 'compiled-here': true },
  });
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
  expect(sources).toEqual(
    (['kernel', 'busybox', 'lxc', 'libcap'] as const).map((component) => ({
      component,
      version: versions[component],
      kind: 'tree',
      form: 'tree',
      origin: project.sourceDir(component),
      sha256: hash,
      files: [],
      ...(component === 'busybox'
        ? { corrections: [expect.objectContaining({ file: 'sysklogd/syslogd.c' })] }
        : {}),
    })),
  );
  expect(toolchain).toEqual({
    prefix: join(project.dir, 'boards/../tools/bin/mipsel-linux-gnu-'),
    cflags: ['-Os', '-march=mips32r2'],
    version: '12.2.0',
    machine: 'mipsel-linux-gnu',
    libc: 'glibc 2.36',
    sysroot: join(project.dir, 'tools/sysroot'),
    identity: 'gcc 12.2.0 mipsel-linux-gnu glibc 2.36 -Os -march=mips32r2',
  });
});

test('the manifest has each step with outcome, reason and seconds', () => {
  const { steps } = readManifest();
  expect(steps.map(({ id }) => id).sort()).toEqual([
    'assemble-rootfs',
    'build-busybox',
    'build-kernel',
    'build-libcap',
    'build-lxc',
    'check-toolchain',
    'check-versions',
    'configure-busybox',
    'configure-kernel',
    'emit-containers',
    'fetch-busybox',
    'fetch-kernel',
    'fetch-libcap',
    'fetch-lxc',
    'lay-out-rootfs',
    'pack-cpio.gz',
    'pack-ext4',
    'pack-squashfs',
    'pack-tar.gz',
  ]);
  for (const step of steps) {
    expect(step, step.id).toMatchObject({ outcome: 'built', reason: 'it has not run in this directory yet' });
    expect(step.seconds, step.id).toBeGreaterThan(0);
    expect(step.seconds, step.id).toBeLessThan(seconds);
  }
});

test('the manifest has every artefact with its true size and sha256', () => {
  const { artefacts } = readManifest();
  expect(artefacts.map(({ path }) => path)).toEqual([
    'images/rootfs.cpio.gz',
    'images/rootfs.ext4',
    'images/rootfs.squashfs',
    'images/rootfs.tar.gz',
    'images/vmlinux',
    'containers/one.conf',
    'containers/two.conf',
    'config/busybox.audit.json',
    'config/busybox.config',
    'config/kernel.audit.json',
    'config/kernel.config',
  ]);
  for (const { path, size, sha256 } of artefacts) {
    const file = join(project.outDir('full'), path);
    expect(statSync(file).size, path).toBe(size);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex'), path).toBe(sha256);
  }
});

test('an image of the board is not there unless the profile asks for it', async () => {
  expect(existsSync(imageFile(project, 'rootfs.squashfs', 'full'))).toBe(true);
  project.writeBoard('full', { images: ['tar.gz'] });
  const again = await project.run(['build', '--board', 'full']);
  expect(again.exitCode, again.stderr).toBe(0);
  expect(project.listOut('full').filter((path) => path.startsWith('images/'))).toEqual([
    'images/rootfs.tar.gz',
    'images/vmlinux',
  ]);
  const listed = readManifest().artefacts.map(({ path }) => path);
  expect(listed.filter((path) => path.startsWith('images/'))).toEqual([
    'images/rootfs.tar.gz',
    'images/vmlinux',
  ]);
});
