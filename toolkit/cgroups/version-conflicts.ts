import { compareVersions, inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { layoutNames, type CgroupLayout } from './layouts.ts';
import {
  kernelFloors,
  lxcSeries,
  type KernelFloor,
  type KernelUse,
  type LayoutFit,
  type LxcSeries,
} from './lxc-compatibility.ts';

/** The facts of a board that decide which LXC and which kernel it can use. */
export interface VersionQuestion {
  readonly lxc: string;
  /** Undefined: the kernel is not checked. */
  readonly kernel?: string;
  readonly cgroup: CgroupLayout;
  /** The kernel features that containers use, without `always`, and the names of the containers. */
  readonly uses: ReadonlyMap<KernelUse, readonly string[]>;
  /** Names of the containers that set something in a cgroup: device rules, limits, raw keys. */
  readonly withSettings: readonly string[];
}

/** A conflict between two parts of a board. */
export interface Conflict {
  readonly between: 'lxc-cgroup' | 'lxc-kernel' | 'kernel-cgroup';
  /** The found and the expected, then the reason. */
  readonly message: string;
  /** The action that resolves the conflict. */
  readonly help?: string;
}

/** Returns the row of a release; for a release not in the table, that of the one before. */
export function seriesOf(lxcVersion: string): LxcSeries {
  const found = lxcSeries.findLast(({ since }) => compareVersions(lxcVersion, since) >= 0) ?? lxcSeries[0];
  if (found === undefined) throw new Error('the table of LXC is empty');
  return found;
}

export function layoutFit(lxcVersion: string, layout: CgroupLayout): LayoutFit {
  return seriesOf(lxcVersion).layouts[layout];
}

/** Says why a release does not support a configuration's settings on a layout; undefined when it does. */
export function layoutRefusal(
  lxcVersion: string,
  layout: CgroupLayout,
  has: { readonly settings: boolean; readonly devices: boolean },
): string | undefined {
  const { fits, devices, reason, source } = layoutFit(lxcVersion, layout);
  const cannot =
    fits === 'no'
      ? 'does not run'
      : fits === 'without-settings' && has.settings
        ? 'cannot set anything'
        : devices === 'refused' && has.devices
          ? 'has no device rules'
          : undefined;
  return cannot === undefined
    ? undefined
    : `LXC ${lxcVersion} ${cannot} on cgroup ${layout}: ${reason} (${source})`;
}

/** Whether a release supports everything that a layout offers, including device rules. */
export function handlesAllOf(layout: CgroupLayout, lxcVersion: string): boolean {
  const { fits, devices } = layoutFit(lxcVersion, layout);
  return fits === 'yes' && devices === 'enforced';
}

/** Returns the latest consecutive releases that support everything a layout offers. */
export function fittingRange(layout: CgroupLayout): VersionRange {
  const fits = (series: LxcSeries): boolean => series.layouts[layout].fits === 'yes';
  const end = lxcSeries.findLastIndex(fits);
  const gap = lxcSeries.findLastIndex((series, index) => index < end && !fits(series));
  const [first, last] = [lxcSeries[gap + 1], lxcSeries[end]];
  return {
    ...(first === undefined ? {} : { since: first.since }),
    ...(last === undefined || end === lxcSeries.length - 1 ? {} : { until: last.until }),
  };
}

/** Returns all conflicts of a board; empty when it fits. */
export function findConflicts(question: VersionQuestion): Conflict[] {
  return [...layoutConflicts(question), ...kernelConflicts(question)];
}

/** Describes a combination that LXC's developers do not support, although no failure is known. */
export function unsupported({ lxc, kernel }: Pick<VersionQuestion, 'lxc' | 'kernel'>): string | undefined {
  const { supported } = seriesOf(lxc);
  if (supported === undefined || kernel === undefined || compareVersions(kernel, supported.kernel) >= 0)
    return undefined;
  return `LXC ${seriesName(lxc)} is made for Linux ${supported.kernel} and later, and this board has ${released(kernel)}: it has everything LXC is known to need, but LXC's developers do not test it (${supported.source})`;
}

/** Describes what works only in part; undefined when everything works. */
export function worksInPart({ lxc, cgroup }: VersionQuestion): string | undefined {
  if (layoutFit(lxc, cgroup).fits !== 'without-settings') return undefined;
  return `LXC ${seriesName(lxc)} finds no controllers on cgroup ${cgroup}: containers start, but outside any cgroup`;
}

function layoutConflicts(question: VersionQuestion): Conflict[] {
  const { lxc, cgroup, withSettings, uses } = question;
  const fit = layoutFit(lxc, cgroup);
  const name = `LXC ${seriesName(lxc)}`;
  const why = `${fit.reason} (${fit.source})`;
  const conflict = (message: string): Conflict[] => [
    { between: 'lxc-cgroup', message, help: helpWith(question) },
  ];
  if (fit.fits === 'no') {
    const fitting = layoutsFor(withoutKernel(question));
    const wanted = fitting.length === 0 ? 'another layout' : `cgroup ${fitting.join(' or ')}`;
    return conflict(`${name} needs ${wanted}; this board has cgroup ${cgroup}: ${why}`);
  }
  if (fit.fits === 'without-settings' && withSettings.length > 0) {
    return conflict(
      `${name} cannot set anything on cgroup ${cgroup}, and ${named(withSettings)} ${withSettings.length === 1 ? 'sets' : 'set'} limits or device rules: ${why}`,
    );
  }
  const withDevices = uses.get('devices') ?? [];
  if (fit.devices === 'refused' && withDevices.length > 0)
    return conflict(
      `${name} has no device rules on cgroup ${cgroup}, and ${named(withDevices)} ${withDevices.length === 1 ? 'has' : 'have'} some: ${why}`,
    );
  return [];
}

function kernelConflicts(question: VersionQuestion): Conflict[] {
  const { lxc, kernel } = question;
  if (kernel === undefined) return [];
  const missing = floorsOf(question).filter((floor) => compareVersions(kernel, floor.kernel) < 0);
  const ofLxc = missing.filter(({ needed }) => needed !== undefined);
  const ofKernel = missing.filter(({ needed }) => needed === undefined);
  const highest = ofLxc.at(-1);
  const conflicts: Conflict[] = [];
  if (highest !== undefined) {
    const newest = newestFit(question);
    conflicts.push({
      between: 'lxc-kernel',
      message: [
        `LXC ${seriesName(lxc)} needs Linux ${highest.kernel}; this board has ${released(kernel)}: ` +
          (newest === undefined ? 'no LXC fits it' : `the newest that fits is ${newest}`),
        ...ofLxc.map(
          (floor) =>
            `  Linux ${floor.kernel} added ${floor.feature}; without it ${floor.without} (${floor.source})`,
        ),
      ].join('\n'),
      help: `use ${newest === undefined ? '' : `LXC ${newest}, or `}Linux ${highest.kernel} or later${madeFor(lxc)}`,
    });
  }
  for (const { feature, kernel: since, without, source, use } of ofKernel) {
    const users = question.uses.get(use) ?? [];
    conflicts.push({
      between: 'kernel-cgroup',
      message: `Linux ${since} added ${feature}; this board has ${released(kernel)}, so ${without} (${source})${users.length === 0 ? '' : `; used by ${named(users)}`}`,
      help: helpOfKernel(question, since),
    });
  }
  return conflicts;
}

/** Returns the kernel features that a board needs, in the order of the kernel's releases. */
function floorsOf({ lxc, cgroup, uses }: VersionQuestion): readonly KernelFloor[] {
  return kernelFloors.filter(
    ({ use, layout, needed }) =>
      (use === 'always' || uses.has(use)) &&
      (layout === undefined || layout === cgroup) &&
      (needed === undefined || (needed !== 'never' && inVersionRange(lxc, needed))),
  );
}

/** Whether a release works on a layout and supports what containers set there. */
function layoutFits({ lxc, cgroup, withSettings, uses }: VersionQuestion): boolean {
  const { fits, devices } = layoutFit(lxc, cgroup);
  if (fits === 'no' || (fits === 'without-settings' && withSettings.length > 0)) return false;
  return devices === 'enforced' || !uses.has('devices');
}

function kernelFits(kernel: string | undefined, floors: readonly KernelFloor[]): boolean {
  return kernel === undefined || floors.every((floor) => compareVersions(kernel, floor.kernel) >= 0);
}

/**
 * Returns the newest LXC for this kernel, layout and these containers whose developers support such a kernel.
 * Ignores kernel features that every LXC needs.
 */
export function newestFit(question: VersionQuestion): string | undefined {
  return lxcSeries.findLast(({ since }) => {
    const asked = { ...question, lxc: since };
    const own = floorsOf(asked).filter(({ needed }) => needed !== undefined);
    return layoutFits(asked) && kernelFits(question.kernel, own) && unsupported(asked) === undefined;
  })?.name;
}

/** Returns the layouts that work with this LXC, this kernel and these containers. */
export function layoutsFor(question: VersionQuestion): CgroupLayout[] {
  return layoutNames.filter((cgroup) => {
    const asked = { ...question, cgroup };
    const ofLayout = floorsOf(asked).filter(({ needed }) => needed === undefined);
    return layoutFits(asked) && kernelFits(question.kernel, ofLayout);
  });
}

function helpWith(question: VersionQuestion): string {
  const layouts = layoutsFor(question).map((layout) => `"cgroup: ${layout}"`);
  const newest = newestFit(question);
  const ways = [
    ...(layouts.length === 0 ? [] : [`set ${layouts.join(' or ')} in the board profile`]),
    ...(newest === undefined ? [] : [`use LXC ${newest}, the newest that fits this board unchanged`]),
  ];
  return ways.length === 0 ? 'use another kernel, layout or LXC' : ways.join(', or ');
}

function helpOfKernel(question: VersionQuestion, since: string): string {
  const { cgroup, lxc } = question;
  const ways = layoutNames
    .filter((layout) => layout !== cgroup)
    .flatMap((layout) => {
      const asked = { ...question, cgroup: layout };
      if (layoutsFor(asked).includes(layout)) return [`set "cgroup: ${layout}" in the board profile`];
      const newest = newestFit(asked);
      const other = newest !== undefined && layoutsFor({ ...asked, lxc: newest }).includes(layout);
      return other ? [`set "cgroup: ${layout}" and use LXC ${newest} instead of ${seriesName(lxc)}`] : [];
    });
  return [`use Linux ${since} or later`, ...ways.slice(0, 1)].join(', or ');
}

function withoutKernel({ kernel: _left, ...rest }: VersionQuestion): VersionQuestion {
  return rest;
}

function madeFor(lxc: string): string {
  const { supported } = seriesOf(lxc);
  return supported === undefined ? '' : ` (its developers recommend ${supported.kernel})`;
}

/** Returns `7.0` for `7.0.0`. */
function seriesName(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Returns a kernel's usual name: 4.9, not 4.9.0 as in its Makefile. */
function released(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1');
}

function named(containers: readonly string[]): string {
  return containers.length === 1 ? `container ${containers[0] ?? ''}` : `containers ${containers.join(', ')}`;
}
