import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import type { FileEntry } from '../rootfs/manifest.ts';

/** What files are read into: one for a whole image, because buffers pile up until the memory is collected. */
export function sourceBuffer(): Buffer {
  return Buffer.allocUnsafe(1 << 16);
}

/**
 * Reads a file entry into `buffer`, a piece at a time, and makes sure that its bytes are the ones the manifest lists.
 * A piece is good until the next one is asked for.
 * Throws STEP_FAILED when the file cannot be read, or its size or content is another by now.
 */
export async function* readSource(
  entry: FileEntry,
  buffer: Buffer,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const handle = await open(entry.source);
    try {
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        bytes += bytesRead;
        // The header with the size is written already: a byte too many must never get into the image.
        if (bytes > entry.sizeBytes)
          throw changed(entry, `more than the ${entry.sizeBytes} bytes there were`);
        const piece = buffer.subarray(0, bytesRead);
        hash.update(piece);
        yield piece;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof KitError || systemErrorCode(error) === undefined || signal.aborted) throw error;
    throw new KitError(
      'STEP_FAILED',
      `cannot read ${entry.source}, which is ${entry.path} of the root filesystem`,
      {
        lines: [errorMessage(error)],
        hint: `look at it: ls -l ${entry.source}`,
        cause: error,
      },
    );
  }
  if (bytes !== entry.sizeBytes) throw changed(entry, `${bytes} bytes, there were ${entry.sizeBytes}`);
  if (hash.digest('hex') !== entry.sha256) throw changed(entry, `as many bytes as before, but others`);
}

/** Makes sure of the same, for a tool that reads the file itself. */
export async function verifySource(entry: FileEntry, buffer: Buffer, signal: AbortSignal): Promise<void> {
  const pieces = readSource(entry, buffer, signal);
  while ((await pieces.next()).done !== true) continue;
}

function changed(entry: FileEntry, found: string): KitError {
  return new KitError(
    'STEP_FAILED',
    `${entry.source} has changed while the root filesystem was being built`,
    {
      lines: [`it is ${entry.path} of the root filesystem, and now has ${found}`],
      hint: 'build again, and let nothing else write there meanwhile',
    },
  );
}
