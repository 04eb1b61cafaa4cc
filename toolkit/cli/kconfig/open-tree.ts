import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../base/errors.ts';
import type { HostTool } from '../../host/host-tools.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { Step } from '../../engine/step.ts';
import type { ResolvedSource } from '../../sources/resolve-source.ts';
import type { Build } from '../../steps/build.ts';
import type { ConfiguredTree, ConfigureContext } from '../../steps/configured-tree.ts';
import { versionOfSource } from '../../steps/describe-board.ts';
import { sourceOf } from '../../steps/fetch-source.ts';
import { hostRequirements, missingOnHost } from '../../steps/host-requirements.ts';
import { createSteps, type BuildSteps } from '../../steps/index.ts';
import { boardKernel, emulatorKernel, type KernelSpec } from '../../steps/kernel-spec.ts';
import { mergeBusybox } from '../../steps/merge-busybox.ts';
import { mergeKernel } from '../../steps/merge-kernel.ts';
import { readKconfigTree, type ReadTree } from '../../steps/read-kconfig-tree.ts';
import { runInOut } from '../build.ts';
import { refuseMissing } from '../install-host-tools.ts';
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

export interface OpenTreeOptions {
  /** Shared by those who open more than one tree; without it Ctrl-C is watched for here. */
  readonly signal?: AbortSignal;
  /** Host tools beside those that configuring takes. */
  readonly tools?: readonly HostTool[];
}

/**
 * Configures a board's kernel or BusyBox in a scratch directory below the out directory and gives it to `use`.
 * Nothing of an earlier build is touched; a required symbol that is lost does not stop it.
 * Throws TOOL_MISSING, INTERRUPTED, and what fetching, unpacking and configuring throw.
 */
export async function withConfiguredTree<T>(
  options: TreeOptions,
  use: (opened: OpenedTree) => Promise<T>,
  { signal = watchInterrupt(), tools = [] }: OpenTreeOptions = {},
): Promise<T> {
  const build = await openBuild(options);
  const component = options.busybox === true ? 'busybox' : 'kernel';
  const spec = specOf(build, options);
  refuseMissing(
    missingOnHost(build, [...hostRequirements(build).configure, ...tools]),
    `run: npx lxc-kit doctor --install --board ${options.board}`,
  );
  const steps = createSteps(build);
  const fetch = fetchOf(steps, component);
  const fetchLxc = fetchOf(steps, 'lxc');
  const { view } = await runInOut(
    build,
    steps,
    [fetch, steps.toolchain, ...(component === 'kernel' ? [fetchLxc] : [])],
    { logFormat: 'auto', summary: false },
    signal,
  );
  const context: ConfigureContext = {
    workDir: await makeScratch(join(build.outDir, 'work')),
    logFile: join(build.outDir, 'logs', 'kconfig.log'),
    emit: (event) => {
      if (event.type === 'warning') tell(`warning: ${event.message}`);
    },
    signal,
  };
  rmSync(context.logFile, { force: true });
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
      read: () => readKconfigTree(configured, build, toolchain, context.workDir),
    });
  } catch (error) {
    if (signal.aborted) throw new KitError('INTERRUPTED', 'interrupted', { cause: error });
    throw error;
  } finally {
    await removeTree(context.workDir);
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

/** Watches for Ctrl-C on behalf of a command that opens trees. */
export function watchInterrupt(): AbortSignal {
  return interruptSignal(() => {
    tell('interrupted');
  });
}

/** A directory of this process' own. Those that killed ones have left are removed. */
async function makeScratch(parent: string): Promise<string> {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = /^kconfig-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeTree(join(parent, name));
  }
  return mkdtempSync(join(parent, `kconfig-${process.pid}-`));
}
