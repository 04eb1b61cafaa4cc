import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
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
import { readPart } from '../../../toolkit/host/file-part.ts';
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

test('keeps the meaning of a mode: secrets, setuid, sticky', async () => {
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

test('small files lie one behind the other, each content once, however often it comes', async () => {
  const dir = scratchDir();
  const blobs = new BlobStore(join(dir, 'blobs'));
  writeFileSync(join(dir, 'file'), 'bytes', { mode: 0o444 });
  const source = join(dir, 'blobs', 'packed');
  const expected = { source, offset: 0, sizeBytes: 5, sha256: hashBytes('bytes') };
  const added = await Promise.all([
    blobs.addBytes('bytes'),
    blobs.addFile(join(dir, 'file')),
    blobs.addBytes(Buffer.from('bytes')),
    blobs.addFile(join(dir, 'file')),
  ]);
  expect(added).toEqual([expected, expected, expected, expected]);
  expect(await blobs.addBytes('more')).toEqual({
    source,
    offset: 5,
    sizeBytes: 4,
    sha256: hashBytes('more'),
  });
  expect(readdirSync(join(dir, 'blobs'))).toEqual(['packed']);
  // A later change of the file does not reach the copy.
  writeFileSync(join(dir, 'file'), 'other');
  expect(readFileSync(source, 'utf8')).toBe('bytesmore');
  expect(readPart(expected).toString()).toBe('bytes');
  expect((await blobs.addBytes('')).sizeBytes).toBe(0);
  blobs.close();
  await expect(blobs.addBytes('late')).rejects.toThrow('closed');
});

test('a large file has one of its own under its hash, whether it comes whole or in pieces', async () => {
  const dir = scratchDir();
  const large = Buffer.alloc(1 << 16, 'large');
  const expected = {
    source: join(dir, 'blobs', hashBytes(large)),
    offset: undefined,
    sizeBytes: large.length,
    sha256: hashBytes(large),
  };
  writeFileSync(join(dir, 'file'), large, { mode: 0o444 });
  await BlobStore.use(join(dir, 'blobs'), async (blobs) => {
    expect(await blobs.addFile(join(dir, 'file'))).toEqual(expected);
    const writer = blobs.open();
    for (let at = 0; at < large.length; at += 999) writer.write(large.subarray(at, at + 999));
    expect(writer.finish()).toEqual(expected);
  });
  expect(readdirSync(join(dir, 'blobs'))).toEqual([hashBytes(large)]);
  expect(readFileSync(expected.source).equals(large)).toBe(true);
  expect(statSync(expected.source).mode & 0o777).toBe(0o644);
});

test('packs fifty thousand small files into one on the disk', async () => {
  const dir = scratchDir();
  await BlobStore.use(join(dir, 'blobs'), async (blobs) => {
    for (let index = 0; index < 50_000; index++) await blobs.addBytes(`file ${index}`);
  });
  expect(readdirSync(join(dir, 'blobs'))).toEqual(['packed']);
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
  expect(lstatSync(join(dir, 'blobs', 'packed')).isFile()).toBe(true);
});

test('a file that cannot be read leaves no half of a blob', async () => {
  const dir = scratchDir();
  await expect(new BlobStore(join(dir, 'blobs')).addFile(join(dir, 'none'))).rejects.toThrow('ENOENT');
  expect(existsSync(join(dir, 'blobs'))).toBe(false);
});
