import type { AuditFinding } from '../kconfig/audit-config.ts';
import { explainSymbol } from '../kconfig-advice/explain-symbol.ts';
import { askedForIn, bare, type ReadTree } from './read-kconfig-tree.ts';

/** The obstacles to setting one symbol: the symbols that it lacks, or the reason in words. */
interface Obstacles {
  readonly lacks: readonly { readonly symbol: string; readonly value: string }[];
  readonly reason: string;
}

/** The cause for a symbol without a prompt. */
const NO_PROMPT = 'it has no prompt, so no line sets it: leave it out';

/** Whether `kconfig fix` may find lines for one of the lost symbols. */
export function mayBeFixed(findings: readonly AuditFinding[]): boolean {
  return findings.some(({ cause }) => cause !== undefined && cause !== NO_PROMPT);
}

/**
 * Adds to each lost symbol without advice the reason why it was lost, in one line. A symbol that lacks several others is
 * attributed to the one that most lost symbols lack, so that related losses share one cause. Returns the findings
 * unchanged when the Kconfig files cannot be read.
 */
export function addLossCauses(findings: readonly AuditFinding[], read: () => ReadTree): AuditFinding[] {
  const open = findings.filter(({ kind, advice }) => kind === 'lost' && advice === undefined);
  if (open.length === 0) return [...findings];
  const obstacles = new Map<AuditFinding, Obstacles>();
  try {
    const tree = read();
    for (const finding of open) {
      const found = obstaclesOf(bare(finding.symbol), tree);
      if (found !== undefined) obstacles.set(finding, found);
    }
  } catch {
    return [...findings];
  }
  const counts = new Map<string, number>();
  for (const { lacks } of obstacles.values())
    for (const { symbol } of lacks) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return findings.map((finding) => {
    const found = obstacles.get(finding);
    return found === undefined ? finding : { ...finding, cause: causeOf(found, counts) };
  });
}

function obstaclesOf(name: string, tree: ReadTree): Obstacles | undefined {
  const symbol = tree.tree.symbols.get(name);
  if (symbol === undefined || symbol.nodes.length === 0) return undefined;
  const { because } = explainSymbol(symbol, tree.values, askedForIn(tree));
  const [own, ...others] = because;
  if (own === undefined) return undefined;
  if (symbol.prompts.length === 0) return { lacks: [], reason: NO_PROMPT };
  const lacks = others.filter(({ depth }) => depth === 1);
  return { lacks, reason: own.reason };
}

/** A symbol that is off counts before one that is only m. */
function causeOf({ lacks, reason }: Obstacles, counts: ReadonlyMap<string, number>): string {
  const off = lacks.filter(({ value }) => value === 'n');
  const [worst] = (off.length > 0 ? off : lacks).toSorted(
    (a, b) => (counts.get(b.symbol) ?? 0) - (counts.get(a.symbol) ?? 0),
  );
  if (worst === undefined) return reason;
  return `CONFIG_${worst.symbol} is ${worst.value === 'n' ? 'not set' : worst.value}`;
}
