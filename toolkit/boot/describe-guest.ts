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

/** A guest that still lacks the initramfs of lxc-kit's shell. */
export interface DescribedGuest {
  readonly guest: Omit<Guest, 'initrd'>;
  /** The final .config of the kernel; empty when there is none. */
  readonly kernelConfig: ReadonlyMap<string, string>;
}

/**
 * Returns what to boot: the emulator's kernel or the board's own, and an image that was built. Throws USAGE when the
 * board was not built or has no such image, PROFILE_INVALID for an unknown machine, and BOOT_FAILED when the kernel
 * cannot boot.
 */
export function describeGuest(build: Build, wanted: GuestRootKind['kind'] | undefined): DescribedGuest {
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
    throw new KitError('USAGE', `${build.displayPath(file)} does not exist: ${name} was not built`, {
      hint: `run: npx lxc-kit build --board ${build.boardArgument}`,
    });
  }
  const kernelConfig = readKernelConfig(build, own ? 'kernel' : 'emulator-kernel');
  if (kernelConfig.size > 0) checkKernel(build, machine, root, kernelConfig);
  return {
    guest: {
      program: qemu.program,
      machine,
      cpu: emulator.cpu,
      memory: emulator.memory,
      kernelFile,
      root,
      ...(emulator.network === undefined ? {} : { network: emulator.network }),
    },
    kernelConfig,
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

function readKernelConfig(build: Build, name: string): ReadonlyMap<string, string> {
  const file = inOut(build.outDir, 'config', `${name}.config`);
  return existsSync(file) ? readFinalConfig(readFileSync(file, 'utf8')) : new Map();
}

/** Refuses, before QEMU starts, a kernel that would end in a silent console or a panic, or without lxc-kit's shell. */
function checkKernel(
  build: Build,
  machine: Machine,
  root: GuestRoot,
  config: ReadonlyMap<string, string>,
): void {
  const missing = checkEmulatorKernel(
    machine,
    root,
    config,
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
