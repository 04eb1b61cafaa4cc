import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { checkEmulatorKernel } from '../emulator/check-emulator-kernel.ts';
import { machines, type GuestRoot, type Machine } from '../emulator/machines.ts';
import type { Guest } from '../emulator/qemu-command.ts';
import { imageFormats, type ImageFormat } from '../images/formats.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import type { Build } from '../steps/build.ts';
import { displayPath } from './display-path.ts';

/** Images that a disk root can be made of, the first one that was built. */
const DISK_IMAGES = ['squashfs', 'ext4'] as const;

/**
 * What is booted: the emulator's kernel or the board's own, and an image that was built. Throws USAGE where the board was
 * not built or has no such image, PROFILE_INVALID for an unknown machine, and BOOT_FAILED where the kernel cannot boot.
 */
export function describeGuest(build: Build, wanted: 'initramfs' | 'disk' | undefined): Guest {
  const { emulator, kernel, toolchain, name } = build.loaded.profile;
  const machine = machines[emulator.machine];
  const qemu = machine?.programs[toolchain.arch];
  if (machine === undefined || qemu === undefined) {
    throw new KitError(
      'PROFILE_INVALID',
      `emulator.machine is "${emulator.machine}", which lxc-kit does not know for ${toolchain.arch}`,
      {
        hint: `machines: ${Object.keys(machines).join(', ')}`,
      },
    );
  }
  const own = emulator.kernel === undefined;
  const kernelFile = own
    ? join(build.outDir, 'images', basename(kernel.image))
    : join(build.outDir, 'emulator', 'vmlinux');
  const root = chooseRoot(build, wanted);
  for (const file of [kernelFile, root.file]) {
    if (existsSync(file)) continue;
    throw new KitError('USAGE', `${displayPath(file)} is not there: ${name} was not built`, {
      hint: `run: npx lxc-kit build --board ${build.boardArgument}`,
    });
  }
  checkKernel(build, machine, root, own ? 'kernel' : 'emulator-kernel');
  return {
    program: qemu.program,
    machine,
    cpu: emulator.cpu,
    memory: emulator.memory,
    kernelFile,
    root,
    ...(emulator.network === undefined ? {} : { network: emulator.network }),
  };
}

function chooseRoot(build: Build, wanted: 'initramfs' | 'disk' | undefined): GuestRoot {
  const { images } = build.loaded.profile;
  const file = (kind: ImageFormat): string => join(build.outDir, 'images', imageFormats[kind].fileName);
  const disk = DISK_IMAGES.find((kind) => images.includes(kind));
  const hasInitramfs = images.includes('cpio.gz');
  if (wanted !== 'disk' && hasInitramfs) return { kind: 'initramfs', file: file('cpio.gz') };
  if (wanted !== 'initramfs' && disk !== undefined) return { kind: 'disk', fsType: disk, file: file(disk) };
  throw new KitError(
    'USAGE',
    `the board's images (${images.join(', ')}) hold none that can be booted as ${wanted ?? 'initramfs or disk'}`,
    {
      hint:
        wanted === 'initramfs'
          ? 'add cpio.gz to images of the profile'
          : 'add squashfs or ext4 to images of the profile',
    },
  );
}

/** Says before QEMU starts what would end in a silent console or a panic. */
function checkKernel(build: Build, machine: Machine, root: GuestRoot, name: string): void {
  const file = join(build.outDir, 'config', `${name}.config`);
  if (!existsSync(file)) return;
  const missing = checkEmulatorKernel(
    machine,
    root,
    readFinalConfig(readFileSync(file, 'utf8')),
    build.loaded.profile.emulator.network !== undefined,
  );
  if (missing.length === 0) return;
  throw new KitError(
    'BOOT_FAILED',
    `this kernel cannot boot on ${machine.name} with its root on ${root.kind}`,
    {
      lines: missing.map(({ symbol, value, reason }) => `${symbol} is ${value}: ${reason}`),
      hint:
        build.loaded.profile.emulator.kernel === undefined
          ? 'add the fragment "malta", or give the emulator a kernel of its own with emulator.kernel'
          : 'add the symbols to emulator.kernel.config',
    },
  );
}
