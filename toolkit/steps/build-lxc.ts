import { readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { mesonCrossFile } from '../lxc/meson-cross-file.ts';
import { keepNeededLibraries } from '../lxc/keep-needed-libraries.ts';
import { debianLxcFeatures, findRecipe, type LxcRecipe } from '../lxc/recipes.ts';
import { pruneInstalled } from '../lxc/prune-installed.ts';
import { readElf } from '../rootfs/elf.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackDebs, unpackTree } from '../sources/unpack.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { StagedTree } from './build-busybox.ts';
import { makeWritable, reproducibleEnvironment, runInStep, sourceContext, type Build } from './build.ts';
import { sourceOf } from './fetch-source.ts';
import { stripTree } from './strip-tree.ts';

const ID = 'build-lxc';

/** LXC as it goes into the rootfs. */
export interface BuiltLxc extends StagedTree {
  readonly version: string;
  /** Compiled here, or taken from Debian's binary packages. */
  readonly compiled: boolean;
  /** Files with setuid, setgid or sticky bits, which prebuilt packages never get on the host's disk. */
  readonly specialModes: readonly { readonly path: string; readonly mode: number }[];
}

/** Compiles LXC for the board, or lays out the prebuilt packages where that is what could be had. */
export function buildLxc(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  libcap: Step<StagedTree | undefined>,
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<BuiltLxc> {
  const { prefix, features } = build.loaded.profile.lxc;
  return {
    id: ID,
    title: (view) => {
      const source = sourceOf(view, fetched);
      return `${source.form === 'debs' ? 'Unpacking prebuilt' : 'Building'} LXC ${source.version ?? ''}`;
    },
    needs: [fetched, libcap, toolchain],
    gates,
    revision: 1,
    weight: 'compile',
    inputs: (view) => {
      const source = sourceOf(view, fetched);
      const recipe =
        source.form === 'debs' || source.version === undefined ? null : findRecipe(source.version).recipe;
      return { settings: { prefix, features, recipe: recipe === null ? null : JSON.stringify(recipe) } };
    },
    outputs: (result) => [{ path: result.dir }],
    async run(context) {
      const source = sourceOf(context, fetched);
      const dir = join(context.workDir, 'target');
      const compiled = source.form !== 'debs';
      const { version, specialModes } = compiled
        ? { version: await compile(source, dir, context), specialModes: [] }
        : await unpackPrebuilt(source, dir, context);
      await pruneInstalled(dir);
      await stripTree(build, context, context.result(toolchain), dir);
      return { dir, version, compiled, specialModes };
    },
  };

  async function unpackPrebuilt(
    source: ResolvedSource,
    dir: string,
    context: StepContext,
  ): Promise<Pick<BuiltLxc, 'version' | 'specialModes'>> {
    const lacking = features.filter((feature) => !debianLxcFeatures.includes(feature));
    if (lacking.length > 0) {
      throw new KitError(
        'STEP_FAILED',
        `lxc.features asks for ${lacking.join(', ')}, but LXC could only be had prebuilt, with ${debianLxcFeatures.join(', ')}`,
        { hint: 'take it out of lxc.features' },
      );
    }
    if (prefix !== '/usr') {
      throw new KitError(
        'STEP_FAILED',
        `lxc.prefix is ${prefix}, but LXC could only be had prebuilt, for /usr`,
        {
          hint: 'give a source tarball: --source lxc=PATH, or take lxc.prefix out of the profile',
        },
      );
    }
    const specialModes = await unpackDebs(source, dir, sourceContext(build, context));
    await keepNeededLibraries(dir, readElf);
    if (source.version === undefined) throw new Error('prebuilt LXC without a version');
    return { version: source.version, specialModes };
  }

  async function compile(source: ResolvedSource, dir: string, context: StepContext): Promise<string> {
    if (features.length > 0) {
      throw new KitError(
        'STEP_FAILED',
        `lxc.features asks for ${features.join(', ')}, for which lxc-kit builds no libraries yet`,
        {
          hint: 'take it out of lxc.features; libcap is always there',
        },
      );
    }
    const tree = await unpackTree(source, sourceContext(build, context));
    const version = (await versionOfTree('lxc', tree)) ?? source.version;
    if (version === undefined) {
      throw new KitError(
        'STEP_FAILED',
        `${source.origin} is not LXC: it has neither meson.build nor configure.ac with a version`,
        {
          hint: 'give the tarball of a release of LXC',
        },
      );
    }
    const { recipe, exact } = findRecipe(version);
    if (!exact) {
      context.emit({
        type: 'warning',
        step: ID,
        message: `LXC ${version} is not in lxc-kit's table; it is built as ${recipe.series}`,
      });
    }
    const copy = join(context.workDir, 'tree');
    await cp(tree, copy, { recursive: true, verbatimSymlinks: true });
    await makeWritable(copy);
    await applyEdits(copy, recipe);
    const staging = context.result(libcap);
    if (staging === undefined) throw new Error('LXC is compiled, but libcap was not');
    await configureAndInstall({ recipe, copy, dir, stagingDir: staging.dir }, context);
    await cp(join(staging.dir, 'usr', 'lib'), join(dir, 'usr', 'lib'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (from) => !/\/pkgconfig$|\.a$|libcap\.so$/.test(from),
    });
    return version;
  }

  async function configureAndInstall(
    given: { recipe: LxcRecipe; copy: string; dir: string; stagingDir: string },
    context: StepContext,
  ): Promise<void> {
    const { recipe, copy, dir, stagingDir } = given;
    const crossFile = join(context.workDir, 'cross.ini');
    const objDir = join(context.workDir, 'obj');
    // A library outside the linker's own places has to be named in the programs.
    const runPath = prefix === '/usr' ? [] : [`-Wl,-rpath,${prefix}/lib`];
    await writeFile(
      crossFile,
      mesonCrossFile({
        toolchain: context.result(toolchain),
        architecture: build.architecture,
        stagingDir,
        cflags: [...recipe.cflags, `-ffile-prefix-map=${context.workDir}=lxc`],
        ldflags: [...recipe.ldflags, ...runPath, `-Wl,-rpath-link,${stagingDir}/usr/lib`],
        ccache: build.ccache,
      }),
    );
    const env = {
      ...reproducibleEnvironment(build),
      CCACHE_DIR: join(build.storeDir, 'ccache'),
      CCACHE_BASEDIR: build.outDir,
      CCACHE_NOHASHDIR: '1',
      DESTDIR: dir,
    };
    await runInStep(
      build,
      context,
      [
        'meson',
        'setup',
        objDir,
        copy,
        '--cross-file',
        crossFile,
        `--prefix=${prefix}`,
        '--libdir=lib',
        '--sysconfdir=/etc',
        '--localstatedir=/var',
        '--buildtype=minsize',
        '--wrap-mode=nodownload',
        ...build.architecture.mesonOptions,
        ...recipe.options,
      ],
      { env },
    );
    await runInStep(build, context, ['ninja', '-C', objDir, `-j${context.jobs}`], { env });
    await runInStep(build, context, ['ninja', '-C', objDir, 'install'], { env });
  }
}

async function applyEdits(tree: string, recipe: LxcRecipe): Promise<void> {
  for (const edit of recipe.edits) {
    const file = join(tree, edit.file);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(edit.from)) {
      throw new KitError('STEP_FAILED', `${edit.file} of this LXC has no "${edit.from}" to change`, {
        hint: `the recipe for ${recipe.series} does not fit this source; it wanted the change because ${edit.reason}`,
      });
    }
    await writeFile(file, text.replace(edit.from, edit.to));
  }
}
