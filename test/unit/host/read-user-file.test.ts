import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hashFile } from '../../../toolkit/host/hash-file.ts';
import { readUserFile, RefusedFile } from '../../../toolkit/host/read-user-file.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { versionOfTree } from '../../../toolkit/sources/version.ts';
import { scratchDir } from '../scratch.ts';

function refusal(file: string, maxBytes = 1 << 20): string {
  try {
    readUserFile(file, maxBytes);
  } catch (error) {
    if (error instanceof RefusedFile) return error.message;
    throw error;
  }
  return '';
}

async function makeSocket(file: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(file, resolve));
  onTestFinished(() => void server.close());
}

test('only regular files are read, and a link to one', async () => {
  const dir = scratchDir();
  const file = (name: string): string => join(dir, name);
  execFileSync('mkfifo', [file('pipe')]);
  await makeSocket(file('socket'));
  writeFileSync(file('text'), 'CONFIG_TUN=y\n');
  symlinkSync('text', file('link'));
  symlinkSync('pipe', file('link-to-pipe'));
  symlinkSync('/dev/zero', file('link-to-zero'));
  expect(refusal(file('pipe'))).toBe('is a FIFO, not a regular file');
  expect(refusal(file('link-to-pipe'))).toBe('is a FIFO, not a regular file');
  expect(refusal(file('socket'))).toBe('is a socket, not a regular file');
  expect(refusal('/dev/zero')).toBe('is a character device, not a regular file');
  expect(refusal(file('link-to-zero'))).toBe('is a character device, not a regular file');
  expect(refusal(dir)).toBe('is a folder, not a regular file');
  expect(readUserFile(file('link'), 1 << 20).toString()).toBe('CONFIG_TUN=y\n');
  expect(() => readUserFile(file('nothing'), 1)).toThrow('ENOENT');
});

test('a limit on bytes holds where the size says 0 too', () => {
  const file = join(scratchDir(), 'long');
  writeFileSync(file, 'x'.repeat(100_000));
  expect(readUserFile(file, 100_000)).toHaveLength(100_000);
  truncateSync(file, 3 << 20);
  expect(refusal(file, 2 << 20)).toBe('is 3.0 MB long; 2 MB is the limit');
  expect(readUserFile('/proc/self/status', 1 << 20).toString()).toMatch(/^Name:/);
  expect(refusal('/proc/self/status', 16)).toMatch(/^is longer than/);
});

test('hashes, the rootfs and the version of a tree do not open a FIFO or a device', async () => {
  const dir = scratchDir();
  const pipe = join(dir, 'Makefile');
  execFileSync('mkfifo', [pipe]);
  const refused = { code: 'STEP_FAILED', message: `${pipe} is a FIFO, not a regular file` };
  await expect(hashFile(pipe)).rejects.toMatchObject(refused);
  await expect(new BlobStore(join(dir, 'blobs')).addFile(pipe)).rejects.toMatchObject(refused);
  await expect(hashFile('/dev/zero')).rejects.toThrow('/dev/zero is a character device');
  expect(await versionOfTree('kernel', dir)).toBeUndefined();
});
