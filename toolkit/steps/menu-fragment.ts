import { readFinalConfig } from '../kconfig/audit-config.ts';
import { countDifferences, diffConfigs, type SymbolValue } from '../kconfig/diff-configs.ts';
import { mergedText, mergeLayers } from '../kconfig/merge-fragments.ts';
import { parseConfig } from '../kconfig/parse-config.ts';
import { linesBetween, reduceFragment, type ReducedFragment } from '../kconfig/reduce-fragment.ts';
import type { ConfiguredTree } from './configured-tree.ts';
import { fragmentText } from './minimal-config.ts';

/** How often conf is run to leave lines out. */
const MAX_RUNS = 40;

/**
 * The fragment that makes of a board's configuration the one that a person saved in the menus. It was merged onto the
 * board as a last fragment and given to conf. Undefined when nothing was changed.
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

/** Base and requests of a board with lines that win over them. */
function withLines({ base, requests }: ConfiguredTree, lines: readonly SymbolValue[]): string {
  const asked = { lines: [...requests.values()] };
  return mergedText(base, mergeLayers([asked, parseConfig(fragmentText(lines), 'menuconfig')]));
}
