import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import { KitError } from '../base/errors.ts';
import { checkEmulatorKernel } from '../emulator/check-emulator-kernel.ts';
import {
  findMachine,
  machines,
  type GuestRoot,
  type GuestRootKind,
  type Machine,
} from '../emulator/machines.ts';
import type { Guest } from '../emulator/qemu-command.ts';
import { formatOf, imageKinds } from '../images/formats.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import type { Build } from '../opened-board/build.ts';
import { displayPath } from '../session/display-path.ts';

/**
 * Returns what to boot: the emulator's kernel or the board's own, and an image that was built. Throws USAGE when the
 * board was not built or has no such image, PROFILE_INVALID for an unknown machine, and BOOT_FAILED when the kernel
 * cannot boot.
 */
export function describeGuest(build: Build, wanted: GuestRootKind['kind'] | undefined): Guest {
  const { emulator, kernel, toolchain, name } = build.loaded.profile;
  const machine = findMachine(emulator.machine);
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
    ? inOut(build.outDir, 'images', basename(kernel.image))
    : inOut(build.outDir, 'emulator', machine.kernelImage);
  const root = chooseRoot(build, wanted);
  for (const file of [kernelFile, root.file]) {
    if (existsSync(file)) continue;
    throw new KitError('USAGE', `${displayPath(file)} does not exist: ${name} was not built`, {
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

/** The first image of the table that boots in the wanted way; an initramfs when either will do. */
function chooseRoot(build: Build, wanted: GuestRootKind['kind'] | undefined): GuestRoot {
  const { images } = build.loaded.profile;
  for (const kind of wanted === undefined ? (['initramfs', 'disk'] as const) : [wanted]) {
    for (const image of imageKinds) {
      const { boots, fileName } = formatOf(image);
      if (images.includes(image) && boots?.kind === kind)
        return { ...boots, file: inOut(build.outDir, 'images', fileName) };
    }
  }
  const fitting = imageKinds.filter((kind) => formatOf(kind).boots?.kind === (wanted ?? 'disk'));
  throw new KitError(
    'USAGE',
    `none of the board's images (${images.join(', ')}) can be booted as ${wanted ?? 'initramfs or disk'}`,
    { hint: `add ${fitting.join(' or ')} to images of the profile` },
  );
}

/** Refuses, before QEMU starts, a kernel that would end in a silent console or a panic. */
function checkKernel(build: Build, machine: Machine, root: GuestRoot, name: string): void {
  const file = inOut(build.outDir, 'config', `${name}.config`);
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
          ? `add the fragment "${machine.fragment}", or give the emulator a kernel of its own with emulator.kernel`
          : 'add the symbols to emulator.kernel.config',
    },
  );
}
