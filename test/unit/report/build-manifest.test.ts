import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import {
  manifestHolds,
  removeOldImages,
  writeBuildManifest,
  type BuildReport,
} from '../../../toolkit/report/build-manifest.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

let outDir: string;
beforeEach(() => {
  outDir = scratchDir();
});

function report(changes: Partial<BuildReport> = {}): BuildReport {
  return {
    outDir,
    kitVersion: '1.2.3',
    board: 'stb-mipsel',
    profileFiles: ['boards/stb-mipsel.yaml', 'boards/common/mipsel.yaml'],
    cgroup: 'v2',
    outcome: 'built',
    sources: [
      {
        component: 'kernel',
        kind: 'url',
        form: 'tarball',
        version: '6.1.192',
        origin: 'https://cdn.kernel.org/linux-6.1.192.tar.xz',
        sha256: 'aa',
        files: [{ name: 'linux-6.1.192.tar.xz', file: '/store/linux', sha256: 'aa', sizeBytes: 7 }],
      },
    ],
    corrections: {},
    lxc: { version: '5.0.2', compiled: false },
    toolchain: {
      prefix: 'mipsel-linux-gnu-',
      cflags: ['-Os'],
      version: '12.2.0',
      machine: 'mipsel-linux-gnu',
      libc: 'glibc 2.36',
      sysroot: '/',
      identity: 'gcc 12.2.0',
    },
    containers: [
      {
        name: 'web',
        privileged: true,
        idmap: [],
        missing: [
          {
            measure: 'user-namespace',
            why: 'privileged: true',
            chosen: true,
            open: ['devices'],
            message: '…',
          },
        ],
      },
    ],
    programs: [
      {
        path: '/bin/lxc',
        kind: 'program',
        pie: true,
        relro: 'full',
        'executable-stack': false,
        fortify: true,
      },
    ],
    steps: [
      {
        id: 'build-kernel',
        outcome: 'built',
        start: 0.0506,
        seconds: 12.34567,
        reason: 'it has not run in this directory yet',
      },
      { id: 'pack-cpio.gz', outcome: 'fresh', start: 12.5, seconds: 0.001 },
    ],
    ...changes,
  };
}

async function written(changes: Partial<BuildReport> = {}): Promise<Record<string, unknown>> {
  await writeBuildManifest(report(changes));
  return JSON.parse(readFileSync(join(outDir, 'manifest.json'), 'utf8')) as Record<string, unknown>;
}

test('says what was built of what, by what, and what came of it', async () => {
  writeFiles(outDir, {
    'images/vmlinux': 'kernel',
    'images/.rootfs.ext4.1-ab.tmp': 'half',
    'images/folder/file': '',
    'containers/c1.conf': 'lxc.uts.name = c1\n',
    'config/kernel.config': 'CONFIG_A=y\n',
    'logs/build-kernel.log': '',
  });
  const artefact = (path: string, content: string) => ({
    path,
    size: content.length,
    sha256: hashBytes(content),
  });
  expect(await written()).toEqual({
    schema: 1,
    'lxc-kit': '1.2.3',
    board: 'stb-mipsel',
    profile: ['boards/stb-mipsel.yaml', 'boards/common/mipsel.yaml'],
    cgroup: 'v2',
    outcome: 'built',
    versions: { kernel: '6.1.192', lxc: '5.0.2' },
    lxc: { version: '5.0.2', 'compiled-here': false },
    sources: [
      {
        component: 'kernel',
        version: '6.1.192',
        kind: 'url',
        form: 'tarball',
        origin: 'https://cdn.kernel.org/linux-6.1.192.tar.xz',
        sha256: 'aa',
        files: [{ name: 'linux-6.1.192.tar.xz', sha256: 'aa', size: 7 }],
      },
    ],
    toolchain: report().toolchain,
    containers: [
      {
        name: 'web',
        privileged: true,
        idmap: [],
        missing: [{ measure: 'user-namespace', why: 'privileged: true', chosen: true, open: ['devices'] }],
      },
    ],
    programs: report().programs,
    steps: [
      {
        id: 'build-kernel',
        outcome: 'built',
        start: 0.051,
        seconds: 12.346,
        reason: 'it has not run in this directory yet',
      },
      { id: 'pack-cpio.gz', outcome: 'fresh', start: 12.5, seconds: 0.001 },
    ],
    artefacts: [
      artefact('images/vmlinux', 'kernel'),
      artefact('containers/c1.conf', 'lxc.uts.name = c1\n'),
      artefact('config/kernel.config', 'CONFIG_A=y\n'),
    ],
  });
});

test('a build that did not get far says so, and leaves out what it does not know', async () => {
  const manifest = await written({ outcome: 'failed', sources: [], lxc: undefined, toolchain: undefined });
  expect(manifest).toMatchObject({ outcome: 'failed', versions: {}, sources: [], artefacts: [] });
  expect(manifest).not.toHaveProperty('lxc');
  expect(manifest).not.toHaveProperty('toolchain');
});

test('an earlier manifest holds only for a whole build with the same steps', async () => {
  const ids = ['build-kernel', 'pack-cpio.gz'];
  expect(manifestHolds(outDir, ids)).toBe(false);
  await written();
  expect(manifestHolds(outDir, ids)).toBe(true);
  expect(manifestHolds(outDir, [...ids, 'pack-ext4'])).toBe(false);
  expect(manifestHolds(outDir, ids.slice(0, 1))).toBe(false);
  await written({ outcome: 'failed' });
  expect(manifestHolds(outDir, ids)).toBe(false);
  for (const text of ['', '{"outcome":', 'null', '[]', '{"outcome":"built","steps":1,"artefacts":[]}']) {
    writeFiles(outDir, { 'manifest.json': text });
    expect(manifestHolds(outDir, ids)).toBe(false);
  }
});

test('images of an earlier build that are no longer wanted are removed, and nothing else', async () => {
  writeFiles(outDir, {
    'images/rootfs.ext4': 'old',
    'images/rootfs.cpio.gz': 'wanted',
    'config/kernel.config': '',
    precious: '',
  });
  await written();
  writeFiles(outDir, { 'images/of-the-user': 'not made by a build' });
  const wanted = [join(outDir, 'images/rootfs.cpio.gz')];
  await removeOldImages(outDir, wanted);
  const there = (path: string): boolean => existsSync(join(outDir, path));
  expect(there('images/rootfs.ext4')).toBe(false);
  for (const path of ['images/rootfs.cpio.gz', 'images/of-the-user', 'config/kernel.config'])
    expect(there(path)).toBe(true);

  const artefacts = ['images/../precious', '../precious', 'images/..', '/etc/passwd', 'images/gone'].map(
    (path) => ({ path }),
  );
  writeFiles(outDir, { 'manifest.json': JSON.stringify({ outcome: 'built', steps: [], artefacts }) });
  await removeOldImages(outDir, []);
  expect(there('precious')).toBe(true);
  mkdirSync(join(outDir, 'empty'));
  await removeOldImages(join(outDir, 'empty'), []);
});

test('says what was corrected in a source', async () => {
  const correction = { file: 'kernel/fork.c', reason: 'it forks', upstream: 'https://example.org/fork' };
  expect(await written({ corrections: { kernel: [correction], other: [correction] } })).toMatchObject({
    sources: [{ component: 'kernel', corrections: [correction] }],
  });
});
