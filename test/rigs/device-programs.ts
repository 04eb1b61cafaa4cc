import type { RuleLine } from '../../toolkit/cgroups/device-rule.ts';

/*
 * Device rules as the kernel and LXC apply them, step by step as in their C code, to compare our own reading with:
 * security/device_cgroup.c of Linux 6.1, and cgroup2_devices.c and cgfsng.c of LXC.
 */

/** An open of a device, or its making: `r`, `w`, `rw` or `m`. */
export interface DeviceUse {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly rights: 'r' | 'w' | 'rw' | 'm';
}

interface Item {
  type: string;
  major: number;
  minor: number;
  access: string;
  allow: boolean;
}

const ANY = -1;

function parse({ effect, value }: RuleLine): Item {
  const [type = '', numbers = '', access = ''] = value.split(' ');
  const [major = ANY, minor = ANY] = numbers.split(':').map((part) => (part === '*' ? ANY : Number(part)));
  return {
    type,
    major: numbers === '' ? ANY : major,
    minor: numbers === '' ? ANY : minor,
    access,
    allow: effect === 'allow',
  };
}

/** devcgroup_update_access() for each line, then devcgroup_legacy_check_permission(). */
export function passesV1(lines: readonly RuleLine[], use: DeviceUse): boolean {
  let defaultAllow = true;
  let exceptions: Item[] = [];
  const same = (a: Item, b: Item): boolean => a.type === b.type && a.major === b.major && a.minor === b.minor;
  for (const line of lines) {
    const item = parse(line);
    if (item.type === 'a') {
      defaultAllow = item.allow;
      exceptions = [];
    } else if (item.allow !== defaultAllow) {
      const walk = exceptions.find((one) => same(one, item));
      if (walk === undefined) exceptions.push(item);
      else walk.access = [...new Set((walk.access + item.access).split(''))].join('');
    } else {
      for (const walk of exceptions.filter((one) => same(one, item)))
        walk.access = walk.access
          .split('')
          .filter((letter) => !item.access.includes(letter))
          .join('');
      exceptions = exceptions.filter(({ access }) => access !== '');
    }
  }
  const named = exceptions.filter(
    ({ type, major, minor }) =>
      type === use.type && (major === ANY || major === use.major) && (minor === ANY || minor === use.minor),
  );
  return defaultAllow
    ? !named.some(({ access }) => use.rights.split('').some((letter) => access.includes(letter)))
    : named.some(({ access }) => use.rights.split('').every((letter) => access.includes(letter)));
}

/** bpf_list_add_device() for each line, then the program of bpf_program_append_device() and bpf_program_finalize(): 4.0.7 to 7.0.0. */
export function passesV2(lines: readonly RuleLine[], use: DeviceUse): boolean {
  let denyList = false;
  let list: Item[] = [];
  const used = (item: Item): boolean => item.allow !== denyList;
  for (const line of lines) {
    const item = parse(line);
    if (item.type === 'a' && item.major < 0 && item.minor < 0 && item.access === '') {
      denyList = item.allow;
      list = [];
      continue;
    }
    const found = list.find(
      (one) =>
        one.type === item.type &&
        one.major === item.major &&
        one.minor === item.minor &&
        one.access === item.access &&
        used(one),
    );
    if (found === undefined) list.unshift(item);
    else found.allow = item.allow;
  }
  // cgfsng_devices_activate(): no program for an empty list.
  if (list.length === 0) return true;
  for (const item of list.filter(used)) if (hits(item, use)) return item.allow;
  return denyList;
}

/** The same for 4.0.0 to 4.0.6: one list in the order of its lines, with the rule for everything in it. */
export function passesEarlyV2(lines: readonly RuleLine[], use: DeviceUse): boolean {
  const list: Item[] = [];
  const isGlobal = ({ type, access }: Item): boolean => type === 'a' && access === '';
  for (const line of lines) {
    const item = parse(line);
    const found = list.find((one) =>
      isGlobal(one) || isGlobal(item)
        ? isGlobal(one) && isGlobal(item)
        : one.type === item.type &&
          one.major === item.major &&
          one.minor === item.minor &&
          one.access === item.access,
    );
    if (found === undefined) list.push(item);
    else found.allow = item.allow;
  }
  if (list.length === 0) return true;
  let denyList = false;
  for (const item of list) {
    if (isGlobal(item)) denyList = item.allow;
    else if (hits(item, use)) return item.allow;
  }
  return denyList;
}

function hits({ type, major, minor, access }: Item, use: DeviceUse): boolean {
  return (
    use.rights.split('').every((letter) => access.includes(letter)) &&
    (type === 'a' || type === use.type) &&
    (major < 0 || major === use.major) &&
    (minor < 0 || minor === use.minor)
  );
}
