import { readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import { readProcessStat } from './process-stat.ts';
import { makeDirs } from './make-dirs.ts';
import { systemTrouble } from './system-trouble.ts';

/**
 * Locks an out directory for this process and returns a function that releases it. Throws OUT_BUSY with the owner,
 * OUT_UNWRITABLE when the directory is not writable. A lock whose owner is gone, as after a kill -9, is taken over.
 *
 * The lock is a dangling symbolic link whose target names the owner: unlike a file it is created and filled in one
 * step, so that no process ever sees one without an owner.
 */
export function lockOut(lockFile: string, shownAs: string): () => void {
  const own = describeProcess(process.pid) ?? String(process.pid);
  try {
    makeDirs(dirname(lockFile));
    for (let tries = 0; tries < 5; tries++) {
      if (createLock(lockFile, own)) return () => releaseLock(lockFile, own);
      const owner = readLock(lockFile);
      if (owner === undefined) continue;
      if (isAlive(owner)) throw busy(owner, shownAs);
      removeStale(lockFile, owner, own);
    }
  } catch (error) {
    throw error instanceof KitError ? error : unwritable(error, shownAs);
  }
  throw new KitError('OUT_BUSY', `other processes keep taking the lock of ${shownAs}`, {
    hint: `look at ${lockFile}`,
  });
}

function createLock(lockFile: string, own: string): boolean {
  try {
    symlinkSync(own, lockFile);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Releases the lock, unless another process has it by now: `clean` may have removed the directory meanwhile. */
function releaseLock(lockFile: string, own: string): void {
  try {
    if (readLock(lockFile) === own) unlinkSync(lockFile);
  } catch {
    // The next process will find it stale.
  }
}

/** The owner of the lock; undefined when it was released meanwhile. */
function readLock(lockFile: string): string | undefined {
  try {
    return readlinkSync(lockFile);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a process that is gone, under a lock of its own: otherwise it might remove the new lock of
 * another process that was faster. Does nothing while another process does the same.
 */
function removeStale(lockFile: string, owner: string, own: string): void {
  const guardFile = `${lockFile}.stale`;
  if (!createLock(guardFile, own)) {
    const other = readLock(guardFile);
    // Killed in the instant between the two lines below.
    if (other !== undefined && !isAlive(other)) rmSync(guardFile, { force: true });
    return;
  }
  if (readLock(lockFile) === owner) unlinkSync(lockFile);
  unlinkSync(guardFile);
}

function isAlive(owner: string): boolean {
  const pid = Number(owner.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && describeProcess(pid) === owner;
}

/** Process id and start time, so that a process with a reused id is not mistaken for the owner. */
function describeProcess(pid: number): string | undefined {
  const stat = readProcessStat(pid);
  return stat && `${pid} ${stat.startTime}`;
}

function busy(owner: string, shownAs: string): KitError {
  return new KitError('OUT_BUSY', `another lxc-kit (pid ${owner.split(' ')[0] ?? '?'}) is using ${shownAs}`, {
    hint: 'wait for it to end, or give another directory with --out',
  });
}

/** The error for a directory that the system refuses to write to. */
export function unwritable(
  error: unknown,
  shownAs: string,
  hint = 'give another directory with --out',
): KitError {
  // EINVAL: something other than a link is in the place of the lock.
  const inTheWay = ['ENOTDIR', 'EEXIST', 'EINVAL'].includes(systemErrorCode(error) ?? '');
  const why = inTheWay ? 'a file is in the way' : (systemTrouble(error) ?? errorMessage(error));
  return new KitError('OUT_UNWRITABLE', `cannot write to ${shownAs}: ${why}`, {
    ...(inTheWay ? { lines: [errorMessage(error)] } : {}),
    hint,
    cause: error,
  });
}
