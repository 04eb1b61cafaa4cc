import type { KconfigSymbol, SymbolType } from './menu-tree.ts';

/** Whether conf accepts a requested text: it drops an invalid number. */
export function isValidText({ type }: KconfigSymbol, text: string): boolean {
  if (type === 'int') return /^-?\d+$/.test(text);
  return type === 'hex' ? /^(?:0[xX])?[\da-fA-F]+$/.test(text) : true;
}

/** Returns the number, or the bound that it exceeds (`sym_validate_range` of scripts/kconfig/symbol.c). */
export function keptInRange(type: SymbolType, text: string, low: string, high: string): string {
  const value = numberOf(type, text);
  if (value < numberOf(type, low)) return low;
  return value > numberOf(type, high) ? high : text;
}

/** Reads a number as strtoll does: anything else is 0. */
function numberOf(type: SymbolType, text: string): number {
  const value = type === 'hex' ? Number.parseInt(text, 16) : Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}
