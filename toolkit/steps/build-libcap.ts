import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '../engine/step.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { StagedTree } from './build-busybox.ts';
import { makeWritable, runInStep, sourceContext, type Build } from './build.ts';
import { sourceOf } from './fetch-source.ts';

/** Compiles libcap for the board and stages library, headers and pkg-config file for LXC. Undefined when LXC comes prebuilt. */
export function buildLibcap(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
  gates: readonly Step[],
): Step<StagedTree | undefined> {
  return {
    id: 'build-libcap',
    title: (view) => `Building libcap ${view.result(fetched)?.version ?? '(not needed)'}`,
    needs: [fetched, toolchain],
    gates,
    revision: 1,
    weight: 'compile',
    inputs: () => ({ settings: {} }),
    outputs: (result) => (result === undefined ? [] : [{ path: result.dir }]),
    async run(context) {
      if (context.result(fetched) === undefined) return undefined;
      const tree = await unpackTree(sourceOf(context, fetched), sourceContext(build, context));
      const { prefix, cflags } = context.result(toolchain);
      // libcap builds inside its tree only.
      const copy = join(context.workDir, 'tree');
      const dir = join(context.workDir, 'staging');
      await cp(tree, copy, { recursive: true });
      await makeWritable(copy);
      const flags = [...cflags, `-ffile-prefix-map=${copy}=libcap`].join(' ');
      await runInStep(build, context, [
        'make',
        '-C',
        join(copy, 'libcap'),
        `-j${context.jobs}`,
        // The flags go with the compiler: COPTS would reach the host's compiler too.
        `CC=${prefix}gcc ${flags}`,
        'COPTS=-Os',
        'BUILD_CC=gcc',
        `AR=${prefix}ar`,
        `RANLIB=${prefix}ranlib`,
        `OBJCOPY=${prefix}objcopy`,
        'lib=lib',
        'prefix=/usr',
        'GOLANG=no',
        'PTHREADS=no',
        'USE_GPERF=no',
        `DESTDIR=${dir}`,
        'install',
      ]);
      return { dir };
    },
  };
}
