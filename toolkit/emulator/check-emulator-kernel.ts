import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
import type { GuestRootKind, Machine, NeededSymbol } from './machines.ts';

/** A symbol that booting needs and that is not `y`; `value` is its value in the .config. */
export interface MissingSymbol extends NeededSymbol {
  readonly value: string;
}

/**
 * Lists the symbols that a kernel lacks to boot on `machine` with that kind of root. Called before QEMU is started:
 * QEMU itself would only show a kernel panic, or nothing at all.
 *
 * `config` is the final .config: full names (`CONFIG_X`) to values. `m` counts as missing, because no module can be
 * loaded before the root is mounted.
 */
export function checkEmulatorKernel(
  machine: Machine,
  root: GuestRootKind,
  config: ReadonlyMap<string, string>,
  withNetwork = false,
): MissingSymbol[] {
  const needed = [
    ...symbolsOf(machine.symbols.always),
    ...rootSymbols(machine, root),
    ...(withNetwork ? symbolsOf(machine.symbols.network) : []),
  ];
  return [
    ...needed
      .map((need) => ({ ...need, value: config.get(need.symbol) ?? 'not set' }))
      .filter((need) => need.value !== 'y'),
    ...missingPorts(machine, config),
  ];
}

/** The symbols that give the kernel fewer serial ports than lxc-kit's own shell needs; see drivers/tty/serial/8250. */
function missingPorts(
  { commandPort: { name, needs8250Ports } }: Machine,
  config: ReadonlyMap<string, string>,
): MissingSymbol[] {
  return ['CONFIG_SERIAL_8250_NR_UARTS', 'CONFIG_SERIAL_8250_RUNTIME_UARTS'].flatMap((symbol) => {
    const value = config.get(symbol);
    if (value === undefined || !(Number(value) < needs8250Ports)) return [];
    const reason = `lxc-kit's own shell is on ${name}, which takes ${needs8250Ports} serial ports`;
    return [{ symbol, value, reason }];
  });
}

/** Returns the symbols that a kernel needs on `machine` to mount that kind of root. */
export function rootSymbols(machine: Machine, root: GuestRootKind): NeededSymbol[] {
  const needed = symbolsOf(machine.symbols[root.kind]);
  return root.kind === 'disk' ? [...needed, root.need] : needed;
}

function symbolsOf(needs: readonly SymbolNeed[]): NeededSymbol[] {
  return needs
    .filter(({ wanted }) => wanted !== true)
    .flatMap(({ symbols, reason }) => symbols.map((symbol) => ({ symbol: `CONFIG_${symbol}`, reason })));
}
