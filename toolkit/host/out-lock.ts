import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError, systemErrorCode } from '../base/errors.ts';

/**
 * Takes an out directory for this process and returns what gives it back. Throws OUT_BUSY naming who has it,
 * OUT_UNWRITABLE when nothing can be written there. A lock whose owner is gone, as after a kill -9, is taken over.
 */
export function lockOut(lockFile: string, shownAs: string): () => void {
  mkdirOrFail(dirname(lockFile), shownAs);
  const own = ownerLine(process.pid);
  for (let tries = 0; tries < 5; tries++) {
    try {
      // Created and filled in one go by nobody else: "wx" fails when the file is there.
      const handle = openSync(lockFile, 'wx');
      writeSync(handle, own);
      closeSync(handle);
      return () => {
        rmSync(lockFile, { force: true });
      };
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw unwritable(error, shownAs);
      const owner = readLock(lockFile);
      if (owner !== undefined && isAlive(owner)) {
        throw new KitError(
          'OUT_BUSY',
          `another lxc-kit (pid ${owner.split(' ')[0] ?? '?'}) is at work in ${shownAs}`,
          {
            hint: 'wait for it to end, or give another directory with --out',
          },
        );
      }
      rmSync(lockFile, { force: true });
    }
  }
  throw new KitError('OUT_BUSY', `the lock of ${shownAs} is taken again and again`, {
    hint: `look at ${lockFile}`,
  });
}

function mkdirOrFail(dir: string, shownAs: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw unwritable(error, shownAs);
  }
}

function unwritable(error: unknown, shownAs: string): KitError {
  const code = systemErrorCode(error);
  const why =
    code === 'EROFS'
      ? 'it is on a read-only file system'
      : code === 'EACCES' || code === 'EPERM'
        ? 'you have no permission to write there'
        : code === 'ENOTDIR' || code === 'EEXIST'
          ? 'a file is in the way'
          : code === 'ENOSPC'
            ? 'the disk is full'
            : error instanceof Error
              ? error.message
              : String(error);
  return new KitError('OUT_UNWRITABLE', `nothing can be written to ${shownAs}: ${why}`, {
    hint: 'give another directory with --out',
    cause: error,
  });
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(owner: string): boolean {
  const pid = Number(owner.split(' ')[0]);
  // An empty lock was made this very moment, or by a process killed between two instructions: look whether it stays so.
  return Number.isInteger(pid) && pid > 0 && ownerLine(pid) === owner;
}

/** Process id and start time: a number that is used again by another process does not pass for the owner. */
function ownerLine(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Field 22 of proc(5) is the start time; the state and 18 others come before it here.
    return `${pid} ${fields[19] ?? ''}`;
  } catch {
    return `${pid} gone`;
  }
}
