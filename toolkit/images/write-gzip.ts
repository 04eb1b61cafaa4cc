import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ImageRequest } from './image-request.ts';
import { inBlocks } from './in-blocks.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Writes an archive, compressed, to `request.file`; each piece is consumed before the next one is requested.
 * The gzip header of `node:zlib` has neither name nor time, so the same archive gives the same
 * bytes (with the same release of Node.js, which brings its own zlib). Throws the errors of `replaceFile`.
 */
export async function writeGzip(request: ImageRequest, archive: AsyncIterable<Buffer>): Promise<void> {
  const { file, signal } = request;
  await replaceFile(file, signal, async (temporary) => {
    // zlib's own default (6): the highest level takes three times as long for a hundredth of the size.
    const gzip = createGzip({ level: constants.Z_DEFAULT_COMPRESSION });
    await pipeline(inBlocks(archive, gzip), gzip, createWriteStream(temporary), { signal });
  });
}
