import { readFileSync } from 'node:fs';
import { shippedPath } from '../base/package-root.ts';
import { renderTemplate } from '../base/render-template.ts';
import type { SshDefinition } from '../board/users-schema.ts';
import type { BlobStore } from '../rootfs/blob-store.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';

/** The script that rcS starts the server with: after those that mount partitions and configure networks. */
export const SSH_SCRIPT = '/etc/init.d/S50dropbear';

/**
 * Adds the start script of the SSH server and the folder of its host key. An image has no host key: all devices would
 * have the same one.
 */
export async function putSshServer(
  tree: RootfsTree,
  { port, 'host-keys': hostKeys }: Pick<SshDefinition, 'port' | 'host-keys'>,
  rootHasKeys: boolean,
  blobs: BlobStore,
): Promise<void> {
  const template = shippedPath('rootfs-skeleton', 'ssh', 'S50dropbear.hbs');
  const text = await renderTemplate(
    readFileSync(template, 'utf8'),
    { port, hostKeys, options: rootHasKeys ? '' : ' -w' },
    template,
  );
  tree.put({ path: hostKeys, type: 'dir', mode: 0o700, uid: 0, gid: 0 });
  tree.put({ path: SSH_SCRIPT, type: 'file', mode: 0o755, uid: 0, gid: 0, ...(await blobs.addBytes(text)) });
}
