import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import type { Layer } from '../kconfig/merge-fragments.ts';
import { readFragments, type FragmentFile } from '../kconfig/read-fragment.ts';
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

function inOneLine({ location, message }: Diagnostic): string {
  return location === undefined ? message : `${location.file}:${location.line} ${message}`;
}
