import { readFinalConfig } from '../kconfig/audit-config.ts';
import { countDifferences, diffConfigs, type SymbolValue } from '../kconfig/diff-configs.ts';
import { mergedText, mergeLayers } from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import { linesBetween, reduceFragment, type ReducedFragment } from '../kconfig/reduce-fragment.ts';
import type { ConfiguredTree } from './configured-tree.ts';
import { fragmentText } from './minimal-config.ts';

/** The limit of conf runs for leaving out lines. */
const MAX_RUNS = 40;

/**
 * Returns the fragment that turns a board's configuration into the one that the user saved in the menus. It has been
 * merged as the board's last fragment and tried with conf. Undefined when nothing was changed.
 */
export async function menuFragment(
  configured: ConfiguredTree,
  saved: string,
): Promise<ReducedFragment | undefined> {
  const before = readFinalConfig(configured.text);
  const wanted = readFinalConfig(saved);
  if (countDifferences(diffConfigs(before, wanted)) === 0) return undefined;
  return reduceFragment({
    wanted,
    candidates: linesBetween(before, wanted),
    configure: async (lines) => readFinalConfig(await configured.configure(withLines(configured, lines))),
    maxRuns: MAX_RUNS,
  });
}

/** Returns a board's base and requests, merged with lines that win over them. */
function withLines({ base, requests }: ConfiguredTree, lines: readonly SymbolValue[]): string {
  const asked = { lines: [...requests.values()] };
  return mergedText(base, mergeLayers([asked, parseConfig(fragmentText(lines), 'menuconfig')]));
}
