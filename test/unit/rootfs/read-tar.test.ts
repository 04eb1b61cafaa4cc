import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { describe, expect, test } from 'vitest';
import { readPart } from '../../../toolkit/host/file-part.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { readTar } from '../../../toolkit/rootfs/read-tar.ts';
import { scratchDir } from '../scratch.ts';

interface Sketch {
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkpath?: string;
  readonly devmaj?: number;
  readonly devmin?: number;
}

const BLOCK = 512;

/** A tar archive, byte for byte as asked for. */
function tarOf(entries: readonly Sketch[], end = Buffer.alloc(2 * BLOCK)): Buffer {
  const parts = entries.flatMap(({ type = 'File', body = '', ...rest }) => {
    const bytes = Buffer.from(body);
    const block = Buffer.alloc(BLOCK);
    new Header({ mode: 0o644, uid: 0, gid: 0, ...rest, type: type as never, size: bytes.length }).encode(
      block,
    );
    return [block, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, end]);
}

async function read(archive: Buffer, prefix = '/opt/c1'): Promise<RootfsEntry[]> {
  const dir = scratchDir();
  writeFileSync(join(dir, 'rootfs.tar'), archive);
  return readTar(join(dir, 'rootfs.tar'), new BlobStore(join(dir, 'blobs')), prefix);
}

const contentOf = (entry: RootfsEntry | undefined): string =>
  entry?.type === 'file' ? readPart(entry).toString('utf8') : '(no file)';

const everything: readonly Sketch[] = [
  { path: './', type: 'Directory', mode: 0o711 },
  { path: './etc/', type: 'Directory', mode: 0o755 },
  { path: './etc/passwd', body: 'root', mode: 0o640, uid: 1, gid: 42 },
  { path: 'bin/su', body: 'elf', mode: 0o4755 },
  { path: '/abs/file', body: '' },
  { path: 'bin/sh', type: 'SymbolicLink', linkpath: '/bin/busybox' },
  { path: 'bin/su2', type: 'Link', linkpath: './bin/su' },
  { path: 'dev/tty300', type: 'CharacterDevice', devmaj: 300, devmin: 7, mode: 0o620, gid: 5 },
  { path: 'dev/sda', type: 'BlockDevice', devmaj: 8, devmin: 0, mode: 0o660 },
  { path: 'run/pipe', type: 'FIFO', mode: 0o600 },
];

test.each([
  ['plain', (bytes: Buffer) => bytes],
  ['gzip', gzipSync],
])('reads everything that a %s archive can hold', async (_, compress) => {
  const entries = await read(compress(tarOf(everything)));
  expect(entries).toMatchObject([
    { path: '/opt/c1', type: 'dir', mode: 0o711 },
    { path: '/opt/c1/etc', type: 'dir', mode: 0o755 },
    { path: '/opt/c1/etc/passwd', type: 'file', mode: 0o640, uid: 1, gid: 42, sizeBytes: 4 },
    { path: '/opt/c1/bin/su', type: 'file', mode: 0o4755 },
    { path: '/opt/c1/abs/file', type: 'file', sizeBytes: 0 },
    { path: '/opt/c1/bin/sh', type: 'symlink', target: '/bin/busybox', mode: 0o777 },
    { path: '/opt/c1/bin/su2', type: 'file', mode: 0o4755 },
    { path: '/opt/c1/dev/tty300', type: 'char', major: 300, minor: 7, mode: 0o620, gid: 5 },
    { path: '/opt/c1/dev/sda', type: 'block', major: 8, minor: 0 },
    { path: '/opt/c1/run/pipe', type: 'fifo', mode: 0o600 },
  ]);
  expect(contentOf(entries[2])).toBe('root');
  expect(contentOf(entries[6])).toBe('elf');
});

test('an archive that GNU tar made, with long names', async () => {
  const dir = scratchDir();
  const long = `${'long-'.repeat(40)}name`;
  mkdirSync(join(dir, 'root', long), { recursive: true });
  writeFileSync(join(dir, 'root', long, 'ä file'), 'text');
  for (const format of ['gnu', 'pax']) {
    const file = join(dir, `${format}.tgz`);
    execFileSync('tar', ['-C', join(dir, 'root'), `--format=${format}`, '-czf', file, '.']);
    const entries = await readTar(file, new BlobStore(join(dir, 'blobs')), '/c');
    expect(entries.map(({ path }) => path)).toEqual(['/c', `/c/${long}`, `/c/${long}/ä file`]);
  }
});

test('a hard link to a large file right before it, and of two files with one name the last one', async () => {
  const big = Buffer.alloc(8_000_000, 'big');
  const entries = await read(
    tarOf([
      { path: 'twice', body: big },
      { path: 'big', body: big },
      { path: 'link', type: 'Link', linkpath: 'big' },
      { path: 'twice', body: 'small' },
      { path: 'small', body: 'x' },
      { path: 'link2', type: 'Link', linkpath: 'twice' },
    ]),
  );
  expect(entries.map(({ path }) => path)).toEqual(
    ['big', 'link', 'twice', 'small', 'link2'].map((name) => `/opt/c1/${name}`),
  );
  expect(entries[1]).toMatchObject({ sizeBytes: big.length });
  expect(contentOf(entries[2])).toBe('small');
  expect(contentOf(entries[4])).toBe('small');
});

test('thousands of small files', async () => {
  const names = Array.from({ length: 1_500 }, (_, index) => `d/${index}`);
  const entries = await read(gzipSync(tarOf(names.map((path) => ({ path, body: path })))));
  expect(entries).toHaveLength(1_500);
  expect(contentOf(entries[1_499])).toBe('d/1499');
});

describe('refuses a path that leads out of the container:', () => {
  test.each<[string, Sketch[], string]>([
    ['a name with ..', [{ path: '../etc/passwd', body: 'x' }], '../etc/passwd leads out of the archive'],
    ['.. in the middle', [{ path: 'a/../../b', body: 'x' }], 'a/../../b leads out of the archive'],
    ['a hard link out', [{ path: 'a', type: 'Link', linkpath: '../b' }], '../b leads out of the archive'],
    [
      'a hard link to what is not there',
      [{ path: 'a', type: 'Link', linkpath: 'etc/shadow' }],
      'a is a hard link to etc/shadow, which is not in the archive before it',
    ],
    [
      'a file below a link',
      [
        { path: 'etc', type: 'SymbolicLink', linkpath: '/etc' },
        { path: 'etc/passwd', body: 'x' },
      ],
      '/opt/c1/etc/passwd is below /opt/c1/etc, which is a symlink in the archive',
    ],
    [
      'a file below what becomes a link later',
      [
        { path: 'etc/', type: 'Directory' },
        { path: 'etc/passwd', body: 'x' },
        { path: 'etc', type: 'SymbolicLink', linkpath: '/etc' },
      ],
      '/opt/c1/etc/passwd is below /opt/c1/etc, which is a symlink in the archive',
    ],
  ])('%s', async (_, entries, problem) => {
    await expect(read(tarOf([...entries, { path: 'good', body: '' }]))).rejects.toMatchObject({
      code: 'ARCHIVE_HOSTILE',
      lines: [problem],
    });
  });
});

describe('refuses a file that is no whole tar file:', () => {
  const plain = tarOf([
    { path: 'a', body: Buffer.alloc(2_000, 'a') },
    { path: 'b', body: 'b' },
  ]);
  test.each<[string, Buffer, string]>([
    ['cut in a file', plain.subarray(0, 1_500), 'cannot be read as a tar file'],
    ['cut in a header', plain.subarray(0, 2_700), 'cannot be read as a tar file'],
    ['cut between two entries', plain.subarray(0, BLOCK + 2_048), 'it ends in the middle'],
    ['cut gzip', gzipSync(plain).subarray(0, 40), 'cannot be read as a tar file'],
    ['damaged gzip', damaged(gzipSync(plain)), 'cannot be read as a tar file'],
    ['empty', Buffer.alloc(0), 'cannot be read as a tar file'],
    ['text', Buffer.from('this is no archive'.repeat(100)), 'cannot be read as a tar file'],
    ['xz', Buffer.from('fd377a585a0000', 'hex'), 'cannot be read as a tar file'],
    [
      'an unknown kind',
      tarOf([{ path: 'a', type: 'SparseFile', body: '' }]),
      'a is an entry of the kind SparseFile',
    ],
  ])('%s', async (_, bytes, message) => {
    const reading = read(bytes);
    await expect(reading).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN' });
    await expect(reading).rejects.toThrow(message);
  });

  test('one that is not there, and a directory', async () => {
    for (const file of ['/no/such.tar', '/']) {
      await expect(readTar(file, new BlobStore('/nowhere'), '/c')).rejects.toMatchObject({
        code: 'ARCHIVE_BROKEN',
      });
    }
  });
});

test('a sparse file of GNU tar is refused, since its contents would come out wrong', async () => {
  const dir = scratchDir();
  execFileSync('truncate', ['-s', '1M', join(dir, 'sparse')]);
  for (const format of ['gnu', 'pax']) {
    execFileSync('tar', ['-C', dir, `--format=${format}`, '-S', '-cf', join(dir, 'a.tar'), 'sparse']);
    await expect(readTar(join(dir, 'a.tar'), new BlobStore(join(dir, 'blobs')), '/c')).rejects.toMatchObject({
      code: 'ARCHIVE_BROKEN',
    });
  }
});

test('a disk that cannot be written to is not the archive', async () => {
  const dir = scratchDir();
  writeFileSync(join(dir, 'a.tar'), tarOf(everything));
  writeFileSync(join(dir, 'blobs'), 'a file in the way');
  const reading = readTar(join(dir, 'a.tar'), new BlobStore(join(dir, 'blobs')), '/c');
  await expect(reading).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readdirSync(dir).sort()).toEqual(['a.tar', 'blobs']);
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xff, bytes.length - 12, bytes.length - 4);
  return copy;
}
