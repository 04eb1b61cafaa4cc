import { posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { CgroupLayout } from './cgroup-settings.ts';
import { BUSYBOX, busyboxApplets, busyboxRootfs } from './busybox-rootfs.ts';
import { checkMountLines } from './check-mount-lines.ts';
import { checkNamedFiles, type NamingLine } from './check-named-files.ts';
import { checkPrograms, programFile } from './check-programs.ts';
import { checkSettings } from './check-settings.ts';
import { configPathOf, mountPointEntries, placeEntries, type ContainerEntry } from './container-entries.ts';
import { hostRootfsOf, type HostRootfs } from './host-rootfs.ts';
import { planMounts, type PlannedMount } from './mount-plan.ts';
import { parseConfigLine } from './parse-config-line.ts';
import { ProblemList, type Locate, type PlacedSetting } from './problem-list.ts';
import { renderConfig } from './render-config.ts';
import { checkRootfs } from './rootfs-storage.ts';
import { replaceOwnLines } from './replace-own-lines.ts';
import { writeSettings } from './write-settings.ts';

/** The device a container is made for. */
export interface ContainerTarget {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** Where LXC looks for NAME/config, such as `/var/lib/lxc`. */
  readonly lxcPath: string;
  /** The prefix LXC is installed under, such as `/usr`. */
  readonly prefix: string;
  /** The device's own root filesystem. */
  readonly host: HostRootfs;
  /** The bridges that are made at boot; without it nothing is said about them. */
  readonly bridges?: readonly string[];
  /** Files in a container's root filesystem on which this release mounts something of its own. */
  readonly ownMountPoints?: readonly string[];
  /** The libraries liblxc was built with (`libcap`, `seccomp`, `apparmor`, `selinux`); without it nothing is said about them. */
  readonly buildFeatures?: readonly string[];
}

export interface EmitOptions {
  /** What the container's root filesystem holds already: its tar file or directory, and what overlays put there; paths as in the container. */
  readonly inner?: HostRootfs;
  /** Finds the places that problems are shown at. */
  readonly locate?: Locate;
  /** The lines of the files that it includes, as far as a person brings these. */
  readonly included?: readonly PlacedSetting[];
}

export interface EmittedContainer {
  readonly name: string;
  /** Path of the configuration on the device. */
  readonly configPath: string;
  readonly configText: string;
  /** What the device's root filesystem gets, sorted by path. Directories it has already are not among them. */
  readonly entries: readonly ContainerEntry[];
  readonly warnings: readonly Diagnostic[];
  /** The path on the device of the program that it runs; undefined where that cannot be told. */
  readonly programFile?: string;
}

/**
 * Turns a container definition into its LXC configuration and the entries of the root filesystem that it needs.
 * Throws CONTAINER_INVALID with everything that would keep the container from starting as it is defined.
 */
export async function emitContainer(
  container: ContainerDefinition,
  target: ContainerTarget,
  { inner: given, locate, included = [] }: EmitOptions = {},
): Promise<EmittedContainer> {
  const problems = new ProblemList(locate);
  const ownRootfs = await ownRootfsEntries(container, target.host, problems);
  const inner = hostRootfsOf([
    ...(given?.nodes() ?? []),
    ...ownRootfs.map((entry) => ({ ...entry, path: pathInside(container, entry.path) })),
  ]);
  const context = { host: target.host, inner, problems };
  const mounts = planMounts(container, context);
  if (given !== undefined || typeof container.rootfs.from === 'string')
    checkPrograms(container, mounts, context);
  const lines = linesOf(container, included, problems);
  checkNamedFiles(container.name, lines, target.host);
  const mountLines = lines.filter(({ key }) => key === 'lxc.mount.entry');
  checkMountLines(container, mountLines, {
    host: target.host,
    inner: viewWithMountPoints(container, mounts, inner, given),
    planned: mounts,
  });
  checkSettings(container, { ...target, problems });
  checkRootfs(container, target.lxcVersion, problems);

  const { groups, raw } = writeSettings(container, mounts, target, problems);
  const kept = replaceOwnLines(container.name, groups, raw, problems);
  problems.throwErrors();

  const program = programFile(container, mounts, { host: target.host, inner });
  const configText = await renderConfig(container, kept, raw, target.lxcVersion);
  const entries = [
    ...placeEntries(container, configText, target, problems),
    ...ownRootfs,
    ...mountPointEntries(container, mounts, inner, target.ownMountPoints),
  ];
  problems.throwErrors();
  return {
    name: container.name,
    configPath: configPathOf(container.rootfs.path),
    configText,
    entries: entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
    warnings: problems.warnings,
    ...(program === undefined ? {} : { programFile: program }),
  };
}

/** The settings of its raw lines, and those that it includes. */
function linesOf(
  { raw }: ContainerDefinition,
  included: readonly PlacedSetting[],
  problems: ProblemList,
): NamingLine[] {
  const own = raw.flatMap((text, i): NamingLine[] => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return [];
    const report: NamingLine['report'] = (message, help) => {
      problems.error(['raw', i], message, help);
    };
    return [{ key: line.key, value: line.value, report }];
  });
  const others = included.map(({ key, value, place }): NamingLine => {
    const report: NamingLine['report'] = (message, help) => {
      problems.errorAt(place, message, help);
    };
    return { key, value, report };
  });
  // A raw line stands behind what `include` brings.
  return [...others, ...own];
}

/** What the container's root filesystem will hold; undefined where raw lines put another one in its place. */
function viewWithMountPoints(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  inner: HostRootfs,
  given: HostRootfs | undefined,
): HostRootfs | undefined {
  const isKnown = given !== undefined || typeof container.rootfs.from === 'string';
  if (!isKnown || container.raw.some((line) => /^\s*lxc\.rootfs\b/.test(line))) return undefined;
  const made = mountPointEntries(container, mounts, inner).map((entry) => ({
    path: pathInside(container, entry.path),
    type: entry.type,
  }));
  return hostRootfsOf([...inner.nodes(), ...made]);
}

async function ownRootfsEntries(
  container: ContainerDefinition,
  host: HostRootfs,
  problems: ProblemList,
): Promise<ContainerEntry[]> {
  if (container.rootfs.from !== 'busybox') return [];
  if (host.lookup(BUSYBOX)?.type !== 'file') {
    problems.error(
      ['rootfs', 'from'],
      `${container.name} takes its BusyBox from ${BUSYBOX}, which is not in the root filesystem`,
    );
  }
  return busyboxRootfs(container, busyboxApplets(host));
}

function pathInside({ rootfs }: ContainerDefinition, path: string): string {
  return posix.join('/', posix.relative(rootfs.path, path));
}
