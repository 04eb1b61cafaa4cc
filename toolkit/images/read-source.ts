import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import type { FileEntry } from '../rootfs/manifest.ts';

/**
 * Streams the bytes of a file entry and makes sure that they are the ones the manifest lists.
 * Throws STEP_FAILED when the file cannot be read, or its size or content is another by now.
 */
export async function* readSource(
  entry: FileEntry,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(entry.source, { highWaterMark: 1 << 18, signal })) {
      const part = chunk as Buffer;
      bytes += part.length;
      // The header with the size is written already: a byte too many must never get into the image.
      if (bytes > entry.sizeBytes) throw changed(entry, `more than the ${entry.sizeBytes} bytes there were`);
      hash.update(part);
      yield part;
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
export async function verifySource(entry: FileEntry, signal: AbortSignal): Promise<void> {
  const pieces = readSource(entry, signal);
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
