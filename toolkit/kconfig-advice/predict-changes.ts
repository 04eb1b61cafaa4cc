import { costOfProposal } from './change-cost.ts';
import type { FixInput, Wanted } from './fix-input.ts';
import { SymbolValues } from '../kconfig-tree/symbol-values.ts';

/** Predicts the values that conf computes with further lines. */
export function predictValues(input: FixInput, lines: readonly Wanted[]): SymbolValues {
  const requested = new Map([...input.base, ...input.asked]);
  for (const { symbol, value } of lines) {
    requested.delete(symbol);
    requested.set(symbol, value);
  }
  return new SymbolValues(input.tree, { requested, unset: input.unset, dialect: input.dialect });
}

/** Returns the expected cost of lines beside everything else that is wanted, without running conf. */
export function predictedCost(input: FixInput, lines: readonly Wanted[]): number {
  const named = [...(input.named ?? [])].map(([symbol, value]) => ({ symbol, value }));
  const before = textsOf(input, named);
  const after = textsOf(input, [...named, ...lines]);
  const changes = [...after]
    .map(([symbol, text]) => ({ symbol, before: before.get(symbol) ?? 'n', after: text }))
    .filter((change) => change.before !== change.after);
  return costOfProposal(lines, changes, input);
}

function textsOf(input: FixInput, lines: readonly Wanted[]): Map<string, string> {
  const values = predictValues(input, lines);
  return new Map([...input.tree.symbols].map(([name, symbol]) => [name, values.text(symbol)]));
}
