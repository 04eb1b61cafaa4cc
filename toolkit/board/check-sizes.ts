import type { Diagnostic } from '../base/diagnostic.ts';
import { formatOf, imageKinds } from '../images/formats.ts';
import type { WrittenContainer } from './find-name-clashes.ts';

type WrittenMap = Readonly<Record<string, unknown>>;

const MEBIBYTE = 1024 * 1024;

/** The smallest file system that mke2fs makes for any content. */
const LEAST_BYTES = MEBIBYTE;

/** The parts of a board that decide how much a container can write, as written. */
export interface WrittenBoard {
  readonly containers: readonly WrittenContainer[];
  readonly images: unknown;
  readonly emulator: unknown;
}

/** Finds sizes of root filesystems that a file system cannot have, or that are larger than the memory or the disk they take. */
export function checkSizes({ containers, images, emulator }: WrittenBoard): Diagnostic[] {
  const memory = bytesOf(mapOf(emulator)['memory']) ?? Infinity;
  const disk = diskBytes(images);
  let onDisk = 0;
  return containers.flatMap(({ value, locate }) => {
    const rootfs = mapOf(mapOf(value)['rootfs']);
    const bytes = bytesOf(rootfs['size']);
    if (bytes === undefined) return [];
    const problem = (message: string, help: string): Diagnostic => ({
      location: locate(['rootfs', 'size']),
      message,
      help,
    });
    const written = `rootfs.size is ${mebibytes(bytes)}`;
    if (bytes < LEAST_BYTES)
      return [problem('rootfs.size must be at least 1M, the smallest file system', 'write 1M or more')];
    const found: Diagnostic[] = [];
    if (bytes >= memory && (rootfs['overlay'] !== undefined || mayBeInMemory(images)))
      found.push(
        problem(
          `${written}, as much as the whole memory has (emulator.memory: ${mebibytes(memory)}): where the device's root does not keep changes, they are in memory`,
          'write a smaller size, or a larger emulator.memory',
        ),
      );
    if (rootfs['overlay'] === undefined) {
      const before = onDisk;
      onDisk += bytes;
      // Once is enough.
      if (onDisk >= disk && before < disk)
        found.push(
          problem(
            `${before === 0 ? written : `${written}, together with those before it ${mebibytes(onDisk)}`}, but the ext4 image has ${mebibytes(disk)} for everything (images)`,
            'write a smaller size, or leave out that of the image: then it gets the room',
          ),
        );
    }
    return found;
  });
}

/** Whether an image does not keep what is written. */
function mayBeInMemory(images: unknown): boolean {
  const kinds = Array.isArray(images) ? (images as unknown[]) : ['cpio.gz'];
  return imageKinds.some((kind) => {
    const { boots } = formatOf(kind);
    return kinds.includes(kind) && boots !== undefined && (boots.kind === 'initramfs' || boots.readOnly);
  });
}

function diskBytes(images: unknown): number {
  const sizes = Array.isArray(images)
    ? images.map((image: unknown) => bytesOf(mapOf(mapOf(image)['ext4'])['size']))
    : [];
  return sizes.find((bytes) => bytes !== undefined) ?? Infinity;
}

function bytesOf(size: unknown): number | undefined {
  const [, count, unit = ''] = /^([1-9][0-9]*)([KMG])$/.exec(String(size)) ?? [];
  return count === undefined ? undefined : Number(count) * 1024 ** ('KMG'.indexOf(unit) + 1);
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MEBIBYTE)}M`;
}

function mapOf(value: unknown): WrittenMap {
  return typeof value === 'object' && value !== null ? (value as WrittenMap) : {};
}
