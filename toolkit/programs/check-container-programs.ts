import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { Diagnostic, Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import type { LinkTrait } from '../toolchain/program-traits.ts';
import { describeProblem, type Surroundings } from './describe-problem.ts';
import type { ElfReader } from './elf-reader.ts';
import { followStart, type StartContext } from './follow-start.ts';
import { containerView, deviceView, mountPointsOf, type RootView, type SeenMount } from './root-view.ts';
import {
  startedPrograms,
  type DefinitionPath,
  type IncludedSetting,
  type StartedProgram,
} from './started-programs.ts';

/** A container and its mounts. */
export interface CheckedContainer {
  readonly container: ContainerDefinition;
  /** The path on the host of the content of its root filesystem, if it has one. */
  readonly contentPath?: string | undefined;
  /** In the order in which they are made; undefined if unknown, and then its programs are not checked. */
  readonly mounts: readonly SeenMount[] | undefined;
  /** The lines of included files. */
  readonly included?: readonly IncludedSetting[];
  /** Returns the place of a part of the definition. */
  readonly locate: (path: DefinitionPath) => Location | undefined;
}

export interface ContainerProgramsRequest {
  /** The device's whole root filesystem, with its libraries and those of the containers. */
  readonly tree: RootfsTree;
  readonly containers: readonly CheckedContainer[];
  readonly linkTraits: readonly LinkTrait[];
  readonly read: ElfReader;
}

/** The problems of programs that containers start. */
export interface ProgramFindings {
  /** Programs that will not run. */
  readonly errors: Diagnostic[];
  /** Programs that will not run unless a hook or the running device provides the missing files. */
  readonly warnings: Diagnostic[];
}

/** The folders in which `env` and shells look for programs; a program in none of them is not found with any usual PATH. */
const SEARCH_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Hooks that run before the container's first process and can add files to its root. */
const PREPARING_HOOKS = ['pre-start', 'pre-mount', 'mount', 'autodev'];

/** Commands with which a hook changes a container's files. */
const CHANGES_FILES = /\b(?:mount|cp|mv|ln|tar|cpio|unzip|rsync|install|wget|curl|opkg|dpkg|apk)\b/;

const MAX_FSTAB_BYTES = 1024 * 1024;

/**
 * Checks everything that containers start, in the view of each container: interpreters of scripts, dynamic linkers,
 * libraries and their versions. Skips programs in a container that nothing is known to start.
 */
export async function checkContainerPrograms(request: ContainerProgramsRequest): Promise<ProgramFindings> {
  const { tree, containers, read, linkTraits } = request;
  const findings: ProgramFindings = { errors: [], warnings: [] };
  const fstab = tree.lookup('/etc/fstab');
  const mountPoints =
    fstab?.type === 'file' && fstab.sizeBytes <= MAX_FSTAB_BYTES
      ? mountPointsOf(readPart(fstab).toString('utf8'))
      : [];
  const device = deviceView(tree, mountPoints);
  for (const { container, contentPath, mounts, locate, included } of containers) {
    const inside =
      mounts === undefined
        ? undefined
        : containerView(container.name, tree, { rootfsPath: container.rootfs.path, mounts, mountPoints });
    const prepared = isPrepared(container, device);
    for (const started of startedPrograms(container, included)) {
      const view = started.where === 'device' ? device : inside;
      if (view === undefined) continue;
      const context: StartContext = {
        view,
        read,
        linkTraits,
        ...environmentOf(container, started, mounts ?? []),
      };
      const location = started.place ?? locate(started.path);
      const into = prepared && started.where === 'container' ? findings.warnings : findings.errors;
      const lacking = lackingProgram(started, view);
      if (lacking !== undefined) into.push({ ...lacking, ...(location === undefined ? {} : { location }) });
      for (const problem of await followStart(started.program, context)) {
        const { fact, help } = describeProblem(
          problem.problem,
          surroundings(contentPath, started, view, device),
        );
        into.push({
          message: `${started.says} ${chainInWords(problem.chain)}, ${fact}`,
          help,
          ...(location === undefined ? {} : { location }),
        });
      }
    }
  }
  return findings;
}

/** Checks a program of a raw line; those of the definition itself are checked when the definition is written. */
function lackingProgram({ program, path, says }: StartedProgram, view: RootView): Diagnostic | undefined {
  if (path[0] !== 'raw' && path[0] !== 'include') return undefined;
  const place = view.find(program);
  if (place.kind === 'missing')
    return { message: `${says} ${program}, which is not in ${view.name}`, help: `put ${program} there` };
  if (place.kind !== 'file' || (place.entry.mode & 0o111) !== 0) return undefined;
  const mode = place.entry.mode.toString(8).padStart(4, '0');
  return {
    message: `${says} ${program}, which is not executable: its mode is ${mode}`,
    help: 'give it mode 0755',
  };
}

/** `/sbin/init`, or `/sbin/init, which starts /etc/init.d/rcS, which starts /usr/bin/app`. */
function chainInWords(chain: readonly string[]): string {
  return chain.join(', which starts ');
}

function environmentOf(
  { environment, auto, kind, bind, raw, mounts: wanted }: ContainerDefinition,
  { where }: StartedProgram,
  mounts: readonly SeenMount[],
): Pick<StartContext, 'searchPath' | 'libraryPath' | 'hasProc'> {
  if (where === 'device') return { searchPath: SEARCH_PATH, libraryPath: [], hasProc: true };
  const variables = { ...environment, ...Object.fromEntries(raw.flatMap(rawVariable)) };
  return {
    searchPath: variables['PATH']?.split(':').filter(Boolean) ?? SEARCH_PATH,
    libraryPath: variables['LD_LIBRARY_PATH']?.split(/[:;]/) ?? [],
    hasProc:
      kind === 'system' ||
      auto.some((word) => word.startsWith('proc')) ||
      [...bind, ...wanted].some(({ to }) => to === '/proc') ||
      mounts.some(({ target }) => target === '/proc'),
  };
}

function rawVariable(line: string): [name: string, value: string][] {
  const [, name, value = ''] = /^\s*lxc\.environment\s*=\s*(\w+)=(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, value.trim()]];
}

/** Whether a hook may add files to the container's root: a script with such commands, or one that cannot be read. */
function isPrepared({ hooks, raw }: ContainerDefinition, device: RootView): boolean {
  const commands = [
    ...PREPARING_HOOKS.flatMap((hook) => hooks[hook as keyof typeof hooks] ?? []),
    ...raw.flatMap(
      (line) => /^\s*lxc\.hook\.(?:pre-start|pre-mount|mount|autodev)\s*=\s*(.*)$/.exec(line)?.[1] ?? [],
    ),
  ];
  return commands.some((command) => {
    if (CHANGES_FILES.test(command)) return true;
    const [program] = /^\/\S+/.exec(command.trim()) ?? [];
    const place = program === undefined ? undefined : device.find(program);
    if (place?.kind !== 'file') return false;
    const text = place.entry.sizeBytes > MAX_FSTAB_BYTES ? '' : readPart(place.entry).toString('latin1');
    return !text.startsWith('#!') || CHANGES_FILES.test(text);
  });
}

function surroundings(
  contentPath: string | undefined,
  { where }: StartedProgram,
  view: RootView,
  device: RootView,
): Surroundings {
  const inside = where === 'container';
  const put = (path: string): string => {
    if (inside && contentPath !== undefined) return `put ${path} into ${posix.basename(contentPath)}`;
    const overlay = `put ${path} into an overlay of the board`;
    return inside ? `${overlay} and add it to its bind` : overlay;
  };
  return { view, device, binds: inside, put };
}
