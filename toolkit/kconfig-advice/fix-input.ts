import type { ConfDialect } from '../kconfig-tree/conf-dialects.ts';
import type { KconfigTree } from '../kconfig-tree/menu-tree.ts';

/** A symbol (without `CONFIG_`) and its intended value in the final .config. */
export interface Wanted {
  readonly symbol: string;
  readonly value: string;
}

/** Everything known before lines are proposed. All names are without `CONFIG_`, all texts without quotes. */
export interface FixInput {
  readonly tree: KconfigTree;
  readonly dialect: ConfDialect;
  readonly unset: 'n' | 'default';
  /** The requests of the defconfig. Its choices, such as the machine and the processor, define the board and stay. */
  readonly base: ReadonlyMap<string, string>;
  /** The requests of fragments and the profile; a proposal never changes them. */
  readonly asked: ReadonlyMap<string, string>;
  readonly final: ReadonlyMap<string, string>;
  /**
   * All symbols that need lines, with their intended values. Gates among them may be opened, and the others can use what
   * they bring along.
   */
  readonly named?: ReadonlyMap<string, string>;
  /** Symbols that the board requires to be on, whether or not they are. */
  readonly required?: ReadonlySet<string>;
}

/** Lines that should set a wanted symbol; conf decides whether they do. */
export interface Proposal {
  readonly wanted: Wanted;
  /** Empty when there is no way; `blocked` then says whether that is certain. */
  readonly lines: readonly Wanted[];
  /** Other sets of lines that also set it, cheapest first. */
  readonly alternatives?: readonly (readonly Wanted[])[];
  /**
   * `impossible`: there is no way. `unsure`: there are ways, but each breaks something else. `hidden`: it has no prompt,
   * and only another, unrequested symbol could bring it. `gated`: only the symbols in `gates` make it possible. `drivers`:
   * it needs symbols without a prompt, which only unrequested drivers select.
   */
  readonly blocked?: 'unknown' | 'impossible' | 'unsure' | 'hidden' | 'gated' | 'drivers';
  readonly gates?: readonly string[];
  /** For `drivers`: the symbols it needs, and the drivers that select them, the cheapest first. */
  readonly brought?: readonly { readonly symbol: string; readonly by: readonly string[] }[];
  /** The ways that were considered and rejected, with the reasons. */
  readonly rejected: readonly { readonly lines: readonly Wanted[]; readonly why: string }[];
}
