import type { z } from 'zod';
import type { ListedTree } from '../host/list-tree.ts';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';

/** One kind of content on the host for a container's root filesystem. */
export interface ContentKind<Spec extends object = object> {
  /** The key in `rootfs.from` that only this kind has. */
  readonly key: string;
  /** Its form in messages: `{ tar: FILE }`. */
  readonly form: string;
  readonly schema: z.ZodType<Spec>;
  /** The kind of file that the value of `key` must name on the host. */
  readonly onHost: 'file' | 'directory';
  /** Opens an entry whose host paths are already absolute. */
  open(spec: Spec): RootfsContent;
}

/** The content of a container's root filesystem, on the host. */
export interface RootfsContent {
  /** Its path on the host. */
  readonly path: string;
  /** Lists the files that it depends on, for a step's fingerprint; `label` starts their names. */
  list(label: string): Promise<ListedTree>;
  /** Returns the entries, with paths below `prefix`, and puts the bytes of files into `blobs`. Throws ROOTFS_INVALID. */
  read(blobs: BlobStore, prefix: string, signal: AbortSignal): Promise<RootfsEntry[]>;
}
