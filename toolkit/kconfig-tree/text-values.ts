import type { KconfigSymbol, SymbolType } from './menu-tree.ts';

/** Whether conf hears a text that was asked for: it drops a number that is none. */
export function isValidText({ type }: KconfigSymbol, text: string): boolean {
  if (type === 'int') return /^-?\d+$/.test(text);
  return type === 'hex' ? /^(?:0[xX])?[\da-fA-F]+$/.test(text) : true;
}

/** A number, or the bound that it passes (`sym_validate_range` of scripts/kconfig/symbol.c). */
export function keptInRange(type: SymbolType, text: string, low: string, high: string): string {
  const value = numberOf(type, text);
  if (value < numberOf(type, low)) return low;
  return value > numberOf(type, high) ? high : text;
}

/** As strtoll reads it: what is no number is 0. */
function numberOf(type: SymbolType, text: string): number {
  const value = type === 'hex' ? Number.parseInt(text, 16) : Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}
