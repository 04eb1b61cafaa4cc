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
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  const result = await runTool(['sync', '-f', dir], { cwd: '/', env, signal, capture: true });
  const complaint = result.kind === 'exited' ? result.errors : '';
  if (!/Input\/output error|No space left on device|Disk quota exceeded/.test(complaint)) return;
  throw new KitError('STEP_FAILED', `${dir} could not be written to its disk`, {
    lines: complaint.trim().split('\n'),
    hint: `look at the disk: df -h ${dir}; dmesg`,
  });
}
