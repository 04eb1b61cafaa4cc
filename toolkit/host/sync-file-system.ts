import { KitError } from '../base/errors.ts';
import { runTool } from './run-tool.ts';

/**
 * Waits until everything that was written to the file system of a directory is on the disk: for thousands of files that
 * takes a hundredth of what it takes for one after the other. Throws STEP_FAILED when the disk reports an error.
 * Where there is no sync(1) that knows `-f`, as with some small ones, it does nothing.
 */
export async function syncFileSystem(dir: string): Promise<void> {
  // Not the one of the step: what is on its way to the disk is no longer to be stopped.
  const { signal } = new AbortController();
  const result = await runTool(['sync', '-f', dir], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    signal,
    capture: true,
  });
  if (result.kind !== 'exited' || result.exitCode === 0) return;
  if (!/Input\/output error|No space left on device|Disk quota exceeded/.test(result.errors)) return;
  throw new KitError('STEP_FAILED', `${dir} could not be written to its disk`, {
    lines: result.errors.trim().split('\n'),
    hint: `look at the disk: df -h ${dir}; dmesg`,
  });
}
