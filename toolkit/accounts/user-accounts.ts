import {
  FIRST_USER_ID,
  systemGroups,
  systemUsers,
  type SystemGroup,
  type SystemUser,
} from './system-accounts.ts';

/** A user as a profile describes it; also used while the profile may still have other mistakes. */
export interface WrittenUser {
  readonly name: string;
  readonly password?: string | undefined;
  readonly shell?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly home?: string | undefined;
}

/** An account with all its numbers. */
export interface UserAccount extends SystemUser {
  /** The hash; undefined: no password is right. */
  readonly password?: string | undefined;
}

/** All users and groups of a device. */
export interface Accounts {
  readonly users: readonly UserAccount[];
  readonly groups: readonly (SystemGroup & { readonly members: readonly string[] })[];
}

/**
 * Returns the accounts of a device: the system's, and those of the profile in its order. A user without a uid gets the
 * first free number from 1000 on, and a group of its own name with the same number, unless `gid` says another one.
 */
export function userAccounts(written: readonly WrittenUser[]): Accounts {
  const users: UserAccount[] = systemUsers.map((user) => {
    const own = written.find(({ name }) => name === user.name);
    return { ...user, password: own?.password, shell: own?.shell ?? user.shell };
  });
  const groups = [...systemGroups];
  const added = written.filter(({ name }) => !isSystemUser(name));
  const taken = new Set(
    added.flatMap(({ uid, gid }) => [
      ...(uid === undefined ? [] : [uid]),
      ...(gid === undefined ? [] : [gid]),
    ]),
  );
  for (const { name, password, shell = '/bin/sh', home = `/home/${name}`, ...ids } of added) {
    const uid = ids.uid ?? firstFree(taken);
    const gid = ids.gid ?? uid;
    taken.add(uid).add(gid);
    users.push({ name, uid, gid, home, shell, password });
    if (!groups.some((group) => group.gid === gid)) groups.push({ name, gid });
  }
  return {
    users,
    groups: groups.map((group) => ({
      ...group,
      members: written.flatMap(({ name, groups: own = [] }) => (own.includes(group.name) ? [name] : [])),
    })),
  };
}

export function isSystemUser(name: string): boolean {
  return systemUsers.some((user) => user.name === name);
}

function firstFree(taken: ReadonlySet<number>): number {
  let id = FIRST_USER_ID;
  while (taken.has(id)) id++;
  return id;
}
