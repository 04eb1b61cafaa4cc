import { posix } from 'node:path';
import { joinWords } from '../base/join-words.ts';
import type { ProgramProblem } from './program-problem.ts';
import type { RootView } from './root-view.ts';

/** The possible fixes for a program, which depend on whether it is in a container or on the device. */
export interface Surroundings {
  readonly view: RootView;
  /** The device's own root filesystem; the same as `view` for a program that runs there. */
  readonly device: RootView;
  /** Returns the advice for adding a file: "put /lib/libx.so into app.tar". */
  readonly put: (path: string) => string;
  /** Whether the container can bind files of the device. */
  readonly binds: boolean;
}

/** A problem as a fact and one action. */
export interface DescribedProblem {
  readonly fact: string;
  readonly help: string;
}

/** Says what a program lacks, where it was searched, and what to do. The caller names the program. */
export function describeProblem(problem: ProgramProblem, around: Surroundings): DescribedProblem {
  const { view } = around;
  const notIn = `not in ${view.name}`;
  switch (problem.kind) {
    case 'interpreter':
      return {
        fact: `whose interpreter ${problem.interpreter} is ${notIn}`,
        help:
          bring(problem.interpreter, around) ??
          `name an existing interpreter in its first line, such as #!/bin/sh`,
      };
    case 'line-end':
      return {
        fact: `whose first line, #!${problem.interpreter}, ends with a carriage return: the kernel looks for a program with that in its name`,
        help: `save ${problem.of} with Unix line ends`,
      };
    case 'env':
      return describeEnv(problem, around);
    case 'linker':
      return {
        fact: `whose dynamic linker ${problem.linker} is ${notIn}`,
        help: bring(problem.linker, around, true) ?? around.put(problem.linker),
      };
    case 'not-executable':
      return {
        fact: `which needs ${problem.needs}, and that is not executable: its mode is ${problem.mode.toString(8).padStart(4, '0')}`,
        help: `give ${problem.needs} mode 0755`,
      };
    case 'noexec':
      return {
        fact:
          problem.file === problem.of
            ? `which is in ${problem.mount}, mounted with noexec: the kernel refuses to execute it`
            : `which needs ${problem.file}, and ${problem.mount} is mounted with noexec: the kernel refuses to map it as code`,
        help: `remove noexec from the options of the mount on ${problem.mount}`,
      };
    case 'library':
      return describeLibrary(problem, around);
    case 'origin':
      return {
        fact: `which looks for ${problem.library} in ${problem.runPath}, and without /proc the dynamic linker does not know $ORIGIN`,
        help: `add "auto: [proc:mixed]", or build it with the absolute path of the directory`,
      };
    case 'version':
      return {
        fact: `which needs version ${problem.version} of ${problem.library}, and ${problem.file} has ${problem.has.length === 0 ? 'none' : `only ${joinWords(problem.has, 'and')}`}`,
        help: `replace it with a ${problem.library} that has ${problem.version}, or build the program against this one`,
      };
    case 'link-trait':
      return {
        fact: `whose ${problem.trait} is ${problem.own}, and its library ${problem.file} has ${problem.other}`,
        help: 'build both with the same compiler flags',
      };
  }
}

function describeEnv(
  { program, dirs }: Extract<ProgramProblem, { kind: 'env' }>,
  around: Surroundings,
): DescribedProblem {
  if (/\s/.test(program)) {
    return {
      fact: `whose env looks for one program named "${program}"`,
      help: 'write the absolute path of the interpreter, or "env -S" if env supports that',
    };
  }
  const where = dirs.length === 0 ? `not in ${around.view.name}` : `in none of ${joinWords(dirs, 'and')}`;
  const onDevice = dirs
    .map((dir) => posix.join(dir, program))
    .find((path) => around.device.find(path).kind === 'file');
  return {
    fact: `whose interpreter ${program}, which env looks for, is ${where}`,
    help:
      (onDevice === undefined ? undefined : bring(onDevice, around)) ??
      'name an existing interpreter in its first line, such as #!/bin/sh',
  };
}

function describeLibrary(
  { of, library, searched, onlyInCache }: Extract<ProgramProblem, { kind: 'library' }>,
  around: Surroundings,
): DescribedProblem {
  if (onlyInCache !== undefined) {
    return {
      fact: `which needs the library ${library}: ${onlyInCache} has it, which only /etc/ld.so.conf names, and without /etc/ld.so.cache the dynamic linker does not look there`,
      help: `${around.put('/etc/ld.so.cache')}; ldconfig -r writes it`,
    };
  }
  const where =
    searched.length === 0
      ? 'no directory is searched for it'
      : `it is in none of ${joinWords(searched, 'and')}`;
  const onDevice = searched
    .map((dir) => posix.join(dir, library))
    .find((path) => around.device.find(path).kind === 'file');
  return {
    fact: `which needs the library ${library}: ${where}`,
    help:
      (onDevice === undefined ? undefined : bring(onDevice, around, true)) ??
      around.put(posix.join(searched.at(-1) ?? posix.dirname(of), library)),
  };
}

/**
 * Returns the path to add to `bind` for a file of the device: its directory if that has the other files too and hides
 * nothing, otherwise the file. Undefined if the device does not have it.
 */
function bring(
  path: string,
  { view, device, binds }: Surroundings,
  withNeighbours = false,
): string | undefined {
  if (!binds || device.find(path).kind !== 'file') return undefined;
  const directory = posix.dirname(path);
  return withNeighbours && view.names(directory).length === 0
    ? `add ${directory} to its bind`
    : `add ${path} to its bind`;
}
