import { partsOf } from '../kconfig-tree/expression.ts';
import type { Expression } from '../kconfig-tree/menu-tree.ts';
import { conditionsOfPrompt } from './ways-to-goal.ts';
import type { KconfigSymbol, MenuNode } from '../kconfig-tree/menu-tree.ts';
import type { SymbolValues } from '../kconfig-tree/symbol-values.ts';

/**
 * Menus and choices below `arch/` that select a machine or a CPU: "Machine selection" and "CPU type" of MIPS,
 * "System Type" of ARM, "Platform selection" of arm64, "Processor family" of x86, "SoC selection" of RISC-V, and those
 * of older trees (Linux 2.6.31 to 7.1).
 */
const MACHINE_TITLE =
  /\b(?:machine|system type|platform|soc|socs|board|cpu|processor|endian\w*|kernel type|base isa|isa)\b/i;
/** Menus with one of these words select neither. */
const OTHER_TITLE =
  /\b(?:features|power management|accelerated|cryptographic|errata|idle\w*|frequency|options)\b/i;

/** Whether only the architecture's own files define a symbol; `kernelArch` is a folder of `arch/`. */
export function isOfArchitecture({ nodes }: KconfigSymbol, kernelArch: string): boolean {
  return nodes.length > 0 && nodes.every(({ place }) => place.file.startsWith(`arch/${kernelArch}/`));
}

/** Whether a symbol selects the machine or the CPU: it is in a menu or choice of the architecture for that. */
export function isMachineSymbol(symbol: KconfigSymbol, kernelArch: string): boolean {
  return isOfArchitecture(symbol, kernelArch) && symbol.nodes.some(choosesMachine);
}

function choosesMachine(node: MenuNode): boolean {
  let found = false;
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    const title = outer.title ?? outer.choice?.prompts[0]?.text ?? '';
    if (OTHER_TITLE.test(title)) return false;
    found ||= MACHINE_TITLE.test(title);
  }
  return found;
}

/** Whether the tree computes a symbol: it is defined, and has no prompt. */
export function isComputed({ nodes, prompts }: KconfigSymbol): boolean {
  return nodes.length > 0 && prompts.length === 0;
}

/** Whether an unset symbol needs, directly or indirectly, one of `gone`, which are unset too. */
export function needsOneOf(symbol: KconfigSymbol, gone: ReadonlySet<string>, values: SymbolValues): boolean {
  const seen = new Set<KconfigSymbol>();
  const queue = [symbol];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const needed of unmetSymbols(next, values)) {
      if (gone.has(needed.name)) return true;
      queue.push(needed);
    }
  }
  return false;
}

/** Returns the symbols that are n in the failing conditions of a symbol's prompts. */
function unmetSymbols({ prompts }: KconfigSymbol, values: SymbolValues): KconfigSymbol[] {
  return prompts
    .flatMap(conditionsOfPrompt)
    .flatMap((expression) => partsOf(expression, 'and'))
    .filter((part) => values.condition(part) < 2)
    .flatMap(symbolsOf)
    .filter((one) => values.tristate(one) < 2);
}

/** Returns the symbols that would help if set. */
function symbolsOf(expression: Expression): KconfigSymbol[] {
  switch (expression.kind) {
    case 'symbol':
      return [expression.symbol];
    case 'and':
    case 'or':
      return [...symbolsOf(expression.left), ...symbolsOf(expression.right)];
    case 'compare':
      return expression.left.kind === 'symbol' ? [expression.left.symbol] : [];
    default:
      return [];
  }
}
