import { readdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { describe, expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { readTar } from '../../../toolkit/rootfs/read-tar.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { scratchDir } from '../scratch.ts';

const BLOCK = 512;

/** The header of an entry with a right checksum, whatever `change` did to it. */
function header(path: string, change: (block: Buffer) => void = () => undefined, size = 0): Buffer {
  const block = Buffer.alloc(BLOCK);
  new Header({ path, mode: 0o644, uid: 0, gid: 0, size, type: 'File' }).encode(block);
  change(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

async function read(archive: Buffer, signal?: AbortSignal): Promise<RootfsEntry[]> {
  const dir = scratchDir();
  writeFileSync(join(dir, 'a.tar'), archive);
  return readTar(join(dir, 'a.tar'), new BlobStore(join(dir, 'blobs')), '/c', signal);
}

const END = Buffer.alloc(2 * BLOCK);
const oneEntry = (change: (block: Buffer) => void): Buffer => Buffer.concat([header('a', change), END]);

/** A number in base 256, as GNU tar has it for what does not fit into octal digits. */
function base256(at: number, length: number, value: bigint): (block: Buffer) => void {
  return (block) => {
    for (let index = length - 1, rest = value; index >= 0; index--, rest >>= 8n)
      block[at + index] = Number(BigInt.asUintN(8, rest));
    block[at] = value < 0n ? 0xff : 0x80 | (block[at] ?? 0);
  };
}

describe('numbers that no file can have are refused by name', () => {
  test.each([
    ['a user number of 41 bits', base256(108, 8, 1n << 40n), /a has the user number 1099511627776/],
    ['a group number below 0', base256(116, 8, -5n), /a has the group number -5/],
  ])('%s', async (_, change, message) => {
    const error = await read(oneEntry(change)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'ARCHIVE_HOSTILE' });
    expect((error as KitError).lines[0]).toMatch(message);
  });

  test('the type of a file beside its permissions is none of them', async () => {
    const [entry] = await read(oneEntry((block) => block.write('0100755\0', 100, 'latin1')));
    expect(entry?.mode).toBe(0o755);
  });

  test('a path and a name that the kernel does not take', async () => {
    const pax = (path: string): Buffer => {
      const dir = scratchDir();
      writeFileSync(join(dir, 'f'), '');
      const args = ['-C', dir, '--format=pax', `--transform=s|.*|${path}|`, '-cf', '-', 'f'];
      return execFileSync('tar', args);
    };
    for (const path of ['x'.repeat(256), 'd/'.repeat(2048) + 'f']) {
      const error = await read(pax(path)).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'ARCHIVE_HOSTILE' });
    }
    expect(await read(pax('x'.repeat(255)))).toHaveLength(1);
  });
});

test('reads or refuses a header of any bytes', async () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const outcomes = new Set<string>();
  for (let run = 0; run < 400; run++) {
    const change = (block: Buffer): void => {
      for (let count = 1 + random(4); count > 0; count--) block[random(345)] = random(256);
    };
    const body = Buffer.alloc(BLOCK, 'x');
    const plain = Buffer.concat([header('dir/file', change, 12), body, header('b', change), END]);
    try {
      await read(run % 4 === 0 ? gzipSync(plain) : plain);
      outcomes.add('read');
    } catch (error) {
      if (!(error instanceof KitError)) throw error;
      outcomes.add(error.code);
    }
  }
  expect([...outcomes].sort()).toEqual(['ARCHIVE_BROKEN', 'ARCHIVE_HOSTILE', 'read']);
});

test('the bytes of a file are in the store, and nothing else is left there', async () => {
  const dir = scratchDir();
  const bytes = Buffer.alloc(3 << 20, 'abc');
  writeFileSync(join(dir, 'a.tar'), Buffer.concat([header('big', undefined, bytes.length), bytes, END]));
  const [entry] = await readTar(join(dir, 'a.tar'), new BlobStore(join(dir, 'blobs')), '/c');
  expect(entry).toMatchObject({ type: 'file', sizeBytes: bytes.length });
  expect(readdirSync(join(dir, 'blobs'))).toHaveLength(1);
  const cut = Buffer.concat([header('big', undefined, bytes.length), bytes.subarray(0, 1 << 20)]);
  writeFileSync(join(dir, 'b.tar'), cut);
  const blobs = new BlobStore(join(dir, 'more'));
  await expect(readTar(join(dir, 'b.tar'), blobs, '/c')).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN' });
  expect(readdirSync(join(dir, 'more'))).toEqual([]);
});

test('reading ends when it is aborted', async () => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  await expect(
    read(
      oneEntry(() => undefined),
      stop.signal,
    ),
  ).rejects.toThrow('stopped');
});

test('two thousand folders in one another, and a link in the way', () => {
  const tree = new RootfsTree();
  const folder = '/d'.repeat(2000);
  tree.put({ path: `${folder}/file`, type: 'fifo', mode: 0o644, uid: 0, gid: 0 });
  expect(tree.lookup(`${folder}/file`)?.type).toBe('fifo');
  expect(tree.manifest().entries).toHaveLength(2002);
  tree.put({ path: '/way', type: 'symlink', target: 'd/d/../d/.', mode: 0o777, uid: 0, gid: 0 });
  tree.put({ path: '/way/x', type: 'fifo', mode: 0o644, uid: 0, gid: 0 });
  expect(tree.get('/d/d/x')?.type).toBe('fifo');
});
