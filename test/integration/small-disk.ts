import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { TempProject } from '../rigs/temp-project.ts';

/** What a command line printed in a mount namespace of its own, and the exit code of each of its runs. */
export interface NamespacedRun {
  readonly exitCodes: readonly number[];
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a shell script in a mount namespace of its own, where it may mount what it likes: nobody else sees it, and it
 * is gone with the script. In the script `kit` is the command line, whose exit codes are collected.
 * Throws when this machine allows neither root nor user namespaces.
 */
export function runInNamespace(project: TempProject, script: string): NamespacedRun {
  const codes = join(project.dir, 'tmp', 'exit-codes');
  const whole = `
    kit() { "$NODE" "$CLI" "$@" && code=0 || code=$?; echo "$code" >> "$CODES"; }
    : > "$CODES"
    ${script}
  `;
  const result = spawnSync('unshare', [...namespaceOptions(), 'sh', '-euc', whole], {
    cwd: project.dir,
    encoding: 'utf8',
    env: { ...project.env, NODE: process.execPath, CLI: shippedPath('dist', 'cli', 'main.js'), CODES: codes },
  });
  if (result.status !== 0) throw new Error(`the script failed:\n${result.stdout}${result.stderr}`);
  const exitCodes = project
    .read('tmp/exit-codes')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  return { exitCodes, stdout: result.stdout, stderr: result.stderr };
}

/** As root, or as the root of a user namespace. */
function namespaceOptions(): string[] {
  for (const options of [['--mount'], ['--mount', '--map-root-user']]) {
    try {
      execFileSync('unshare', [...options, 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'pipe' });
      return options;
    } catch {
      // The next way, then.
    }
  }
  throw new Error(
    'this test needs a small file system: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)',
  );
}
