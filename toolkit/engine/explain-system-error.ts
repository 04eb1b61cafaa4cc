import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import type { Step } from './step.ts';

/** Turns a refusal of the operating system, such as a full disk, into a KitError: it is not a bug in lxc-kit. */
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
      ? { hint: 'free some space, or choose another place with --out or LXC_KIT_STORE, and build again' }
      : {}),
  });
}
