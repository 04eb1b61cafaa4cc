import type { ImageKind } from '../board/schema.ts';
import { writeExt4 } from './ext4.ts';
import type { ImageRequest } from './image-request.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
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
  /** What the kernel must have built in (=y) to use the image as its root file system. */
  readonly kernelNeeds: readonly SymbolNeed[];
  /** Throws STEP_FAILED, OUT_UNWRITABLE or TOOL_MISSING; leaves `request.file` untouched when it does. */
  readonly write: (request: ImageRequest) => Promise<void>;
}

/** Every image format lxc-kit can write. To add one, add a row; the profile's `images` list in board/schema.ts names it, and does not compile without the row. */
export const imageFormats = {
  'tar.gz': {
    fileName: 'rootfs.tar.gz',
    hostTools: [],
    kernelNeeds: [],
    write: writeTarGz,
  },
  'cpio.gz': {
    fileName: 'rootfs.cpio.gz',
    hostTools: [],
    kernelNeeds: [{ symbols: ['BLK_DEV_INITRD', 'RD_GZIP'], reason: 'rootfs.cpio.gz as initramfs' }],
    write: writeCpioGz,
  },
  squashfs: {
    fileName: 'rootfs.squashfs',
    hostTools: ['mksquashfs'],
    kernelNeeds: [
      { symbols: ['SQUASHFS'], since: '2.6.29', reason: 'rootfs.squashfs' },
      // In older kernels it is on by default, or there is no choice of compressors.
      { symbols: ['SQUASHFS_ZLIB'], since: '4.0', reason: 'rootfs.squashfs is compressed with gzip' },
    ],
    write: writeSquashfs,
  },
  ext4: {
    fileName: 'rootfs.ext4',
    hostTools: ['mke2fs', 'debugfs'],
    kernelNeeds: [{ symbols: ['EXT4_FS'], since: '2.6.28', reason: 'rootfs.ext4' }],
    write: writeExt4,
  },
} as const satisfies Record<ImageKind, ImageFormatDefinition>;

export type ImageFormat = keyof typeof imageFormats;
