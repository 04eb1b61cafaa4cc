import type { RootfsEntry } from '../rootfs/manifest.ts';

/** The bits of `st_mode` for each file type; see inode(7). */
export const fileTypeBits = {
  dir: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  char: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
} as const satisfies Record<RootfsEntry['type'], number>;
