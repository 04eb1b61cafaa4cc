import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { isFlag, isNumber, isText, listOf, mapOf } from '../engine/result-shape.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { applyEdits } from '../lxc/apply-edits.ts';
import { debianDirectories, lxcDirectories, notAsDebian } from '../lxc/directories.ts';
import { keepNeededLibraries } from '../lxc/keep-needed-libraries.ts';
import type { LxcBuilder } from '../lxc/lxc-builder.ts';
import { debianLxcFeatures } from '../lxc/options.ts';
import { pruneInstalled } from '../lxc/prune-installed.ts';
import type { BuildSystem, LxcBuildPlan } from '../lxc/recipe.ts';
import type { LibraryRecipe } from '../lxc/libraries.ts';
import { featuresOf, lxcTables, planLxcBuild } from '../lxc/recipes.ts';
import { readElf } from '../programs/elf.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { unpackDebs, unpackTree } from '../unpack/unpack.ts';
import { carryFlags } from '../toolchain/carry-flags.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { StagedTree } from './build-busybox.ts';
import {
  asSetting,
  makeWritable,
  reproducibleEnvironment,
  runInStep,
  type Build,
} from '../opened-board/build.ts';
import { checkLxcSource } from './check-lxc-source.ts';
import { stepLauncher } from './compiler-launcher.ts';
import { sourceOf, unpackContext } from '../opened-board/component-source.ts';
import { stripTree } from './strip-tree.ts';

const ID = 'build-lxc';

/** LXC, staged for the rootfs. */
export interface BuiltLxc extends StagedTree {
  readonly version: string;
  /** Compiled here, or taken from Debian's binary packages. */
  readonly compiled: boolean;
  /** Files with setuid, setgid or sticky bits. The bits of prebuilt packages are never set on the host's disk. */
  readonly specialModes: readonly { readonly path: string; readonly mode: number }[];
}

/** Compiles LXC for the board, or lays out the prebuilt packages when only these are available. */
export function buildLxc(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  libraries: readonly { readonly recipe: LibraryRecipe; readonly step: Step<StagedTree | undefined> }[],
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<BuiltLxc> {
  const { features: given } = build.loaded.profile.lxc;
  const featuresFor = (version: string): readonly string[] =>
    featuresOf(version, given, build.architecture.kernelArch);
  const directories = lxcDirectories(build.loaded.profile.lxc);
  return {
    id: ID,
    title: (view) => {
      const source = sourceOf(view, fetched);
      return `${source.form === 'debs' ? 'Unpacking prebuilt' : 'Building'} LXC ${source.version ?? ''}`;
    },
    needs: [fetched, ...libraries.map(({ step }) => step), toolchain],
    gates,
    revision: 4,
    weight: 'compile',
    shared: true,
    shape: mapOf({
      dir: isText,
      version: isText,
      compiled: isFlag,
      specialModes: listOf(mapOf({ path: isText, mode: isNumber })),
    }),
    inputs: (view) => {
      const source = sourceOf(view, fetched);
      const features = given ?? [];
      if (source.form === 'debs') return { settings: { directories: asSetting(directories), features } };
      // When a tarball's name has no version, the version is read from the unpacked tree.
      const plan =
        source.version === undefined ? lxcTables : planLxcBuild(source.version, featuresFor(source.version));
      return { settings: { directories: asSetting(directories), features, plan: asSetting(plan) } };
    },
    outputs: (result) => [{ path: result.dir }],
    async run(context) {
      const source = sourceOf(context, fetched);
      const dir = join(context.workDir, 'target');
      const compiled = source.form !== 'debs';
      const { version, helpers, specialModes } = compiled
        ? { ...(await compile(source, dir, context)), specialModes: [] }
        : { ...(await unpackPrebuilt(source, dir, context)), helpers: [] };
      await pruneInstalled(dir, helpers);
      await stripTree(build, context, context.result(toolchain), dir);
      return { dir, version, compiled, specialModes };
    },
  };

  async function unpackPrebuilt(
    source: ResolvedSource,
    dir: string,
    context: StepContext,
  ): Promise<Pick<BuiltLxc, 'version' | 'specialModes'>> {
    const lacking = (given ?? []).filter((feature) => !debianLxcFeatures.includes(feature));
    if (lacking.length > 0) {
      throw new KitError(
        'STEP_FAILED',
        `lxc.features asks for ${lacking.join(', ')}, but only a prebuilt LXC is available, with ${debianLxcFeatures.join(', ')}`,
        { hint: 'take it out of lxc.features' },
      );
    }
    const [moved] = notAsDebian(directories);
    if (moved !== undefined) {
      throw new KitError(
        'STEP_FAILED',
        `lxc.${moved} is ${directories[moved]}, but only a prebuilt LXC is available, for ${debianDirectories[moved]}`,
        { hint: `give a source tarball: --source lxc=PATH, or take lxc.${moved} out of the profile` },
      );
    }
    const specialModes = await unpackDebs(source, dir, unpackContext(build, context, 'lxc'));
    await keepNeededLibraries(dir, readElf);
    if (source.version === undefined) throw new Error('prebuilt LXC without a version');
    return { version: source.version, specialModes };
  }

  async function compile(
    source: ResolvedSource,
    dir: string,
    context: StepContext,
  ): Promise<LxcBuildPlan & { version: string }> {
    const tree = await unpackTree(source, unpackContext(build, context, 'lxc'));
    const version = await checkLxcSource(build, source, tree);
    const features = featuresFor(version);
    const plan = planLxcBuild(version, features);
    if (!plan.exact) {
      context.emit({
        type: 'warning',
        step: ID,
        message: `LXC ${version} is not in lxc-kit's table; it is built as ${plan.series}`,
      });
    }
    const copy = join(context.workDir, 'tree');
    // Keep the times, or make would find configure older than its sources.
    await cp(tree, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await makeWritable(copy);
    await applyEdits(copy, plan);
    const stagingDir = await stageLibraries(context, features);
    const launcher = await stepLauncher(build, context);
    const compiler = context.result(toolchain);
    const environment = { ...reproducibleEnvironment(build), ...launcher.env };
    await builders[plan.buildSystem]({
      plan,
      sourceDir: copy,
      workDir: context.workDir,
      installDir: dir,
      stagingDir,
      toolchain: { ...compiler, cflags: await carryFlags(compiler.cflags, context.workDir) },
      architecture: build.architecture,
      directories,
      launcher: launcher.words,
      run: (argv, { cwd, env = {}, parallel = false } = {}) =>
        runInStep(build, context, argv, {
          parallel,
          ...(cwd === undefined ? {} : { cwd }),
          env: { ...environment, ...env },
        }),
    });
    launcher.report();
    await cp(join(stagingDir, 'usr', 'lib'), join(dir, 'usr', 'lib'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (from) => !/\/pkgconfig$|\.l?a$|\/[^/.]+\.so$/.test(from),
    });
    return { ...plan, version };
  }

  /** Merges the libraries for the board below one root, as compilers and pkg-config expect them. */
  async function stageLibraries(context: StepContext, features: readonly string[]): Promise<string> {
    const stagingDir = join(context.workDir, 'staging');
    for (const { recipe, step } of libraries) {
      // A release that cannot have a default feature leaves its library out.
      if (recipe.feature !== undefined && !features.includes(recipe.feature)) continue;
      const staged = context.result(step);
      if (staged === undefined) throw new Error(`LXC is compiled, but ${step.id} had nothing to do`);
      await cp(staged.dir, stagingDir, { recursive: true, verbatimSymlinks: true });
    }
    return stagingDir;
  }
}

const builders: Readonly<Record<BuildSystem, LxcBuilder>> = {
  autotools: async (request) => (await import('../lxc/build-with-autotools.ts')).buildWithAutotools(request),
  meson: async (request) => (await import('../lxc/build-with-meson.ts')).buildWithMeson(request),
};
