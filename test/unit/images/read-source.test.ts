import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { join } from 'node:path';
import { readSource, readSpace } from '../../../toolkit/images/read-source.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { FileEntry } from '../../../toolkit/rootfs/manifest.ts';
import { manifestOf, noise, scratchDir } from './sample-rootfs.ts';

function fileEntry(content: Buffer): FileEntry {
  const { entries } = manifestOf(scratchDir(), { '/': { type: 'dir' }, '/etc': { type: 'file', content } });
  const entry = entries[1];
  if (entry?.type !== 'file') throw new Error('no file');
  return entry;
}

async function read(entry: FileEntry, signal = new AbortController().signal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readSource(entry, readSpace(), signal)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('gives the bytes', async () => {
  const content = noise(700_000);
  expect((await read(fileEntry(content))).equals(content)).toBe(true);
  expect(await read(fileEntry(Buffer.alloc(0)))).toHaveLength(0);
});

const changes: Record<string, [(file: string) => void, string]> = {
  'is longer now': [(file) => appendFileSync(file, '!'), 'now has more than 7 bytes'],
  'is shorter now': [(file) => truncateSync(file, 3), 'now has 3 bytes instead of 7'],
  'has other bytes now': [
    (file) => writeFileSync(file, 'CONTENT'),
    'now has the same size, but other content',
  ],
};
test.each(Object.entries(changes))('a file that %s', async (_, [change, found]) => {
  const entry = fileEntry(Buffer.from('content'));
  change(entry.source);
  await expect(read(entry)).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: `${entry.source} has changed while the root filesystem was being built`,
    lines: [`it is /etc of the root filesystem, and ${found}`],
  });
});

const unreadable: Record<string, [(file: string) => void, string]> = {
  'is gone': [(file) => rmSync(file), 'ENOENT'],
  'is a directory': [
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    'EISDIR',
  ],
};
test.each(Object.entries(unreadable))('a file that %s', async (_, [change, code]) => {
  const entry = fileEntry(Buffer.from('content'));
  change(entry.source);
  await expect(read(entry)).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: `cannot read ${entry.source}, which is /etc of the root filesystem`,
    lines: [expect.stringContaining(code)],
  });
});

test('stops when it is aborted', async () => {
  await expect(read(fileEntry(noise(10)), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('parts of one file, in any order, and one that was changed', async () => {
  const dir = scratchDir();
  const names = Array.from({ length: 300 }, (_, index) => `content of ${index}`.repeat(40));
  const blobs = new BlobStore(join(dir, 'blobs'));
  const entries = [];
  for (const [index, name] of names.entries()) {
    const base = { path: `/${index}`, type: 'file', mode: 0o644, uid: 0, gid: 0 } as const;
    entries.push({ ...base, ...(await blobs.addBytes(name)) });
  }
  const space = readSpace();
  const order = entries.map((_, index) => (index * 149) % entries.length);
  for (const index of order) {
    const entry = entries[index] ?? entries[0];
    if (entry === undefined) throw new Error('no entry');
    const pieces = [];
    for await (const piece of readSource(entry, space, new AbortController().signal))
      pieces.push(piece.toString());
    expect(pieces.join('')).toBe(names[index]);
  }
  const [first] = entries;
  if (first === undefined) throw new Error('no entry');
  writeFileSync(first.source, 'C', { flag: 'r+' });
  await expect(read(first)).rejects.toMatchObject({
    lines: ['it is /0 of the root filesystem, and now has the same size, but other content'],
  });
});
