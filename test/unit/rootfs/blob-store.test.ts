import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BlobStore, type Blob } from '../../../toolkit/rootfs/blob-store.ts';
import { scratchDir } from '../scratch.ts';

/** The bytes of a blob, where its store has them. */
function bytesOf({ source, offset = 0, sizeBytes }: Blob): string {
  return readFileSync(source)
    .subarray(offset, offset + sizeBytes)
    .toString('latin1');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const LARGE = 'x'.repeat(1 << 16);

test('small ones lie one behind the other in one file, each with its own bytes', async () => {
  const dir = join(scratchDir(), 'blobs');
  await BlobStore.use(dir, async (blobs) => {
    const texts = ['one', '', 'three', 'two'];
    const added: Blob[] = [];
    for (const text of texts) added.push(await blobs.addBytes(text));
    expect(added.map(bytesOf)).toEqual(texts);
    expect(added.map((blob) => blob.sha256)).toEqual(texts.map(sha256));
    expect(new Set(added.map(({ source }) => source)).size).toBe(1);
    // The same bytes again are the same blob.
    expect(await blobs.addBytes('three')).toEqual(added[2]);
  });
  expect(readdirSync(dir)).toHaveLength(1);
  expect(readFileSync(join(dir, 'packed'), 'latin1')).toBe('onethreetwo');
});

test('a large one has a file of its own, whose name is its hash', async () => {
  const dir = join(scratchDir(), 'blobs');
  const blob = await BlobStore.use(dir, (blobs) => blobs.addBytes(LARGE));
  expect(blob).toEqual({
    source: join(dir, sha256(LARGE)),
    offset: undefined,
    sizeBytes: LARGE.length,
    sha256: sha256(LARGE),
  });
  expect(bytesOf(blob)).toBe(LARGE);
});

test('pieces are joined, whether they stay small or not, and though their buffer is used again', async () => {
  await BlobStore.use(join(scratchDir(), 'blobs'), async (blobs) => {
    const buffer = Buffer.alloc(40_000);
    for (const count of [1, 3]) {
      const writer = blobs.open();
      for (let piece = 0; piece < count; piece++) writer.write(buffer.fill('abc'.charAt(piece)));
      const blob = writer.finish();
      const expected = ['a', 'b', 'c']
        .slice(0, count)
        .map((letter) => letter.repeat(40_000))
        .join('');
      expect(bytesOf(blob) === expected).toBe(true);
      expect(blob.sha256).toBe(sha256(expected));
    }
    await Promise.resolve();
  });
});

test('one that is discarded leaves nothing', async () => {
  const dir = join(scratchDir(), 'blobs');
  await BlobStore.use(dir, async (blobs) => {
    for (const text of ['small', LARGE]) {
      const writer = blobs.open();
      writer.write(Buffer.from(text));
      writer.discard();
      expect(() => {
        writer.write(Buffer.from(text));
      }).toThrow('finished');
    }
    await Promise.resolve();
  });
  expect(existsSync(dir) ? readdirSync(dir) : []).toEqual([]);
});

test('a file is copied: later changes of it, and its mode, do not matter', async () => {
  const [dir, host] = [join(scratchDir(), 'blobs'), scratchDir()];
  await BlobStore.use(dir, async (blobs) => {
    for (const text of ['small', LARGE]) {
      const file = join(host, `${text.length}`);
      writeFileSync(file, text);
      chmodSync(file, 0o444);
      const blob = await blobs.addFile(file);
      chmodSync(file, 0o644);
      writeFileSync(file, 'changed');
      expect(bytesOf(blob) === text).toBe(true);
      expect(blob.sha256).toBe(sha256(text));
      expect(statSync(blob.source).mode & 0o777).toBe(0o644);
    }
  });
});

test('replaces the files that a broken run left', async () => {
  const dir = join(scratchDir(), 'blobs');
  await BlobStore.use(dir, (blobs) => blobs.addBytes(LARGE));
  writeFileSync(join(dir, sha256(LARGE)), 'cut');
  writeFileSync(join(dir, 'packed'), 'what was there');
  await BlobStore.use(dir, async (blobs) => {
    expect(bytesOf(await blobs.addBytes('new'))).toBe('new');
    expect(bytesOf(await blobs.addBytes(LARGE)) === LARGE).toBe(true);
  });
  expect(readFileSync(join(dir, 'packed'), 'latin1')).toBe('new');
});
