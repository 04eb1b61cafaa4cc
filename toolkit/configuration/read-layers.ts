import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import type { ConfigTarget } from '../kconfig/config-origin.ts';
import type { Layer } from '../kconfig/merge-fragments.ts';
import { readBase } from '../kconfig/read-base.ts';
import { readFragments, type FragmentFile } from '../kconfig/read-fragment.ts';
import { stepOfLog } from '../opened-board/build.ts';
import type { ConfigureContext } from './configured-tree.ts';

/** How many warnings about fragments are printed. */
const MAX_SHOWN = 15;

/** The contents of the files that a configuration is made from. */
export interface ReadLayers {
  /** The layer of the base file; undefined when the base is not a file of the user's. */
  readonly base: Layer | undefined;
  readonly layers: readonly Layer[];
}

/** The file that a configuration starts from, and the tree that it is for. */
export interface BaseFile {
  readonly file: FragmentFile;
  readonly target: ConfigTarget;
}

/**
 * Reads the base file and the fragments in a step, and warns of lines that are twice in one of them. Throws
 * FRAGMENT_INVALID with the problems of all of them.
 */
export function readLayers(
  fragments: readonly FragmentFile[],
  base: BaseFile | undefined,
  context: ConfigureContext,
): ReadLayers {
  const whole = base === undefined ? undefined : readBase(base.file, base.target);
  const { layers, problems, warnings } = readFragments(fragments);
  const all = [...(whole?.problems ?? []), ...problems];
  if (all.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', all);
  warnOfLines([...(whole?.warnings ?? []), ...warnings], context);
  return { base: whole === undefined ? undefined : { lines: whole.lines }, layers };
}

function warnOfLines(warnings: readonly Diagnostic[], context: ConfigureContext): void {
  const step = stepOfLog(context);
  for (const warning of warnings.slice(0, MAX_SHOWN))
    context.emit({ type: 'warning', step, message: inOneLine(warning) });
  const more = warnings.length - MAX_SHOWN;
  if (more > 0) context.emit({ type: 'warning', step, message: `${more} more lines are twice in a file` });
}

function inOneLine({ location, message }: Diagnostic): string {
  return location === undefined ? message : `${location.file}:${location.line} ${message}`;
}
