import type { FilePart } from '../host/file-part.ts';

/** The common fields of all entries of a root filesystem. Ownership and modes are kept here, never on the host's disk. */
interface EntryBase {
  /** Absolute, normalised, no trailing slash: `/etc/passwd`; the root itself is `/`. */
  readonly path: string;
  /** Permission bits with setuid, setgid and sticky: 0o755, 0o4755, 0o1777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface DirectoryEntry extends EntryBase {
  readonly type: 'dir';
}
/** `source` is an absolute path on the host. */
export interface FileEntry extends EntryBase, FilePart {
  readonly type: 'file';
  /** Hex sha256 of the bytes. */
  readonly sha256: string;
}
export interface SymlinkEntry extends EntryBase {
  readonly type: 'symlink';
  /** As written in the link; may be relative. */
  readonly target: string;
}
export interface DeviceEntry extends EntryBase {
  readonly type: 'char' | 'block';
  readonly major: number;
  readonly minor: number;
}
export interface FifoEntry extends EntryBase {
  readonly type: 'fifo';
}

export type RootfsEntry = DirectoryEntry | FileEntry | SymlinkEntry | DeviceEntry | FifoEntry;

/** A whole root filesystem: entries sorted by path (bytewise), `/` first, every parent before its children. */
export interface RootfsManifest {
  readonly entries: readonly RootfsEntry[];
}
