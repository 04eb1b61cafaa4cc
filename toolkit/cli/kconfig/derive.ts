import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inOut } from '../../host/own-folders.ts';
import { KitError } from '../../base/errors.ts';
import { unwritable } from '../../host/out-lock.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import type { Build } from '../../opened-board/build.ts';
import { versionOfSource, type SourceVersions } from '../../opened-board/describe-board.ts';
import { sourceOf } from '../../opened-board/component-source.ts';
import { createSteps } from '../../steps/index.ts';
import { unpackKernel } from '../../configuration/unpack-kernel.ts';
import { runInOut } from '../../session/run-in-out.ts';
import { reportLooking } from '../report-run.ts';
import { interruptSignal } from '../interrupt.ts';
import { displayPath } from '../../session/display-path.ts';
import { openBuild } from '../../session/open-build.ts';
import { print, printStatus } from '../terminal.ts';
import { fetchOf, specOf, type TreeOptions } from './open-tree.ts';

export interface DeriveOptions extends TreeOptions {
  readonly kernelVersion?: string;
  readonly lxcVersion?: string;
  readonly write?: string;
}

/** `lxc-kit kconfig derive`: the fragment that the board's declarations need, with the reason for each line. */
export async function derive(options: DeriveOptions): Promise<void> {
  const build = await openBuild(options);
  const { text } = specOf(build, options).derive(await versionsFor(build, options));
  if (options.write === undefined) {
    print(text.trimEnd());
    return;
  }
  const file = resolve(process.cwd(), options.write);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new KitError('USAGE', `${displayPath(file)} is a folder`, { hint: 'name a file with --write' });
  }
  try {
    await writeAtomic(file, text);
  } catch (error) {
    throw unwritable(error, displayPath(file), 'name another file with --write');
  }
  printStatus(`written: ${displayPath(file)}`);
}

/** The versions that were given; the others come from the sources. */
async function versionsFor(build: Build, options: DeriveOptions): Promise<SourceVersions> {
  const { kernelVersion, lxcVersion } = options;
  const signal = interruptSignal(() => {
    printStatus('interrupted');
  });
  const steps = createSteps(build);
  const fetchKernel = kernelVersion === undefined ? fetchOf(steps, 'kernel') : undefined;
  const fetchLxc = lxcVersion === undefined ? fetchOf(steps, 'lxc') : undefined;
  const fetches = [fetchKernel, fetchLxc].filter((step) => step !== undefined);
  if (fetches.length === 0) return { kernel: kernelVersion, lxc: lxcVersion };
  const quiet = { report: reportLooking } as const;
  const { view } = await runInOut(build, steps, fetches, quiet, signal);
  const context = {
    workDir: inOut(build.outDir, 'work'),
    logFile: inOut(build.outDir, 'logs', 'kconfig.log'),
    emit: () => undefined,
    signal,
  };
  const kernel = fetchKernel && sourceOf(view, fetchKernel);
  const lxc = fetchLxc && sourceOf(view, fetchLxc);
  return {
    // As in the build: the tree is more reliable than the name of a tarball.
    kernel: kernel
      ? await versionOfSource(kernel, await unpackKernel(build, kernel, context))
      : kernelVersion,
    lxc: lxc ? await versionOfSource(lxc, lxc.treeDir) : lxcVersion,
  };
}
