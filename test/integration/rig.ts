import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { StepOutcome } from '../../toolkit/base/event.ts';
import type { CliResult } from '../rigs/cli-process.ts';
import { processesAt } from '../rigs/processes.ts';
import { TempProject, type RunOptions, type TempProjectOptions } from '../rigs/temp-project.ts';

/** Makes projects that are removed when the tests of the file are done. */
export function projectMaker(): (options?: TempProjectOptions) => Promise<TempProject> {
  const made: TempProject[] = [];
  afterAll(async () => {
    for (const project of made) await project.remove();
  });
  return async (options) => {
    const project = await TempProject.create(options);
    made.push(project);
    return project;
  };
}

/** A run of the command line with `--log-format json`, and how each step ended. */
export interface WatchedRun extends CliResult {
  readonly outcomes: Readonly<Record<string, StepOutcome>>;
  /** The steps that did something, in the order of the alphabet. */
  readonly ran: readonly string[];
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Builds and watches which steps run. */
export async function build(
  project: TempProject,
  args: readonly string[] = [],
  options: RunOptions & { readonly board?: string } = {},
): Promise<WatchedRun> {
  const board = options.board ?? 'fake';
  const result = await project.run(['build', '--board', board, '--log-format', 'json', ...args], options);
  const events = result.stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const finished = events.filter(({ type }) => type === 'step-finished');
  const outcomes = Object.fromEntries(
    finished.map(({ step, outcome }) => [String(step), outcome as StepOutcome]),
  );
  const ran = Object.keys(outcomes).filter((step) => outcomes[step] !== 'fresh');
  return { ...result, outcomes, ran: ran.sort(), events };
}

/** Builds, and fails with everything that was printed when that does not work. */
export async function buildWell(
  project: TempProject,
  args: readonly string[] = [],
  options: RunOptions & { readonly board?: string } = {},
): Promise<WatchedRun> {
  const run = await build(project, args, options);
  if (run.exitCode !== 0) throw new Error(`the build ended with exit code ${run.exitCode}:\n${run.stderr}`);
  return run;
}

/** The steps that `plan --json` says a build would run, in the order of the alphabet. */
export async function plannedSteps(
  project: TempProject,
  args: readonly string[] = [],
  board = 'fake',
): Promise<string[]> {
  const result = await project.run(['plan', '--board', board, '--json', ...args]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const plan = JSON.parse(result.stdout) as { steps: { id: string; status: string }[] };
  return plan.steps
    .filter(({ status }) => status !== 'fresh')
    .map(({ id }) => id)
    .sort();
}

/** Text as it is printed, with everything that differs from run to run replaced. */
export function printed(project: TempProject, text: string): string {
  return (
    text
      .replaceAll(project.dir, '<dir>')
      // Cut off somewhere, depending on how long the path of the temporary directory is.
      .replace(/^ {2}\$ cd .*$/gm, '  $ <command line>')
      .replace(/PATH=\S+/g, 'PATH=<path>')
      .replace(/\b\d+(?:\.\d)? s\b/g, '<n> s')
      .replace(/\(pid \d+\)/g, '(pid <pid>)')
      .replace(/\.\d+-[0-9a-f]{8}\.tmp/g, '.<pid>.tmp')
  );
}

/** Output of make and the fake trees on stdout, which may come before or after their output on stderr. */
const CHATTER = /^ {2}(?:make: (?:Entering|Leaving) directory | {2}(?:SYNC|CC|LD) )/;

/**
 * The warnings and errors on stderr: all of it but the lines whose order changes from run to run, such as those of
 * progress and the table at its end.
 */
export function message(project: TempProject, { stderr }: CliResult): string {
  const lines = printed(project, stderr).split('\n');
  return lines
    .filter((line) => !CHATTER.test(line))
    .filter(
      (line) =>
        !/^(?:[<>] |note: |longest chain: |step +outcome +seconds$|\d+ more steps were fresh$)/.test(line),
    )
    .filter((line) => !/^\S+ +(?:built|restored|fresh|failed|blocked|cancelled) +(?:\d+\.\d|-)$/.test(line))
    .join('\n');
}

/** The steps with a stamp: those that count as done. */
export function stampedSteps(project: TempProject, board = 'fake'): string[] {
  return namesIn(join(project.outDir(board), '.lxc-kit', 'stamps'))
    .map((name) => name.replace(/\.json$/, ''))
    .sort();
}

/** Files below the out directory or the store that a run should have taken away, or given their final name. */
export function leftovers(project: TempProject, board = 'fake'): string[] {
  return [project.outDir(board), project.storeDir].flatMap((dir) =>
    namesIn(dir, true)
      // Files of compilers may have any name.
      .filter((name) => !name.startsWith('work/'))
      .filter((name) => /\.(?:tmp|part(?:ial)?)$|^tmp\/|^\.lxc-kit\/(?:lock|running\/)/.test(name))
      .map((name) => printed(project, join(dir, name))),
  );
}

function namesIn(dir: string, recursive = false): string[] {
  return existsSync(dir) ? readdirSync(dir, { recursive, encoding: 'utf8' }) : [];
}

/** Image file of a board. */
export function imageFile(project: TempProject, name: string, board = 'fake'): string {
  return join(project.outDir(board), 'images', name);
}

/** `tar -tv` of rootfs.tar.gz, by path: `-rw-r--r-- 0/0 12`, with ` -> target` after a link, `5,1` for a device. */
export function listTar(project: TempProject, board = 'fake'): Record<string, string> {
  const options = ['--numeric-owner', '--full-time', '--quoting-style=literal', '-tvzf'];
  const listed = execFileSync('tar', [...options, imageFile(project, 'rootfs.tar.gz', board)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_ALL: 'C' },
  });
  return byPath(listed, /^(\S{10}) (\d+)\/(\d+) +(\d+|\d+,\d+) \S+ \S+ \.(\/.*)$/);
}

/** The same for rootfs.cpio.gz, by `cpio`. */
export function listCpio(project: TempProject, board = 'fake'): Record<string, string> {
  const listed = execFileSync('cpio', ['-itv', '--numeric-uid-gid', '--quiet'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_ALL: 'C' },
    input: gunzipSync(readFileSync(imageFile(project, 'rootfs.cpio.gz', board))),
  });
  return byPath(listed, /^(\S{10}) +\d+ (\d+) +(\d+) +(\d+|\d+, *\d+) \S+ +\d+ +\S+ (.*)$/);
}

function byPath(listed: string, pattern: RegExp): Record<string, string> {
  const lines = listed.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, mode, uid, gid, size, name] = pattern.exec(line) ?? [];
      if (mode === undefined || name === undefined) throw new Error(`cannot read back: ${line}`);
      const [path = '', target] = name.split(' -> ');
      const numbers = 'dlp'.includes(mode.slice(0, 1)) ? '' : ` ${(size ?? '').replace(/, */, ',')}`;
      const arrow = target === undefined ? '' : ` -> ${target}`;
      const absolute = path === '.' || path === '/' ? '/' : path.replace(/^\/?/, '/').replace(/\/$/, '');
      return [absolute, `${mode} ${uid}/${gid}${numbers}${arrow}`];
    }),
  );
}

/** A file's bytes out of rootfs.tar.gz. */
export function readFromTar(project: TempProject, path: string, board = 'fake'): Buffer {
  return execFileSync('tar', [
    '-xzOf',
    imageFile(project, 'rootfs.tar.gz', board),
    '--no-wildcards',
    `.${path}`,
  ]);
}

/** Every process that has to do with a project: started in it, or with its directory in its command line. */
export function processesOf(project: TempProject): string[] {
  return processesAt(project.dir);
}
