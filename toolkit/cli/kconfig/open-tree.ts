import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { Build } from '../../steps/build.ts';
import type { ConfiguredTree, ConfigureContext } from '../../steps/configured-tree.ts';
import { sourceOf } from '../../steps/fetch-source.ts';
import { createSteps } from '../../steps/index.ts';
import { boardKernel, emulatorKernel } from '../../steps/kernel-spec.ts';
import { mergeBusybox } from '../../steps/merge-busybox.ts';
import { mergeKernel } from '../../steps/merge-kernel.ts';
import { readKconfigTree, type ReadTree } from '../../steps/read-kconfig-tree.ts';
import { runInOut } from '../build.ts';
import { interruptSignal } from '../interrupt.ts';
import { openBuild, type BoardOptions } from '../open-build.ts';
import { tell } from '../terminal.ts';

/** What the person gave to a subcommand of `lxc-kit kconfig`. */
export interface TreeOptions extends BoardOptions {
  readonly busybox?: boolean;
  readonly emulator?: boolean;
}

/** A configured tree while a command looks at it. */
export interface OpenedTree {
  readonly configured: ConfiguredTree;
  readonly build: Build;
  readonly context: ConfigureContext;
  /** Reads the tree's Kconfig files, for commands that need more than values. */
  readonly read: () => ReadTree;
}

/**
 * Configures a board's kernel or BusyBox in a scratch directory below the out directory and gives it to `use`.
 * Nothing of an earlier build is touched; a required symbol that is lost does not stop it.
 * Throws what fetching, unpacking and configuring throw.
 */
export async function withConfiguredTree<T>(
  options: TreeOptions,
  use: (opened: OpenedTree) => Promise<T>,
): Promise<T> {
  const signal = interruptSignal(() => {
    tell('interrupted');
  });
  const build = await openBuild(options);
  const steps = createSteps(build);
  const component = options.busybox === true ? 'busybox' : 'kernel';
  const fetch = steps.fetches.find(({ id }) => id === `fetch-${component}`);
  if (fetch === undefined) throw new Error(`there is no step fetch-${component}`);
  const spec = options.emulator === true ? emulatorKernel(build) : boardKernel(build);
  if (spec === undefined) {
    throw new KitError('USAGE', `${build.loaded.profile.name} has no kernel of its own for the emulator`, {
      hint: 'leave out --emulator',
    });
  }
  const { view } = await runInOut(
    build,
    steps,
    [fetch, steps.toolchain],
    { logFormat: 'auto', summary: false },
    signal,
  );
  const parent = join(build.outDir, 'work');
  mkdirSync(parent, { recursive: true });
  const workDir = mkdtempSync(join(parent, 'kconfig-'));
  const context: ConfigureContext = {
    workDir,
    logFile: join(build.outDir, 'logs', 'kconfig.log'),
    emit: (event) => {
      if (event.type === 'warning') tell(`warning: ${event.message}`);
    },
    signal,
  };
  try {
    const source = sourceOf(view, fetch);
    const toolchain = view.result(steps.toolchain);
    const configured =
      component === 'busybox'
        ? await mergeBusybox(build, source, toolchain, context)
        : await mergeKernel(build, spec, source, toolchain, context);
    return await use({
      configured,
      build,
      context,
      read: () => readKconfigTree(configured, build, toolchain, workDir),
    });
  } finally {
    await removeTree(workDir);
  }
}
