import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from '../containers/automatic-mounts.ts';
import { findKeyOfAnyRelease } from '../containers/key-table.ts';
import { parseConfigLine } from '../containers/parse-config-line.ts';
import { machines } from '../emulator/machines.ts';
import { imageFormats } from '../images/formats.ts';
import type { BoardDescription, DescribedContainer } from '../kernel-needs/board-description.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Build } from './build.ts';

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
    containers: profile.containers.map(describeContainer),
    cgroup: profile.cgroup,
    bridges: profile.bridges,
    interfaces: profile.interfaces,
    architecture: { needs: build.architecture.kernelNeeds },
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

/** A container as the rules see it. */
export function describeContainer(definition: ContainerDefinition): DescribedContainer {
  return {
    definition,
    automaticMounts: automaticMounts(definition),
    rawKeys: definition.raw.flatMap((text) => {
      const line = parseConfigLine(text);
      if (line.kind !== 'setting') return [];
      return [{ key: line.key, symbols: findKeyOfAnyRelease(line.key)?.kernel ?? [] }];
    }),
  };
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
