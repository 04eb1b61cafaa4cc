import type { Location } from '../base/diagnostic.ts';
import type { SymbolLine } from './symbol-line.ts';

/** One source of requests: a fragment file, the profile's inline values, or lxc-kit itself. */
export interface Layer {
  readonly lines: readonly SymbolLine[];
}

/** The requested value of one symbol, and where it is requested. */
export interface Request {
  readonly symbol: string;
  readonly value: string;
  readonly location: Location;
  /** Earlier requests for another value that this one replaced. */
  readonly overridden: readonly SymbolLine[];
  /** The line that won is a wish of lxc-kit's own. */
  readonly optional?: true;
}

/** Merges layers in order; the last request for a symbol wins and records the ones it overrode. */
export function mergeLayers(layers: readonly Layer[]): Map<string, Request> {
  const all = new Map<string, SymbolLine[]>();
  for (const line of layers.flatMap((layer) => layer.lines)) {
    const lines = all.get(line.symbol) ?? [];
    lines.push(line);
    // Deleted first, so that the merged file has the order of the last requests, as with merge_config.sh.
    all.delete(line.symbol);
    all.set(line.symbol, lines);
  }
  return new Map(
    [...all].flatMap(([symbol, lines]) => {
      const last = lines.at(-1);
      if (last === undefined) return [];
      const overridden = lines.filter(({ value }) => value !== last.value);
      return [[symbol, { ...last, overridden }]];
    }),
  );
}

/**
 * Returns the base configuration with every requested symbol removed and the requests appended:
 * the file that scripts/kconfig/merge_config.sh passes to conf as KCONFIG_ALLCONFIG.
 */
export function mergedText(base: string, requests: ReadonlyMap<string, Request>): string {
  const kept = configLines(base).filter((line) => {
    const symbol = /^(?:# )?(CONFIG_\w+)(?:=| is not set)/.exec(line)?.[1];
    return symbol === undefined || !requests.has(symbol);
  });
  const asked = [...requests.values()].map(({ symbol, value }) => configLine(symbol, value));
  return `${[...kept, ...asked].join('\n').trimEnd()}\n`;
}

/** Returns the lines of a configuration file without trailing blanks, which conf would take as part of a number. */
function configLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Formats a symbol as a line of a .config. */
export function configLine(symbol: string, value: string): string {
  return value === 'n' ? `# ${symbol} is not set` : `${symbol}=${value}`;
}

/** Applies the profile's `kernel.modules` to the `=m` symbols of a base configuration. */
export function applyModulePolicy(base: string, policy: 'keep' | 'builtin' | 'drop'): string {
  if (policy === 'keep') return base;
  const lines = configLines(base).filter((line) => !/^(?:# )?CONFIG_MODULES(?:=| is not set)/.test(line));
  const changed =
    policy === 'builtin'
      ? lines.map((line) => line.replace(/^(CONFIG_\w+)=m$/, '$1=y'))
      : // Without CONFIG_MODULES conf would turn each =m into =y: twice the kernel (1276 instead of 827 symbols on malta).
        lines.filter((line) => !/^CONFIG_\w+=m$/.test(line));
  return `${changed.join('\n').trimEnd()}\n# CONFIG_MODULES is not set\n`;
}
