import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPart } from '../../../toolkit/host/file-part.ts';
import { contractValues } from '../../../toolkit/cgroups/cgroup-contract.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { readSkeleton, tableEntry } from '../../../toolkit/rootfs/read-skeleton.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

type Cgroup = 'v1' | 'v1-single' | 'v2';

function values(cgroup: Cgroup, changes: Record<string, string | boolean> = {}) {
  return {
    hostname: 'stb',
    cgroup,
    cgroups: contractValues(cgroup),
    autostart: true,
    extraPath: '',
    consoleShell: false,
    consoleLogin: true,
    lxcBindir: '/usr/bin',
    ...changes,
  };
}

async function shipped(
  cgroup: Cgroup,
  changes: Record<string, string | boolean> = {},
): Promise<Map<string, RootfsEntry>> {
  const blobs = new BlobStore(join(scratchDir(), 'blobs'));
  const entries = await readSkeleton(shippedPath('rootfs-skeleton'), values(cgroup, changes), blobs);
  return new Map(entries.map((entry) => [entry.path, entry]));
}

function textOf(entry: RootfsEntry | undefined): string {
  if (entry?.type !== 'file') throw new Error('not a file');
  return readPart(entry).toString('utf8');
}

describe.each(['v1', 'v1-single', 'v2'] as const)('the shipped skeleton for cgroup %s', (cgroup) => {
  test('has the boot script that was reviewed', async () => {
    const entries = await shipped(cgroup);
    await expect(textOf(entries.get('/etc/init.d/rcS'))).toMatchFileSnapshot(`expected/rcS-${cgroup}`);
  });

  test('has scripts that a shell understands, and nothing of a template is left', async () => {
    for (const changes of [{}, { autostart: false, extraPath: ':/opt/lxc/sbin:/opt/lxc/bin' }]) {
      for (const entry of (await shipped(cgroup, changes)).values()) {
        if (entry.type !== 'file') continue;
        const text = textOf(entry);
        expect(text, entry.path).not.toMatch(/\{\{|\}\}|undefined|&[a-z#]\w*;/);
        expect(text, entry.path).toMatch(/[^\n]\n$/);
        expect(entry.path).not.toMatch(/\.hbs$/);
        if (!text.startsWith('#!/bin/sh\n')) continue;
        expect(entry.mode, entry.path).toBe(0o755);
        execFileSync('sh', ['-n'], { input: text });
      }
    }
  });
});

test('puts the values of a board where they belong', async () => {
  const entries = await shipped('v2', { hostname: 'box', autostart: false, extraPath: ':/opt/lxc/bin' });
  expect(textOf(entries.get('/etc/hostname'))).toBe('box\n');
  expect(textOf(entries.get('/etc/hosts'))).toContain('localhost box\n');
  expect(textOf(entries.get('/etc/init.d/rcS'))).not.toContain('lxc-autostart');
  for (const script of ['/etc/init.d/rcS', '/etc/init.d/rcK', '/etc/profile']) {
    expect(textOf(entries.get(script))).toContain('PATH=/usr/sbin:/usr/bin:/sbin:/bin:/opt/lxc/bin\n');
  }
});

test('has the files that init needs before anything is mounted', async () => {
  const entries = await shipped('v2');
  expect(entries.get('/dev/console')).toMatchObject({ type: 'char', major: 5, minor: 1, mode: 0o600 });
  expect(entries.get('/dev/null')).toMatchObject({ type: 'char', major: 1, minor: 3, mode: 0o666 });
  expect(entries.get('/tmp')).toMatchObject({ type: 'dir', mode: 0o1777 });
  for (const dir of ['/proc', '/sys', '/dev', '/run', '/home', '/var/lib/lxc', '/opt/lxc']) {
    expect(entries.get(dir)?.type, dir).toBe('dir');
  }
  const tree = new RootfsTree(entries.values());
  expect(tree.resolve('/var/run')).toBe('/run');
  const inittab = textOf(entries.get('/etc/inittab'));
  expect(inittab).toContain('::sysinit:/etc/init.d/rcS');
});

test.each([
  ['password', '::respawn:/sbin/getty -L 0 console'],
  ['shell', '::respawn:/bin/cttyhack /bin/sh -l'],
  ['none', undefined],
])('with login: %s the console has just that', async (login, line) => {
  const entries = await shipped('v2', {
    consoleLogin: login === 'password',
    consoleShell: login === 'shell',
  });
  const lines = textOf(entries.get('/etc/inittab')).split('\n');
  expect(lines.filter((one) => one.startsWith('::respawn:'))).toEqual(line === undefined ? [] : [line]);
});

test('a file of the table has the mode and owner that stand there', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'base.yaml': 'entries:\n  - { path: /etc/key, type: file, mode: "0640", uid: 3, gid: 4 }\n',
    'base/etc/key': '#!/bin/sh\n',
  });
  const entries = await readSkeleton(dir, {}, new BlobStore(join(dir, 'blobs')));
  expect(entries).toMatchObject([{ path: '/etc/key', type: 'file', mode: 0o640, uid: 3, gid: 4 }]);
});

test('scripts are executable whatever their mode in the checkout', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'base.yaml': 'entries: []\n',
    'base/etc/run.hbs': '#!/bin/sh\necho {{name}} "{{quoted}}"\n',
    'base/etc/text': 'plain {{not a template}}\n',
  });
  const blobs = new BlobStore(join(dir, 'blobs'));
  const entries = await readSkeleton(dir, { name: 'a=b', quoted: '<&>' }, blobs);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  expect(byPath.get('/etc/run')).toMatchObject({ mode: 0o755 });
  expect(textOf(byPath.get('/etc/run'))).toBe('#!/bin/sh\necho a=b "<&>"\n');
  expect(byPath.get('/etc/text')).toMatchObject({ mode: 0o644 });
  expect(textOf(byPath.get('/etc/text'))).toBe('plain {{not a template}}\n');
});

test('a template that wants what there is not names itself', async () => {
  const dir = scratchDir();
  writeFiles(dir, { 'base.yaml': 'entries: []\n', 'base/etc/rc.hbs': 'line\n{{hostname}}\n' });
  const reading = readSkeleton(dir, {}, new BlobStore(join(dir, 'blobs')));
  await expect(reading).rejects.toThrow(/base\/etc\/rc\.hbs cannot be rendered: .*"hostname" not defined/);
});

test('lines of a table', () => {
  const owner = { uid: 0, gid: 0 };
  expect(tableEntry({ path: '/d', type: 'dir', mode: '01777', uid: 5, gid: 6 })).toEqual({
    path: '/d',
    type: 'dir',
    mode: 0o1777,
    uid: 5,
    gid: 6,
  });
  expect(tableEntry({ path: '/l', type: 'symlink', target: '../x', mode: '0600' })).toEqual({
    path: '/l',
    type: 'symlink',
    mode: 0o777,
    target: '../x',
    ...owner,
  });
  expect(tableEntry({ path: '/b', type: 'block', mode: '0660', dev: '8:17' })).toMatchObject({
    major: 8,
    minor: 17,
  });
  expect(tableEntry({ path: '/p', type: 'fifo', mode: '0600' })).toEqual({
    path: '/p',
    type: 'fifo',
    mode: 0o600,
    ...owner,
  });
  expect(() => tableEntry({ path: '/f', type: 'file' })).toThrow('/f: a file needs bytes');
});
