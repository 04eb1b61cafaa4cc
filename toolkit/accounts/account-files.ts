import type { Accounts } from './user-accounts.ts';

/** A file of the image that says who may log in. */
export interface AccountFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** The paths that `users:` of a profile decides. */
export const ACCOUNT_PATHS = ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/shells'] as const;

/**
 * Returns the files of passwd(5), shadow(5), group(5) and shells(5). "x" in /etc/passwd sends BusyBox's login to
 * /etc/shadow; "*" there is the hash of no password.
 */
export function accountFiles({ users, groups }: Accounts): AccountFile[] {
  const shells = new Set(['/bin/sh', ...users.flatMap(({ shell }) => (isNoShell(shell) ? [] : [shell]))]);
  const texts: Record<(typeof ACCOUNT_PATHS)[number], readonly string[]> = {
    '/etc/passwd': users.map(
      ({ name, uid, gid, home, shell }) => `${name}:x:${uid}:${gid}:${name}:${home}:${shell}`,
    ),
    // No date of the last change: it would be wrong on a device whose clock starts in 1970. But some number there has to
    // be: convert_to_struct() of BusyBox 1.37 (libpwdgrp/pwd_grp.c) takes an old errno for a broken line where none is
    // parsed, and login then refuses the right password.
    '/etc/shadow': users.map(({ name, password = '*' }) => `${name}:${password}::0:99999:7:::`),
    '/etc/group': groups.map(({ name, gid, members }) => `${name}:x:${gid}:${members.join(',')}`),
    '/etc/shells': [...shells],
  };
  return ACCOUNT_PATHS.map((path) => ({
    path,
    mode: path === '/etc/shadow' ? 0o600 : 0o644,
    text: texts[path].map((line) => `${line}\n`).join(''),
  }));
}

/** Whether an account has a program instead of a shell that ends at once. */
export function isNoShell(shell: string): boolean {
  return /\/(?:false|true|nologin)$/.test(shell);
}
