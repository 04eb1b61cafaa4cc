import type { VersionRange } from '../base/compare-versions.ts';
import type { BoardDescription, DescribedContainer } from './board-description.ts';
import type { SymbolNeed } from './symbol-need.ts';

/** A condition of rules: the board has containers. */
export const hasContainers = ({ containers }: BoardDescription): boolean => containers.length > 0;

/** What one subject needs of the kernel. */
export interface Rule extends SymbolNeed {
  /** Releases of LXC that need it; without it all. */
  readonly lxc?: VersionRange;
  /** Without it the rule holds for every board. */
  readonly when?: (board: BoardDescription) => boolean;
  /** Asked for each container; the reason then names those that it holds for. */
  readonly of?: (container: DescribedContainer, board: BoardDescription) => boolean;
}
