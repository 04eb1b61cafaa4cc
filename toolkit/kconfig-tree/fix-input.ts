import type { ConfDialect } from './conf-dialects.ts';
import type { KconfigTree } from './menu-tree.ts';

/** A symbol (without `CONFIG_`) and the value it should have in the final .config. */
export interface Wanted {
  readonly symbol: string;
  readonly value: string;
}

/** Everything that is known before anything is proposed. All names are without `CONFIG_`, all texts without quotes. */
export interface FixInput {
  readonly tree: KconfigTree;
  readonly dialect: ConfDialect;
  readonly unset: 'n' | 'default';
  /** What the defconfig asks for. Its choices, such as the machine and the processor, are the board itself and stay. */
  readonly base: ReadonlyMap<string, string>;
  /** What fragments and the profile ask for: never changed by a proposal. */
  readonly asked: ReadonlyMap<string, string>;
  readonly final: ReadonlyMap<string, string>;
  /**
   * All symbols that lines are wanted for, with the values that they should have: gates among them may be opened, and
   * what they bring along is there for the others.
   */
  readonly named?: ReadonlyMap<string, string>;
  /** Symbols that the board requires to be on, whether they are or not. */
  readonly required?: ReadonlySet<string>;
}

/** Lines that give a wanted symbol as far as we can tell; conf has the last word. */
export interface Proposal {
  readonly wanted: Wanted;
  /** Empty when nothing leads there: `blocked` then says whether that is certain. */
  readonly lines: readonly Wanted[];
  /** Other sets of lines that give it too, the cheapest first. */
  readonly alternatives?: readonly (readonly Wanted[])[];
  /**
   * `impossible`: no way leads there. `unsure`: ways do, but each breaks something else. `hidden`: it has no prompt, and
   * only another, unrequested symbol could bring it. `gated`: only what `gates` names leads there. `drivers`: it
   * needs symbols without a prompt, and only unrequested drivers bring them.
   */
  readonly blocked?: 'unknown' | 'impossible' | 'unsure' | 'hidden' | 'gated' | 'drivers';
  readonly gates?: readonly string[];
  /** For `drivers`: what has to come along, and the drivers that bring it, the one that takes least first. */
  readonly brought?: readonly { readonly symbol: string; readonly by: readonly string[] }[];
  /** What was thought of and rejected, with why. */
  readonly rejected: readonly { readonly lines: readonly Wanted[]; readonly why: string }[];
}
