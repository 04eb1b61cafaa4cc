import { z } from 'zod';
import { imageSize, type ImageParameters } from './image-parameters.ts';
import type { ImageRequest } from './image-request.ts';
import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';

export type { ImageRequest } from './image-request.ts';

/** How a kernel uses an image as its root filesystem. */
export type BootableAs =
  | { readonly kind: 'initramfs' }
  | {
      readonly kind: 'disk';
      /** The kernel's name for the file system, as in `rootfstype=`. */
      readonly fsType: string;
      readonly readOnly: boolean;
      /** The symbol that must be built in, and the text for the message when it is not. */
      readonly need: { readonly symbol: string; readonly reason: string };
    };

/** One image format: its name, what it needs, and what writes it. */
export interface ImageFormatDefinition {
  /** Its name in the images directory. */
  readonly fileName: string;
  /** Programs on the host. Those of e2fsprogs are in /usr/sbin, which may be missing from an ordinary user's PATH. */
  readonly hostTools: readonly string[];
  /** The symbols that the kernel must have built in (=y) to use the image as its root file system. */
  readonly kernelNeeds: readonly SymbolNeed[];
  /** How it boots; without it the image can only be unpacked. A disk image can also hold a container's root filesystem. */
  readonly boots?: BootableAs;
  /** The parameters that a profile may set: `images: [{ ext4: { size: 64M } }]`. */
  readonly parameters?: z.ZodType<ImageParameters>;
  /** Throws STEP_FAILED, OUT_UNWRITABLE or TOOL_MISSING, and then leaves `request.file` untouched. */
  readonly write: (request: ImageRequest) => Promise<void>;
}

/** Every image format lxc-kit can write. The one place to add one: a row, which loads its writer on demand. */
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
    boots: { kind: 'initramfs' },
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
    boots: {
      kind: 'disk',
      fsType: 'squashfs',
      readOnly: true,
      need: { symbol: 'CONFIG_SQUASHFS', reason: 'the root disk is a squashfs' },
    },
    write: async (request) => (await import('./squashfs.ts')).writeSquashfs(request),
  },
  ext4: {
    fileName: 'rootfs.ext4',
    hostTools: ['mke2fs', 'debugfs'],
    kernelNeeds: [{ symbols: ['EXT4_FS'], since: '2.6.28', reason: 'rootfs.ext4' }],
    boots: {
      kind: 'disk',
      fsType: 'ext4',
      readOnly: false,
      need: { symbol: 'CONFIG_EXT4_FS', reason: 'the root disk is an ext4 file system' },
    },
    parameters: z.strictObject({
      size: imageSize.describe(
        'The size of the file system; by default what the files need, and a tenth more',
      ),
    }),
    write: async (request) => (await import('./ext4.ts')).writeExt4(request),
  },
} as const satisfies Record<string, ImageFormatDefinition>;

export type ImageFormat = keyof typeof imageFormats;

/** The image formats by name, for the profile's schema. */
export const imageKinds = Object.keys(imageFormats) as [ImageFormat, ...ImageFormat[]];

export function formatOf(kind: ImageFormat): ImageFormatDefinition {
  return imageFormats[kind];
}

/** The formats with a file system that a kernel mounts from a disk or a file, in the order of the table. */
export const diskImageKinds = imageKinds.filter((kind) => formatOf(kind).boots?.kind === 'disk');

/** Whether one of the images may become a root filesystem that is written and keeps what is written. */
export function keepsChanges(kinds: readonly ImageFormat[]): boolean {
  return kinds.some((kind) => {
    const { boots } = formatOf(kind);
    return boots === undefined || (boots.kind === 'disk' && !boots.readOnly);
  });
}
