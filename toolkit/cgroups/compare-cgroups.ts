import { CGROUP_ROOT, cgroupContracts, type ContractSwitch } from './cgroup-contract.ts';
import type { CgroupLayout } from './layouts.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { MIXED_BY_ANY_HIERARCHY } from './lxc-compatibility.ts';
import { seriesOf } from './version-conflicts.ts';
import { switchedOffBy } from './switched-off.ts';
import { BOOT_SCRIPT_MOUNTS, type GuestCgroups, type Mount } from './read-guest-cgroups.ts';

/** A line of the contract that a guest does not fulfil. */
export interface Mismatch {
  readonly expected: string;
  readonly found: string;
  /** Whether containers cannot work because of it; otherwise it only differs from the contract. */
  readonly breaks: boolean;
}

/** The cgroup features that a board's containers need. */
export interface CgroupWants {
  readonly layout: CgroupLayout;
  readonly lxcVersion: string;
  /** The controllers whose files containers set. */
  readonly controllers: readonly string[];
  /** Whether a container sets limits or device rules; by default, whether there are any controllers. */
  readonly withSettings?: boolean;
}

/** Compares a guest's mounts with the contract of its layout. The user's own scripts may do more, or do it differently. */
export function compareCgroups(guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  const compare = { v2: compareV2, v1: compareV1, 'v1-single': compareSingle }[wants.layout];
  return compare(guest, wants);
}

/** Describes a mismatch in one line. */
export function describeMismatch({ expected, found }: Mismatch): string {
  return `expected: ${expected}; found: ${found}`;
}

function compareV2(guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  const missing = rootMismatch(guest, 'cgroup2');
  if (missing !== undefined) return [missing];
  const offered = words(guest.files.get(`${CGROUP_ROOT}/cgroup.controllers`));
  const handedDown = words(guest.files.get(`${CGROUP_ROOT}/cgroup.subtree_control`));
  const lost = wants.controllers.filter((one) => !offered.includes(one));
  const kept = cgroupContracts.v2.handsDown ? offered.filter((one) => !handedDown.includes(one)) : [];
  return [
    ...strayHierarchies(guest, wants),
    ...lost.map((controller) => ({
      expected: `${CGROUP_ROOT}/cgroup.controllers has ${controller}`,
      found: `${list(offered)}${switchedOff(controller, 'v2', guest)}`,
      breaks: true,
    })),
    ...kept.map((controller) => ({
      expected: `${CGROUP_ROOT}/cgroup.subtree_control has ${controller}`,
      found: list(handedDown),
      breaks: wants.controllers.includes(controller),
    })),
  ];
}

function compareV1(guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  const hierarchies = guest.mounts.filter(({ type }) => type === 'cgroup');
  if (!hierarchies.some(({ superOptions }) => guest.offered.some((one) => superOptions.includes(one)))) {
    return [
      {
        expected: `a hierarchy of cgroup v1 for each controller below ${CGROUP_ROOT}`,
        found: describeRoot(guest),
        breaks: true,
      },
    ];
  }
  const all = [...new Set([...guest.offered, ...wants.controllers])];
  return all.flatMap((controller) => [
    ...controllerMismatches(controller, guest, wants),
    ...switchMismatches(controller, hierarchyOf(controller, guest)?.at, guest, wants),
  ]);
}

function compareSingle(guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  const missing = rootMismatch(guest, 'cgroup');
  if (missing !== undefined) return [missing];
  const superOptions = mountAt(CGROUP_ROOT, guest)?.superOptions ?? [];
  const all = [...new Set([...guest.offered, ...wants.controllers])];
  return [
    ...all
      .filter((one) => !superOptions.includes(one))
      .map((controller) => ({
        expected: `the hierarchy at ${CGROUP_ROOT} has ${controller}`,
        found: `${list(superOptions.filter((option) => guest.offered.includes(option)))}${switchedOff(controller, 'v1', guest)}`,
        breaks: wants.controllers.includes(controller),
      })),
    ...all
      .filter((one) => superOptions.includes(one))
      .flatMap((controller) => switchMismatches(controller, CGROUP_ROOT, guest, wants)),
  ];
}

/** Finds v1 hierarchies where LXC looks for them; because of them newer releases assume a mixed system. */
function strayHierarchies(guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  if (!inVersionRange(wants.lxcVersion, MIXED_BY_ANY_HIERARCHY)) return [];
  const lines = (guest.files.get('/proc/self/cgroup') ?? '').split('\n');
  return lines.flatMap((line) => {
    const [id = '', controllers = ''] = line.split(':');
    if (id === '' || id === '0' || controllers === '') return [];
    const mount = mountAt(`${CGROUP_ROOT}/${stableOrder(controllers).replace(/^name=/, '')}`, guest);
    if (mount?.type !== 'cgroup') return [];
    const names = [...controllers.split(','), mount.at];
    const script = (guest.files.get(BOOT_SCRIPT_MOUNTS) ?? '')
      .split('\n')
      .find((text) => names.some((name) => text.includes(name)));
    const by = script === undefined ? '' : ` by ${script.replace(/^([^:]*:\d+):\s*/, '$1: ')}`;
    return [
      {
        expected: `no hierarchy of cgroup v1 below ${CGROUP_ROOT}: LXC ${wants.lxcVersion} then sets no limit and no device rule`,
        found: `${controllers}, mounted at ${mount.at}${by}`,
        breaks: wants.withSettings ?? wants.controllers.length > 0,
      },
    ];
  });
}

/** Says which parameter of the kernel's command line disabled a controller. */
function switchedOff(controller: string, version: 'v1' | 'v2', { files }: GuestCgroups): string {
  const cause = switchedOffBy(files.get('/proc/cmdline') ?? '', controller, version);
  return cause === undefined ? '' : `; the kernel's command line has ${cause}`;
}

function controllerMismatches(controller: string, guest: GuestCgroups, wants: CgroupWants): Mismatch[] {
  const mount = hierarchyOf(controller, guest);
  const byName = seriesOf(wants.lxcVersion).findsHierarchies === 'by-name';
  const breaks = wants.controllers.includes(controller);
  if (mount === undefined) {
    const found = `it is not mounted${switchedOff(controller, 'v1', guest)}`;
    return [{ expected: `cgroup v1 at ${CGROUP_ROOT}/${controller}`, found, breaks }];
  }
  const listed = guest.hierarchies.find((names) => names.split(',').includes(controller)) ?? controller;
  const wanted = `${CGROUP_ROOT}/${stableOrder(listed)}`;
  const expected = `cgroup v1 with ${listed} at ${byName ? wanted : mount.at}, read-write`;
  if (byName && mount.at !== wanted) return [{ expected, found: `it is at ${mount.at}`, breaks }];
  // The old code fails when any hierarchy of its own group is read-only.
  return isReadOnly(mount) ? [{ expected, found: 'it is read-only', breaks: breaks || !byName }] : [];
}

function switchMismatches(
  controller: string,
  at: string | undefined,
  guest: GuestCgroups,
  wants: CgroupWants,
): Mismatch[] {
  const { switches } = cgroupContracts[wants.layout];
  return switches
    .filter((one) => one.controller === controller)
    .flatMap((one) => {
      const value = at === undefined ? undefined : guest.files.get(`${at}/${one.file}`);
      if (value === undefined || value === '1') return [];
      return [{ expected: `${at}/${one.file} is 1`, found: value, breaks: breaksWithout(one, wants) }];
    });
}

/** Since 3.0 LXC sets clone_children itself for the group of its containers, but never use_hierarchy. */
function breaksWithout({ controller }: ContractSwitch, { lxcVersion, controllers }: CgroupWants): boolean {
  const byName = seriesOf(lxcVersion).findsHierarchies === 'by-name';
  return controller === 'cpuset' ? !byName : controllers.includes(controller);
}

/** Describes what is wrong with the mount at the root; undefined when it has that type and is read-write. */
function rootMismatch(guest: GuestCgroups, type: 'cgroup2' | 'cgroup'): Mismatch | undefined {
  const mount = mountAt(CGROUP_ROOT, guest);
  if (mount?.type === type && !isReadOnly(mount)) return undefined;
  return { expected: `${type} at ${CGROUP_ROOT}, read-write`, found: describeRoot(guest), breaks: true };
}

function describeRoot(guest: GuestCgroups): string {
  const mount = mountAt(CGROUP_ROOT, guest);
  const elsewhere = guest.mounts.filter(({ type, at }) => /^cgroup2?$/.test(type) && at !== CGROUP_ROOT);
  return [
    mount === undefined
      ? 'nothing is mounted there'
      : `${mount.type}${isReadOnly(mount) ? ', read-only' : ''}`,
    ...elsewhere.map(({ type, at }) => `${type} at ${at}`),
  ].join(', ');
}

/** Returns the visible mount at a path: the last one. */
function mountAt(path: string, { mounts }: GuestCgroups): Mount | undefined {
  return mounts.findLast(({ at }) => at === path);
}

function hierarchyOf(controller: string, { mounts }: GuestCgroups): Mount | undefined {
  const all = mounts.filter(
    ({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller),
  );
  return all.find(({ at }) => at.startsWith(`${CGROUP_ROOT}/`)) ?? all[0];
}

function isReadOnly({ options, superOptions }: Mount): boolean {
  return options.includes('ro') || superOptions.includes('ro');
}

/** LXC accepts both orders of these pairs and uses that of the distributions (cgfsng.c, stable_order()). */
function stableOrder(controllers: string): string {
  const swapped: Readonly<Record<string, string>> = {
    'cpuacct,cpu': 'cpu,cpuacct',
    'net_prio,net_cls': 'net_cls,net_prio',
  };
  return swapped[controllers] ?? controllers;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(' ');
}
