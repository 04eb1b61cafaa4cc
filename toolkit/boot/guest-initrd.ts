import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { KitError } from '../base/errors.ts';
import { shippedPath } from '../base/package-root.ts';
import type { GuestRoot, Machine } from '../emulator/machines.ts';
import { hashFile } from '../host/hash-file.ts';
import { inOut } from '../host/own-folders.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { newcArchive } from '../images/newc.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import type { Build } from '../opened-board/build.ts';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import type { DescribedGuest } from './describe-guest.ts';

/** The applets of BusyBox that guest-shell/ runs, by the symbol of its configuration. */
const NEEDED_APPLETS = {
  CONFIG_ASH: 'sh',
  CONFIG_CAT: 'cat',
  CONFIG_CHROOT: 'chroot',
  CONFIG_CP: 'cp',
  CONFIG_GREP: 'grep',
  CONFIG_MKDIR: 'mkdir',
  CONFIG_MKNOD: 'mknod',
  CONFIG_MOUNT: 'mount',
  CONFIG_FEATURE_MOUNT_FLAGS: 'mount -o move',
  CONFIG_NSENTER: 'nsenter',
  CONFIG_RM: 'rm',
  CONFIG_SETSID: 'setsid',
  CONFIG_SLEEP: 'sleep',
  CONFIG_STTY: 'stty',
  CONFIG_SWITCH_ROOT: 'switch_root',
  CONFIG_TR: 'tr',
  CONFIG_UMOUNT: 'umount',
  CONFIG_UNSHARE: 'unshare',
} as const;

/** Commands that lxc-kit types, or a person at a terminal of that size. */
export type ShellMode =
  | { readonly mode: 'commands' }
  | { readonly mode: 'terminal'; readonly rows: number; readonly columns: number };

/**
 * Writes the initramfs that starts lxc-kit's shell in the guest and then the image's init, and returns its path. For an
 * initramfs root it is the image, byte for byte, and an archive after it, which the kernel unpacks over it
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Throws USAGE when the build has no BusyBox for it, or
 * one without an applet that it needs.
 */
export async function writeGuestInitrd(
  build: Build,
  { guest: { machine, root }, kernelConfig }: DescribedGuest,
  shell: ShellMode,
  signal: AbortSignal,
): Promise<string> {
  const busybox = findBusybox(build);
  const name = `${root.kind === 'disk' ? root.fsType : root.kind}-${shell.mode}`;
  const dir = inOut(build.outDir, 'work', 'guest-shell');
  await mkdir(dir, { recursive: true });
  const settingsFile = join(dir, `${name}.settings`);
  await writeAtomic(settingsFile, settings(machine, root, kernelConfig, shell));
  const directory = (path: string) => ({ path, type: 'dir', mode: 0o755, uid: 0, gid: 0 }) as const;
  const entries: RootfsEntry[] = [
    directory('/'),
    // BusyBox's switch_root deletes the files of a root only if it sees that it is an initramfs.
    ...(root.kind === 'disk' ? [await fileEntry('/init', settingsFile)] : []),
    directory('/lxc-kit'),
    await fileEntry('/lxc-kit/busybox', busybox),
    await fileEntry('/lxc-kit/enter', shippedPath('guest-shell', 'enter')),
    await fileEntry('/lxc-kit/serve', shippedPath('guest-shell', 'serve')),
    await fileEntry('/lxc-kit/settings', settingsFile),
    await fileEntry('/lxc-kit/settle', shippedPath('guest-shell', 'settle')),
    await fileEntry('/lxc-kit/start', shippedPath('guest-shell', 'start')),
  ];
  const file = join(dir, `${name}.initrd`);
  // Another boot may be reading the one that is there.
  const part = `${file}.${process.pid}`;
  try {
    const output = createWriteStream(part);
    if (root.kind === 'initramfs') await appendImage(output, root.file);
    for await (const piece of newcArchive({
      manifest: { entries },
      epochSeconds: build.epochSeconds,
      signal,
    }))
      await write(output, Buffer.from(piece));
    output.end();
    await finished(output);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  return file;
}

function findBusybox(build: Build): string {
  const file = inOut(build.outDir, 'work', 'build-busybox', 'target', 'bin', 'busybox');
  if (!existsSync(file)) {
    throw new KitError(
      'USAGE',
      `${build.displayPath(file)} does not exist: the guest's shell is made of it`,
      {
        hint: `run: npx lxc-kit build --board ${build.boardArgument}`,
      },
    );
  }
  const configFile = inOut(build.outDir, 'config', 'busybox.config');
  if (!existsSync(configFile)) return file;
  const config = readFinalConfig(readFileSync(configFile, 'utf8'));
  const missing = Object.entries(NEEDED_APPLETS).filter(([symbol]) => config.get(symbol) !== 'y');
  if (missing.length === 0) return file;
  throw new KitError('USAGE', "the board's BusyBox cannot run a shell for the emulator", {
    lines: missing.map(([symbol, applet]) => `${symbol} is not set: ${applet}`),
    hint: 'add the fragment "lxc", or these symbols, to busybox.config of the profile',
  });
}

/** The shell variables that guest-shell/start reads. */
function settings(
  { commandPort, disk }: Machine,
  root: GuestRoot,
  kernelConfig: ReadonlyMap<string, string>,
  shell: ShellMode,
): string {
  const values: Record<string, string> = {
    number: `${commandPort.major} ${commandPort.minor}`,
    mode: shell.mode,
    size: shell.mode === 'terminal' ? `rows ${shell.rows} cols ${shell.columns}` : '',
    root: root.kind,
  };
  if (root.kind === 'disk') {
    values['disk'] = disk.rootDevice.replace(/^\/dev\//, '');
    values['type'] = root.fsType;
    values['options'] = root.readOnly ? 'ro' : 'rw';
    // As devtmpfs_mount of drivers/base/devtmpfs.c does it, which the kernel calls only without an initramfs.
    const mounts = kernelConfig.get('CONFIG_DEVTMPFS_MOUNT') === 'y';
    values['devtmpfs'] = !mounts
      ? ''
      : kernelConfig.get('CONFIG_DEVTMPFS_SAFE') === 'y'
        ? 'nosuid,noexec'
        : 'rw';
  }
  return Object.entries(values)
    .map(([name, value]) => `lxckit_${name}='${value}'\n`)
    .join('');
}

async function fileEntry(path: string, source: string): Promise<FileEntry> {
  return {
    path,
    type: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    source,
    sizeBytes: statSync(source).size,
    sha256: await hashFile(source),
  };
}

async function appendImage(output: WriteStream, imageFile: string): Promise<void> {
  let bytes = 0;
  for await (const piece of createReadStream(imageFile) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    await write(output, piece);
  }
  // An archive begins at a multiple of four bytes.
  await write(output, Buffer.alloc((4 - (bytes % 4)) % 4));
}

async function write(output: WriteStream, piece: Buffer): Promise<void> {
  if (!output.write(piece)) await once(output, 'drain');
}
