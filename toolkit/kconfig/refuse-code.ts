import type { Diagnostic } from '../base/diagnostic.ts';
import { codeInValue } from '../base/config-code.ts';
import type { SymbolLine } from './symbol-line.ts';

/** Finds the lines of a configuration file whose values the build would run as code. */
export function findCode(lines: readonly SymbolLine[]): Diagnostic[] {
  return lines.flatMap(({ symbol, value, location }) => {
    const found = codeInValue(symbol, value);
    if (found === undefined) return [];
    const at = value.indexOf(found.code);
    return {
      location: {
        ...location,
        column: location.column + symbol.length + 1 + Math.max(at, 0),
        length: at < 0 ? value.length : found.code.length,
      },
      message: `the value of ${symbol} has ${found.code} in it, which would run on this machine: ${found.because}`,
      help: `write the value of ${symbol} without ${found.code}`,
    };
  });
}
