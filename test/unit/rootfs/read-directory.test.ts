import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { readDirectory } from '../../../toolkit/rootfs/read-directory.ts';
import { startChild } from '../host/child.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

/** Entries as `path type mode`, and what else they say. */
async function entriesOf(dir: string, prefix?: string): Promise<string[]> {
  const entries = await readDirectory(dir, new BlobStore(join(scratchDir(), 'blobs')), prefix);
  return entries.map((entry) => {
    expect([entry.uid, entry.gid]).toEqual([0, 0]);
    const more =
      entry.type === 'symlink' ? ` -> ${entry.target}` : entry.type === 'file' ? ` ${entry.sizeBytes}` : '';
    return `${entry.path} ${entry.type} ${entry.mode.toString(8)}${more}`;
  });
}

/** Files with modes, whatever the umask is. */
function tree(modes: Readonly<Record<string, number>>): string {
  const dir = scratchDir();
  for (const [path, mode] of Object.entries(modes)) {
    if (path.endsWith('/')) mkdirSync(join(dir, path), { recursive: true });
    else writeFiles(dir, { [path]: 'content' });
    chmodSync(join(dir, path), mode);
  }
  return dir;
}

test('a checkout with another umask is the same rootfs', async () => {
  const modes = { 'etc/': 0o755, 'etc/motd': 0o644, 'etc/rc': 0o755 };
  const grouped = { 'etc/': 0o775, 'etc/motd': 0o664, 'etc/rc': 0o775 };
  const expected = ['/etc dir 755', '/etc/motd file 644 7', '/etc/rc file 755 7'];
  expect(await entriesOf(tree(modes))).toEqual(expected);
  expect(await entriesOf(tree(grouped))).toEqual(expected);
});

test('what is meant by a mode stays: secrets, setuid, sticky', async () => {
  const dir = tree({ shadow: 0o600, su: 0o4755, 'tmp/': 0o1777 });
  expect(await entriesOf(dir)).toEqual(['/shadow file 600 7', '/su file 4755 7', '/tmp dir 1755']);
});

test('links stay links, dangling and absolute ones too; pipes are there, sockets are not', async () => {
  const dir = tree({ 'bin/': 0o755, 'bin/busybox': 0o755 });
  symlinkSync('busybox', join(dir, 'bin/sh'));
  symlinkSync('/etc', join(dir, 'abs'));
  symlinkSync('..', join(dir, 'bin/up'));
  execFileSync('mkfifo', ['-m', '600', join(dir, 'initctl')]);
  const server = createServer().listen(join(dir, 'socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(await entriesOf(dir, '/opt/c1')).toEqual([
    '/opt/c1/abs symlink 777 -> /etc',
    '/opt/c1/bin dir 755',
    '/opt/c1/bin/busybox file 755 7',
    '/opt/c1/bin/sh symlink 777 -> busybox',
    '/opt/c1/bin/up symlink 777 -> ..',
    '/opt/c1/initctl fifo 600',
  ]);
  server.close();
});

test.runIf(process.getuid?.() === 0)('device nodes keep their numbers', async () => {
  const dir = scratchDir();
  execFileSync('mknod', ['-m', '600', join(dir, 'tty300'), 'c', '300', '70000']);
  execFileSync('mknod', ['-m', '660', join(dir, 'sda'), 'b', '8', '0']);
  const entries = await readDirectory(dir, new BlobStore(join(scratchDir(), 'blobs')));
  expect(entries).toMatchObject([
    { path: '/sda', type: 'block', major: 8, minor: 0, mode: 0o640 },
    { path: '/tty300', type: 'char', major: 300, minor: 70000, mode: 0o600 },
  ]);
});

test('bytes are kept under their hash, once, however often they come', async () => {
  const dir = scratchDir();
  const blobs = new BlobStore(join(dir, 'blobs'));
  writeFileSync(join(dir, 'file'), 'bytes', { mode: 0o444 });
  const expected = {
    sizeBytes: 5,
    sha256: hashBytes('bytes'),
    source: join(dir, 'blobs', hashBytes('bytes')),
  };
  const added = await Promise.all([
    blobs.addBytes('bytes'),
    blobs.addFile(join(dir, 'file')),
    blobs.addBytes(Buffer.from('bytes')),
    blobs.addFile(join(dir, 'file')),
  ]);
  expect(added).toEqual([expected, expected, expected, expected]);
  expect(readdirSync(join(dir, 'blobs'))).toEqual([hashBytes('bytes')]);
  // A later change of the file does not reach the copy.
  writeFileSync(join(dir, 'file'), 'other');
  expect(readFileSync(expected.source, 'utf8')).toBe('bytes');
  expect(statSync(expected.source).mode & 0o777).toBe(0o644);
  expect((await blobs.addBytes('')).sizeBytes).toBe(0);
});

test('two read-only files with the same bytes can be kept by somebody who is not root', async () => {
  const dir = scratchDir();
  chmodSync(dir, 0o777);
  const script = `
    import { writeFileSync } from 'node:fs';
    import { BlobStore } from './rootfs/blob-store.js';
    const blobs = new BlobStore('${dir}/blobs');
    for (const name of ['a', 'b']) {
      writeFileSync('${dir}/' + name, 'same', { mode: 0o444 });
      await blobs.addFile('${dir}/' + name);
    }
  `;
  const child = startChild(script, { asNobody: true });
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
  expect(lstatSync(join(dir, 'blobs', hashBytes('same'))).isFile()).toBe(true);
});

test('a file that cannot be read leaves no half of a blob', async () => {
  const dir = scratchDir();
  await expect(new BlobStore(join(dir, 'blobs')).addFile(join(dir, 'none'))).rejects.toThrow('ENOENT');
  expect(readdirSync(join(dir, 'blobs'))).toEqual([]);
});
