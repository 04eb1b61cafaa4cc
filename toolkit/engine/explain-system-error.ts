import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import type { Step } from './step.ts';

/** What the operating system refuses is not a bug in lxc-kit: a full disk, a missing permission. */
export function explainSystemError(step: Step, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof KitError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const message = full
    ? `${step.id} stopped: no space left on the disk`
    : `${step.id} stopped: ${errorMessage(error)}`;
  return new KitError('STEP_FAILED', message, {
    cause: error,
    ...(full
      ? { hint: 'make room, or give another place with --out or LXC_KIT_STORE, and build again' }
      : {}),
  });
}
