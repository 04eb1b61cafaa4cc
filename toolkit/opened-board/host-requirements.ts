import { basename } from 'node:path';
import { imageFormats } from '../images/formats.ts';
import {
  autotoolsTools,
  buildTools,
  imageTools,
  kconfigTools,
  lxcTools,
  menuTools,
  mesonTools,
  missingTools,
  moduleTools,
  sourceTools,
  toolsOfKernelImage,
  usefulTools,
  type HostTool,
} from '../host/host-tools.ts';
import { findMachine } from '../emulator/machines.ts';
import { librariesFor } from '../lxc/libraries.ts';
import { findRecipe } from '../lxc/recipes.ts';
import { openSource } from '../sources/source-kinds.ts';
import { versionFromName } from '../download/version-from-name.ts';
import { launchers, type LauncherName } from '../toolchain/launchers.ts';
import type { Build } from './build.ts';
import { sourceRequest } from './component-source.ts';

/** A host tool and the steps that run it; without steps, every step that compiles or packs. */
export interface NeededTool extends HostTool {
  readonly steps?: RegExp;
}

/** The tools that a board needs on the host, by how much it needs them. */
export interface HostRequirements {
  readonly build: readonly NeededTool[];
  readonly boot: readonly HostTool[];
  readonly useful: readonly HostTool[];
  /** Part of `build`: the tools for fetching and configuring. */
  readonly configure: readonly HostTool[];
}

/** Returns the host tools for building and booting a board. */
export function hostRequirements(build: Build): HostRequirements {
  const { profile } = build.loaded;
  const { prefix, directory } = profile.toolchain;
  const { toolchain, toolchainPrefix } = build.architecture.debian;
  // The user's own toolchain is probed when the build starts; only Debian's can be installed.
  const compiler: HostTool[] =
    directory === undefined && prefix === toolchainPrefix
      ? toolchain.map((tool) => ({ ...tool, neededFor: 'everything that runs on the board' }))
      : [];
  const ofContainers = profile.containers.flatMap(({ rootfs }) => [
    ...(rootfs.image === undefined ? [] : [rootfs.image]),
    // The file system of its changes.
    ...(rootfs.size === undefined ? [] : ['ext4' as const]),
  ]);
  const images = [...new Set([...profile.images, ...ofContainers])].flatMap((kind) =>
    imageFormats[kind].hostTools.flatMap((name) => imageTools[name] ?? []),
  );
  const qemu = findMachine(profile.emulator.machine)?.programs[profile.toolchain.arch];
  return {
    build: [
      ...buildTools,
      ...compiler,
      ...launcherTools(profile.toolchain.launcher),
      ...ofSteps(/^build-l/, lxcBuildTools(build)),
      ...ofSteps(/^build-kernel$/, toolsOfKernelImage(basename(profile.kernel.image))),
      ...ofSteps(/^build-kernel$/, profile.kernel.modules === 'keep' ? moduleTools : []),
      ...ofSteps(/^pack-/, images),
    ],
    boot:
      qemu === undefined
        ? []
        : [{ name: qemu.program, debianPackage: qemu.debianPackage, neededFor: 'lxc-kit boot' }],
    useful: [...usefulTools, ...menuTools],
    configure: [...kconfigTools, ...sourceTools, ...compiler],
  };
}

function ofSteps(steps: RegExp, tools: readonly HostTool[]): NeededTool[] {
  return tools.map((tool) => ({ ...tool, steps }));
}

/** Steps that neither compile for the board nor pack. */
const BEFORE_COMPILING = /^(?:check|fetch|configure)-/;

/** Returns the tools that the steps with these ids run. */
export function toolsOfSteps({ build, configure }: HostRequirements, ids: readonly string[]): HostTool[] {
  if (ids.every((id) => BEFORE_COMPILING.test(id))) return [...configure];
  return build.filter(({ steps }) => steps === undefined || ids.some((id) => steps.test(id)));
}

/** Returns the launcher that the profile names; the default one is optional. */
function launcherTools(named: LauncherName | 'none' | undefined): HostTool[] {
  if (named === undefined || named === 'none') return [];
  const { debianPackage, does } = launchers[named];
  return [{ name: named, debianPackage, neededFor: `toolchain.launcher of the profile: it ${does}` }];
}

/** Returns the tools for compiling LXC; those for any release if its sources do not say which one it is. */
function lxcBuildTools(build: Build): HostTool[] {
  const versions = sourceRequest(build, 'lxc')
    .candidates.map(openSource)
    .flatMap(({ mayBePrebuilt, statedVersion, fileName }) =>
      mayBePrebuilt === true ? [] : [statedVersion ?? versionFromName(fileName ?? '')],
    );
  if (versions.length === 0) return [];
  const systems = new Set(
    versions.flatMap((version) =>
      version === undefined ? (['autotools', 'meson'] as const) : [findRecipe(version).recipe.buildSystem],
    ),
  );
  return [
    ...lxcTools,
    ...librariesFor(build.loaded.profile.lxc.features).flatMap(({ hostTools }) => hostTools),
    ...(systems.has('meson') ? mesonTools : []),
    ...(systems.has('autotools') ? autotoolsTools : []),
  ];
}

/** Returns the tools that the host lacks. */
export function missingOnHost(build: Build, tools: readonly HostTool[]): HostTool[] {
  return missingTools(tools, build.env['PATH'] ?? '');
}

/** Returns the Debian packages of some tools, each once. */
export function packagesOf(tools: readonly HostTool[]): string[] {
  return [...new Set(tools.map(({ debianPackage }) => debianPackage))].sort();
}
