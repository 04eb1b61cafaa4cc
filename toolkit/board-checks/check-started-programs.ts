import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import { seenMounts } from '../containers/seen-mounts.ts';
import { readPart } from '../host/file-part.ts';
import { checkContainerPrograms, type ProgramFindings } from '../programs/check-container-programs.ts';
import type { ElfProblem } from '../programs/close-libraries.ts';
import type { ElfReader } from '../programs/elf-reader.ts';
import { openContent } from '../rootfs/content-kinds.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import type { Build } from '../opened-board/build.ts';
import { includedLines } from '../opened-board/included-lines.ts';

/** Checks the programs that the containers of a board start, in its whole root filesystem. */
export function checkStartedPrograms(
  build: Build,
  tree: RootfsTree,
  read: ElfReader,
): Promise<ProgramFindings> {
  const { profile, provenance } = build.loaded;
  const manifest = tree.manifest();
  return checkContainerPrograms({
    tree,
    read,
    linkTraits: build.architecture.linkTraits,
    containers: profile.containers.map((container, index) => ({
      container,
      contentPath: openContent(container.rootfs.from)?.path,
      mounts: seenMounts(container, manifest, (path) => readIncluded(tree, path)),
      included: includedLines(container, build),
      locate: (path) => provenance(['containers', index, ...path]),
    })),
  });
}

/**
 * Throws all problems with programs: CONTAINER_INVALID if a container is involved, otherwise ELF_WRONG. A problem in a
 * container's own root filesystem is shown at the place where the profile names that.
 */
export function throwProblems(
  { loaded: { profile, provenance } }: Build,
  problems: readonly ElfProblem[],
  ofContainers: readonly Diagnostic[],
): void {
  const shown = problems.map(({ path, ...problem }): Diagnostic => {
    const index = profile.containers.findIndex(
      ({ rootfs }) => typeof rootfs.from !== 'string' && path.startsWith(`${rootfs.path}/`),
    );
    return index < 0
      ? problem
      : { ...problem, location: provenance(['containers', index, 'rootfs', 'from']) };
  });
  const all = [...shown, ...ofContainers];
  if (all.length === 0) return;
  const contained = all.some(({ location }) => location !== undefined);
  throw new DiagnosticsError(contained ? 'CONTAINER_INVALID' : 'ELF_WRONG', all);
}

/** A larger file is not an LXC configuration. */
const MAX_CONFIG_BYTES = 1024 * 1024;

function readIncluded(tree: RootfsTree, path: string): string[] | undefined {
  const real = tree.resolve(path);
  const entry = real === undefined ? undefined : tree.get(real);
  const files =
    entry?.type === 'dir'
      ? tree
          .entries()
          .filter(
            (one) =>
              one.path.startsWith(`${entry.path}/`) &&
              /^[^/]+\.conf$/.test(one.path.slice(entry.path.length + 1)),
          )
      : [entry];
  const texts = files.map((file) =>
    file?.type === 'file' && file.sizeBytes <= MAX_CONFIG_BYTES ? readPart(file).toString('utf8') : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}
