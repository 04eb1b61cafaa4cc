import { copyFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import { isText, listOf, mapOf, maybe } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import { describeElfMismatch } from '../programs/elf-fit.ts';
import { readElf } from '../programs/elf.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { correctedTree, type MadeCorrection } from '../sources/corrected-tree.ts';
import { carryFlags } from '../toolchain/carry-flags.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { reproducibleEnvironment, runInStep, type Build } from '../opened-board/build.ts';
import type { BusyboxConfiguration } from './configure-busybox.ts';
import { compilingMake, stepLauncher } from './compiler-launcher.ts';
import { kernelMake } from '../configuration/merge-kernel.ts';
import {
  correctionSettings,
  noteCorrections,
  sourceOf,
  unpackContext,
} from '../opened-board/component-source.ts';

/** A directory tree that goes into the rootfs. */
export interface StagedTree {
  readonly dir: string;
  /** The corrections in the source that it was compiled from; undefined when there are none. */
  readonly corrections?: readonly MadeCorrection[];
}

/** The shape of a `StagedTree`. */
export const isStagedTree = mapOf({
  dir: isText,
  corrections: maybe(listOf(mapOf({ file: isText, reason: isText, upstream: isText }))),
});

/** Compiles BusyBox and installs it with its applet links. Checks that it is static and built for the board's machine. */
export function buildBusybox(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  configured: Step<BusyboxConfiguration>,
  gates: readonly Step[],
): Step<StagedTree> {
  const configFile = inOut(build.outDir, 'config', 'busybox.config');
  return {
    id: 'build-busybox',
    title: (view) => `Building BusyBox ${sourceOf(view, fetched).version ?? ''}`,
    needs: [fetched, toolchain],
    after: [configured],
    gates,
    revision: 2,
    weight: 'compile',
    shared: true,
    shape: isStagedTree,
    inputs: (view) => ({
      settings: { epoch: build.epochSeconds, ...correctionSettings(sourceOf(view, fetched)) },
      files: { 'config/busybox.config': configFile },
    }),
    outputs: (result) => [{ path: result.dir }],
    async run(context) {
      const source = sourceOf(context, fetched);
      const { dir: tree, corrections } = await correctedTree(
        source,
        unpackContext(build, context, 'busybox'),
      );
      noteCorrections(source, corrections, context);
      const objDir = join(context.workDir, 'obj');
      const dir = join(context.workDir, 'target');
      await mkdir(objDir, { recursive: true });
      copyFileSync(configFile, join(objDir, '.config'));
      const compiler = context.result(toolchain);
      const launcher = await stepLauncher(build, context);
      const make = compilingMake(kernelMake(build, compiler, tree, objDir), compiler, launcher);
      // CFLAGS go into the environment: BusyBox's makefile appends to them; on the command line they would replace its own.
      const maps = [`-ffile-prefix-map=${tree}=busybox`, `-ffile-prefix-map=${objDir}=obj`];
      const cflags = [...(await carryFlags(compiler.cflags, context.workDir)), ...maps].join(' ');
      const env = { ...reproducibleEnvironment(build), ...launcher.env, CFLAGS: cflags };
      await runInStep(build, context, make, { env, parallel: true });
      launcher.report();
      await runInStep(build, context, [...make, `CONFIG_PREFIX=${dir}`, 'install'], { env });
      await proveStatic(build, join(dir, 'bin', 'busybox'), context.logFile);
      return corrections.length === 0 ? { dir } : { dir, corrections };
    },
  };
}

async function proveStatic(build: Build, file: string, logFile: string): Promise<void> {
  const elf = await readElf(file);
  const mismatch =
    elf === undefined ? 'it is not an ELF file' : describeElfMismatch(elf, build.architecture.elf);
  if (elf === undefined || mismatch !== undefined) {
    throw new KitError('ELF_WRONG', `BusyBox was built for the wrong machine: ${mismatch ?? ''}`, {
      logFile,
    });
  }
  if (elf.interpreter === undefined && elf.needed.length === 0) return;
  throw new KitError(
    'ELF_WRONG',
    `BusyBox is not static: it needs ${[elf.interpreter, ...elf.needed].filter(Boolean).join(', ')}`,
    {
      hint: 'add the fragment "static" to busybox.fragments of the profile',
      logFile,
    },
  );
}
