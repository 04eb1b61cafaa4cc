import type { Cell, CellResult } from './cells.ts';

/** An escape that is known and not mended yet. */
export interface OpenEscape {
  readonly attempt: string;
  readonly containers: readonly string[];
  readonly reason: string;
  /** Only with this root, cgroup layout or release of LXC; everywhere by default. */
  readonly root?: string;
  readonly cgroup?: string;
  readonly lxc?: string;
}

/** Every escape that remains, with its reason. All others have to hold; these have to be found. */
export const openEscapes: readonly OpenEscape[] = [];

const matches = (open: OpenEscape, cell: Cell): boolean =>
  open.containers.includes(cell.container) &&
  (open.root ?? cell.root) === cell.root &&
  (open.cgroup ?? cell.cgroup) === cell.cgroup &&
  (open.lxc ?? cell.lxc) === cell.lxc;

/** The reason for an escape that is known; undefined for one that has to hold. */
export const reasonFor = (
  cell: Cell,
  attempt: string,
  known: readonly OpenEscape[] = openEscapes,
): string | undefined => known.find((open) => open.attempt === attempt && matches(open, cell))?.reason;

/** Faults of a result: attempts that got out, were not made, or are said to get out and do not. */
export function faultsOf(
  { cell, outcomes, notApplicable }: CellResult,
  ids: readonly string[],
  known: readonly OpenEscape[] = openEscapes,
): string[] {
  return ids.flatMap((id) => {
    if (id in notApplicable) return [];
    const verdict = outcomes[id]?.verdict ?? 'not made';
    const reason = reasonFor(cell, id, known);
    if (verdict === 'not made') return [`${id}: not made`];
    if (verdict === 'inside')
      return reason === undefined ? [] : [`${id}: holds now; take it out of the open ones (${reason})`];
    return reason === undefined ? [`${id}: ${verdict}`] : [];
  });
}

/** The attempts of a control that did not succeed: they prove nothing anywhere. */
export function withoutControl({ outcomes, notApplicable }: CellResult, ids: readonly string[]): string[] {
  return ids.filter((id) => {
    if (id in notApplicable) return false;
    const verdict = outcomes[id]?.verdict;
    return verdict !== 'escaped' && verdict !== 'host lost';
  });
}
