import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import type { BootEvent, BootRequest } from '../../../toolkit/emulator/boot-guest.ts';
import { machines, type Machine } from '../../../toolkit/emulator/machines.ts';

/** A guest behind test/fixtures/fake-qemu. */
export interface FakeGuest {
  readonly dir: string;
  readonly events: BootEvent[];
  readonly request: BootRequest;
}

export function recordedConsole(name: string): string {
  return shippedPath('test', 'fixtures', 'consoles', `${name}.log`);
}

export function malta(): Machine {
  const machine = machines['malta'];
  if (machine === undefined) throw new Error('there is no machine malta');
  return machine;
}

/** What `bootGuest` needs to boot a fake guest of that kind; `overrides` replaces parts of the request. */
export function fakeGuest(
  kind: string,
  overrides: Partial<BootRequest> & { console?: string } = {},
): FakeGuest {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-emulator-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { console = 'hang', ...rest } = overrides;
  const events: BootEvent[] = [];
  return {
    dir,
    events,
    request: {
      guest: {
        program: 'qemu-system-mipsel',
        machine: { ...malta(), commandDevice: join(dir, 'ttyS1') },
        kernelFile: 'images/vmlinux',
        root: { kind: 'initramfs', file: 'images/rootfs.cpio.gz' },
      },
      commands: [],
      timeoutSeconds: 20,
      logFile: join(dir, 'logs', 'console.log'),
      env: {
        PATH: `${shippedPath('test', 'fixtures', 'fake-qemu')}:${process.env['PATH'] ?? ''}`,
        FAKE_GUEST: kind,
        FAKE_DIR: dir,
        FAKE_CONSOLE: recordedConsole(console),
      },
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      ...rest,
    },
  };
}
