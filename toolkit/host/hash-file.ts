import { createHash, hash as hashOnce } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { readFully } from './file-part.ts';
import { GiveWay } from './give-way.ts';
import { requireRegularFile } from './read-user-file.ts';

/** Bytes read at a time. */
const PIECE = 1 << 18;

/**
 * Hex sha256 of a file's bytes. It uses one buffer for all: those of a stream would pile up until the next garbage
 * collection. Throws STEP_FAILED for anything but a regular file.
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

/** Shared by all callers, so that they pause together. */
const way = new GiveWay();

/** One buffer for all small files: fifty thousand would pile up before the next garbage collection. */
const scratch = Buffer.alloc(PIECE + 512);

/** Without promises, which take ten times as long as the reading; undefined when the file has grown meanwhile. */
function hashSmallFile(file: string, sizeBytes: number): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    // One more byte, to detect a longer file; files of /proc have size 0.
    const buffer = scratch.subarray(0, Math.max(sizeBytes + 1, 512));
    const length = readFully(descriptor, buffer, 0);
    return length === buffer.length ? undefined : hashBytes(buffer.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
}

/** Hex sha256 of a text or bytes, without an object outside the heap that stays until the next garbage collection. */
export function hashBytes(content: string | Uint8Array): string {
  return hashOnce('sha256', content, 'hex');
}
