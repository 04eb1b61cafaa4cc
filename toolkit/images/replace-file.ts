import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName } from '../host/write-atomic.ts';

/**
 * Lets `write` fill a temporary file beside `file` and moves it there once it is whole and on disk.
 * On failure the temporary file is removed and `file` is what it was before.
 * Throws STEP_FAILED when the disk is full, OUT_UNWRITABLE when nothing can be written there,
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
    // What cannot be removed, if it is there at all, must not hide why.
    await rm(temporary, { force: true }).catch(() => undefined);
    // Whatever broke while we were being stopped broke because of that.
    signal.throwIfAborted();
    throw explain(error, file);
  }
}

function explain(error: unknown, file: string): unknown {
  if (isDiskFull(error)) {
    return new KitError('STEP_FAILED', `${file} could not be written: no space left on its disk`, {
      hint: `make room: df -h ${dirname(file)}`,
      cause: error,
    });
  }
  if (error instanceof KitError || systemErrorCode(error) === undefined) return error;
  return new KitError('OUT_UNWRITABLE', `${file} could not be written`, {
    lines: [errorMessage(error)],
    hint: `look at who may write there: ls -ld ${dirname(file)}`,
    cause: error,
  });
}

/** Node.js gives the system's code; a host tool only prints its text, which stands in the error's lines. */
function isDiskFull(error: unknown): boolean {
  const code = systemErrorCode(error);
  if (error instanceof KitError)
    return error.lines.some((line) => /No space left on device|Disk quota exceeded/.test(line));
  return code === 'ENOSPC' || code === 'EDQUOT';
}
