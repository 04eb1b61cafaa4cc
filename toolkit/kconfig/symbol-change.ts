/** A release of Linux in which the symbols for something changed. Names are without `CONFIG_`. */
export interface SymbolChange {
  /** The first release with the new state, as far as is known. */
  readonly since: string;
  /** Only when the exact release is unknown: the newest one that was seen in the old state. */
  readonly notIn?: string;
  /** The old names; empty for something new. */
  readonly from: readonly string[];
  /** The new names; empty when none is needed. A symbol in both lists now needs others beside it. */
  readonly to: readonly string[];
  /** For a symbol that needs others: it cannot be set without them. */
  readonly prerequisite?: true;
  /** The new names came with this change: an older kernel has only the old ones. */
  readonly reversible?: true;
  /** The new symbol existed before, but could not be set. */
  readonly hiddenBefore?: true;
  /** The old symbol still exists, but can no longer be set. */
  readonly hiddenAfter?: true;
  /** Later kernels always do what the old symbol asked for: a request for it is met. */
  readonly always?: true;
  /** Stable releases of older series have the change as well: check the tree. */
  readonly inStable?: true;
  /** The change, in words that follow "since Linux 5.1:". */
  readonly why: string;
  /** The subject of the commit; `trees` when only the Kconfig files of the releases before and after were compared. */
  readonly source: string;
}
