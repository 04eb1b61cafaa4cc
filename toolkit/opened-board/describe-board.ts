import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from '../lxc-config/automatic-mounts.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { parseMountEntry } from '../lxc-keys/parse-mount-entry.ts';
import type { Locate, PlacedSetting } from '../lxc-keys/problem-list.ts';
import { findMachine } from '../emulator/machines.ts';
import { formatOf, keepsChanges } from '../images/formats.ts';
import type { BoardDescription, DescribedContainer } from '../kernel-needs/board-description.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { versionOfTree } from '../sources/version.ts';
import { programNeeds } from '../toolchain/architectures.ts';
import type { Build } from './build.ts';
import { includedLines } from './included-lines.ts';
import { isMadeByImage } from './image-texts.ts';

/** The versions of the built components, if the sources have them. */
export interface SourceVersions {
  readonly kernel: string | undefined;
  readonly lxc: string | undefined;
}

/** The assumed version of a source without one: the series that lxc-kit builds by default. */
export const ASSUMED_VERSIONS = { kernel: '6.1', lxc: '5.0' };

/** Returns the facts of a board that decide what one of its kernels needs. */
export function describeBoard(
  build: Build,
  kernel: { readonly name: 'kernel' | 'emulator-kernel'; readonly defconfig: string },
  versions: SourceVersions,
): BoardDescription {
  const { profile } = build.loaded;
  return {
    kernelVersion: versions.kernel ?? ASSUMED_VERSIONS.kernel,
    lxcVersion: versions.lxc ?? ASSUMED_VERSIONS.lxc,
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
    images: profile.images.map((kind) => ({ kind, needs: formatOf(kind).kernelNeeds })),
    keepsChanges: keepsChanges(profile.images),
    machine: describeMachine(build, kernel),
    fromNothing: kernel.defconfig === 'allnoconfig',
  };
}

/** Returns the version of a source from its tree, if there is one already, or else from its name. */
export async function versionOfSource(source: ResolvedSource, treeDir?: string): Promise<string | undefined> {
  const ofTree = treeDir === undefined ? undefined : await versionOfTree(source.component, treeDir);
  return ofTree ?? source.version;
}

/** The facts of a container that are not in its definition. */
interface ContainerSurroundings {
  readonly locate?: Locate;
  /** The lines of included files. */
  readonly included?: readonly PlacedSetting[];
  /** Whether something other than the kernel makes a node. */
  readonly isMadeElsewhere?: (path: string) => boolean;
}

/** Describes a container for the rules. */
export function describeContainer(
  definition: ContainerDefinition,
  { locate = () => undefined, included = [], isMadeElsewhere = () => false }: ContainerSurroundings = {},
): DescribedContainer {
  const settings = [...rawSettings(definition, locate), ...included];
  const { image } = definition.rootfs;
  return {
    definition,
    imageNeeds: image === undefined ? [] : formatOf(image).kernelNeeds,
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

/** Returns the settings in the raw lines of a definition. */
export function rawSettings({ raw }: ContainerDefinition, locate: Locate): PlacedSetting[] {
  return raw.flatMap((text, index) => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return [];
    const place = locate(['raw', index]);
    return [{ key: line.key, value: line.value, ...(place === undefined ? {} : { place }) }];
  });
}

/** Returns the files that a container's binds need; those with `optional` may be missing. */
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

/** Describes the machine that a kernel runs on in the emulator. */
function describeMachine(
  build: Build,
  { name, defconfig }: Parameters<typeof describeBoard>[1],
): BoardDescription['machine'] {
  const { emulator, images } = build.loaded.profile;
  const machine = findMachine(emulator.machine);
  const own = name === 'kernel';
  if (machine === undefined || (own && emulator.kernel !== undefined)) return undefined;
  // A configuration for other hardware must not get the symbols of the emulator's machine.
  if (own && defconfig !== 'allnoconfig' && !defconfig.startsWith(machine.defconfigPrefix)) return undefined;
  const { always, initramfs, disk, network } = machine.symbols;
  const boots = (kind: 'initramfs' | 'disk'): boolean =>
    images.some((image) => formatOf(image).boots?.kind === kind);
  const needs: SymbolNeed[] = [
    ...always,
    ...(boots('initramfs') ? initramfs : []),
    ...(boots('disk') ? disk : []),
    ...(emulator.network === undefined ? [] : network),
  ];
  return {
    needs: needs.map((need) => ({
      ...need,
      reason: `the emulator: ${need.reason}`,
      // The board itself does not need them; the boot test reports before the start what is missing.
      ...(own ? { wanted: true } : {}),
    })),
    prerequisites: machine.prerequisites,
  };
}
