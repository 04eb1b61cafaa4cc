import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { unwritable } from '../../host/out-lock.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import type { Build } from '../../steps/build.ts';
import { versionOfSource, type SourceVersions } from '../../steps/describe-board.ts';
import { sourceOf } from '../../steps/fetch-source.ts';
import { createSteps } from '../../steps/index.ts';
import { unpackKernel } from '../../steps/unpack-kernel.ts';
import { runInOut } from '../build.ts';
import { interruptSignal } from '../interrupt.ts';
import { displayPath } from '../display-path.ts';
import { openBuild } from '../open-build.ts';
import { print, tell } from '../terminal.ts';
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
  tell(`written: ${displayPath(file)}`);
}

/** The versions that were given, and those of the sources for the others. */
async function versionsFor(build: Build, options: DeriveOptions): Promise<SourceVersions> {
  const { kernelVersion, lxcVersion } = options;
  const signal = interruptSignal(() => {
    tell('interrupted');
  });
  const steps = createSteps(build);
  const fetchKernel = kernelVersion === undefined ? fetchOf(steps, 'kernel') : undefined;
  const fetchLxc = lxcVersion === undefined ? fetchOf(steps, 'lxc') : undefined;
  const fetches = [fetchKernel, fetchLxc].filter((step) => step !== undefined);
  if (fetches.length === 0) return { kernel: kernelVersion, lxc: lxcVersion };
  const quiet = { logFormat: 'auto', summary: false } as const;
  const { view } = await runInOut(build, steps, fetches, quiet, signal);
  const context = {
    workDir: join(build.outDir, 'work'),
    logFile: join(build.outDir, 'logs', 'kconfig.log'),
    emit: () => undefined,
    signal,
  };
  const kernel = fetchKernel && sourceOf(view, fetchKernel);
  const lxc = fetchLxc && sourceOf(view, fetchLxc);
  return {
    // As the build does: the tree knows better than the name of a tarball.
    kernel: kernel
      ? await versionOfSource(kernel, await unpackKernel(build, kernel, context))
      : kernelVersion,
    lxc: lxc ? await versionOfSource(lxc, lxc.treeDir) : lxcVersion,
  };
}
