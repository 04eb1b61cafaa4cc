import { execFile } from 'node:child_process';
import { KitError } from '../base/errors.ts';

/**
 * Waits until everything that was written to the file system of a directory is on the disk: for thousands of files that
 * takes a hundredth of what it takes for one after the other. Throws STEP_FAILED when the disk reports an error.
 * Where there is no sync(1) that knows `-f`, as with some small ones, it does nothing.
 */
export async function syncFileSystem(dir: string): Promise<void> {
  const options = { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
  const complaint = await new Promise<string>((resolve) => {
    execFile('sync', ['-f', dir], options, (_error, _stdout, stderr) => {
      resolve(stderr);
    });
  });
  if (!/Input\/output error|No space left on device|Disk quota exceeded/.test(complaint)) return;
  throw new KitError('STEP_FAILED', `${dir} could not be written to its disk`, {
    lines: complaint.trim().split('\n'),
    hint: `look at the disk: df -h ${dir}; dmesg`,
  });
}
