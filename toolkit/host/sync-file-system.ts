import { KitError } from '../base/errors.ts';
import { runTool } from './run-tool.ts';

/**
 * Waits until everything written to the file system of a directory is on the disk: for thousands of files this takes a
 * hundredth of the time of syncing each. Throws STEP_FAILED when the disk reports an error.
 * Does nothing when sync(1) does not support `-f`, as some small ones.
 */
export async function syncFileSystem(dir: string): Promise<void> {
  // Not the step's signal: a sync cannot be stopped.
  const { signal } = new AbortController();
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  const result = await runTool(['sync', '-f', dir], { cwd: '/', env, signal, capture: true });
  const complaint = result.kind === 'exited' ? result.errors : '';
  if (!/Input\/output error|No space left on device|Disk quota exceeded/.test(complaint)) return;
  throw new KitError('STEP_FAILED', `${dir} could not be written to its disk`, {
    lines: complaint.trim().split('\n'),
    hint: `look at the disk: df -h ${dir}; dmesg`,
  });
}
