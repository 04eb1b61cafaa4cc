import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { KitError } from '../base/errors.ts';

/** The maximum size of a user's text file, by its kind. Anything longer is another kind of file. */
export const MAX_TEXT_BYTES = {
  /** Board profiles, container definitions, LXC configurations: a few kilobytes. */
  profile: 1 << 20,
  /** Fragments, defconfigs, .config files: some hundred kilobytes. */
  config: 16 << 20,
  /** A file of a Kconfig tree: some ten kilobytes, but generated ones are long. */
  kconfig: 16 << 20,
  /** Public keys, a line each: some hundred bytes. */
  key: 1 << 20,
  /** The makefile or script that states the version of a source tree. */
  version: 4 << 20,
} as const;

/** Why a file cannot be read: it is not a regular file, or longer than `maxBytes`. Undefined if it can be read. */
export function refusalOf(found: Stats, maxBytes = Infinity): string | undefined {
  if (!found.isFile()) return `is a ${kindOfFile(found)}, not a regular file`;
  if (found.size <= maxBytes) return undefined;
  return `is ${megabytes(found.size)} MB long; ${megabytes(maxBytes).replace(/\.0$/, '')} MB is the limit`;
}

/** The kind of file, as messages call it. */
export function kindOfFile(found: Stats): string {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isFIFO()) return 'FIFO';
  if (found.isSocket()) return 'socket';
  return found.isBlockDevice() ? 'block device' : 'character device';
}

/** Thrown for a file that is too long or not regular; `message` continues the file's name: "is a FIFO, …". */
export class RefusedFile extends Error {}

/**
 * Reads a whole file that the user named. Only regular files are opened: reading a FIFO would block, and a device may
 * have no end. Links are followed. Throws RefusedFile, or the system's error.
 */
export function readUserFile(file: string, maxBytes: number): Buffer {
  refuse(statSync(file), maxBytes);
  // It may have been replaced by another kind of file; without O_NONBLOCK a FIFO would block here.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    refuse(found, maxBytes);
    // Files of /proc have size 0, but contain data.
    const pieces: Buffer[] = [];
    let total = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.max(found.size + 1 - total, PIECE));
      const bytesRead = readSync(descriptor, piece);
      if (bytesRead === 0) return pieces.length === 1 ? (pieces[0] ?? piece) : Buffer.concat(pieces);
      pieces.push(piece.subarray(0, bytesRead));
      total += bytesRead;
      if (total > maxBytes) throw new RefusedFile(`is longer than ${megabytes(maxBytes)} MB, the limit`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Throws STEP_FAILED if a path does not name a regular file, before anything opens it. Links are followed. */
export function requireRegularFile(file: string): Stats {
  const found = statSync(file);
  const refusal = refusalOf(found);
  if (refusal !== undefined)
    throw new KitError('STEP_FAILED', `${file} ${refusal}`, { hint: 'replace it with a regular file' });
  return found;
}

const PIECE = 1 << 16;

function refuse(found: Stats, maxBytes: number): void {
  const refusal = refusalOf(found, maxBytes);
  if (refusal !== undefined) throw new RefusedFile(refusal);
}

function megabytes(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}
