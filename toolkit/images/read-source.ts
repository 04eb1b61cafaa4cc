import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import { PartReader } from '../host/file-part.ts';
import { GiveWay } from '../host/give-way.ts';
import type { FileEntry } from '../rootfs/manifest.ts';

/** The buffers for reading files: one for a whole image, because buffers pile up until garbage collection. */
export interface ReadSpace {
  readonly buffer: Buffer;
  readonly parts: PartReader;
}

export function readSpace(): ReadSpace {
  return { buffer: Buffer.allocUnsafe(1 << 16), parts: new PartReader() };
}

/**
 * Yields a file entry's bytes in pieces, and checks that they are the ones the manifest lists.
 * Each piece is valid until the next one is requested.
 * Throws STEP_FAILED when the file cannot be read, or its size or content has changed.
 */
export async function* readSource(
  entry: FileEntry,
  { buffer, parts }: ReadSpace,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  const take = (piece: Buffer): Buffer => {
    bytes += piece.length;
    // The header with the size is already written: no extra byte may get into the image.
    if (bytes > entry.sizeBytes) throw changed(entry, `more than ${entry.sizeBytes} bytes`);
    hash.update(piece);
    return piece;
  };
  try {
    signal.throwIfAborted();
    if (entry.offset !== undefined) {
      // Read small files synchronously: with promises it takes ten times as long.
      if (way.due()) await way.rest();
      yield take(parts.read(entry));
    } else {
      const handle = await open(entry.source);
      try {
        for (;;) {
          signal.throwIfAborted();
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
          if (bytesRead === 0) break;
          yield take(buffer.subarray(0, bytesRead));
        }
      } finally {
        await handle.close();
      }
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
  if (bytes !== entry.sizeBytes) throw changed(entry, `${bytes} bytes instead of ${entry.sizeBytes}`);
  if (hash.digest('hex') !== entry.sha256) throw changed(entry, `the same size, but other content`);
}

/** All image writers give way together. */
const way = new GiveWay();

/** Checks the same for a tool that reads the file itself. */
export async function verifySource(entry: FileEntry, space: ReadSpace, signal: AbortSignal): Promise<void> {
  const pieces = readSource(entry, space, signal);
  while ((await pieces.next()).done !== true) continue;
}

function changed(entry: FileEntry, found: string): KitError {
  return new KitError(
    'STEP_FAILED',
    `${entry.source} has changed while the root filesystem was being built`,
    {
      lines: [`it is ${entry.path} of the root filesystem, and now has ${found}`],
      hint: 'build again, and do not change that file during the build',
    },
  );
}
