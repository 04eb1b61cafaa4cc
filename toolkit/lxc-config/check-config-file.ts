import type { Diagnostic } from '../base/diagnostic.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { LineWriter, type WriterTarget } from '../lxc-keys/line-writer.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { ProblemList } from '../lxc-keys/problem-list.ts';
import { rawLines } from './raw-lines.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** A file of an LXC configuration that lxc-kit did not write. */
export interface ConfigFile {
  /** The path as the user would type it. */
  readonly shownFile: string;
  readonly text: string;
}

export type ConfigFileTarget = WriterTarget & { readonly cgroup: CgroupLayout };

/**
 * Checks all files of one configuration like the raw lines of a definition: for lines that LXC refuses or silently
 * ignores. `who` is the container that reads them. With `lenient`, ignored lines are only warnings.
 */
export function checkConfigFiles(
  files: readonly ConfigFile[],
  who: string,
  target: ConfigFileTarget,
  lenient = false,
): { readonly errors: readonly Diagnostic[]; readonly warnings: readonly Diagnostic[] } {
  const alsoSet = cgroupFilesIn(files, target.cgroup);
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const { shownFile, text } of files) {
    const raw = text.split('\n').map((line) => line.replace(/\r$/, ''));
    const problems = new ProblemList(([, index]) =>
      typeof index === 'number'
        ? placeOf({ file: shownFile, number: index + 1, text: raw[index] ?? '' })
        : undefined,
    );
    const writer = new LineWriter(who, target, problems);
    rawLines({ name: who, raw }, { ...target, writer, problems, lenient, alsoSet });
    errors.push(...problems.errors);
    warnings.push(...problems.warnings);
  }
  return { errors, warnings };
}

/** Returns the files of the board's cgroup version that a configuration sets. */
function cgroupFilesIn(files: readonly ConfigFile[], cgroup: CgroupLayout): Set<string> {
  const prefix = cgroupLayouts[cgroup].version === 'v2' ? 'lxc.cgroup2.' : 'lxc.cgroup.';
  return new Set(
    files
      .flatMap(({ text }) => text.split('\n').map(parseConfigLine))
      .flatMap((line) =>
        line.kind === 'setting' && line.key.startsWith(prefix) ? [line.key.slice(prefix.length)] : [],
      ),
  );
}
