import type { BlobStore } from '../rootfs/blob-store.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { accountFiles } from './account-files.ts';
import { isSystemUser, type Accounts, type UserAccount } from './user-accounts.ts';

/** Writes /etc/passwd, /etc/shadow, /etc/group and /etc/shells into a root filesystem; overlays may replace them. */
export async function putAccountFiles(tree: RootfsTree, accounts: Accounts, blobs: BlobStore): Promise<void> {
  for (const { path, mode, text } of accountFiles(accounts))
    tree.put({ path, type: 'file', mode, uid: 0, gid: 0, ...(await blobs.addBytes(text)) });
}

/**
 * Makes the home directories and `~/.ssh/authorized_keys`, after overlays were laid over the tree: what these have below
 * a home belongs to its user. `keysOf` are lines of authorized_keys(5) by user name. Returns the paths of
 * authorized_keys files that were there already and stay.
 */
export async function putHomes(
  tree: RootfsTree,
  accounts: Accounts,
  keysOf: ReadonlyMap<string, readonly string[]>,
  blobs: BlobStore,
): Promise<string[]> {
  const kept: string[] = [];
  for (const user of accounts.users.filter(({ name }) => name === 'root' || !isSystemUser(name))) {
    const keys = keysOf.get(user.name) ?? [];
    if (user.uid !== 0) takeHome(tree, user);
    if (keys.length === 0) continue;
    const file = `${user.home}/.ssh/authorized_keys`;
    if (tree.lookup(file) === undefined) {
      const { uid, gid } = user;
      // dropbear ignores keys in a directory that others may write (checkpubkeyperms() in svr-authpubkey.c).
      for (const path of [user.home, `${user.home}/.ssh`]) putPrivateDirectory(tree, path, user);
      const text = keys.map((key) => `${key}\n`).join('');
      tree.put({ path: file, type: 'file', mode: 0o600, uid, gid, ...(await blobs.addBytes(text)) });
    } else kept.push(file);
  }
  return kept;
}

function takeHome(tree: RootfsTree, user: UserAccount): void {
  const { uid, gid } = user;
  putPrivateDirectory(tree, user.home, user);
  const home = tree.resolve(user.home) ?? user.home;
  for (const entry of tree.entries()) {
    if (entry.path.startsWith(`${home}/`) && entry.uid === 0) tree.put({ ...entry, uid, gid });
  }
}

/** Makes a directory of a user, or takes the write permission of others from one that an overlay has. */
function putPrivateDirectory(tree: RootfsTree, path: string, { uid, gid }: UserAccount): void {
  const existing = tree.lookup(path);
  const mode = existing?.type === 'dir' ? existing.mode & ~0o022 : 0o700;
  tree.put({ path, type: 'dir', mode, uid, gid });
}
