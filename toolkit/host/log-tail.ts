import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

const TAIL_BYTES = 64 * 1024;

/** Characters of a line that are shown; command lines of compilers can be as long as a page. */
const MAX_LINE_LENGTH = 500;

/** The last `count` lines of a log of any size, ready to be shown. Empty for an unreadable log. */
export async function tailOfFile(file: string, count: number): Promise<string[]> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return lastLines(buffer.subarray(0, bytesRead), size > length, count);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}

/** The synchronous version, for callers that must keep an order. */
export function tailOfFileSync(file: string, count: number): string[] {
  try {
    const handle = openSync(file, 'r');
    try {
      const { size } = fstatSync(handle);
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const bytesRead = readSync(handle, buffer, 0, buffer.length, size - buffer.length);
      return lastLines(buffer.subarray(0, bytesRead), size > buffer.length, count);
    } finally {
      closeSync(handle);
    }
  } catch {
    return [];
  }
}

function lastLines(bytes: Buffer, isCut: boolean, count: number): string[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The first line began before the part that was read.
  if (isCut && lines.length > 1) lines.shift();
  return lines.slice(-count).map(showLine);
}

/** Leaves out whatever moves the cursor or rings the bell of a terminal. */
function showLine(line: string): string {
  const text = line.replace(/(?!\t)\p{Cc}/gu, '');
  return text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)}…` : text;
}
