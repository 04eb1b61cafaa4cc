import { createHash, hash as hashOnce } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { readFully } from './file-part.ts';
import { GiveWay } from './give-way.ts';
import { requireRegularFile } from './read-user-file.ts';

/** Bytes that are read at a time. */
const PIECE = 1 << 18;

/**
 * Hex sha256 of a file's bytes. One buffer for all of them: a stream's would pile up until the memory is collected.
 * Throws STEP_FAILED for what is no regular file.
 */
export async function hashFile(file: string): Promise<string> {
  const { size: sizeBefore } = requireRegularFile(file);
  if (sizeBefore < PIECE) {
    const whole = hashSmallFile(file, sizeBefore);
    if (way.due()) await way.rest();
    if (whole !== undefined) return whole;
  }
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(size + 1, 512), PIECE));
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** All who hash files take turns together. */
const way = new GiveWay();

/** One for all small files: fifty thousand of their own pile up before the memory is collected. */
const scratch = Buffer.alloc(PIECE + 512);

/** Without promises, which take ten times as long as the reading; undefined where the file is longer by now. */
function hashSmallFile(file: string, sizeBytes: number): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    // One more, to see whether that is all; files of /proc have no size.
    const buffer = scratch.subarray(0, Math.max(sizeBytes + 1, 512));
    const length = readFully(descriptor, buffer, 0);
    return length === buffer.length ? undefined : hashBytes(buffer.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

/** Hex sha256 of a text or bytes, without an object outside the heap that stays until the memory is collected. */
export function hashBytes(content: string | Uint8Array): string {
  return hashOnce('sha256', content, 'hex');
}
