import { compareVersions, inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { CgroupLayout } from './cgroup-settings.ts';
import {
  kernelFloors,
  lxcSeries,
  type KernelFloor,
  type KernelUse,
  type LayoutFit,
  type LxcSeries,
} from './lxc-compatibility.ts';

/** What of a board decides which LXC and which kernel fit it. */
export interface FitQuestion {
  readonly lxc: string;
  /** Without it nothing is said about kernels. */
  readonly kernel?: string;
  readonly cgroup: CgroupLayout;
  /** What containers use, and which; `always` is not among them. */
  readonly uses: ReadonlyMap<KernelUse, readonly string[]>;
  /** Names of the containers that set something in a cgroup: device rules, limits, raw keys. */
  readonly withSettings: readonly string[];
}

/** Two things of a board that do not go together. */
export interface Misfit {
  readonly between: 'lxc-cgroup' | 'lxc-kernel' | 'kernel-cgroup';
  /** What was found and what was expected, then why. */
  readonly message: string;
  /** What to do instead. */
  readonly help?: string;
}

const LAYOUTS: readonly CgroupLayout[] = ['v2', 'v1', 'v1-single'];

/** The row of a release: its own, or for one that the table does not have that of the release before it. */
export function seriesOf(lxcVersion: string): LxcSeries {
  const found = lxcSeries.findLast(({ since }) => compareVersions(lxcVersion, since) >= 0) ?? lxcSeries[0];
  if (found === undefined) throw new Error('the table of LXC is empty');
  return found;
}

export function layoutFit(lxcVersion: string, layout: CgroupLayout): LayoutFit {
  return seriesOf(lxcVersion).layouts[layout];
}

/** Why a release cannot have what a configuration sets on a layout; undefined when it can. */
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

/** Whether a release does all that a layout offers, device rules among it. */
export function handlesAllOf(layout: CgroupLayout, lxcVersion: string): boolean {
  const { fits, devices } = layoutFit(lxcVersion, layout);
  return fits === 'yes' && devices === 'enforced';
}

/** The latest series in a row that do all that a layout offers, from their first to their last release. */
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

/** Everything that does not go together; empty when the board fits. */
export function findMisfits(question: FitQuestion): Misfit[] {
  return [...layoutMisfits(question), ...kernelMisfits(question)];
}

/** What LXC's developers would not stand for, though it is not known to fail. */
export function unsupported({ lxc, kernel }: Pick<FitQuestion, 'lxc' | 'kernel'>): string | undefined {
  const { supported } = seriesOf(lxc);
  if (supported === undefined || kernel === undefined || compareVersions(kernel, supported.kernel) >= 0)
    return undefined;
  return `LXC ${seriesName(lxc)} is made for Linux ${supported.kernel} and later, and this board has ${released(kernel)}: what it is known to need is there, but its developers do not test it (${supported.source})`;
}

/** What works only in part: a sentence, or undefined. */
export function worksInPart({ lxc, cgroup }: FitQuestion): string | undefined {
  if (layoutFit(lxc, cgroup).fits !== 'without-settings') return undefined;
  return `LXC ${seriesName(lxc)} finds no controllers on cgroup ${cgroup}: containers start, but outside of any cgroup`;
}

function layoutMisfits(question: FitQuestion): Misfit[] {
  const { lxc, cgroup, withSettings, uses } = question;
  const fit = layoutFit(lxc, cgroup);
  const name = `LXC ${seriesName(lxc)}`;
  const why = `${fit.reason} (${fit.source})`;
  const misfit = (message: string): Misfit[] => [
    { between: 'lxc-cgroup', message, help: helpWith(question) },
  ];
  if (fit.fits === 'no') {
    const fitting = layoutsFor(withoutKernel(question));
    const wanted = fitting.length === 0 ? 'another layout' : `cgroup ${fitting.join(' or ')}`;
    return misfit(`${name} needs ${wanted}; this board has cgroup ${cgroup}: ${why}`);
  }
  if (fit.fits === 'without-settings' && withSettings.length > 0) {
    return misfit(
      `${name} cannot set anything on cgroup ${cgroup}, and ${named(withSettings)} ${withSettings.length === 1 ? 'sets' : 'set'} limits or device rules: ${why}`,
    );
  }
  const withDevices = uses.get('devices') ?? [];
  if (fit.devices === 'refused' && withDevices.length > 0)
    return misfit(
      `${name} has no device rules on cgroup ${cgroup}, and ${named(withDevices)} ${withDevices.length === 1 ? 'has' : 'have'} some: ${why}`,
    );
  return [];
}

function kernelMisfits(question: FitQuestion): Misfit[] {
  const { lxc, kernel } = question;
  if (kernel === undefined) return [];
  const missing = floorsOf(question).filter((floor) => compareVersions(kernel, floor.kernel) < 0);
  const ofLxc = missing.filter(({ needed }) => needed !== undefined);
  const ofKernel = missing.filter(({ needed }) => needed === undefined);
  const highest = ofLxc.at(-1);
  const misfits: Misfit[] = [];
  if (highest !== undefined) {
    const newest = newestFit(question);
    misfits.push({
      between: 'lxc-kernel',
      message: [
        `LXC ${seriesName(lxc)} needs Linux ${highest.kernel}; this board has ${released(kernel)}: ` +
          (newest === undefined ? 'no LXC fits it' : `the newest that fits is ${newest}`),
        ...ofLxc.map(
          (floor) => `  Linux ${floor.kernel} brought ${floor.feature}: ${floor.without} (${floor.source})`,
        ),
      ].join('\n'),
      help: `take ${newest === undefined ? '' : `LXC ${newest}, or `}a kernel from ${highest.kernel} on${madeFor(lxc)}`,
    });
  }
  for (const { feature, kernel: since, without, source, use } of ofKernel) {
    const users = question.uses.get(use) ?? [];
    misfits.push({
      between: 'kernel-cgroup',
      message: `${feature} came with Linux ${since}; this board has ${released(kernel)}: ${without} (${source})${users.length === 0 ? '' : `; used by ${named(users)}`}`,
      help: helpOfKernel(question, since),
    });
  }
  return misfits;
}

/** What a board needs of its kernel, in the order of the kernel's releases. */
function floorsOf({ lxc, cgroup, uses }: FitQuestion): readonly KernelFloor[] {
  return kernelFloors.filter(
    ({ use, layout, needed }) =>
      (use === 'always' || uses.has(use)) &&
      (layout === undefined || layout === cgroup) &&
      (needed === undefined || (needed !== 'never' && inVersionRange(lxc, needed))),
  );
}

/** Whether a release gets on with a layout and with what containers set there. */
function layoutFits({ lxc, cgroup, withSettings, uses }: FitQuestion): boolean {
  const { fits, devices } = layoutFit(lxc, cgroup);
  if (fits === 'no' || (fits === 'without-settings' && withSettings.length > 0)) return false;
  return devices === 'enforced' || !uses.has('devices');
}

function kernelFits(kernel: string | undefined, floors: readonly KernelFloor[]): boolean {
  return kernel === undefined || floors.every((floor) => compareVersions(kernel, floor.kernel) >= 0);
}

/**
 * The newest LXC for this kernel, layout and these containers, of those that are made for such a kernel.
 * What no LXC can do without is not looked at.
 */
export function newestFit(question: FitQuestion): string | undefined {
  return lxcSeries.findLast(({ since }) => {
    const asked = { ...question, lxc: since };
    const own = floorsOf(asked).filter(({ needed }) => needed !== undefined);
    return layoutFits(asked) && kernelFits(question.kernel, own) && unsupported(asked) === undefined;
  })?.name;
}

/** The layouts for this LXC, this kernel and these containers. */
export function layoutsFor(question: FitQuestion): CgroupLayout[] {
  return LAYOUTS.filter((cgroup) => {
    const asked = { ...question, cgroup };
    const ofLayout = floorsOf(asked).filter(({ needed }) => needed === undefined);
    return layoutFits(asked) && kernelFits(question.kernel, ofLayout);
  });
}

function helpWith(question: FitQuestion): string {
  const layouts = layoutsFor(question).map((layout) => `"cgroup: ${layout}"`);
  const newest = newestFit(question);
  const ways = [
    ...(layouts.length === 0 ? [] : [`set ${layouts.join(' or ')} in the board profile`]),
    ...(newest === undefined ? [] : [`take LXC ${newest}, the newest that fits this board as it is`]),
  ];
  return ways.length === 0 ? 'another kernel, layout or LXC is needed' : ways.join(', or ');
}

function helpOfKernel(question: FitQuestion, since: string): string {
  const { cgroup, lxc } = question;
  const ways = LAYOUTS.filter((layout) => layout !== cgroup).flatMap((layout) => {
    const asked = { ...question, cgroup: layout };
    if (layoutsFor(asked).includes(layout)) return [`set "cgroup: ${layout}" in the board profile`];
    const newest = newestFit(asked);
    const other = newest !== undefined && layoutsFor({ ...asked, lxc: newest }).includes(layout);
    return other ? [`set "cgroup: ${layout}" and take LXC ${newest} in place of ${seriesName(lxc)}`] : [];
  });
  return [`take a kernel from ${since} on`, ...ways.slice(0, 1)].join(', or ');
}

function withoutKernel({ kernel: _left, ...rest }: FitQuestion): FitQuestion {
  return rest;
}

function madeFor(lxc: string): string {
  const { supported } = seriesOf(lxc);
  return supported === undefined ? '' : ` (its developers ask for ${supported.kernel})`;
}

/** `7.0` of `7.0.0`. */
function seriesName(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** A kernel as its release is called: 4.9, not 4.9.0, as its Makefile has it. */
function released(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1');
}

function named(containers: readonly string[]): string {
  return containers.length === 1 ? `container ${containers[0] ?? ''}` : `containers ${containers.join(', ')}`;
}
