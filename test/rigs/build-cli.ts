import { execFileSync } from 'node:child_process';
import { packageRoot } from '../../toolkit/base/package-root.ts';

/** Compiles lxc-kit once before the tests that run its command line (vitest's globalSetup). */
export function setup(): void {
  try {
    execFileSync('npm', ['run', '-s', 'build'], {
      cwd: packageRoot,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    throw new Error(`lxc-kit does not compile:\n${output}`, { cause: error });
  }
}
