import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName } from '../host/write-atomic.ts';

/**
 * Lets `write` fill a temporary file beside `file`, and renames it to `file` once it is complete and on disk.
 * On failure the temporary file is removed and `file` stays as it was.
 * Throws STEP_FAILED when the disk is full, OUT_UNWRITABLE when the directory is not writable,
 * and the signal's reason when it was aborted.
 */
export async function replaceFile(
  file: string,
  signal: AbortSignal,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const temporary = temporaryName(file);
  try {
    await mkdir(dirname(file), { recursive: true });
    await write(temporary);
    signal.throwIfAborted();
    await renameSynced(temporary, file);
  } catch (error) {
    // A failure to remove it must not hide the original error.
    await rm(temporary, { force: true }).catch(() => undefined);
    // An error after an abort is a consequence of the abort.
    signal.throwIfAborted();
    throw explain(error, file);
  }
}

function explain(error: unknown, file: string): unknown {
  if (isDiskFull(error)) {
    return new KitError('STEP_FAILED', `${file} could not be written: no space left on its disk`, {
      hint: `free some space: df -h ${dirname(file)}`,
      cause: error,
    });
  }
  if (error instanceof KitError || systemErrorCode(error) === undefined) return error;
  return new KitError('OUT_UNWRITABLE', `${file} could not be written`, {
    lines: [errorMessage(error)],
    hint: `check the permissions: ls -ld ${dirname(file)}`,
    cause: error,
  });
}

/** Node.js gives the system's error code; a host tool only prints its message, which is in the error's lines. */
function isDiskFull(error: unknown): boolean {
  const code = systemErrorCode(error);
  if (error instanceof KitError)
    return error.lines.some((line) => /No space left on device|Disk quota exceeded/.test(line));
  return code === 'ENOSPC' || code === 'EDQUOT';
}
