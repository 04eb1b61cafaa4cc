import type { RootfsManifest } from '../rootfs/manifest.ts';
import { lastName, parentPath } from './check-manifest.ts';

/** Bytes of a block. Linux does not mount blocks larger than a page, and this is the smallest page size. */
export const EXT4_BLOCK_BYTES = 4096;
export const EXT4_INODE_BYTES = 256;
export const EXT4_JOURNAL_BYTES = 4 * 1024 * 1024;

const MIB_BLOCKS = (1024 * 1024) / EXT4_BLOCK_BYTES;
const BLOCKS_PER_GROUP = 8 * EXT4_BLOCK_BYTES;
/** mke2fs leaves out the journal below this size (ext2fs_default_journal_size). */
const MIN_BLOCKS_WITH_JOURNAL = 2048;
const RESERVED_INODES = 11;
const LOST_AND_FOUND_BLOCKS = 4;

/** The size of a file system in blocks, and the number of files it has room for. */
export interface Ext4Geometry {
  readonly blocks: number;
  readonly inodes: number;
}

/**
 * The default size: the contents, plus a tenth of them and 4 MiB for files that the device writes, rounded up to whole
 * MiB, and large enough for a journal.
 */
export function roomyExt4(manifest: RootfsManifest, reserveBytes = 0): Ext4Geometry {
  const content = contentBlocks(manifest) + reservedBlocks(reserveBytes);
  return grow(content + Math.ceil(content / 10) + 4 * MIB_BLOCKS, manifest, MIN_BLOCKS_WITH_JOURNAL);
}

/** The smallest file system, in whole MiB, that certainly holds the contents. */
export function tightExt4(manifest: RootfsManifest, reserveBytes = 0): Ext4Geometry {
  return grow(contentBlocks(manifest) + reservedBlocks(reserveBytes), manifest, MIB_BLOCKS);
}

/** A file system of the size that the user asks for, rounded down to a whole block. */
export function ext4OfSize(sizeBytes: number, manifest: RootfsManifest): Ext4Geometry {
  const blocks = Math.floor(sizeBytes / EXT4_BLOCK_BYTES);
  return { blocks, inodes: inodesFor(blocks, manifest) };
}

/** The blocks of a file in one piece, and those that map it. */
function reservedBlocks(bytes: number): number {
  return bytes === 0 ? 0 : fileBlocks(bytes);
}

function grow(contentBlocks: number, manifest: RootfsManifest, startBlocks: number): Ext4Geometry {
  let blocks = startBlocks;
  while (blocks < contentBlocks + overheadBlocks(blocks, manifest)) blocks += MIB_BLOCKS;
  return { blocks, inodes: inodesFor(blocks, manifest) };
}

/** One inode for each 16 KiB, mke2fs's default, but at least a quarter more than there are entries. */
function inodesFor(blocks: number, manifest: RootfsManifest): number {
  const needed = Math.ceil(manifest.entries.length * 1.25) + RESERVED_INODES;
  return Math.max(needed, Math.ceil((blocks * EXT4_BLOCK_BYTES) / 16384));
}

function overheadBlocks(blocks: number, manifest: RootfsManifest): number {
  const groups = Math.ceil(blocks / BLOCKS_PER_GROUP);
  const inodeTable = groups + Math.ceil((inodesFor(blocks, manifest) * EXT4_INODE_BYTES) / EXT4_BLOCK_BYTES);
  const journal = blocks < MIN_BLOCKS_WITH_JOURNAL ? 0 : EXT4_JOURNAL_BYTES / EXT4_BLOCK_BYTES;
  // Superblock, two bitmaps, and the group descriptors with room to grow a thousandfold (resize_inode).
  const perGroup = 3 + Math.ceil(blocks / 4096) + 1;
  return inodeTable + journal + groups * perGroup + LOST_AND_FOUND_BLOCKS;
}

function contentBlocks(manifest: RootfsManifest): number {
  let blocks = 0;
  const directoryBytes = new Map<string, number>([['/', 24]]);
  for (const entry of manifest.entries) {
    if (entry.type === 'file') blocks += fileBlocks(entry.sizeBytes);
    // A target shorter than 60 bytes is kept in the inode.
    if (entry.type === 'symlink' && Buffer.byteLength(entry.target) >= 60) blocks += 1;
    if (entry.path === '/') continue;
    if (entry.type === 'dir') directoryBytes.set(entry.path, 24);
    const parent = parentPath(entry.path);
    // Eight bytes and the name, rounded up to a multiple of four.
    const recordBytes = 8 + 4 * Math.ceil(Buffer.byteLength(lastName(entry.path)) / 4);
    directoryBytes.set(parent, (directoryBytes.get(parent) ?? 0) + recordBytes);
  }
  // Records do not cross blocks; the longest is 264 bytes.
  for (const bytes of directoryBytes.values()) blocks += Math.ceil(bytes / (EXT4_BLOCK_BYTES - 264));
  return blocks;
}

/** An inode lists up to four runs of blocks; beyond that, a block lists 340. debugfs leaves out blocks of zeros, which makes runs. */
function fileBlocks(sizeBytes: number): number {
  const blocks = Math.ceil(sizeBytes / EXT4_BLOCK_BYTES);
  return blocks + (blocks > 4 ? Math.ceil(blocks / 340) : 0);
}
