import type { VersionRange } from '../base/compare-versions.ts';

/** When a need holds for a finished configuration. */
export interface NeedCondition {
  /** `n`: the symbols must be off. Without it they must be on. */
  readonly value?: 'n';
  /** It holds only for a configuration that has this symbol, without `CONFIG_`. */
  readonly onlyWith?: string;
  /** It does not hold for a configuration that has this symbol, without `CONFIG_`. */
  readonly unless?: string;
}

/** The condition of a need, without the rest. */
export function conditionOf({ value, onlyWith, unless }: NeedCondition): NeedCondition {
  return {
    ...(value === undefined ? {} : { value }),
    ...(onlyWith === undefined ? {} : { onlyWith }),
    ...(unless === undefined ? {} : { unless }),
  };
}

/**
 * Symbols that something needs of the kernel to be `y`, and why. `since` and `until` are kernel versions: outside of
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

/** What a symbol depends on, so that it can be set at all. */
export interface Prerequisite extends VersionRange {
  /** Without `CONFIG_`, as are those in `needs`. */
  readonly symbol: string;
  readonly needs: readonly string[];
}
