import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { KitError } from '../base/errors.ts';
import { nameCharacter, shellActive } from '../base/shell-word.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { RequiredSymbol } from '../kconfig/audit-config.ts';
import { applyModulePolicy, mergedText, mergeLayers, type Layer } from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import { DERIVED_FRAGMENT } from '../kernel-needs/derive-fragment.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { runInStep, type Build } from '../opened-board/build.ts';
import type { ConfiguredTree, ConfigureContext } from './configured-tree.ts';
import type { SourceVersions } from '../opened-board/describe-board.ts';
import { withKeptConf } from './keep-conf.ts';
import { kernelBaseFile, type KernelSpec } from './kernel-spec.ts';
import { readLayers } from './read-layers.ts';
import { unpackKernel } from './unpack-kernel.ts';

/** The sources that a kernel is configured from. */
export interface KernelSources {
  readonly kernel: ResolvedSource;
  /** The version of LXC, when its source states one. */
  readonly lxcVersion: string | undefined;
}

/** Makes the final .config of a kernel from base, fragments and inline values, with the kernel's own conf. */
export async function mergeKernel(
  build: Build,
  spec: KernelSpec,
  sources: KernelSources,
  toolchain: Toolchain,
  context: ConfigureContext,
): Promise<ConfiguredTree> {
  const { kernelArch } = build.architecture;
  const baseFile = kernelBaseFile(build, spec);
  const target = { program: 'Linux', kernelArch } as const;
  const { base: baseLayer, layers } = readLayers(
    spec.fragments,
    baseFile === undefined ? undefined : { file: baseFile, target },
    context,
  );
  const tree = await unpackKernel(build, sources.kernel, context);
  // A tarball's name may have a vendor's version; prefer the one in the tree.
  const version = (await versionOfTree('kernel', tree)) ?? sources.kernel.version;
  const versions = { kernel: version, lxc: sources.lxcVersion };
  const asked = withDerived(layers, spec, versions);
  const required = spec.required(versions);
  const requests = mergeLayers([OWN_LAYER, ...yieldToNeeds(asked, required), spec.inline]);
  const objDir = join(context.workDir, 'obj');
  const make = kernelMake(build, toolchain, tree, objDir);
  // This run must not see the configuration of an earlier one.
  for (const name of ['.config', '.config.old']) await rm(join(objDir, name), { force: true });
  // conf would write a thousand files for a build beside it, and nothing is built in this directory.
  await writeAtomic(join(objDir, 'include/config/auto.conf'), '');
  const mergedFile = join(context.workDir, 'merged.config');
  // As in merge_config.sh: without a request, allnoconfig leaves a symbol off and alldefconfig gives it its default.
  const goal = spec.defconfig === 'allnoconfig' ? 'allnoconfig' : 'alldefconfig';
  const configure = async (merged: string): Promise<string> => {
    await writeAtomic(mergedFile, merged);
    await runInStep(build, context, [...make, `KCONFIG_ALLCONFIG=${mergedFile}`, goal]);
    return readFileSync(join(objDir, '.config'), 'utf8');
  };
  const { base, merged, text } = await withKeptConf(build, { tree, objDir }, context, async () => {
    const unchanged = await baseConfiguration(build, spec, tree, make, context);
    const base = applyModulePolicy(unchanged, spec.modules);
    const merged = mergedText(base, requests);
    return { base, merged, text: await configure(merged) };
  });
  return {
    name: spec.name,
    version,
    tree,
    objDir,
    make,
    unset: goal === 'allnoconfig' ? 'n' : 'default',
    base,
    baseLines: baseLayer?.lines ?? [],
    modules: spec.modules,
    requests,
    merged,
    text,
    required,
    configure,
  };
}

/** Gives a wish the value that something on the board needs: a container with /dev/mem keeps DEVMEM. */
function yieldToNeeds(layers: readonly Layer[], required: readonly RequiredSymbol[]): readonly Layer[] {
  const needed = new Map(required.map(({ symbol, value = 'y' }) => [symbol, value]));
  return layers.map(({ lines }) => ({
    lines: lines.map((line) =>
      line.optional === true ? { ...line, value: needed.get(line.symbol) ?? line.value } : line,
    ),
  }));
}

/** Puts the derived layer in its place among the fragments' layers, when the profile asks for it. */
function withDerived(layers: readonly Layer[], spec: KernelSpec, versions: SourceVersions): readonly Layer[] {
  if (spec.derivedAt === undefined) return layers;
  const lines = spec.derive(versions).lines.map(({ symbol, reason, line }) => ({
    symbol,
    value: 'y',
    // It has no file, but `lxc-kit kconfig derive` prints it with these line numbers.
    location: { file: `${DERIVED_FRAGMENT} (${reason})`, line, column: 1, sourceLine: `${symbol}=y` },
  }));
  return layers.toSpliced(spec.derivedAt, 0, { lines });
}

/** Returns the first words of every make call for the kernel or BusyBox. Throws STEP_FAILED for a path that make cannot handle. */
export function kernelMake(
  build: Build,
  toolchain: Toolchain,
  tree: string,
  objDir: string,
): [string, ...string[]] {
  refuseForCommands(tree);
  return [
    'make',
    '-C',
    tree,
    `O=${objDir}`,
    `ARCH=${build.architecture.kernelArch}`,
    `CROSS_COMPILE=${toolchain.prefix}`,
  ];
}

/** The user's own tree is used in place, and makefiles put its path into commands unquoted. */
function refuseForCommands(tree: string): void {
  const found = shellActive(tree);
  if (found === undefined) return;
  throw new KitError(
    'STEP_FAILED',
    `the path of the source tree has ${nameCharacter(found)} in it, and make cannot work there`,
    { lines: [tree], hint: 'give a tarball of it, or move the tree' },
  );
}

/** On in every kernel unless a fragment or the profile says otherwise: lxc-checkconfig reads /proc/config.gz. */
const OWN_LAYER: Layer = {
  lines: parseConfig('CONFIG_IKCONFIG=y\nCONFIG_IKCONFIG_PROC=y\n', 'lxc-kit').lines,
};

async function baseConfiguration(
  build: Build,
  spec: KernelSpec,
  tree: string,
  make: [string, ...string[]],
  context: ConfigureContext,
): Promise<string> {
  if (spec.defconfig === 'allnoconfig') return '';
  const own = kernelBaseFile(build, spec);
  if (own !== undefined) return readFileSync(own.file, 'utf8');
  const folder = join(tree, 'arch', build.architecture.kernelArch, 'configs');
  const file = join(folder, spec.defconfig);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  if (!existsSync(folder)) {
    throw new KitError(
      'STEP_FAILED',
      `the source of ${spec.name} is not a Linux tree: it has no arch/${build.architecture.kernelArch}/configs`,
      { lines: [`tree: ${tree}`], hint: 'give the tree or the tarball of a release of Linux' },
    );
  }
  const known = readdirSync(folder).filter((name) => name.endsWith('_defconfig'));
  const meant = didYouMean(spec.defconfig, known);
  if (known.length === 0 || !spec.defconfig.endsWith('_defconfig') || meant !== undefined) {
    throw new KitError(
      'PROFILE_INVALID',
      `this kernel has no ${spec.defconfig} in arch/${build.architecture.kernelArch}/configs`,
      {
        hint:
          meant === undefined
            ? `it has ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
            : `did you mean "${meant}"?`,
      },
    );
  }
  // Some defconfigs are assembled by the makefile, such as the 32r2el_defconfig of MIPS.
  await runInStep(build, context, [...make, spec.defconfig]);
  return readFileSync(join(context.workDir, 'obj', '.config'), 'utf8');
}
