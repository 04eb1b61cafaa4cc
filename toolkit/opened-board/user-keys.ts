import { readPublicKeys } from '../accounts/public-keys.ts';
import type { BoardProfile } from '../board/schema.ts';
import { hashBytes } from '../host/hash-file.ts';
import { MAX_TEXT_BYTES, readUserFile } from '../host/read-user-file.ts';

type Logins = Pick<BoardProfile, 'users' | 'ssh'>;

/** Returns the files of `keys` with the user that each belongs to; those of `ssh` are root's. */
export function keyFilesOf({ users, ssh }: Logins): { name: string; file: string }[] {
  return [{ name: 'root', keys: ssh?.keys ?? [] }, ...users].flatMap(({ name, keys }) =>
    keys.map((file) => ({ name, file })),
  );
}

/** Reads the public keys of each user, each key once. The profile's check has refused anything else. */
export function readKeysOf(profile: Logins): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { name, file } of keyFilesOf(profile)) {
    const read = readPublicKeys(readUserFile(file, MAX_TEXT_BYTES.key).toString('utf8'));
    if ('fault' in read) throw new Error(`the keys of ${name} were changed while the build ran`);
    found.set(name, [...new Set([...(found.get(name) ?? []), ...read.keys])]);
  }
  return found;
}

/** Users as part of a fingerprint, which anyone may read: digests in place of hashes, and no paths. */
export function withoutSecrets({ users, ssh }: Logins): unknown {
  return {
    users: users.map(({ password, keys, ...user }) => ({
      ...user,
      keys: keys.length,
      ...(password === undefined ? {} : { password: hashBytes(password) }),
    })),
    ...(ssh === undefined ? {} : { ssh: { ...ssh, keys: ssh.keys.length } }),
  };
}
