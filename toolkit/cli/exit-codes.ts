import { KitError, type KitErrorCode } from '../base/errors.ts';

/** The exit codes and what each means, for the man page. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'a bug in lxc-kit'],
  [2, 'wrong usage, or a mistake in a file of yours'],
  [3, 'a host tool is missing, or the cross compiler is not the right one'],
  [4, 'a step failed: source, compile, lost kernel symbol, program for another machine'],
  [5, 'a boot failed, or a check or a command in the guest did'],
  [130, 'interrupted; finished steps are kept'],
];

/** The exit code of every way lxc-kit stops on purpose. */
const exitCodes = {
  USAGE: 2,
  BOARD_UNKNOWN: 2,
  PROFILE_INVALID: 2,
  FRAGMENT_INVALID: 2,
  CONTAINER_INVALID: 2,
  OUT_BUSY: 2,
  OUT_UNWRITABLE: 2,
  TOOL_MISSING: 3,
  TOOLCHAIN_WRONG: 3,
  SOURCE_UNAVAILABLE: 4,
  SOURCE_HASH_MISMATCH: 4,
  ARCHIVE_BROKEN: 4,
  ARCHIVE_HOSTILE: 4,
  SYMBOL_LOST: 4,
  ELF_WRONG: 4,
  STEP_FAILED: 4,
  BOOT_FAILED: 5,
  INTERRUPTED: 130,
} as const satisfies Record<KitErrorCode, number>;

/** 1 means a bug in lxc-kit: an error that was not thrown on purpose. */
export function exitCodeOf(error: unknown): number {
  return error instanceof KitError ? exitCodes[error.code] : 1;
}
