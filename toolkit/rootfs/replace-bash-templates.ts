import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { BlobStore } from './blob-store.ts';
import type { FileEntry } from './manifest.ts';
import type { RootfsTree } from './rootfs-tree.ts';

const BASH = '#!/bin/bash';

/**
 * Replaces lxc-create templates that need bash, as LXC's own do up to 2.1, with those of lxc-kit
 * (`rootfs-skeleton/lxc-templates`), because devices have no bash.
 */
export async function replaceBashTemplates(
  tree: RootfsTree,
  templatesDir: string,
  blobs: BlobStore,
): Promise<void> {
  const own = await readdir(templatesDir);
  for (const entry of tree.entries()) {
    const name = posix.basename(entry.path);
    const isTemplate = posix.dirname(entry.path).endsWith('/lxc/templates');
    if (entry.type !== 'file' || !isTemplate || !own.includes(name) || !isBashScript(entry)) continue;
    tree.put({ ...entry, ...(await blobs.addBytes(readFileSync(join(templatesDir, name)))) });
  }
}

function isBashScript(entry: FileEntry): boolean {
  return readPart(entry, BASH.length).toString('latin1') === BASH;
}
