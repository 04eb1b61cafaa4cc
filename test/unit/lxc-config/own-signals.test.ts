import { describe, expect, test } from 'vitest';
import { ownSignals } from '../../../toolkit/lxc-config/write-groups.ts';

describe('the signals of a container', () => {
  // BusyBox's init(8): SIGUSR1 halts, SIGTERM restarts, SIGUSR2 switches the machine off.
  test.each([
    ['system', 'busybox', { halt: 'SIGUSR1', reboot: 'SIGTERM' }],
    ['system', 'bind', { halt: 'SIGUSR1', reboot: 'SIGTERM' }],
    ['application', 'busybox', {}],
    ['system', { tar: '/root.tar' }, {}],
  ] as const)('%s from %o', (kind, from, signals) => {
    expect(ownSignals({ kind, rootfs: { from } })).toEqual(signals);
  });
});
