import { open } from 'node:fs/promises';

const TAIL_BYTES = 64 * 1024;

/** The last `count` lines of a log, which may be hundreds of megabytes long. An unreadable log has none. */
export async function tailOfFile(file: string, count: number): Promise<string[]> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines.slice(-count);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}
