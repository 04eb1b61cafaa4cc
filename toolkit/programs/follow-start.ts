import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { FileEntry } from '../rootfs/manifest.ts';
import { ElfError } from './elf.ts';
import {
  INTERPRETER_LINE_BYTES,
  isShell,
  programOfEnv,
  readInterpreterLine,
  type InterpreterLine,
} from './interpreter-line.ts';
import { loadProgram } from './load-program.ts';
import type { LoadContext } from './load-context.ts';
import { plainCommands } from './plain-commands.ts';
import type { ProgramProblem } from './program-problem.ts';
import { matchingPaths } from './root-view.ts';
import { startedByInit } from './started-by-init.ts';

/** The context in which programs are started. */
export interface StartContext extends LoadContext {
  /** Directories in which `env` looks for a program. */
  readonly searchPath: readonly string[];
}

/** A problem and the chain of programs that leads to it; the first is the one that the container names. */
export interface FollowedProblem {
  readonly chain: readonly string[];
  readonly problem: ProgramProblem;
}

/** The kernel's limit for scripts as interpreters of scripts (bprm_execve). */
const MAX_INTERPRETERS = 5;

/** More than any container starts through scripts. */
const MAX_PROGRAMS = 500;

/** A larger file is not a script. */
const MAX_SCRIPT_BYTES = 1024 * 1024;

/**
 * Follows and loads everything that a program starts: the interpreter of a script, the programs that a script starts in
 * any case, and those that the init of a system container starts from /etc/inittab. A missing program is a problem here
 * only if it is an interpreter: the program that starts it may not need it.
 */
export async function followStart(program: string, context: StartContext): Promise<FollowedProblem[]> {
  const found: FollowedProblem[] = [];
  const seen = new Set<string>();

  async function follow(path: string, above: readonly string[], interpretersLeft: number): Promise<void> {
    const place = context.view.find(path);
    if (place.kind !== 'file' || seen.has(place.path) || seen.size >= MAX_PROGRAMS) return;
    seen.add(place.path);
    const chain = [...above, path];
    const report = (problem: ProgramProblem): void => void found.push({ chain, problem });
    const { entry } = place;
    // do_open_execat() in fs/exec.c; a script passed to an interpreter is only read.
    const mount = context.view.noExecAt(place.path);
    if (mount !== undefined) {
      report({ kind: 'noexec', of: place.path, file: place.path, mount });
      return;
    }
    const line = readInterpreterLine(readHead(entry));
    if (line === undefined) {
      for (const problem of await loadFile(place.path, entry, context)) report(problem);
      for (const started of startedByInit(path, place.path, context.view))
        await follow(started, chain, MAX_INTERPRETERS);
      return;
    }
    const problem = interpreterProblem(path, line, context);
    if (problem !== undefined) {
      report(problem);
      return;
    }
    if (interpretersLeft > 0) {
      await follow(line.interpreter, chain, interpretersLeft - 1);
      const named = findInPath(programOfEnv(line), context);
      if (named !== undefined) await follow(named, chain, interpretersLeft - 1);
    }
    if (!isShell(line) || entry.sizeBytes > MAX_SCRIPT_BYTES) return;
    const { programs, patterns } = plainCommands(readPart(entry).toString('utf8'));
    const started = [
      ...programs,
      ...patterns.flatMap((pattern) => matchingPaths(context.view, pattern).filter(isExecutable)),
    ];
    for (const one of started) await follow(one, chain, MAX_INTERPRETERS);
  }

  function isExecutable(path: string): boolean {
    const place = context.view.find(path);
    if (place.kind !== 'file' || (place.entry.mode & 0o111) === 0) return false;
    // access(2) refuses X_OK there.
    return context.view.noExecAt(place.path) === undefined;
  }

  await follow(program, [], MAX_INTERPRETERS);
  return found;
}

async function loadFile(
  path: string,
  entry: FileEntry,
  context: StartContext,
): Promise<readonly ProgramProblem[]> {
  try {
    const elf = await context.read(entry);
    return elf === undefined ? [] : await loadProgram(path, elf, context);
  } catch (error) {
    // The check of all ELF files reports a damaged one.
    if (error instanceof ElfError) return [];
    throw error;
  }
}

function interpreterProblem(
  of: string,
  line: InterpreterLine,
  context: StartContext,
): ProgramProblem | undefined {
  const { interpreter, argument, carriageReturn } = line;
  if (!interpreter.startsWith('/')) return undefined;
  const place = context.view.find(interpreter);
  if (carriageReturn && (argument === undefined || isShell(line) || programOfEnv(line) !== undefined))
    return {
      kind: 'line-end',
      of,
      interpreter: argument === undefined ? interpreter : `${interpreter} ${argument}`,
    };
  if (place.kind === 'unknown') return undefined;
  if (place.kind !== 'file') return { kind: 'interpreter', of, interpreter };
  if ((place.entry.mode & 0o111) === 0)
    return { kind: 'not-executable', of, needs: interpreter, mode: place.entry.mode };
  const program = programOfEnv(line);
  if (program === undefined || program.includes('/')) {
    const named = program?.startsWith('/') === true ? context.view.find(program) : undefined;
    return named !== undefined && ['missing', 'other'].includes(named.kind)
      ? { kind: 'env', of, program: program ?? '', dirs: [] }
      : undefined;
  }
  const places = context.searchPath.map((dir) => context.view.find(posix.join(dir, program)).kind);
  if (places.some((kind) => kind === 'file' || kind === 'unknown')) return undefined;
  return { kind: 'env', of, program, dirs: context.searchPath };
}

function findInPath(program: string | undefined, { searchPath, view }: StartContext): string | undefined {
  if (program === undefined || program.includes('/')) return program;
  return searchPath.map((dir) => posix.join(dir, program)).find((path) => view.find(path).kind === 'file');
}

function readHead(entry: FileEntry): string {
  return readPart(entry, INTERPRETER_LINE_BYTES).toString('utf8');
}
