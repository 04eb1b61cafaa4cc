import { systemErrorCode } from '../base/errors.ts';

/** Why the system refuses something for reasons outside lxc-kit, in words that follow "because" (errno(3)). */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'you have no permission',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open (see ulimit -n)',
  ENFILE: 'too many files are open',
  ENOMEM: 'there is not enough memory',
  ENOSPC: 'the disk is full',
  EPERM: 'you have no permission',
  EROFS: 'it is on a read-only file system',
};

/** Why the system refused something, when the user can fix it; undefined for anything else. */
export function systemTrouble(error: unknown): string | undefined {
  return WORDS[systemErrorCode(error) ?? ''];
}
