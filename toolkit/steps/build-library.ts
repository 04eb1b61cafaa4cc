import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { maybe } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import type { LibraryRecipe } from '../lxc/libraries.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { correctedTree } from '../sources/corrected-tree.ts';
import { carryFlags } from '../toolchain/carry-flags.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { isStagedTree, type StagedTree } from './build-busybox.ts';
import { makeWritable, reproducibleEnvironment, runInStep, type Build } from '../opened-board/build.ts';
import { stepLauncher } from './compiler-launcher.ts';
import {
  correctionSettings,
  noteCorrections,
  sourceOf,
  unpackContext,
} from '../opened-board/component-source.ts';

/** Compiles a library for the board and stages it, with headers and pkg-config file, for LXC. Undefined when LXC is prebuilt. */
export function buildLibrary(
  build: Build,
  { name, commands }: LibraryRecipe,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<StagedTree | undefined> {
  return {
    id: `build-${name}`,
    title: (view) => `Building ${name} ${view.result(fetched)?.version ?? '(not needed)'}`,
    needs: [fetched, toolchain],
    gates,
    revision: 1,
    weight: 'compile',
    shared: true,
    shape: maybe(isStagedTree),
    inputs(view) {
      const source = view.result(fetched);
      return { settings: source === undefined ? {} : { ...correctionSettings(source) } };
    },
    outputs: (result) => (result === undefined ? [] : [{ path: result.dir }]),
    async run(context) {
      if (context.result(fetched) === undefined) return undefined;
      const source = sourceOf(context, fetched);
      const { dir: tree, corrections } = await correctedTree(source, unpackContext(build, context, name));
      noteCorrections(source, corrections, context);
      // Some libraries build only inside their tree. Keep the times, or make would find configure older than its sources.
      const copy = join(context.workDir, 'tree');
      const dir = join(context.workDir, 'staging');
      await cp(tree, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      await makeWritable(copy);
      const launcher = await stepLauncher(build, context);
      const request = {
        launcher: launcher.words,
        installDir: dir,
        toolchain: context.result(toolchain),
        cflags: [
          ...(await carryFlags(context.result(toolchain).cflags, context.workDir)),
          `-ffile-prefix-map=${copy}=${name}`,
        ],
      };
      const env = { ...reproducibleEnvironment(build), ...launcher.env };
      for (const { argv, parallel } of commands(request))
        await runInStep(build, context, argv, { cwd: copy, env, parallel: parallel ?? false });
      launcher.report();
      return corrections.length === 0 ? { dir } : { dir, corrections };
    },
  };
}
