import type { BoardTrait } from '../toolchain/board-traits.ts';
import type { Elf } from './elf.ts';

/** The machine for which every program of a board must be built. */
export interface ElfMachine {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_machine. */
  readonly machine: number;
}

/** Describes how an ELF file differs from the board's machine; undefined when it fits. */
export function describeElfMismatch(elf: ElfMachine, wanted: ElfMachine): string | undefined {
  if (elf.bits === wanted.bits && elf.littleEndian === wanted.littleEndian && elf.machine === wanted.machine)
    return undefined;
  const words = (some: ElfMachine): string =>
    `${some.bits}-bit ${some.littleEndian ? 'little' : 'big'}-endian ${MACHINE_NAMES[some.machine] ?? `machine ${some.machine}`}`;
  return `it is ${words(elf)}, the board is ${words(wanted)}`;
}

/** Describes the first trait because of which the board cannot run a file of its machine; undefined when it can. */
export function describeTraitMismatch(elf: Elf, board: readonly BoardTrait[]): string | undefined {
  for (const { trait, value, stated, emulations = [] } of board) {
    const own = trait.ofFile(elf);
    if (own === undefined || own === value || trait.runs[value]?.includes(own) === true) continue;
    if (emulations.some(({ file }) => file.test(own))) continue;
    if (!stated && trait.never?.(value, own) !== true) continue;
    return `its ${trait.name} is ${own}, the board's is ${value}`;
  }
  return undefined;
}

/** Returns the kernel parameters that are missing for a file that needs an emulation. */
export function missingParameters(elf: Elf, board: readonly BoardTrait[]): string[] {
  return board.flatMap(({ trait, value, emulations = [] }) => {
    const own = trait.ofFile(elf);
    if (own === undefined || own === value || trait.runs[value]?.includes(own) === true) return [];
    const fitting = emulations.filter(({ file }) => file.test(own));
    return fitting.some(({ on }) => on)
      ? []
      : fitting.slice(0, 1).flatMap(({ parameter }) => parameter ?? []);
  });
}

/** The names of e_machine values; System V ABI and its supplements. */
const MACHINE_NAMES: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  40: 'Arm',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};
