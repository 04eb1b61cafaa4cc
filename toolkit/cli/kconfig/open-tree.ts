import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inOut } from '../../host/own-folders.ts';
import { KitError } from '../../base/errors.ts';
import type { HostTool } from '../../host/host-tools.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { Step } from '../../engine/step.ts';
import type { ResolvedSource } from '../../download/resolved-source.ts';
import type { Build } from '../../opened-board/build.ts';
import type { ConfiguredTree, ConfigureContext } from '../../configuration/configured-tree.ts';
import { versionOfSource } from '../../opened-board/describe-board.ts';
import { sourceOf } from '../../opened-board/component-source.ts';
import { hostRequirements, missingOnHost } from '../../opened-board/host-requirements.ts';
import { createSteps, type BuildSteps } from '../../steps/index.ts';
import { boardKernel, emulatorKernel, type KernelSpec } from '../../configuration/kernel-spec.ts';
import { mergeBusybox } from '../../configuration/merge-busybox.ts';
import { mergeKernel } from '../../configuration/merge-kernel.ts';
import { readKconfigTree, type ReadTree } from '../../configuration/read-kconfig-tree.ts';
import { runInOut } from '../../session/run-in-out.ts';
import { reportLooking } from '../report-run.ts';
import { refuseMissing } from '../../session/refuse-missing.ts';
import { interruptSignal } from '../interrupt.ts';
import { openBuild, type BoardOptions } from '../../session/open-build.ts';
import { printStatus } from '../terminal.ts';

/** The options of a subcommand of `lxc-kit kconfig`. */
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
  /** Shared by commands that open several trees; without it, Ctrl-C is watched for here. */
  readonly signal?: AbortSignal;
  /** Host tools needed in addition to those for configuring. */
  readonly tools?: readonly HostTool[];
}

/**
 * Configures a board's kernel or BusyBox in a scratch directory below the out directory and gives it to `use`.
 * Earlier builds stay untouched. A required symbol that is lost does not stop it.
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
    { report: reportLooking },
    signal,
  );
  const context: ConfigureContext = {
    workDir: await makeScratch(inOut(build.outDir, 'work')),
    logFile: inOut(build.outDir, 'logs', 'kconfig.log'),
    emit: (event) => {
      if (event.type === 'warning') printStatus(`warning: ${event.message}`);
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

/** The kernel that the options name. Throws USAGE when the profile has no second one. */
export function specOf(build: Build, { emulator }: Pick<TreeOptions, 'emulator'>): KernelSpec {
  const spec = emulator === true ? emulatorKernel(build) : boardKernel(build);
  if (spec !== undefined) return spec;
  throw new KitError('USAGE', `${build.loaded.profile.name} has no separate kernel for the emulator`, {
    hint: 'leave out --emulator',
  });
}

/** Watches for Ctrl-C on behalf of a command that opens trees. */
export function watchInterrupt(): AbortSignal {
  return interruptSignal(() => {
    printStatus('interrupted');
  });
}

/** Makes a directory for this process alone, and removes those that killed processes left. */
async function makeScratch(parent: string): Promise<string> {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = /^kconfig-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeTree(join(parent, name));
  }
  return mkdtempSync(join(parent, `kconfig-${process.pid}-`));
}
