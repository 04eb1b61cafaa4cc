import type { VersionRange } from '../base/compare-versions.ts';

/**
 * Symbols that something needs of the kernel to be `y`, and why. `since` and `until` are kernel versions: outside of
 * them the kernel does the same without the symbol, or does not have it.
 */
export interface SymbolNeed extends VersionRange {
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
