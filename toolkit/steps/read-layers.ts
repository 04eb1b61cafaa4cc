import { readFileSync } from 'node:fs';
import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import type { Layer } from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import { readFragments, type FragmentFile } from '../kconfig/read-fragment.ts';
import { findCode } from '../kconfig/refuse-code.ts';
import { stepOfLog } from './build.ts';
import type { ConfigureContext } from './configured-tree.ts';

/** How many warnings about fragments are shown. */
const MAX_SHOWN = 15;

/** Reads fragments in a step, and warns of what stands in one twice. Throws FRAGMENT_INVALID. */
export function readLayers(fragments: readonly FragmentFile[], context: ConfigureContext): Layer[] {
  const { layers, problems, warnings } = readFragments(fragments);
  if (problems.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', problems);
  const step = stepOfLog(context);
  for (const warning of warnings.slice(0, MAX_SHOWN))
    context.emit({ type: 'warning', step, message: inOneLine(warning) });
  const more = warnings.length - MAX_SHOWN;
  if (more > 0)
    context.emit({ type: 'warning', step, message: `${more} more lines stand in a fragment twice` });
  return layers;
}

/** The text of a base configuration that is a file of the person's. Throws FRAGMENT_INVALID for a value that would run as code. */
export function readBaseFile(file: string, display: (file: string) => string): string {
  const text = readFileSync(file, 'utf8');
  const problems = findCode(parseConfig(text, display(file)).lines);
  if (problems.length > 0) throw new DiagnosticsError('FRAGMENT_INVALID', problems);
  return text;
}

function inOneLine({ location, message }: Diagnostic): string {
  return location === undefined ? message : `${location.file}:${location.line} ${message}`;
}
