import type { Argv } from '../host/run-tool.ts';
import type { GuestRoot, Machine } from './machines.ts';

/** What is booted, and on what. */
export interface Guest {
  /** The QEMU to run, such as `qemu-system-mipsel`; see `Machine.programs`. */
  readonly program: string;
  readonly machine: Machine;
  readonly cpu?: string;
  /** As QEMU's `-m` takes it: `256M`. */
  readonly memory?: string;
  readonly kernelFile: string;
  readonly root: GuestRoot;
  /** QEMU's own network, with ports of this machine that lead into the guest; without it the guest has none. */
  readonly network?: { readonly forward: readonly PortForward[] };
  /** More words for the kernel's command line; they come last and so win. */
  readonly append?: string;
}

/** A TCP port of this machine, on its loopback only, that leads to one of the guest. */
export interface PortForward {
  readonly hostPort: number;
  readonly guestPort: number;
}

/** The descriptor on which QEMU finds a connected socket for the second serial port. */
export const COMMAND_SOCKET_FD = 3;

/**
 * The QEMU command line of a guest.
 *
 * `terminal`: its console is the person's terminal, with QEMU's monitor behind Ctrl-A.
 * `ports`: console on stdin and stdout, commands on descriptor 3; every byte passes untouched,
 * which `-nographic` would not do: it keeps Ctrl-A for itself.
 */
export function qemuCommand(guest: Guest, serial: 'terminal' | 'ports'): Argv {
  const { machine, root } = guest;
  return [
    guest.program,
    ...['-M', machine.name],
    ...['-cpu', guest.cpu ?? machine.cpu],
    ...['-m', guest.memory ?? machine.memory],
    ...networkOptions(guest),
    ...randomOptions(machine),
    ...machine.machineOptions,
    // A kernel that panics or restarts ends QEMU instead of booting once more.
    '-no-reboot',
    ...(serial === 'terminal' ? terminalOptions : portOptions),
    ...['-kernel', guest.kernelFile],
    ...rootOptions(machine, root),
    ...['-append', kernelCommandLine(guest)],
  ];
}

const terminalOptions = ['-nographic', '-serial', 'mon:stdio'];

const portOptions = [
  ...['-display', 'none'],
  ...['-monitor', 'none'],
  ...['-chardev', 'stdio,id=console,signal=off'],
  ...['-serial', 'chardev:console'],
  ...['-chardev', `socket,id=commands,fd=${COMMAND_SOCKET_FD}`],
  ...['-serial', 'chardev:commands'],
];

function networkOptions({ machine, network }: Guest): readonly string[] {
  if (network === undefined) return machine.network.none;
  const forwards = network.forward.map(
    ({ hostPort, guestPort }) => `,hostfwd=tcp:127.0.0.1:${hostPort}-:${guestPort}`,
  );
  return [
    ...['-netdev', `user,id=net${forwards.join('')}`],
    // Nobody boots from it, so its ROM, which is in a package of its own, is not needed.
    ...['-device', `${machine.network.device},netdev=net,romfile=`],
  ];
}

/**
 * Without it the guest has no source of random numbers, and its kernel makes them from timer interrupts as soon as a program
 * reads /dev/urandom: seconds, at an idle guest's rate.
 */
function randomOptions({ randomDevice }: Machine): string[] {
  return [
    ...['-object', 'rng-random,id=random,filename=/dev/urandom'],
    ...['-device', `${randomDevice},rng=random`],
  ];
}

function rootOptions(machine: Machine, root: GuestRoot): string[] {
  if (root.kind === 'initramfs') return ['-initrd', root.file];
  // A comma ends a value in QEMU's options; two stand for one. With snapshot=on
  // the guest writes to a temporary file, and the image stays as it was built.
  const file = root.file.replaceAll(',', ',,');
  return [
    ...['-drive', `if=none,id=root,format=raw,snapshot=on,file=${file}`],
    ...['-device', `${machine.disk.device},drive=root`],
  ];
}

/** Kernel parameters: Documentation/admin-guide/kernel-parameters.txt. */
function kernelCommandLine({ machine, root, append }: Guest): string {
  const words = [`console=${machine.consoleDevice}`, 'panic=-1'];
  if (root.kind === 'initramfs') words.push('rdinit=/sbin/init');
  else {
    words.push(`root=${machine.disk.rootDevice}`, `rootfstype=${root.fsType}`);
    words.push(root.fsType === 'squashfs' ? 'ro' : 'rw', 'init=/sbin/init');
  }
  if (append !== undefined && append !== '') words.push(append);
  return words.join(' ');
}
