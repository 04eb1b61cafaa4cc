import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPart } from '../../../toolkit/host/file-part.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { readDirectory } from '../../../toolkit/rootfs/read-directory.ts';
import { replaceBashTemplates } from '../../../toolkit/rootfs/replace-bash-templates.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

test('a template that wants bash is replaced by one of the same name, others stay', async () => {
  const dir = scratchDir();
  writeFiles(dir, {
    'own/lxc-busybox': '#!/bin/sh\n# ours\n',
    'root/usr/share/lxc/templates/lxc-busybox': '#!/bin/bash\npushd /\n',
    'root/usr/share/lxc/templates/lxc-local': '#!/bin/bash\n',
    'root/usr/local/share/lxc/templates/lxc-busybox': '#!/bin/sh\n# theirs\n',
    'root/opt/lxc-busybox': '#!/bin/bash\n',
  });
  const blobs = new BlobStore(join(dir, 'blobs'));
  const tree = new RootfsTree(await readDirectory(join(dir, 'root'), blobs));
  await replaceBashTemplates(tree, join(dir, 'own'), blobs);
  const text = (path: string): string => {
    const entry = tree.get(path);
    return entry?.type === 'file' ? readPart(entry).toString('utf8') : 'no file';
  };
  expect(text('/usr/share/lxc/templates/lxc-busybox')).toBe('#!/bin/sh\n# ours\n');
  expect(text('/usr/share/lxc/templates/lxc-local')).toBe('#!/bin/bash\n');
  expect(text('/usr/local/share/lxc/templates/lxc-busybox')).toBe('#!/bin/sh\n# theirs\n');
  expect(text('/opt/lxc-busybox')).toBe('#!/bin/bash\n');
});
