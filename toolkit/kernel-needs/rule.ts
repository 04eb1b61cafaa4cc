import type { VersionRange } from '../base/compare-versions.ts';
import type { BoardDescription, DescribedContainer } from './board-description.ts';
import type { SymbolNeed } from './symbol-need.ts';

/** A condition for rules: the board has containers. */
export const hasContainers = ({ containers }: BoardDescription): boolean => containers.length > 0;

/** The symbols that one part of a board needs. */
export interface Rule extends SymbolNeed {
  /** The LXC releases that need it; without it, all. */
  readonly lxc?: VersionRange;
  /** Without it, the rule holds for every board. */
  readonly when?: (board: BoardDescription) => boolean;
  /** Asked for each container; the reason then names the containers for which it is true. */
  readonly of?: (container: DescribedContainer, board: BoardDescription) => boolean;
}
