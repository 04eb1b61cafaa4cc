/** An account of /etc/passwd. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

export interface SystemGroup {
  readonly name: string;
  readonly gid: number;
}

/** The users that every device has. `users:` of a profile may say more about root, and about no other. */
export const systemUsers: readonly SystemUser[] = [
  { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' },
  { name: 'daemon', uid: 1, gid: 1, home: '/', shell: '/bin/false' },
  { name: 'nobody', uid: 65_534, gid: 65_534, home: '/', shell: '/bin/false' },
];

/** The groups that every device has; tty is that of the terminals (rcS mounts devpts with gid=5). */
export const systemGroups: readonly SystemGroup[] = [
  { name: 'root', gid: 0 },
  { name: 'daemon', gid: 1 },
  { name: 'tty', gid: 5 },
  { name: 'disk', gid: 6 },
  { name: 'utmp', gid: 43 },
  { name: 'nogroup', gid: 65_534 },
];

/** The first number for users of a profile that have none, as in /etc/login.defs of most distributions. */
export const FIRST_USER_ID = 1000;
/** The next one is that of an account of the system, and those from 65536 on belong to containers. */
export const LAST_USER_ID = 65_533;
