import { closeSync, constants, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { removeTree } from '../host/remove-tree.ts';
import type { FileEntry } from '../rootfs/manifest.ts';
import { checkManifest } from './check-manifest.ts';
import { contentUuid } from './content-uuid.ts';
import { debugfsBatches } from './debugfs-commands.ts';
import {
  EXT4_BLOCK_BYTES,
  EXT4_INODE_BYTES,
  EXT4_JOURNAL_BYTES,
  ext4OfSize,
  roomyExt4,
  tightExt4,
} from './ext4-size.ts';
import type { Ext4Geometry } from './ext4-size.ts';
import type { ImageRequest } from './image-request.ts';
import { readSource, readSpace, verifySource } from './read-source.ts';
import { replaceFile } from './replace-file.ts';
import { printedLines, runImageTool } from './run-image-tool.ts';

/**
 * Replaces the host's /etc/mke2fs.conf. The features are those of ext4 in Linux 2.6.28 and no later ones, so that the
 * kernels of board vendors can mount it. huge_file is left out, because old 32-bit kernels mount it read-only.
 */
const MKE2FS_CONF = `[defaults]
	base_features = has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,uninit_bg,dir_nlink,extra_isize
	default_mntopts = acl,user_xattr
[fs_types]
	ext4 = {
		inode_size = ${EXT4_INODE_BYTES}
	}
`;

const MEBIBYTE = 1024 * 1024;

/** Messages of mke2fs and debugfs when a file system is too small. For a full disk on the host they print others. */
const OUT_OF_ROOM = /Could not allocate|Not enough space to build|inodes_count .* too big|invalid blocks/;

/**
 * Writes the root filesystem as an ext4 image: mke2fs makes an empty one, debugfs writes the entries into it.
 * (`mke2fs -d DIRECTORY` would need root for owners and devices, and takes files in the host's order.)
 * Beyond the errors of all writers: STEP_FAILED with the required size when the requested size is too small.
 */
export async function writeExt4(request: ImageRequest): Promise<void> {
  const { manifest, file, signal } = request;
  checkManifest(manifest);
  refuseWithoutReserve(request);
  await replaceFile(file, signal, async (temporary) => {
    // debugfs reads large files itself, but a changed one must be detected too.
    const space = readSpace();
    for (const entry of manifest.entries) {
      if (entry.type === 'file' && entry.offset === undefined) await verifySource(entry, space, signal);
    }
    try {
      await makeEmpty(request, temporary);
      await fill(request, temporary);
    } catch (error) {
      throw tooSmall(request, error) ?? error;
    }
  });
}

async function makeEmpty(request: ImageRequest, image: string): Promise<void> {
  const { manifest, workDir } = request;
  const { blocks, inodes } = geometry(request);
  const configFile = join(workDir, 'mke2fs.conf');
  await mkdir(workDir, { recursive: true });
  await writeFile(configFile, MKE2FS_CONF);
  const extended = [
    `hash_seed=${contentUuid(manifest, 'ext4 directory hash')}`,
    'root_owner=0:0',
    'lazy_itable_init=0',
    'lazy_journal_init=0',
  ];
  const argv = [
    'mke2fs',
    // Do not ask whether a plain file is meant.
    '-F',
    ...['-t', 'ext4'],
    ...['-T', 'ext4'],
    ...['-b', String(EXT4_BLOCK_BYTES)],
    ...['-N', String(inodes)],
    // No reserved blocks for root: on the device everything belongs to root.
    ...['-m', '0'],
    ...['-J', `size=${EXT4_JOURNAL_BYTES / 1024 / 1024}`],
    ...['-L', 'rootfs'],
    ...['-U', contentUuid(manifest, 'ext4')],
    ...['-E', extended.join(',')],
    image,
    String(blocks),
  ] as const;
  await runImageTool(argv, { ...toolTime(request), MKE2FS_CONFIG: configFile }, request);
}

async function fill(request: ImageRequest, image: string): Promise<void> {
  const slotsDir = join(request.workDir, 'slots');
  await mkdir(slotsDir, { recursive: true });
  const slotFile = (slot: number): string => join(slotsDir, String(slot));
  try {
    for (const { commands, slots } of debugfsBatches(request.manifest, slotFile)) {
      await fillSlots(slots, slotFile, request.signal);
      await runDebugfs(request, image, commands);
    }
  } finally {
    await removeTree(slotsDir);
  }
}

/** Puts the bytes of small files where debugfs can read them. */
async function fillSlots(
  slots: readonly FileEntry[],
  slotFile: (slot: number) => string,
  signal: AbortSignal,
): Promise<void> {
  const space = readSpace();
  for (const [slot, entry] of slots.entries()) {
    // Not truncated first: some file systems flush a truncated file to the disk when it is closed.
    const handle = openSync(slotFile(slot), constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      for await (const piece of readSource(entry, space, signal)) writeFileSync(handle, piece);
      ftruncateSync(handle, entry.sizeBytes);
    } finally {
      closeSync(handle);
    }
  }
}

async function runDebugfs(request: ImageRequest, image: string, commands: string): Promise<void> {
  const commandFile = join(request.workDir, 'debugfs.commands');
  await writeFile(commandFile, commands);
  const argv = ['debugfs', '-w', '-f', commandFile, image] as const;
  const { errors } = await runImageTool(argv, toolTime(request), request);
  // debugfs goes on after an error and exits with 0. Apart from errors it prints only its version on stderr.
  const lines = printedLines(errors).filter((line) => !/^debugfs \d/.test(line));
  if (lines.length > 0) {
    throw new KitError('STEP_FAILED', 'debugfs could not write everything into the file system', {
      logFile: request.logFile,
      lines: lines.slice(0, 15),
    });
  }
}

/**
 * libext2fs takes this as the current time, for every time in the image; from 1.47.1 on SOURCE_DATE_EPOCH comes first.
 * 0 would be "not set".
 */
function toolTime({ env, epochSeconds }: ImageRequest): Record<string, string> {
  const seconds = String(Math.max(1, epochSeconds));
  return { ...env, E2FSPROGS_FAKE_TIME: seconds, SOURCE_DATE_EPOCH: seconds };
}

function geometry({ manifest, parameters, reserveBytes }: ImageRequest): Ext4Geometry {
  return parameters?.size === undefined
    ? roomyExt4(manifest, reserveBytes)
    : ext4OfSize(parameters.size, manifest);
}

/** Throws STEP_FAILED when the files of the image fit, but not those that the device makes later. */
function refuseWithoutReserve({ file, manifest, parameters, reserveBytes = 0 }: ImageRequest): void {
  const sizeBytes = parameters?.size;
  if (sizeBytes === undefined || reserveBytes === 0) return;
  const neededMebibytes = (tightExt4(manifest, reserveBytes).blocks * EXT4_BLOCK_BYTES) / MEBIBYTE;
  if (sizeBytes >= neededMebibytes * MEBIBYTE) return;
  throw new KitError(
    'STEP_FAILED',
    `${file} has no room for what containers may write: it has ${sizeBytes / MEBIBYTE} MiB, and with the sizes of their root filesystems (rootfs.size) it needs ${neededMebibytes}`,
    { hint: `write size: ${neededMebibytes}M or more, or leave the size out, or make rootfs.size smaller` },
  );
}

/** Returns an error with the required size when `error` means that the file system is too small. */
function tooSmall({ file, manifest, parameters }: ImageRequest, error: unknown): KitError | undefined {
  const sizeBytes = parameters?.size;
  if (sizeBytes === undefined || !(error instanceof KitError)) return undefined;
  const neededBytes = tightExt4(manifest).blocks * EXT4_BLOCK_BYTES;
  if (sizeBytes >= neededBytes || !error.lines.some((line) => OUT_OF_ROOM.test(line))) return undefined;
  return new KitError('STEP_FAILED', `${file} does not fit in ${sizeBytes} bytes`, {
    lines: [
      `mke2fs made a file system of that size, but its contents need ${neededBytes / 1024 / 1024} MiB`,
      ...error.lines,
    ],
    hint: `write size: ${neededBytes / 1024 / 1024}M or more, or leave the size out`,
    cause: error,
  });
}
