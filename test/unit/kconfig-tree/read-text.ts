import { dialectOf, type ConfDialect } from '../../../toolkit/kconfig-tree/conf-dialects.ts';
import { configLineOf, readConfigValues } from '../../../toolkit/kconfig-tree/config-values.ts';
import type { KconfigSymbol, KconfigTree } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import type { FixInput } from '../../../toolkit/kconfig-advice/fix-input.ts';
import { readKconfig } from '../../../toolkit/kconfig-tree/read-kconfig.ts';
import { SymbolValues } from '../../../toolkit/kconfig-tree/symbol-values.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

export interface TextOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly shell?: (command: string) => string | undefined;
  /** Version of the kernel whose conf is meant; 6.1 when it does not matter. */
  readonly version?: string;
  readonly component?: 'kernel' | 'busybox';
  /** Further files, by their path. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

/** Reads Kconfig text as the file `Kconfig` of a tree. */
export function readText(kconfig: string | Buffer, options: TextOptions = {}): KconfigTree {
  const dir = scratchDir();
  writeFiles(dir, { Kconfig: kconfig, ...options.files });
  return readKconfig({
    roots: [dir],
    topFile: 'Kconfig',
    dialect: dialect(options),
    environment: options.environment ?? {},
    shell: options.shell ?? (() => undefined),
  });
}

export function dialect({ component = 'kernel', version = '6.1.0' }: TextOptions = {}): ConfDialect {
  return dialectOf(component, version);
}

/** Problems of the reading, as `FILE:LINE message`. */
export function problemsIn({ problems }: KconfigTree): string[] {
  return problems.map(({ place, message }) => `${place.file}:${place.line} ${message}`);
}

/** A symbol that a test is sure of. */
export function symbolIn(tree: KconfigTree, name: string): KconfigSymbol {
  const symbol = tree.symbols.get(name);
  if (symbol === undefined) throw new Error(`the tree has no ${name}`);
  return symbol;
}

export interface ValueTextOptions extends TextOptions {
  readonly unset?: 'n' | 'default';
  /** Final values, by name. */
  readonly final?: ReadonlyMap<string, string>;
}

/** Values with requests that are given as lines of a .config. */
export function valuesOf(
  tree: KconfigTree,
  requests = '',
  { unset = 'default', final, ...options }: ValueTextOptions = {},
): SymbolValues {
  return new SymbolValues(tree, {
    requested: readConfigValues(requests),
    unset,
    dialect: dialect(options),
    ...(final === undefined ? {} : { final }),
  });
}

/** The lines of the .config that conf should write, in the order of the Kconfig file. */
export function configOf(kconfig: string, requests = '', options: ValueTextOptions = {}): string[] {
  const tree = readText(kconfig, options);
  return configLines(tree, valuesOf(tree, requests, options));
}

export function configLines(tree: KconfigTree, values: SymbolValues): string[] {
  return [...tree.symbols.values()]
    .filter((symbol) => symbol.nodes.length > 0 && values.written(symbol))
    .map((symbol) => configLineOf(symbol.name, values.text(symbol), symbol.type === 'string'));
}

/** Everything that a proposal needs, for Kconfig text, a base and fragments; the final values are ours. */
export function fixInput(
  kconfig: string,
  { base = '', asked = '', unset = 'default', ...options }: FixTextOptions = {},
): FixInput {
  const tree = readText(kconfig, options);
  const values = valuesOf(tree, `${base}\n${asked}`, { unset, ...options });
  return {
    tree,
    dialect: dialect(options),
    unset,
    base: readConfigValues(base),
    asked: readConfigValues(asked),
    final: readConfigValues(configLines(tree, values).join('\n')),
  };
}

export interface FixTextOptions extends ValueTextOptions {
  readonly base?: string;
  readonly asked?: string;
}
