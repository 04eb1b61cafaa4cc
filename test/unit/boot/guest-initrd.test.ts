import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DescribedGuest } from '../../../toolkit/boot/describe-guest.ts';
import { writeGuestInitrd, type ShellMode } from '../../../toolkit/boot/guest-initrd.ts';
import { imageFormats } from '../../../toolkit/images/formats.ts';
import { machines, type GuestRoot } from '../../../toolkit/emulator/machines.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const BUSYBOX = 'work/build-busybox/target/bin/busybox';

async function initrdOf(
  root: (dir: string) => GuestRoot,
  files: Readonly<Record<string, string>>,
  kernelConfig: DescribedGuest['kernelConfig'] = new Map(),
  shell: ShellMode = { mode: 'commands' },
): Promise<{ readonly dir: string; readonly archive: Buffer; readonly file: string }> {
  const build = await sampleBuild(scratchDir(), {});
  writeFiles(build.outDir, files);
  const guest = {
    program: 'qemu-system-mipsel',
    machine: machines.malta,
    kernelFile: 'vmlinux',
    root: root(build.outDir),
  };
  const file = await writeGuestInitrd(build, { guest, kernelConfig }, shell, new AbortController().signal);
  return { dir: build.outDir, archive: readFileSync(file), file };
}

function list(archive: Buffer): string[] {
  const lines = execFileSync('cpio', ['-itv', '--quiet'], { input: archive, encoding: 'utf8' }).trimEnd();
  return lines.split('\n').map((line) => line.replace(/^(\S+).* (\S+)$/, '$1 $2'));
}

function text(archive: Buffer, name: string): string {
  return execFileSync('cpio', ['-i', '--to-stdout', '--quiet', name], { input: archive, encoding: 'utf8' });
}

const OURS = [
  'drwxr-xr-x lxc-kit',
  ...['busybox', 'enter', 'serve', 'settings', 'settle', 'start'].map((name) => `-rwxr-xr-x lxc-kit/${name}`),
];

test.each(['', 'x', 'xy', 'xyz'])(
  'an initramfs is the image as it is, and an archive after it that begins at a multiple of four (%j)',
  async (odd) => {
    const image = `${String.fromCharCode(1, 2, 0, 255)}${odd}`;
    const { archive } = await initrdOf(
      (dir) => ({ kind: 'initramfs', file: join(dir, 'images/rootfs.cpio.gz') }),
      {
        'images/rootfs.cpio.gz': image,
        [BUSYBOX]: 'its program',
      },
    );
    const bytes = Buffer.from(image);
    expect(archive.subarray(0, bytes.length)).toEqual(bytes);
    const start = Math.ceil(bytes.length / 4) * 4;
    expect(archive.subarray(bytes.length, start)).toEqual(Buffer.alloc(start - bytes.length));
    const ours = archive.subarray(start);
    expect(list(ours)).toEqual(['drwxr-xr-x .', ...OURS]);
    expect(text(ours, 'lxc-kit/busybox')).toBe('its program');
    expect(text(ours, 'lxc-kit/settings')).toBe(
      "lxckit_number='4 66'\nlxckit_mode='commands'\nlxckit_size=''\nlxckit_root='initramfs'\n",
    );
  },
);

test.each([
  ['ext4', {}, "lxckit_type='ext4'\nlxckit_options='rw'\nlxckit_devtmpfs=''\n"],
  [
    'squashfs',
    { CONFIG_DEVTMPFS_MOUNT: 'y' },
    "lxckit_type='squashfs'\nlxckit_options='ro'\nlxckit_devtmpfs='rw'\n",
  ],
  [
    'squashfs',
    { CONFIG_DEVTMPFS_MOUNT: 'y', CONFIG_DEVTMPFS_SAFE: 'y' },
    "lxckit_type='squashfs'\nlxckit_options='ro'\nlxckit_devtmpfs='nosuid,noexec'\n",
  ],
] as const)(
  'a disk with %s and %j has an initramfs that mounts it as the kernel would',
  async (kind, config, rest) => {
    const root = { ...imageFormats[kind].boots, file: 'not-read' };
    const { archive } = await initrdOf(() => root, { [BUSYBOX]: '' }, new Map(Object.entries(config)));
    expect(list(archive)).toEqual(['drwxr-xr-x .', '-rwxr-xr-x init', ...OURS]);
    expect(text(archive, 'lxc-kit/settings')).toBe(
      `lxckit_number='4 66'\nlxckit_mode='commands'\nlxckit_size=''\nlxckit_root='disk'\nlxckit_disk='vda'\n${rest}`,
    );
  },
);

test('a shell for a person has the size of the terminal', async () => {
  const root = { ...imageFormats.ext4.boots, file: 'not-read' };
  const shell: ShellMode = { mode: 'terminal', rows: 50, columns: 132 };
  const { archive, file } = await initrdOf(() => root, { [BUSYBOX]: '' }, new Map(), shell);
  expect(file).toMatch(/\/work\/guest-shell\/ext4-terminal\.initrd$/);
  expect(text(archive, 'lxc-kit/settings')).toContain(
    "lxckit_mode='terminal'\nlxckit_size='rows 50 cols 132'\n",
  );
});

test('an abort leaves no part of it', async () => {
  const build = await sampleBuild(scratchDir(), {});
  writeFiles(build.outDir, { [BUSYBOX]: '' });
  const guest = {
    program: 'q',
    machine: machines.malta,
    kernelFile: 'k',
    root: { ...imageFormats.ext4.boots, file: 'r' },
  };
  const enough = AbortSignal.abort(new Error('enough'));
  await expect(
    writeGuestInitrd(build, { guest, kernelConfig: new Map() }, { mode: 'commands' }, enough),
  ).rejects.toThrow('enough');
  expect(existsSync(join(build.outDir, 'work/guest-shell/ext4-commands.initrd'))).toBe(false);
});

test('without the BusyBox of the build, or with one that lacks an applet, it says what to do', async () => {
  const root = (): GuestRoot => ({ ...imageFormats.ext4.boots, file: 'r' });
  await expect(initrdOf(root, {})).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(
      /work\/build-busybox\/target\/bin\/busybox does not exist: the guest's shell is made of it$/,
    ) as string,
    hint: 'run: npx lxc-kit build --board sample',
  });
  await expect(
    initrdOf(root, { [BUSYBOX]: '', 'config/busybox.config': 'CONFIG_ASH=y\n' }),
  ).rejects.toMatchObject({
    code: 'USAGE',
    message: "the board's BusyBox cannot run a shell for the emulator",
    lines: expect.arrayContaining([
      'CONFIG_NSENTER is not set: nsenter',
      'CONFIG_TR is not set: tr',
    ]) as string[],
  });
});
