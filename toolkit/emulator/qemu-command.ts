import type { Argv } from '../host/run-tool.ts';
import type { GuestRoot, Machine } from './machines.ts';

/** The files that are booted, and the machine they run on. */
export interface Guest {
  /** The QEMU program, such as `qemu-system-mipsel`; see `Machine.programs`. */
  readonly program: string;
  readonly machine: Machine;
  readonly cpu?: string;
  /** In the form of QEMU's `-m`: `256M`. */
  readonly memory?: string;
  readonly kernelFile: string;
  /** The image as it was built. */
  readonly root: GuestRoot;
  /** The initramfs that starts lxc-kit's shell and then the image's init; for an initramfs root, with the image. */
  readonly initrd: string;
  /** QEMU's user network, with ports of the host that lead into the guest; without it the guest has no network. */
  readonly network?: { readonly forward: readonly PortForward[] };
  /** Further words for the kernel's command line; they come last, so they win. */
  readonly append?: string;
}

/** A TCP port of the host, on its loopback only, that leads to a port of the guest. */
export interface PortForward {
  readonly hostPort: number;
  readonly guestPort: number;
}

/** The descriptor of the connected socket that QEMU uses as the second serial port. */
export const COMMAND_SOCKET_FD = 3;

/**
 * Returns the QEMU command line for a guest.
 *
 * `terminal`: its console is the user's terminal, with QEMU's monitor behind Ctrl-A, for who starts it by hand.
 * `ports`: console on stdin and stdout, commands on descriptor 3. Every byte passes unchanged;
 * with `-nographic`, QEMU would take Ctrl-A for itself.
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
    // When the kernel panics or restarts, QEMU ends instead of booting again.
    '-no-reboot',
    ...(serial === 'terminal' ? terminalOptions : portOptions(machine)),
    ...['-kernel', guest.kernelFile],
    ...['-initrd', guest.initrd],
    ...(root.kind === 'disk' ? diskOptions(machine, root.file) : []),
    ...['-append', kernelCommandLine(guest)],
  ];
}

const terminalOptions = ['-nographic', '-serial', 'mon:stdio'];

function portOptions({ commandPort }: Machine): string[] {
  return [
    ...['-display', 'none'],
    ...['-monitor', 'none'],
    ...['-chardev', 'stdio,id=console,signal=off'],
    ...['-serial', 'chardev:console'],
    ...['-chardev', `socket,id=commands,fd=${COMMAND_SOCKET_FD}`],
    ...commandPort.options,
  ];
}

function networkOptions({ machine, network }: Guest): readonly string[] {
  if (network === undefined) return machine.network.none;
  const forwards = network.forward.map(
    ({ hostPort, guestPort }) => `,hostfwd=tcp:127.0.0.1:${hostPort}-:${guestPort}`,
  );
  return [
    ...['-netdev', `user,id=net${forwards.join('')}`],
    // The guest does not boot from the card, so QEMU does not need its ROM, which is in another package.
    ...['-device', `${machine.network.device},netdev=net,romfile=`],
  ];
}

/**
 * Without this device the guest has no source of random numbers: once a program reads /dev/urandom, its kernel has to
 * make them from timer interrupts, which takes seconds in an idle guest.
 */
function randomOptions({ randomDevice }: Machine): string[] {
  return [
    ...['-object', 'rng-random,id=random,filename=/dev/urandom'],
    ...['-device', `${randomDevice},rng=random`],
  ];
}

function diskOptions(machine: Machine, imageFile: string): string[] {
  // A comma ends a value in QEMU's options; a double comma is a literal one. With snapshot=on
  // the guest writes to a temporary file, and the image stays as it was built.
  const file = imageFile.replaceAll(',', ',,');
  return [
    ...['-drive', `if=none,id=root,format=raw,snapshot=on,file=${file}`],
    ...['-device', `${machine.disk.device},drive=root`],
  ];
}

/** The program of guest-shell/ that the kernel starts first. */
export const FIRST_PROGRAM = '/lxc-kit/start';

/** Returns the kernel's parameters; see Documentation/admin-guide/kernel-parameters.txt. */
function kernelCommandLine({ machine, root, append }: Guest): string {
  const words = [`console=${machine.consoleDevice}`, 'panic=-1', `rdinit=${FIRST_PROGRAM}`];
  if (root.kind === 'disk') {
    words.push(`root=${machine.disk.rootDevice}`, `rootfstype=${root.fsType}`);
    words.push(root.readOnly ? 'ro' : 'rw', 'init=/sbin/init');
  }
  if (append !== undefined && append !== '') words.push(append);
  return words.join(' ');
}
