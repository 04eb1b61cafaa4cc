import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSource, sourceBuffer } from '../../../toolkit/images/read-source.ts';
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
  for await (const piece of readSource(entry, sourceBuffer(), signal)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('gives the bytes', async () => {
  const content = noise(700_000);
  expect((await read(fileEntry(content))).equals(content)).toBe(true);
  expect(await read(fileEntry(Buffer.alloc(0)))).toHaveLength(0);
});

const changes: Record<string, [(file: string) => void, string]> = {
  'is longer now': [(file) => appendFileSync(file, '!'), 'now has more than the 7 bytes there were'],
  'is shorter now': [(file) => truncateSync(file, 3), 'now has 3 bytes, there were 7'],
  'has other bytes now': [
    (file) => writeFileSync(file, 'CONTENT'),
    'now has as many bytes as before, but others',
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

test('stops when it is told to', async () => {
  await expect(read(fileEntry(noise(10)), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
