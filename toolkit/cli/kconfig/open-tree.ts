import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { Step } from '../../engine/step.ts';
import type { ResolvedSource } from '../../sources/resolve-source.ts';
import type { Build } from '../../steps/build.ts';
import type { ConfiguredTree, ConfigureContext } from '../../steps/configured-tree.ts';
import { versionOfSource } from '../../steps/describe-board.ts';
import { sourceOf } from '../../steps/fetch-source.ts';
import { createSteps, type BuildSteps } from '../../steps/index.ts';
import { boardKernel, emulatorKernel, type KernelSpec } from '../../steps/kernel-spec.ts';
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
  const fetch = fetchOf(steps, component);
  const fetchLxc = fetchOf(steps, 'lxc');
  const spec = specOf(build, options);
  const { view } = await runInOut(
    build,
    steps,
    [fetch, steps.toolchain, ...(component === 'kernel' ? [fetchLxc] : [])],
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
    const lxcVersion = (): Promise<string | undefined> => {
      const lxc = sourceOf(view, fetchLxc);
      return versionOfSource(lxc, lxc.treeDir);
    };
    const configured =
      component === 'busybox'
        ? await mergeBusybox(build, source, toolchain, context)
        : await mergeKernel(
            build,
            spec,
            { kernel: source, lxcVersion: await lxcVersion() },
            toolchain,
            context,
          );
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

/** The step that fetches a component's source. */
export function fetchOf(steps: BuildSteps, component: string): Step<ResolvedSource | undefined> {
  const fetch = steps.fetches.find(({ id }) => id === `fetch-${component}`);
  if (fetch === undefined) throw new Error(`there is no step fetch-${component}`);
  return fetch;
}

/** The kernel that the person means. Throws USAGE when the profile has no second one. */
export function specOf(build: Build, { emulator }: Pick<TreeOptions, 'emulator'>): KernelSpec {
  const spec = emulator === true ? emulatorKernel(build) : boardKernel(build);
  if (spec !== undefined) return spec;
  throw new KitError('USAGE', `${build.loaded.profile.name} has no kernel of its own for the emulator`, {
    hint: 'leave out --emulator',
  });
}
