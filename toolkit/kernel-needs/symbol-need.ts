import type { VersionRange } from '../base/compare-versions.ts';

/** The conditions under which a need holds for a final configuration. */
export interface NeedCondition {
  /** `n`: the symbols must be off. Without it, they must be on. */
  readonly value?: 'n';
  /** The need holds only for a configuration that has this symbol, without `CONFIG_`. */
  readonly onlyWith?: string;
  /** The need does not hold for a configuration that has this symbol, without `CONFIG_`. */
  readonly unless?: string;
}

/** Returns only the condition of a need. */
export function conditionOf({ value, onlyWith, unless }: NeedCondition): NeedCondition {
  return {
    ...(value === undefined ? {} : { value }),
    ...(onlyWith === undefined ? {} : { onlyWith }),
    ...(unless === undefined ? {} : { unless }),
  };
}

/**
 * Symbols that something needs to be `y` in the kernel, and why. `since` and `until` are kernel versions: outside of
 * them the kernel does the same without the symbol, or does not have it.
 */
export interface SymbolNeed extends VersionRange, NeedCondition {
  /** Without `CONFIG_`. */
  readonly symbols: readonly string[];
  /** A noun phrase for what needs them, or what does not work without them. */
  readonly reason: string;
  /** Without them something is worse, but nothing that the profile declares breaks: no build stops. */
  readonly wanted?: true;
}

/** The symbols that a symbol depends on to be settable. */
export interface Prerequisite extends VersionRange {
  /** Without `CONFIG_`, as are those in `needs`. */
  readonly symbol: string;
  readonly needs: readonly string[];
}
