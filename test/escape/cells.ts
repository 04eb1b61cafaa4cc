import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import type { RootKind } from './attempt.ts';
import { attempts, notApplicable, type Surroundings } from './attempts.ts';
import { suiteHash, type EscapeBoard } from './escape-board.ts';
import { succeeds, type Outcome } from './judge.ts';
import { runTarget, type Outcomes } from './run-target.ts';

/** The containers that have to hold. */
export const containers = ['app0', 'sys0', 'container1', 'system1'] as const;

export type ContainerName = (typeof containers)[number];

/** A container on one kernel, cgroup layout, LXC and root: a column of docs/escapes.md. */
export interface Cell {
  readonly container: string;
  readonly lxc: string;
  readonly kernel: string;
  readonly cgroup: string;
  readonly root: RootKind;
}

/** Outcomes of the attempts in a cell. */
export interface CellResult {
  readonly cell: Cell;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Attempts that there was nothing to try for, and why. */
  readonly notApplicable: Readonly<Record<string, string>>;
}

const RESULTS = shippedPath('out', 'test', 'escape-results');

export const cellName = ({ container, lxc, kernel, cgroup, root }: Cell): string =>
  `${container}, LXC ${lxc}, Linux ${kernel}, cgroup ${cgroup}, ${root}`;

const fileOf = (cell: Cell): string => join(RESULTS, `${cellName(cell).replaceAll(/[ ,]+/g, '-')}.json`);

/** A result that was kept under the same key; undefined without one. */
export function readKept(cell: Cell, key: string): CellResult | undefined {
  try {
    const kept = JSON.parse(readFileSync(fileOf(cell), 'utf8')) as CellResult & { readonly key: string };
    return kept.key === key ? kept : undefined;
  } catch {
    // None yet, or one that a run did not finish.
    return undefined;
  }
}

/** Keeps a result, so that a run which was interrupted goes on, and a page can be made of several runs. */
export async function keepResult(result: CellResult, key: string): Promise<void> {
  const suite = await suiteHash();
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(fileOf(result.cell), JSON.stringify({ key, suite, ...result }, undefined, 1));
}

/** All results that were kept by runs of the suite as it is now, in the order of their names. */
export async function readAllKept(): Promise<CellResult[]> {
  const suite = await suiteHash();
  if (!existsSync(RESULTS)) return [];
  const files = readdirSync(RESULTS).filter((name) => name.endsWith('.json'));
  const all = files.map(
    (name) =>
      JSON.parse(readFileSync(join(RESULTS, name), 'utf8')) as CellResult & { readonly suite: string },
  );
  const position = ({ cell }: CellResult): number => containers.findIndex((one) => one === cell.container);
  return all
    .filter((one) => one.suite === suite)
    .sort((a, b) => collator.compare(placeOf(a.cell), placeOf(b.cell)) || position(a) - position(b));
}

const collator = new Intl.Collator('en', { numeric: true });
const placeOf = ({ lxc, kernel, cgroup, root }: Cell): string =>
  `${lxc} ${kernel} ${cgroup} ${root === 'disk' ? 1 : 0}`;

function resultOf(cell: Cell, outcomes: Outcomes, surroundings: Surroundings): CellResult {
  return {
    cell,
    outcomes: Object.fromEntries(outcomes),
    notApplicable: Object.fromEntries(
      attempts.flatMap((attempt) => {
        const why = notApplicable(attempt, surroundings);
        return why === undefined ? [] : [[attempt.id, why] as const];
      }),
    ),
  };
}

/** Makes all attempts in a container, unless that was done with the same image and suite before. */
export async function runCell(
  board: EscapeBoard,
  lxc: string,
  root: RootKind,
  container: string,
): Promise<CellResult> {
  const { kernel, cgroup } = board.options;
  const cell = { container, lxc, kernel, cgroup, root };
  const key = await board.key(root);
  const kept = readKept(cell, key);
  if (kept !== undefined) return kept;
  const result = resultOf(cell, await runTarget(board, root, container), board.surroundings(root));
  await keepResult(result, key);
  return result;
}

/**
 * The control: all attempts in a container that is as open as it can be, and those that fail there as root of the device
 * itself. The outcome's first note says which of the two it was.
 */
export async function runControl(board: EscapeBoard, lxc: string, root: RootKind): Promise<CellResult> {
  const { kernel, cgroup } = board.options;
  const cell = { container: 'control', lxc, kernel, cgroup, root };
  const key = await board.key(root);
  const kept = readKept(cell, key);
  if (kept !== undefined) return kept;
  const wide = (await runCell(board, lxc, root, 'wide')).outcomes;
  const failed = attempts.filter(({ id }) => !succeeds(wide[id]));
  const device = await runTarget(board, root, 'device', failed);
  const outcomes = Object.fromEntries(
    [...Object.entries(wide).filter(([, outcome]) => succeeds(outcome)), ...device].map(([id, outcome]) => [
      id,
      { ...outcome, notes: [device.has(id) ? 'device' : 'open container', ...outcome.notes] },
    ]),
  );
  const result = resultOf(cell, new Map(Object.entries(outcomes)), board.surroundings(root));
  await keepResult(result, key);
  return result;
}
