/** The codes of all intentional errors of lxc-kit; `cli/exit-codes.ts` gives each its exit code. */
export type KitErrorCode =
  | 'USAGE'
  | 'BOARD_UNKNOWN'
  | 'PROFILE_INVALID'
  | 'FRAGMENT_INVALID'
  | 'CONTAINER_INVALID'
  | 'OUT_BUSY'
  | 'OUT_UNWRITABLE'
  | 'TOOL_MISSING'
  | 'TOOLCHAIN_WRONG'
  | 'SOURCE_UNAVAILABLE'
  | 'SOURCE_HASH_MISMATCH'
  | 'ARCHIVE_BROKEN'
  | 'ARCHIVE_HOSTILE'
  | 'SYMBOL_LOST'
  | 'ELF_WRONG'
  | 'STEP_FAILED'
  | 'BOOT_FAILED'
  | 'INTERRUPTED';

export interface KitErrorDetails {
  /** One command or one edit that fixes it. */
  readonly hint?: string;
  /** Further lines shown under the message, such as each attempt and why it failed. */
  readonly lines?: readonly string[];
  /** The log of what failed; its last lines are shown. */
  readonly logFile?: string;
  readonly cause?: unknown;
}

/**
 * An error that the user can act on. The message states the fact, `hint` says what to do.
 * Anything else that is thrown is a bug in lxc-kit.
 */
export class KitError extends Error {
  readonly code: KitErrorCode;
  readonly hint: string | undefined;
  readonly lines: readonly string[];
  readonly logFile: string | undefined;

  constructor(code: KitErrorCode, message: string, details: KitErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'KitError';
    this.code = code;
    this.hint = details.hint;
    this.lines = details.lines ?? [];
    this.logFile = details.logFile;
  }
}

/** The `code` of a Node.js system error (`ENOENT`, `ENOSPC`, …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
