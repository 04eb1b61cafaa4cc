import { shippedPath } from '../base/package-root.ts';
import { kernelNeeds } from '../containers/container-needs.ts';
import { machines } from '../emulator/machines.ts';
import type { RequiredSymbol } from '../kconfig/audit-config.ts';
import type { Layer } from '../kconfig/merge-fragments.ts';
import { locateFragment, type FragmentFile } from '../kconfig/read-fragment.ts';
import type { Build } from './build.ts';

/** One kernel to configure and build: the board's own, or the one that runs in the emulator. */
export interface KernelSpec {
  /** `kernel` or `emulator-kernel`: part of the steps' names. */
  readonly name: 'kernel' | 'emulator-kernel';
  readonly defconfig: string;
  readonly modules: 'keep' | 'builtin' | 'drop';
  readonly fragments: readonly FragmentFile[];
  /** Values written in the profile itself; they win over fragments. */
  readonly inline: Layer;
  /** Symbols that must be set, given the kernel's version: names change from one to another. */
  readonly required: (kernelVersion: string | undefined) => readonly RequiredSymbol[];
  /** The make target, which is also the name of the image. */
  readonly image: string;
}

const FRAGMENTS = { dir: shippedPath('kconfig-fragments'), shownAs: 'kconfig-fragments' };

/** The fragment for each layout of `cgroup:`. */
const CGROUP_FRAGMENTS = { v2: 'cgroup-v2', v1: 'cgroup-v1', 'v1-single': 'cgroup-v1' } as const;

/** The board's own kernel, as the profile describes it. */
export function boardKernel(build: Build): KernelSpec {
  const { kernel } = build.loaded.profile;
  const requested: RequiredSymbol[] = kernel.require.map((symbol, index) => {
    const location = build.loaded.provenance(['kernel', 'require', index]);
    return { symbol, reason: `kernel.require, ${location.file}:${location.line}`, location };
  });
  return {
    name: 'kernel',
    defconfig: kernel.defconfig,
    modules: kernel.modules,
    fragments: locateAll(build, kernel.fragments),
    inline: inlineLayer(build, kernel.config, ['kernel', 'config']),
    required: (version) => [...requested, ...containerSymbols(build, version)],
    image: kernel.image,
  };
}

/**
 * The kernel that the emulator boots in place of the board's own, or undefined when that one boots there itself.
 * It gets the board's fragments too, so that both kernels offer containers the same.
 */
export function emulatorKernel(build: Build): KernelSpec | undefined {
  const { kernel, emulator } = build.loaded.profile;
  if (emulator.kernel === undefined) return undefined;
  return {
    name: 'emulator-kernel',
    defconfig: emulator.kernel.defconfig,
    modules: 'drop',
    fragments: locateAll(build, [...kernel.fragments, ...emulator.kernel.fragments]),
    inline: inlineLayer(build, emulator.kernel.config, ['emulator', 'kernel', 'config']),
    required: (version) => [...containerSymbols(build, version), ...emulatorSymbols(build)],
    image: 'vmlinux',
  };
}

function locateAll(build: Build, names: readonly string[]): FragmentFile[] {
  const own = [CGROUP_FRAGMENTS[build.loaded.profile.cgroup], ...names];
  return [...new Set(own)].map((name) => locateFragment(name, FRAGMENTS, build.displayPath));
}

function inlineLayer(
  build: Build,
  values: Readonly<Record<string, string | number>>,
  path: readonly string[],
): Layer {
  const lines = Object.entries(values).map(([symbol, value]) => ({
    symbol,
    value: inlineValue(value),
    location: build.loaded.provenance([...path, symbol]),
  }));
  return { lines };
}

/** Text other than y, m, n and numbers is a string symbol, which a .config has in quotes. */
function inlineValue(value: string | number): string {
  const text = String(value);
  return /^(?:[ymn]|-?\d+|0[xX][\da-fA-F]+|".*")$/.test(text)
    ? text
    : `"${text.replaceAll(/(["\\])/g, '\\$1')}"`;
}

function containerSymbols(build: Build, kernelVersion: string | undefined): RequiredSymbol[] {
  const { containers, cgroup } = build.loaded.profile;
  return kernelNeeds(containers, cgroup, kernelVersion).map((need) => ({
    symbol: need.symbol,
    reason: need.reason,
  }));
}

function emulatorSymbols(build: Build): RequiredSymbol[] {
  const machine = machines[build.loaded.profile.emulator.machine];
  return (machine?.symbols.always ?? []).map(({ symbol, reason }) => ({
    symbol,
    reason: `the emulator: ${reason}`,
  }));
}
