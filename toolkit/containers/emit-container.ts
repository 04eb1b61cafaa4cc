import { posix } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { BUSYBOX, busyboxApplets, busyboxRootfs } from './busybox-rootfs.ts';
import { checkMountLines } from './check-mount-lines.ts';
import { checkNamedFiles, type NamingLine } from './check-named-files.ts';
import { checkPrograms, programFile } from './check-programs.ts';
import { checkSettings } from './check-settings.ts';
import { configPathOf, mountPointEntries, placeEntries, type ContainerEntry } from './container-entries.ts';
import { hostRootfsOf, type HostRootfs } from './host-rootfs.ts';
import { planMounts } from './mount-plan.ts';
import { overlayProgram } from './overlay-program.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { ProblemList, type Locate, type PlacedSetting } from '../lxc-keys/problem-list.ts';
import { renderConfig } from '../lxc-config/render-config.ts';
import { checkRootfs } from '../lxc-config/rootfs-storage.ts';
import { replaceOwnLines } from '../lxc-config/replace-own-lines.ts';
import { writeSettings } from './write-settings.ts';

/** The device that a container is made for. */
export interface ContainerTarget {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** The folder in which LXC looks for NAME/config, such as `/var/lib/lxc`. */
  readonly lxcPath: string;
  /** The install prefix of LXC, such as `/usr`. */
  readonly prefix: string;
  /** The device's own root filesystem. */
  readonly host: HostRootfs;
  /** The bridges that are made at boot; undefined: they are not checked. */
  readonly bridges?: readonly string[];
  /** Files in a container's root filesystem on which this release mounts its own files. */
  readonly ownMountPoints?: readonly string[];
  /** The libraries liblxc was built with (`libcap`, `seccomp`, `apparmor`, `selinux`); undefined: they are not checked. */
  readonly buildFeatures?: readonly string[];
}

export interface EmitOptions {
  /** The content of the container's root filesystem, from its tar file or directory and overlays; paths as in the container. */
  readonly inner?: HostRootfs;
  /** Returns the place of a problem. */
  readonly locate?: Locate;
  /** The lines of the included files that the user provides. */
  readonly included?: readonly PlacedSetting[];
}

export interface EmittedContainer {
  readonly name: string;
  /** The path of the configuration on the device. */
  readonly configPath: string;
  readonly configText: string;
  /** The new entries of the device's root filesystem, sorted by path, without existing directories. */
  readonly entries: readonly ContainerEntry[];
  readonly warnings: readonly Diagnostic[];
  /** The path on the device of the program that it runs; undefined if unknown. */
  readonly programFile?: string;
}

/**
 * Turns a container definition into its LXC configuration and the entries of the root filesystem that it needs.
 * Throws CONTAINER_INVALID with everything that would keep the container from starting as defined.
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
    ...overlayProgram(container),
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

/** Returns the settings of raw lines and included files. */
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
  // Raw lines come after included files.
  return [...others, ...own];
}

/** Returns the future content of the container's root filesystem; undefined if raw lines replace it. */
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
      `${container.name} uses the BusyBox of ${BUSYBOX}, which is not in the root filesystem`,
    );
  }
  return busyboxRootfs(container, busyboxApplets(host));
}

function pathInside({ rootfs }: ContainerDefinition, path: string): string {
  return posix.join('/', posix.relative(rootfs.path, path));
}
