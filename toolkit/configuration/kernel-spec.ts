import { findMachine } from '../emulator/machines.ts';
import { shippedPath } from '../base/package-root.ts';
import { MAX_TEXT_BYTES, readUserFile } from '../host/read-user-file.ts';
import type { RequiredSymbol } from '../kconfig/audit-config.ts';
import type { Layer } from '../kconfig/merge-fragments.ts';
import { locateFragment, type FragmentFile } from '../kconfig/read-fragment.ts';
import { DERIVED_FRAGMENT, deriveFragment, type DerivedFragment } from '../kernel-needs/derive-fragment.ts';
import { listNeeds } from '../kernel-needs/list-needs.ts';
import type { Build } from '../opened-board/build.ts';
import { describeBoard, type SourceVersions } from '../opened-board/describe-board.ts';

/** One kernel to configure and build: the board's own, or the one for the emulator. */
export interface KernelSpec {
  /** `kernel` or `emulator-kernel`: part of the steps' names. */
  readonly name: 'kernel' | 'emulator-kernel';
  readonly defconfig: string;
  readonly modules: 'keep' | 'builtin' | 'drop';
  readonly fragments: readonly FragmentFile[];
  /** How many of the fragments come before the derived one; undefined when the profile does not name that. */
  readonly derivedAt: number | undefined;
  /** Values written in the profile itself; they win over fragments. */
  readonly inline: Layer;
  /** Symbols that are required or wanted. They depend on the versions, since names change between releases. */
  readonly required: (versions: SourceVersions) => readonly RequiredSymbol[];
  /** Returns the fragment that the board needs. */
  readonly derive: (versions: SourceVersions) => DerivedFragment;
  /** The make target, which is also the name of the image. */
  readonly image: string;
}

const FRAGMENTS = { dir: shippedPath('kconfig-fragments'), shownAs: 'kconfig-fragments' };

/** Returns the file that a kernel's configuration starts from; undefined for one of the kernel's defconfigs and allnoconfig. */
export function kernelBaseFile(build: Build, { defconfig }: KernelSpec): FragmentFile | undefined {
  return defconfig.includes('/') ? { file: defconfig, shownAs: build.displayPath(defconfig) } : undefined;
}

/** Whether the compiler's flags, or the user's parts of a kernel's configuration, contain some words. */
export function hasKernelWords(build: Build, spec: KernelSpec, words: RegExp): boolean {
  const { prefix, cflags } = build.loaded.profile.toolchain;
  const files = [...spec.fragments, kernelBaseFile(build, spec) ?? []].flat();
  const texts = [prefix, ...cflags, ...spec.inline.lines.map(({ symbol, value }) => `${symbol}=${value}`)];
  return texts.some((text) => words.test(text)) || files.some(({ file }) => words.test(textOf(file)));
}

/** An unreadable file counts as empty here; the step that reads the configuration reports it. */
function textOf(file: string): string {
  try {
    return readUserFile(file, MAX_TEXT_BYTES.config).toString('utf8');
  } catch {
    return '';
  }
}

/** The fragments that harden the kernel, unless the profile says `hardening: off`. */
const HARDENING_FRAGMENTS = { always: ['hardening'], withoutModules: ['hardening-without-modules'] };

/** The fragments for each `cgroup:` layout, and those for boards with a container that has a processor list. */
const CGROUP_FRAGMENTS = {
  v2: { always: ['cgroup-v2'], cpus: [] },
  v1: { always: ['cgroup-v1'], cpus: ['cpuset-v1'] },
  'v1-single': { always: ['cgroup-v1'], cpus: ['cpuset-v1'] },
} as const;

/** Returns the board's own kernel, as the profile describes it. */
export function boardKernel(build: Build): KernelSpec {
  const { kernel } = build.loaded.profile;
  const requested: RequiredSymbol[] = kernel.require.map((symbol, index) => {
    const location = build.loaded.provenance(['kernel', 'require', index]);
    return { symbol, reason: `kernel.require, ${location.file}:${location.line}`, location };
  });
  const base = { name: 'kernel', defconfig: kernel.defconfig } as const;
  return {
    ...base,
    modules: kernel.modules,
    ...locateAll(build, kernel.modules, kernel.fragments),
    inline: inlineLayer(build, kernel.config, ['kernel', 'config']),
    required: (versions) => [...requested, ...neededSymbols(build, base, versions)],
    derive: (versions) => deriveFor(build, base, versions),
    image: kernel.image,
  };
}

/**
 * Returns the kernel that the emulator boots instead of the board's own, or undefined when it boots that one.
 * It gets the board's fragments too, so that both kernels offer containers the same.
 */
export function emulatorKernel(build: Build): KernelSpec | undefined {
  const { kernel, emulator } = build.loaded.profile;
  if (emulator.kernel === undefined) return undefined;
  const base = { name: 'emulator-kernel', defconfig: emulator.kernel.defconfig } as const;
  return {
    ...base,
    modules: 'drop',
    ...locateAll(build, 'drop', [...kernel.fragments, ...emulator.kernel.fragments]),
    inline: inlineLayer(build, emulator.kernel.config, ['emulator', 'kernel', 'config']),
    required: (versions) => neededSymbols(build, base, versions),
    derive: (versions) => deriveFor(build, base, versions),
    image: findMachine(emulator.machine)?.kernelImage ?? kernel.image,
  };
}

/** Locates the fragments: hardening first, so that all others win over it. The derived fragment has the cgroup layout's symbols too, and of these only the needed ones. */
function locateAll(
  build: Build,
  modules: KernelSpec['modules'],
  names: readonly string[],
): Pick<KernelSpec, 'fragments' | 'derivedAt'> {
  const isDerived = names.includes(DERIVED_FRAGMENT);
  const { cgroup, containers, hardening } = build.loaded.profile;
  const wishes =
    hardening === 'off'
      ? []
      : [
          ...HARDENING_FRAGMENTS.always,
          ...(modules === 'keep' ? [] : HARDENING_FRAGMENTS.withoutModules),
        ].filter((name) => !names.includes(name));
  const { always, cpus } = CGROUP_FRAGMENTS[cgroup];
  const withCpus = containers.some(({ limits }) => limits.cpus !== undefined) ? cpus : [];
  const own = isDerived ? names : [...always, ...withCpus, ...names];
  const unique = [...new Set(own)];
  const locate = (name: string): FragmentFile => locateFragment(name, FRAGMENTS, build.displayPath);
  return {
    fragments: [
      ...wishes.map((name) => ({ ...locate(name), optional: true as const })),
      ...unique.filter((name) => name !== DERIVED_FRAGMENT).map(locate),
    ],
    derivedAt: isDerived ? wishes.length + unique.indexOf(DERIVED_FRAGMENT) : undefined,
  };
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

/** Text other than y, m, n and numbers is a string symbol; a .config has it in quotes. */
function inlineValue(value: string | number): string {
  const text = String(value);
  return /^(?:[ymn]|-?\d+|0[xX][\da-fA-F]+|"(?:[^"\\]|\\.)*")$/.test(text)
    ? text
    : `"${text.replaceAll(/(["\\])/g, '\\$1')}"`;
}

function neededSymbols(
  build: Build,
  base: Pick<KernelSpec, 'name' | 'defconfig'>,
  versions: SourceVersions,
): RequiredSymbol[] {
  return listNeeds(describeBoard(build, base, versions)).map((need) => ({
    symbol: need.symbol,
    reason: need.reasons.join(', '),
    ...(need.wanted ? { wanted: need.wanted } : {}),
    ...(need.value === undefined ? {} : { value: need.value }),
    ...(need.onlyWith === undefined ? {} : { onlyWith: `CONFIG_${need.onlyWith}` }),
    ...(need.unless === undefined ? {} : { unless: `CONFIG_${need.unless}` }),
    ...(need.places === undefined ? {} : { neededAt: need.places }),
  }));
}

function deriveFor(
  build: Build,
  base: Pick<KernelSpec, 'name' | 'defconfig'>,
  versions: SourceVersions,
): DerivedFragment {
  const { profile } = build.loaded;
  const board = describeBoard(build, base, versions);
  const emulator = base.name === 'emulator-kernel' ? ' --emulator' : '';
  return deriveFragment(board, [
    `What the ${base.name === 'kernel' ? 'kernel' : "emulator's kernel"} of ${profile.name} needs, derived by lxc-kit from the board profile:`,
    `kernel ${board.kernelVersion}, LXC ${board.lxcVersion}, cgroup ${board.cgroup}, from ${base.defconfig.replace(/^.*\//, '')}.`,
    `Made by: lxc-kit kconfig derive --board ${build.boardArgument}${emulator}`,
    'Symbols that are not marked "wanted" are required: a build stops when one is lost.',
  ]);
}
