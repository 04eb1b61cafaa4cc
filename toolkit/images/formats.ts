import type { ImageKind } from '../board/schema.ts';
import { writeExt4 } from './ext4.ts';
import type { ImageRequest } from './image-request.ts';
import { writeCpioGz } from './newc.ts';
import { writeSquashfs } from './squashfs.ts';
import { writeTarGz } from './tar.ts';

export type { ImageRequest } from './image-request.ts';

/** One kind of image: what it is called, what it needs, and what writes it. */
export interface ImageFormatDefinition {
  /** Its name in the images directory. */
  readonly fileName: string;
  /** Programs on the host; those of e2fsprogs are in /usr/sbin, which an ordinary user's PATH may lack. */
  readonly hostTools: readonly string[];
  /** Symbols the kernel must have built in (=y) to use the image as its root file system. */
  readonly kernelSymbols: readonly string[];
  /** Throws STEP_FAILED, OUT_UNWRITABLE or TOOL_MISSING; leaves `request.file` untouched when it does. */
  readonly write: (request: ImageRequest) => Promise<void>;
}

/** Every image format lxc-kit can write. To add one, add a row; the profile's `images` list in board/schema.ts names it, and does not compile without the row. */
export const imageFormats = {
  'tar.gz': {
    fileName: 'rootfs.tar.gz',
    hostTools: [],
    kernelSymbols: [],
    write: writeTarGz,
  },
  'cpio.gz': {
    fileName: 'rootfs.cpio.gz',
    hostTools: [],
    kernelSymbols: ['CONFIG_BLK_DEV_INITRD', 'CONFIG_RD_GZIP'],
    write: writeCpioGz,
  },
  squashfs: {
    fileName: 'rootfs.squashfs',
    hostTools: ['mksquashfs'],
    // MISC_FILESYSTEMS only opens the menu SQUASHFS is in, but a configuration from allnoconfig lacks it.
    kernelSymbols: ['CONFIG_BLOCK', 'CONFIG_MISC_FILESYSTEMS', 'CONFIG_SQUASHFS', 'CONFIG_SQUASHFS_ZLIB'],
    write: writeSquashfs,
  },
  ext4: {
    fileName: 'rootfs.ext4',
    hostTools: ['mke2fs', 'debugfs'],
    kernelSymbols: ['CONFIG_BLOCK', 'CONFIG_EXT4_FS'],
    write: writeExt4,
  },
} as const satisfies Record<ImageKind, ImageFormatDefinition>;

export type ImageFormat = keyof typeof imageFormats;
