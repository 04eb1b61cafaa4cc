import { createWriteStream, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { replaceFile } from '../../../toolkit/images/replace-file.ts';
import { runImageTool } from '../../../toolkit/images/run-image-tool.ts';
import { manifestOf, requestFor, scratchDir } from './sample-rootfs.ts';

const never = new AbortController().signal;

test('makes the directory, and the file appears when it is whole', async () => {
  const dir = scratchDir();
  const file = join(dir, 'new', 'image');
  await replaceFile(file, never, async (temporary) => {
    await writeFile(temporary, 'half');
    expect(readdirSync(join(dir, 'new'))).not.toContain('image');
    await writeFile(temporary, 'whole');
  });
  expect(readFileSync(file, 'utf8')).toBe('whole');
  expect(readdirSync(join(dir, 'new'))).toEqual(['image']);
});

test('a failure leaves the file of before and nothing else', async () => {
  const dir = scratchDir();
  const file = join(dir, 'image');
  writeFileSync(file, 'of before');
  const writing = replaceFile(file, never, async (temporary) => {
    await writeFile(temporary, 'half');
    throw new KitError('STEP_FAILED', 'the tool broke');
  });
  await expect(writing).rejects.toThrow('the tool broke');
  expect(readFileSync(file, 'utf8')).toBe('of before');
  expect(readdirSync(dir)).toEqual(['image']);
});

const fullDisk = {
  code: 'STEP_FAILED',
  message: expect.stringContaining('no space left on its disk') as string,
};

test('a disk that is full is said to be, with the file named', async () => {
  const file = join(scratchDir(), 'image');
  const writing = replaceFile(file, never, () =>
    pipeline(Readable.from(['x']), createWriteStream('/dev/full')),
  );
  await expect(writing).rejects.toMatchObject(fullDisk);
  await expect(writing).rejects.toThrow(file);
});

test('a disk that is full for a host tool is the same', async () => {
  const dir = scratchDir();
  const request = requestFor(dir, manifestOf(dir, { '/': { type: 'dir' } }));
  const argv = ['sh', '-c', 'cat /bin/sh > /dev/full'] as const;
  const writing = replaceFile(request.file, never, async () => {
    await runImageTool(argv, request.env, request);
  });
  await expect(writing).rejects.toMatchObject(fullDisk);
});

test('a place that cannot be written to is said to be', async () => {
  const dir = scratchDir();
  writeFileSync(join(dir, 'not-a-directory'), '');
  const file = join(dir, 'not-a-directory', 'image');
  const writing = replaceFile(file, never, (temporary) => writeFile(temporary, ''));
  await expect(writing).rejects.toMatchObject({
    code: 'OUT_UNWRITABLE',
    message: `${file} could not be written`,
  });
});

test('the reason to stop comes before the error it caused', async () => {
  const controller = new AbortController();
  const writing = replaceFile(join(scratchDir(), 'image'), controller.signal, () => {
    controller.abort(new Error('enough'));
    return Promise.reject(new KitError('STEP_FAILED', 'mksquashfs was killed by SIGTERM'));
  });
  await expect(writing).rejects.toThrow('enough');
});
