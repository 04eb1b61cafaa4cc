import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import type { BootEvent, BootRequest } from '../../../toolkit/emulator/boot-guest.ts';
import { imageFormats } from '../../../toolkit/images/formats.ts';
import { machines, type Machine } from '../../../toolkit/emulator/machines.ts';

/** A guest behind test/fixtures/fake-qemu. */
export interface FakeGuest {
  readonly dir: string;
  readonly events: BootEvent[];
  readonly request: BootRequest;
}

/** The file of a console that was recorded from a real guest. */
export function recordedConsole(name: string): string {
  return shippedPath('test', 'fixtures', 'consoles', `${name}.log`);
}

export function malta(): Machine {
  return machines.malta;
}

/** Root filesystems on a disk, as their image formats have them. */
export const disks = { squashfs: imageFormats.squashfs.boots, ext4: imageFormats.ext4.boots };

/** Everything that `bootGuest` needs to boot a fake guest of that kind; `overrides` replaces parts of the request. */
export function fakeGuest(kind: string, overrides: Partial<BootRequest> = {}, console = 'hang'): FakeGuest {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-emulator-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const events: BootEvent[] = [];
  return {
    dir,
    events,
    request: {
      guest: {
        program: 'qemu-system-mipsel',
        machine: malta(),
        kernelFile: 'images/vmlinux',
        root: { kind: 'initramfs', file: 'images/rootfs.cpio.gz' },
        initrd: 'work/guest-shell/initramfs.initrd',
      },
      commands: [],
      timeoutSeconds: 300,
      logFile: join(dir, 'logs', 'console.log'),
      env: {
        PATH: `${shippedPath('test', 'fixtures', 'fake-qemu')}:${process.env['PATH'] ?? ''}`,
        FAKE_GUEST: kind,
        FAKE_DIR: dir,
        FAKE_CONSOLE: recordedConsole(console),
      },
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      ...overrides,
    },
  };
}

/** The command lines of fake QEMUs that are still there: every process with that directory in its environment. */
export function qemusLeft(dir: string): string[] {
  const left: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isQemu = words.some((word) => word.endsWith('/qemu-system-mipsel'));
      if (isQemu && environment.includes(`FAKE_DIR=${dir}`)) left.push(words.join(' '));
    } catch {
      // It ended while we looked.
    }
  }
  return left;
}
