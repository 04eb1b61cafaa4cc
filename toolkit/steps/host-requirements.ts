import { imageFormats } from '../images/formats.ts';
import {
  buildTools,
  imageTools,
  kconfigTools,
  lxcTools,
  menuTools,
  missingTools,
  moduleTools,
  usefulTools,
  type HostTool,
} from '../host/host-tools.ts';
import { machines } from '../emulator/machines.ts';
import { catalog } from '../sources/catalog.ts';
import type { Build } from './build.ts';

/** What a board wants of the host, by how much it is needed. */
export interface HostRequirements {
  readonly build: readonly HostTool[];
  readonly boot: readonly HostTool[];
  readonly useful: readonly HostTool[];
  /** Part of `build`: what configuring alone takes. */
  readonly configure: readonly HostTool[];
}

/** The host tools that building and booting a board takes. */
export function hostRequirements(build: Build): HostRequirements {
  const { profile } = build.loaded;
  const { prefix, directory } = profile.toolchain;
  const { toolchain, toolchainPrefix } = build.architecture.debian;
  // A toolchain of the user's own is asked what it is when the build starts; only Debian's can be installed.
  const compiler: HostTool[] =
    directory === undefined && prefix === toolchainPrefix
      ? toolchain.map((tool) => ({ ...tool, neededFor: 'everything that runs on the board' }))
      : [];
  const images = profile.images.flatMap((kind) =>
    imageFormats[kind].hostTools.flatMap((name) => imageTools[name] ?? []),
  );
  const lxcSources = build.overrides.has('lxc') ? [] : (profile.lxc.sources ?? catalog.lxc.candidates);
  const compilesLxc = lxcSources.length === 0 || lxcSources.some((source) => !('debian' in source));
  const qemu = machines[profile.emulator.machine]?.programs[profile.toolchain.arch];
  return {
    build: [
      ...buildTools,
      ...compiler,
      ...(compilesLxc ? lxcTools : []),
      ...(profile.kernel.modules === 'keep' ? moduleTools : []),
      ...images,
    ],
    boot:
      qemu === undefined
        ? []
        : [{ name: qemu.program, debianPackage: qemu.debianPackage, neededFor: 'lxc-kit boot' }],
    useful: [...usefulTools, ...menuTools],
    configure: [...kconfigTools, ...compiler],
  };
}

/** The tools of a list that the host lacks. */
export function missingOnHost(build: Build, tools: readonly HostTool[]): HostTool[] {
  return missingTools(tools, build.env['PATH'] ?? '');
}

/** The Debian packages that bring some tools, each once. */
export function packagesOf(tools: readonly HostTool[]): string[] {
  return [...new Set(tools.map(({ debianPackage }) => debianPackage))].sort();
}
