import { diskFsSymbols, type GuestRootKind, type Machine, type NeededSymbol } from './machines.ts';

/** A symbol that is not `y` although booting needs it; `value` is what the .config says. */
export interface MissingSymbol extends NeededSymbol {
  readonly value: string;
}

/**
 * Lists what a kernel lacks for booting on `machine` with that kind of root, before QEMU is started:
 * QEMU itself would only show a kernel panic, or nothing at all.
 *
 * `config` is the final .config: full names (`CONFIG_X`) to values. `m` does not count as there,
 * because no module can be loaded before the root is mounted.
 */
export function checkEmulatorKernel(
  machine: Machine,
  root: GuestRootKind,
  config: ReadonlyMap<string, string>,
): MissingSymbol[] {
  const needed = [...machine.symbols.always, ...machine.symbols[root.kind]];
  if (root.kind === 'disk') needed.push(diskFsSymbols[root.fsType]);
  return needed
    .map((need) => ({ ...need, value: config.get(need.symbol) ?? 'not set' }))
    .filter((need) => need.value !== 'y');
}
