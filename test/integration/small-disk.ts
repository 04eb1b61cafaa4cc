import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TempProject } from '../rigs/temp-project.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

/** stderr of a script, and the exit code of each of its calls of `kit`, the command line. */
export interface ScriptRun {
  readonly exitCodes: readonly number[];
  readonly stderr: string;
}

const DISK_KILOBYTES = 100 * 1024;

/**
 * Runs a script when `disk` has no more room than so many kilobytes, and then another when it has. Where nothing may be
 * mounted, as in most containers, no file may become larger than half a megabyte instead.
 */
export function runOnFullDisk(
  project: TempProject,
  freeKilobytes: number,
  full: string,
  roomy: string,
): ScriptRun {
  const namespace = namespaceOptions();
  if (namespace === undefined)
    return runScript(project, ['mkdir -p disk', `(ulimit -f 1000; ${full})`, roomy]);
  const fill = `head -c ${(DISK_KILOBYTES - freeKilobytes) * 1024} /dev/zero > disk/filler`;
  const mount = `mkdir -p disk && mount -t tmpfs -o size=${DISK_KILOBYTES}k none disk`;
  return runScript(project, [mount, fill, full, 'rm disk/filler', roomy], ['unshare', ...namespace]);
}

/** Runs a script in which `disk` is a file system of its own, of 100 MB; undefined where nothing may be mounted. */
export function runOnOwnDisk(project: TempProject, lines: readonly string[]): ScriptRun | undefined {
  const namespace = namespaceOptions();
  if (namespace === undefined) return undefined;
  const mount = `mkdir -p disk && mount -t tmpfs -o size=${DISK_KILOBYTES}k none disk`;
  return runScript(project, [mount, ...lines], ['unshare', ...namespace]);
}

/**
 * Runs a script in which `$READ_ONLY` is a directory of a read-only file system.
 * Throws where there is none and none may be mounted.
 */
export function runWithReadOnly(project: TempProject, script: string): ScriptRun {
  const namespace = namespaceOptions();
  if (namespace !== undefined) {
    const mount = 'READ_ONLY=read-only; mkdir read-only; mount -t tmpfs -o ro none read-only';
    return runScript(project, [mount, script], ['unshare', ...namespace]);
  }
  // Containers have /sys and parts of /proc so.
  const mounted = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const [, place] =
    mounted.map((line) => line.split(' ')).find(([, , , options]) => /^ro\b/.test(options ?? '')) ?? [];
  if (place !== undefined) return runScript(project, [`READ_ONLY=${place}`, script]);
  throw new Error(
    'this test needs a read-only file system: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)',
  );
}

/** Makes a command run without any privilege that root has over an ordinary user with the same files. */
export const withoutPrivileges: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];

/** Runs lines of shell in the project's directory; fails when one of them does, but for `kit`. */
export function runScript(
  project: TempProject,
  lines: readonly string[],
  runner: readonly string[] = [],
): ScriptRun {
  const codesFile = join(project.dir, 'tmp', 'exit-codes');
  // It may be of another user.
  rmSync(codesFile, { force: true });
  const script = [
    'kit() { "$NODE" "$CLI" "$@" && code=0 || code=$?; echo "$code" >> "$CODES"; }',
    ': > "$CODES"',
    ...lines,
  ];
  const [program, ...args] = [...runner, 'sh', '-euc', script.join('\n')];
  const result = spawnSync(program, args, {
    cwd: project.dir,
    encoding: 'utf8',
    env: {
      ...project.env,
      NODE: process.execPath,
      CLI: CLI_FILE,
      CODES: codesFile,
    },
  });
  if (result.status !== 0) throw new Error(`the script failed:\n${result.stdout}${result.stderr}`);
  const exitCodes = readFileSync(codesFile, 'utf8').trim().split('\n').map(Number);
  return { exitCodes, stderr: result.stderr };
}

/** Options of unshare(1) for a mount namespace, which is gone with its last process; undefined where there is no way. */
function namespaceOptions(): string[] | undefined {
  const ways = [['--mount'], ['--mount', '--map-root-user']];
  return ways.find((options) => {
    try {
      execFileSync('unshare', [...options, 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  });
}
