import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { ImageRequest } from './image-request.ts';
import { inBlocks } from './in-blocks.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Writes an archive, compressed, to `request.file`; a piece of it is used up before the next one is asked for.
 * The gzip header that `node:zlib` makes has no name and no time in it, so that the same archive gives the same
 * bytes (with the same release of Node.js, which brings its own zlib). Throws what `replaceFile` throws.
 */
export async function writeGzip(request: ImageRequest, archive: AsyncIterable<Buffer>): Promise<void> {
  const { file, signal } = request;
  await replaceFile(file, signal, async (temporary) => {
    // zlib's own default (6): the highest level takes three times as long for a hundredth of the size.
    const gzip = createGzip({ level: constants.Z_DEFAULT_COMPRESSION });
    await pipeline(inBlocks(archive, gzip), gzip, createWriteStream(temporary), { signal });
  });
}
