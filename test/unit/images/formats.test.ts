import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { imageFormats } from '../../../toolkit/images/formats.ts';
import type { ImageFormat } from '../../../toolkit/images/formats.ts';
import { listImage, listManifest, readFromImage } from './read-back.ts';
import { manifestOf, noise, requestFor, samples, scratchDir } from './sample-rootfs.ts';

test('every format has a file name of its own and says what it needs', () => {
  const rows = Object.entries(imageFormats);
  expect(rows.map(([format, { fileName }]) => fileName === `rootfs.${format}`)).toEqual(rows.map(() => true));
  for (const [, { kernelNeeds }] of rows) {
    for (const symbol of kernelNeeds.flatMap(({ symbols }) => symbols))
      expect(symbol).toMatch(/^[A-Z0-9_]+$/);
  }
});

test('every format is the same bytes in another directory, at another time, from files with other modes', async () => {
  const [first, second] = [scratchDir(), join(scratchDir(), 'elsewhere')];
  const formats = Object.values(imageFormats);
  const one = requestFor(first, manifestOf(join(first, 'sources'), samples, 0o644));
  for (const { write, fileName } of formats) await write({ ...one, file: join(first, fileName) });
  // ext4 counts whole seconds.
  await sleep(1_050);
  const two = requestFor(second, manifestOf(join(second, 'other'), samples, 0o600));
  for (const { write, fileName } of formats) {
    await write({ ...two, file: join(second, `renamed-${fileName}`) });
    const [before, now] = [join(first, fileName), join(second, `renamed-${fileName}`)].map((file) =>
      readFileSync(file),
    );
    expect(now?.equals(before ?? Buffer.alloc(0)), fileName).toBe(true);
  }
});

describe.each(Object.keys(imageFormats) as ImageFormat[])('%s', (format) => {
  const { write } = imageFormats[format];

  test('holds every entry and every byte of the manifest', async () => {
    const dir = scratchDir();
    const manifest = manifestOf(join(dir, 'sources'), samples);
    const request = requestFor(dir, manifest);
    await write(request);
    expect(listImage(format, request.file)).toEqual(listManifest(manifest));
    for (const entry of manifest.entries) {
      if (entry.type !== 'file') continue;
      const found = readFromImage(format, request.file, entry.path, dir);
      expect(found.equals(readFileSync(entry.source)), entry.path).toBe(true);
    }
    expect(readdirSync(join(dir, 'images'))).toEqual(['image']);
  });

  test('is other bytes when the time, an owner or a byte is another', async () => {
    const images = await Promise.all(
      [
        { content: 'a', uid: 0, epochSeconds: 1_000 },
        { content: 'b', uid: 0, epochSeconds: 1_000 },
        { content: 'a', uid: 1, epochSeconds: 1_000 },
        { content: 'a', uid: 0, epochSeconds: 1_001 },
      ].map(async ({ content, uid, epochSeconds }) => {
        const dir = scratchDir();
        const manifest = manifestOf(dir, { '/': { type: 'dir' }, '/file': { type: 'file', content, uid } });
        const request = { ...requestFor(dir, manifest), epochSeconds };
        await write(request);
        return readFileSync(request.file, 'base64');
      }),
    );
    expect(new Set(images).size).toBe(4);
  });

  test('a source that is gone stops it, and the image of before stays', async () => {
    const dir = scratchDir();
    const manifest = manifestOf(join(dir, 'sources'), {
      '/': { type: 'dir' },
      '/a': { type: 'file', content: noise(100_000) },
    });
    const gone = join(dir, 'sources', 'gone');
    const entries = manifest.entries.map((entry) =>
      entry.type === 'file' ? { ...entry, source: gone } : entry,
    );
    const request = requestFor(dir, { entries });
    mkdirSync(join(dir, 'images'));
    writeFileSync(request.file, 'of before');
    await expect(write(request)).rejects.toMatchObject({
      code: 'STEP_FAILED',
      message: `cannot read ${gone}, which is /a of the root filesystem`,
    });
    expect(readFileSync(request.file, 'utf8')).toBe('of before');
    expect(readdirSync(join(dir, 'images'))).toEqual(['image']);
    expect(existsSync(join(dir, 'work', 'rootfs.pseudo'))).toBe(false);
  });

  test('stops at once when it is aborted, and leaves nothing', async () => {
    const dir = scratchDir();
    const manifest = manifestOf(join(dir, 'sources'), {
      '/': { type: 'dir' },
      '/noise': { type: 'file', content: noise(8_000_000) },
    });
    const controller = new AbortController();
    const writing = write({ ...requestFor(dir, manifest), signal: controller.signal });
    const outcome = writing.then(
      () => 'written',
      (error: unknown) => error,
    );
    const half = (): boolean =>
      existsSync(join(dir, 'images')) && readdirSync(join(dir, 'images')).length > 0;
    while (!half()) await sleep(1);
    controller.abort(new Error('enough'));
    expect(await outcome).toEqual(new Error('enough'));
    expect(readdirSync(join(dir, 'images'))).toEqual([]);
    expect(existsSync(join(dir, 'work', 'rootfs.pseudo'))).toBe(false);
  });

  test('refuses a manifest that is not sorted', async () => {
    const dir = scratchDir();
    const { entries } = manifestOf(dir, {
      '/': { type: 'dir' },
      '/a': { type: 'dir' },
      '/b': { type: 'dir' },
    });
    const [root, a, b] = entries;
    if (root === undefined || a === undefined || b === undefined) throw new Error('no entries');
    await expect(write(requestFor(dir, { entries: [root, b, a] }))).rejects.toThrow(
      'manifest is not sorted: /a comes after /b',
    );
  });
});

test('a tool that is not installed is named', async () => {
  const dir = scratchDir();
  const request = requestFor(dir, manifestOf(dir, { '/': { type: 'dir' } }));
  const writing = imageFormats.squashfs.write({ ...request, env: { PATH: join(dir, 'bin') } });
  await expect(writing).rejects.toMatchObject({ code: 'TOOL_MISSING', message: 'mksquashfs is not in PATH' });
});
