import type { DeviceName } from '../base/linux-names.ts';

/**
 * The type and numbers of devices that a container definition may name
 * (the kernel's Documentation/admin-guide/devices.txt).
 */
const deviceNumbers: Readonly<Record<DeviceName, string>> = {
  null: 'c 1:3',
  zero: 'c 1:5',
  full: 'c 1:7',
  random: 'c 1:8',
  urandom: 'c 1:9',
  kmsg: 'c 1:11',
  tty0: 'c 4:0',
  ttyS0: 'c 4:64',
  tty: 'c 5:0',
  console: 'c 5:1',
  ptmx: 'c 5:2',
  fuse: 'c 10:229',
  tun: 'c 10:200',
  // The kernel reserves majors 136 to 143; devpts starts at 136, which has 256 minors.
  pts: 'c 136:*',
};

/** Returns a device for the cgroup's `devices.allow`: "c 1:3 rwm" for `null`; "c 30:0 rw" unchanged. */
export function deviceRule(device: string): string {
  return device in deviceNumbers ? `${deviceNumbers[device as DeviceName]} rwm` : device;
}

/** The reverse: `null` for "c 1:3 rwm", and the rule itself for a device without a name. */
export function deviceName(rule: string): string {
  const [, numbers = '', rights = ''] = /^(.*) ([rwm]{3})$/.exec(rule) ?? [];
  const name = Object.entries(deviceNumbers).find(([, device]) => device === numbers)?.[0];
  return name !== undefined && new Set(rights).size === 3 ? name : rule;
}
