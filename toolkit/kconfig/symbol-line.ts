import type { Location } from '../base/diagnostic.ts';

/** One line of a fragment or a .config: a symbol and its requested value. */
export interface SymbolLine {
  /** With its prefix: `CONFIG_VETH`. */
  readonly symbol: string;
  /** `y`, `m`, `n` (also for "is not set"), a number, or a string with its quotes. */
  readonly value: string;
  readonly location: Location;
  /** A wish of lxc-kit's own: it is no warning when the tree does not have it. */
  readonly optional?: true;
}
