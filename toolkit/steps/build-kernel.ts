import { existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import { isText, mapOf, maybe } from '../engine/result-shape.ts';
import type { SharedName } from '../engine/step.ts';
import type { Step } from '../engine/step.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName, writeAtomic } from '../host/write-atomic.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { reproducibleEnvironment, runInStep, type Build } from '../opened-board/build.ts';
import { compilingMake, stepLauncher } from './compiler-launcher.ts';
import type { KernelConfiguration } from './configure-kernel.ts';
import { sourceOf } from '../opened-board/component-source.ts';
import type { KernelSpec } from '../configuration/kernel-spec.ts';
import { kernelMake } from '../configuration/merge-kernel.ts';
import { unpackKernel } from '../configuration/unpack-kernel.ts';

/** The files of a built kernel. */
export interface BuiltKernel {
  /** Absolute path of the image. */
  readonly image: string;
  /** `/lib/modules` as it goes into the rootfs; only with `modules: keep`. */
  readonly modulesDir: string | undefined;
}

/** Compiles a configured kernel. */
export function buildKernel(
  build: Build,
  spec: KernelSpec,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  configured: Step<KernelConfiguration>,
  gates: readonly Step[],
): Step<BuiltKernel> {
  const image = imageFile(build, spec);
  return {
    id: `build-${spec.name}`,
    title: (view) =>
      `Building Linux ${view.result(configured).version} (${view.result(configured).symbolsSet} symbols)`,
    needs: [fetched, toolchain],
    after: [configured],
    gates,
    revision: 2,
    weight: 'compile',
    shared: true,
    // One board's own kernel may be another board's emulator kernel.
    ...(spec.name === 'kernel' ? {} : { sharedAs: SHARED_NAME }),
    shape: mapOf({ image: isText, modulesDir: maybe(isText) }),
    inputs: () => ({
      settings: { image: spec.image, modules: spec.modules === 'keep', epoch: build.epochSeconds },
      files: { [`config/${spec.name}.config`]: inOut(build.outDir, 'config', `${spec.name}.config`) },
    }),
    outputs: (result) => [
      { path: image },
      ...(result.modulesDir === undefined ? [] : [{ path: result.modulesDir }]),
    ],
    // kbuild recompiles only what a changed .config affects, as long as tree and compiler are the same.
    workKey: (view) =>
      `${sourceOf(view, fetched).sha256} ${view.result(toolchain).identity} ${build.epochSeconds}`,
    async run(context) {
      const tree = await unpackKernel(build, sourceOf(context, fetched), context);
      const objDir = join(context.workDir, 'obj');
      await mkdir(objDir, { recursive: true });
      const config = readFileSync(inOut(build.outDir, 'config', `${spec.name}.config`), 'utf8');
      const dotConfig = join(objDir, '.config');
      if (!existsSync(dotConfig) || readFileSync(dotConfig, 'utf8') !== config)
        await writeAtomic(dotConfig, config);
      const compiler = context.result(toolchain);
      const launcher = await stepLauncher(build, context);
      // The MIPS vDSO takes no KCFLAGS, but its debug information goes into the kernel's build ID.
      const maps = [`-ffile-prefix-map=${tree}=linux`, `-ffile-prefix-map=${objDir}=obj`];
      const make = compilingMake(kernelMake(build, compiler, tree, objDir), compiler, launcher, maps);
      const env = { ...reproducibleEnvironment(build), ...launcher.env };
      const targets = spec.modules === 'keep' ? [spec.image, 'modules'] : [spec.image];
      await runInStep(build, context, [...make, ...targets], { env, parallel: true });
      launcher.report();
      await placeFile(findImage(build, spec, objDir, context.logFile), image);
      if (spec.modules !== 'keep') return { image, modulesDir: undefined };
      const modulesDir = join(context.workDir, 'modules');
      await rm(modulesDir, { recursive: true, force: true });
      await runInStep(
        build,
        context,
        [...make, `INSTALL_MOD_PATH=${modulesDir}`, 'INSTALL_MOD_STRIP=1', 'modules_install'],
        { env },
      );
      return { image, modulesDir };
    },
  };
}

/** The emulator kernel's names, translated to those of a board's own kernel, so that the two can be shared. */
const SHARED_NAME: SharedName = {
  id: 'build-kernel',
  files: { 'config/emulator-kernel.config': 'config/kernel.config' },
  places: { emulator: 'images', 'work/build-emulator-kernel': 'work/build-kernel' },
};

/** Returns the path that a kernel's image is copied to. */
function imageFile(build: Build, spec: KernelSpec): string {
  const folder = spec.name === 'kernel' ? 'images' : 'emulator';
  return join(build.outDir, folder, basename(spec.image));
}

/** Finds the built image: `make uImage` and the like leave it below arch/, `vmlinux` is at the top. */
function findImage(build: Build, spec: KernelSpec, objDir: string, logFile: string): string {
  const places = [
    join(objDir, spec.image),
    join(objDir, 'arch', build.architecture.kernelArch, 'boot', spec.image),
  ];
  const found = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile() === true);
  if (found !== undefined) return found;
  throw new KitError('STEP_FAILED', `make ${spec.image} left no file ${spec.image}`, {
    logFile,
    hint: 'kernel.image must be a make target that names a boot image, such as vmlinux, vmlinuz or uImage.gz',
  });
}

/** Copies a file atomically: after a power cut it is there whole or not at all. */
export async function placeFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const temporary = temporaryName(to);
  try {
    await copyFile(from, temporary);
    await renameSynced(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
