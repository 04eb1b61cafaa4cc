import type { ImageKind } from '../board/schema.ts';
import type { ImageRequest } from './image-request.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';

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

/** Every image format lxc-kit can write. To add one, add a row, which loads what writes it when it does; the profile's `images` list in board/schema.ts names it, and does not compile without the row. */
export const imageFormats = {
  'tar.gz': {
    fileName: 'rootfs.tar.gz',
    hostTools: [],
    kernelNeeds: [],
    write: async (request) => (await import('./tar.ts')).writeTarGz(request),
  },
  'cpio.gz': {
    fileName: 'rootfs.cpio.gz',
    hostTools: [],
    kernelNeeds: [{ symbols: ['BLK_DEV_INITRD', 'RD_GZIP'], reason: 'rootfs.cpio.gz as initramfs' }],
    write: async (request) => (await import('./newc.ts')).writeCpioGz(request),
  },
  squashfs: {
    fileName: 'rootfs.squashfs',
    hostTools: ['mksquashfs'],
    kernelNeeds: [
      { symbols: ['SQUASHFS'], since: '2.6.29', reason: 'rootfs.squashfs' },
      // In older kernels it is on by default, or there is no choice of compressors.
      { symbols: ['SQUASHFS_ZLIB'], since: '4.0', reason: 'rootfs.squashfs is compressed with gzip' },
    ],
    write: async (request) => (await import('./squashfs.ts')).writeSquashfs(request),
  },
  ext4: {
    fileName: 'rootfs.ext4',
    hostTools: ['mke2fs', 'debugfs'],
    kernelNeeds: [{ symbols: ['EXT4_FS'], since: '2.6.28', reason: 'rootfs.ext4' }],
    write: async (request) => (await import('./ext4.ts')).writeExt4(request),
  },
} as const satisfies Record<ImageKind, ImageFormatDefinition>;

export type ImageFormat = keyof typeof imageFormats;
