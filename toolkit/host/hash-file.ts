import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { requireRegularFile } from './read-user-file.ts';

/** Bytes that are read at a time. */
const PIECE = 1 << 18;

/**
 * Hex sha256 of a file's bytes. One buffer for all of them: a stream's would pile up until the memory is collected.
 * Throws STEP_FAILED for what is no regular file.
 */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await requireRegularFile(file);
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

/** Hex sha256 of a text or bytes. */
export function hashBytes(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
