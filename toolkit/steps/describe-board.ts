import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from '../containers/automatic-mounts.ts';
import { findKeyOfAnyRelease } from '../containers/key-table.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import { parseMountEntry } from '../containers/parse-mount-entry.ts';
import type { Locate, PlacedSetting } from '../containers/problem-list.ts';
import { machines } from '../emulator/machines.ts';
import { imageFormats } from '../images/formats.ts';
import type { BoardDescription, DescribedContainer } from '../kernel-needs/board-description.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { versionOfTree } from '../sources/version.ts';
import { programNeeds } from '../toolchain/architectures.ts';
import type { Build } from './build.ts';
import { includedLines } from './included-lines.ts';
import { isMadeByImage } from './image-texts.ts';

/** Versions of what is built, as far as the sources tell. */
export interface SourceVersions {
  readonly kernel: string | undefined;
  readonly lxc: string | undefined;
}

/** What a source counts as that does not tell its version: the series that lxc-kit builds unless told otherwise. */
const ASSUMED = { kernel: '6.1', lxc: '5.0' };

/** All of a board that decides what one of its kernels needs. */
export function describeBoard(
  build: Build,
  kernel: { readonly name: 'kernel' | 'emulator-kernel'; readonly defconfig: string },
  versions: SourceVersions,
): BoardDescription {
  const { profile } = build.loaded;
  return {
    kernelVersion: versions.kernel ?? ASSUMED.kernel,
    lxcVersion: versions.lxc ?? ASSUMED.lxc,
    containers: profile.containers.map((container, index) =>
      describeContainer(container, {
        locate: (path) => build.loaded.provenance(['containers', index, ...path]),
        included: includedLines(container, build),
        isMadeElsewhere: (path) => isMadeByImage(path, build),
      }),
    ),
    cgroup: profile.cgroup,
    bridges: profile.bridges,
    interfaces: profile.interfaces,
    architecture: { needs: programNeeds(build.architecture, profile.toolchain) },
    images: profile.images.map((kind) => ({ kind, needs: imageFormats[kind].kernelNeeds })),
    machine: describeMachine(build, kernel),
    fromNothing: kernel.defconfig === 'allnoconfig',
  };
}

/** The version of a source: what its tree says, where there is one already, or else its name. */
export async function versionOfSource(source: ResolvedSource, treeDir?: string): Promise<string | undefined> {
  const ofTree = treeDir === undefined ? undefined : await versionOfTree(source.component, treeDir);
  return ofTree ?? source.version;
}

/** What a definition alone does not say of a container. */
interface ContainerSurroundings {
  readonly locate?: Locate;
  /** The lines of the files that it includes. */
  readonly included?: readonly PlacedSetting[];
  /** Whether something else than the kernel makes a node. */
  readonly isMadeElsewhere?: (path: string) => boolean;
}

/** A container as the rules see it. */
export function describeContainer(
  definition: ContainerDefinition,
  { locate = () => undefined, included = [], isMadeElsewhere = () => false }: ContainerSurroundings = {},
): DescribedContainer {
  const settings = [...rawSettings(definition, locate), ...included];
  return {
    definition,
    automaticMounts: automaticMounts(definition),
    lines: settings.map(({ key, value, place }) => ({
      key,
      value,
      symbols: findKeyOfAnyRelease(key)?.kernel ?? [],
      ...(place === undefined ? {} : { place }),
    })),
    nodes: boundFiles(definition, settings, locate).filter(
      ({ path }) => /^\/(?:dev|proc|sys)\//.test(path) && !isMadeElsewhere(path),
    ),
  };
}

/** The raw lines of a definition that set something. */
export function rawSettings({ raw }: ContainerDefinition, locate: Locate): PlacedSetting[] {
  return raw.flatMap((text, index) => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return [];
    const place = locate(['raw', index]);
    return [{ key: line.key, value: line.value, ...(place === undefined ? {} : { place }) }];
  });
}

/** What must be there for a container's binds; those with `optional` may be missing. */
function boundFiles(
  { bind }: ContainerDefinition,
  settings: readonly PlacedSetting[],
  locate: Locate,
): DescribedContainer['nodes'] {
  const own = bind.flatMap(({ from, optional, options }, index) => {
    if (optional || options.includes('optional')) return [];
    const place = locate(['bind', index, 'from']) ?? locate(['bind', index]);
    return [{ path: from, ...(place === undefined ? {} : { place }) }];
  });
  const raw = settings.flatMap(({ key, value, place }) => {
    const entry = key === 'lxc.mount.entry' ? parseMountEntry(value) : undefined;
    if (entry === undefined || !entry.isBind || entry.options.includes('optional')) return [];
    return [{ path: entry.source, ...(place === undefined ? {} : { place }) }];
  });
  return [...own, ...raw];
}

/** The machine that a kernel runs on in the emulator. */
function describeMachine(
  build: Build,
  { name, defconfig }: Parameters<typeof describeBoard>[1],
): BoardDescription['machine'] {
  const { emulator, images } = build.loaded.profile;
  const machine = machines[emulator.machine];
  const own = name === 'kernel';
  if (machine === undefined || (own && emulator.kernel !== undefined)) return undefined;
  // A board's own configuration that is made for other hardware must not get another machine's symbols.
  if (own && defconfig !== 'allnoconfig' && !defconfig.startsWith(machine.defconfigPrefix)) return undefined;
  const { always, initramfs, disk, network } = machine.symbols;
  const needs: SymbolNeed[] = [
    ...always,
    ...(images.includes('cpio.gz') ? initramfs : []),
    ...(images.includes('squashfs') || images.includes('ext4') ? disk : []),
    ...(emulator.network === undefined ? [] : network),
  ];
  return {
    needs: needs.map((need) => ({
      ...need,
      reason: `the emulator: ${need.reason}`,
      // The board itself does without them; the boot test says before it starts what it lacks.
      ...(own ? { wanted: true } : {}),
    })),
    prerequisites: machine.prerequisites,
  };
}
