import { didYouMean } from '../base/did-you-mean.ts';
import { systemGroups, systemUsers } from './system-accounts.ts';
import { isSystemUser, userAccounts } from './user-accounts.ts';

/** A mistake in `users:`; `message` follows the name of the key, its second line is the help. */
export interface UserFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A user as written, perhaps with other mistakes. */
interface WrittenEntry {
  readonly name?: unknown;
  readonly uid?: unknown;
  readonly gid?: unknown;
  readonly home?: unknown;
  readonly groups?: unknown;
}

/** Finds users that contradict each other or the accounts that every device has. */
export function userFaults(users: readonly (WrittenEntry | null)[]): UserFault[] {
  const entries = users.map((user) => user ?? {});
  const groups = knownGroups(entries);
  return entries.flatMap((user, index) =>
    [...systemFaults(user), ...takenNumbers(entries, index), ...unknownGroups(user, groups)].map(
      ({ path, message }) => ({
        path: [index, ...path],
        message,
      }),
    ),
  );
}

/** root stays what it is, and the other accounts of the system are no one's. */
function systemFaults(user: WrittenEntry): UserFault[] {
  const { name } = user;
  if (name === 'root') {
    return (['uid', 'gid', 'home'] as const).flatMap((key) =>
      user[key] === undefined
        ? []
        : [{ path: [key], message: `must not be set: root has ${key === 'home' ? '/root' : 'number 0'}` }],
    );
  }
  if (typeof name !== 'string') return [];
  if (isSystemUser(name))
    return [
      {
        path: ['name'],
        message: `is "${name}", an account of the system that no one logs in with\nchoose another name`,
      },
    ];
  if (systemGroups.some((group) => group.name === name))
    return [{ path: ['name'], message: `is "${name}", which is a group of the system\nchoose another name` }];
  return [];
}

/** Two users with one number are one user to the kernel. */
function takenNumbers(users: readonly WrittenEntry[], index: number): UserFault[] {
  const { uid, home } = users[index] ?? {};
  const found: UserFault[] = [];
  const before = users.slice(0, index);
  const same = typeof uid === 'number' ? before.findIndex((other) => other.uid === uid) : -1;
  if (same >= 0) found.push({ path: ['uid'], message: `is ${String(uid)}, the same as in entry [${same}]` });
  const system = systemUsers.find((user) => user.uid === uid);
  if (system !== undefined)
    found.push({ path: ['uid'], message: `is ${system.uid}, the number of ${system.name}` });
  const twin = typeof home === 'string' ? before.findIndex((other) => other.home === home) : -1;
  if (twin >= 0)
    found.push({ path: ['home'], message: `is ${JSON.stringify(home)}, the same as in entry [${twin}]` });
  return found;
}

/** The groups that the users would have, whatever else is wrong with them. */
function knownGroups(users: readonly WrittenEntry[]): string[] {
  const named = users.flatMap(({ name, uid, gid }) =>
    typeof name === 'string' ? [{ name, uid: numberOrNone(uid), gid: numberOrNone(gid) }] : [],
  );
  return userAccounts(named).groups.map(({ name }) => name);
}

function numberOrNone(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function unknownGroups({ groups }: WrittenEntry, known: readonly string[]): UserFault[] {
  if (!Array.isArray(groups)) return [];
  return groups.flatMap((group: unknown, at) => {
    if (typeof group !== 'string' || known.includes(group)) return [];
    const near = didYouMean(group, known);
    const help = near === undefined ? `the device has ${known.join(', ')}` : `did you mean "${near}"?`;
    return [{ path: ['groups', at], message: `is "${group}", but the device has no such group\n${help}` }];
  });
}
