/** A symbol and its value. */
export interface SymbolValue {
  readonly symbol: string;
  readonly value: string;
}

/** The differences of two configurations, each list sorted by name. */
export interface ConfigDifference {
  /** Set only in the first one. */
  readonly onlyInA: readonly SymbolValue[];
  /** Set only in the second one. */
  readonly onlyInB: readonly SymbolValue[];
  /** Set in both, to other values. */
  readonly different: readonly { readonly symbol: string; readonly a: string; readonly b: string }[];
}

/**
 * Compares two configurations by meaning: a symbol that is "not set", a symbol that is not mentioned and an empty text
 * are the same, and so are different spellings of a hexadecimal number.
 */
export function diffConfigs(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): ConfigDifference {
  const onlyInA: SymbolValue[] = [];
  const onlyInB: SymbolValue[] = [];
  const different: { symbol: string; a: string; b: string }[] = [];
  for (const symbol of [...new Set([...a.keys(), ...b.keys()])].sort()) {
    const [left, right] = [a.get(symbol) ?? 'n', b.get(symbol) ?? 'n'];
    const [meantLeft, meantRight] = [meaning(left), meaning(right)];
    if (meantLeft === meantRight) continue;
    if (meantRight === 'n') onlyInA.push({ symbol, value: left });
    else if (meantLeft === 'n') onlyInB.push({ symbol, value: right });
    else different.push({ symbol, a: left, b: right });
  }
  return { onlyInA, onlyInB, different };
}

/** Returns how many symbols differ. */
export function countDifferences({ onlyInA, onlyInB, different }: ConfigDifference): number {
  return onlyInA.length + onlyInB.length + different.length;
}

function meaning(value: string): string {
  if (value === '""') return 'n';
  return /^0[xX]/.test(value) ? value.toLowerCase().replace(/^0x0*(?=.)/, '0x') : value;
}

/** Formats a difference for people: three groups, without the empty ones. */
export function formatDifference(difference: ConfigDifference, nameA: string, nameB: string): string {
  const { onlyInA, onlyInB, different } = difference;
  if (countDifferences(difference) === 0) return 'no difference';
  const width = Math.max(0, ...different.map(({ symbol }) => symbol.length));
  const groups: [title: string, lines: string[]][] = [
    [`only in ${nameA}`, onlyInA.map(({ symbol, value }) => `${symbol}=${value}`)],
    [`only in ${nameB}`, onlyInB.map(({ symbol, value }) => `${symbol}=${value}`)],
    [
      `different in ${nameA} and ${nameB}`,
      different.map(({ symbol, a, b }) => `${symbol.padEnd(width)}  ${a} -> ${b}`),
    ],
  ];
  return groups
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [`${title} (${lines.length}):`, ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}
