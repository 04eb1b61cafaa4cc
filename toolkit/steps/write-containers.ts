import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import { formatDiagnostic, DiagnosticsError, type Diagnostic, type Location } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { BoardProfile } from '../board/schema.ts';
import { keyFor } from '../lxc-keys/concept-keys.ts';
import { emitContainer, type ContainerTarget, type EmittedContainer } from '../containers/emit-container.ts';
import { hostRootfsOf, type HostRootfs } from '../containers/host-rootfs.ts';
import { confinedContainer } from '../confinement/confined-container.ts';
import { seccompFileOf } from '../confinement/default-measures.ts';
import { fitDevice } from '../confinement/fit-device.ts';
import { memoryWarnings } from '../confinement/memory-sum.ts';
import { hasOwnProfile, profileOf } from '../confinement/own-profile.ts';
import { ownedEntries } from '../confinement/owned-entries.ts';
import { bindSys } from '../confinement/own-network.ts';
import { checkUnprivileged } from '../confinement/unprivileged-keys.ts';
import { automaticMounts } from '../lxc-config/automatic-mounts.ts';
import type { ConfiningDevice } from '../confinement/measure.ts';
import { ProblemList, type Locate } from '../lxc-keys/problem-list.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { helperMountPoints } from '../lxc/installed-files.ts';
import { LXC_PATH } from '../lxc/directories.ts';
import { debianLxcFeatures } from '../lxc/options.ts';
import { featuresOf } from '../lxc/recipes.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { BlobStore } from '../rootfs/blob-store.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import { openContent } from '../rootfs/content-kinds.ts';
import { recogniseImageArchive } from '../rootfs/image-archives.ts';
import { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { readManifest, writeManifest } from '../rootfs/stored-manifest.ts';
import type { BuiltLxc } from './build-lxc.ts';
import type { Build } from '../opened-board/build.ts';
import { checkMemory } from '../board-checks/check-memory.ts';
import { checkGivenContainers } from '../board-checks/given-containers.ts';
import { givenFile } from '../opened-board/image-files.ts';
import { includedLines } from '../opened-board/included-lines.ts';
import type { KernelConfiguration } from './configure-kernel.ts';
import { CONTAINERS_DIR, containersDirMode } from './root-mounts.ts';
import type { EmittedContainers, LaidOutRootfs } from './laid-out-rootfs.ts';

/** The file that lxc-create starts a container's configuration from. */
const DEFAULT_CONFIG = '/etc/lxc/default.conf';

/** The step and the results that a board's containers are written from. */
interface ContainerParts {
  /** The step's id. */
  readonly id: string;
  readonly base: Step<LaidOutRootfs>;
  readonly lxc: Step<BuiltLxc>;
  readonly configured: Step<KernelConfiguration>;
  /** The symbols of the final configuration that confine containers, without `CONFIG_`. */
  readonly symbols: readonly string[];
  /** Where copies of the configs are left for the user to read. */
  readonly configsDir: string;
}

/** Runs the step `emit-containers`. Throws CONTAINER_INVALID with the problems of all containers at once. */
export function writeContainers(
  build: Build,
  context: StepContext,
  parts: ContainerParts,
): Promise<EmittedContainers> {
  return BlobStore.use(join(context.workDir, 'blobs'), (blobs) => writeInto(blobs, build, context, parts));
}

async function writeInto(
  blobs: BlobStore,
  build: Build,
  context: StepContext,
  { id, base, lxc, configured, symbols, configsDir }: ContainerParts,
): Promise<EmittedContainers> {
  const { profile, provenance } = build.loaded;
  const workRoot = inOut(build.outDir, 'work');
  const tree = new RootfsTree(readManifest(context.result(base).manifestFile, workRoot).entries);
  const { version } = context.result(lxc);
  // The user's own file stays.
  if (givenFile(profile, DEFAULT_CONFIG) === undefined)
    tree.put(await textEntry(DEFAULT_CONFIG, defaultConfig(version), blobs));
  const buildFeatures = [
    'libcap',
    ...featuresOf(version, profile.lxc.features, build.architecture.kernelArch),
    ...(context.result(lxc).compiled ? [] : debianLxcFeatures),
  ];
  const device: ConfiningDevice = {
    kernelVersion: context.result(configured).version,
    hasSymbol: (symbol) => symbols.includes(symbol),
    lxcVersion: version,
    cgroup: profile.cgroup,
    hasFeature: (feature) => buildFeatures.includes(feature),
    limits: profile.defaults.container.limits,
  };
  const problems: Diagnostic[] = [];
  const placeOf =
    (index: number): Locate =>
    (path) =>
      provenance(['containers', index, ...path]);
  const fitted = profile.containers.map((declared, index) => {
    const unfit = new ProblemList(placeOf(index));
    const { container: able, missing } = fitDevice(declared, device, unfit);
    const container = bindSys(able, automaticMounts(able));
    checkUnprivileged(container, device.kernelVersion, unfit);
    problems.push(...unfit.errors);
    return { container, missing };
  });
  const profiles = fitted.map(({ container }) => container).filter(hasOwnProfile);
  for (const container of profiles) {
    const text = profileOf(container, build.architecture, device, context.result(lxc).compiled);
    tree.put(await textEntry(seccompFileOf(container), text, blobs));
  }
  const target: ContainerTarget = {
    lxcVersion: version,
    cgroup: profile.cgroup,
    lxcPath: LXC_PATH,
    prefix: profile.lxc.prefix,
    host: hostRootfsOf(tree.entries()),
    bridges: profile.bridges.map(({ name }) => name),
    ownMountPoints: helperMountPoints(version),
    buildFeatures,
  };
  const emitted: EmittedContainer[] = [];
  const warnings: Diagnostic[] = [];
  for (const [index, { container }] of fitted.entries()) {
    const locate = placeOf(index);
    const own = await ownRootfs(container, blobs, context.signal);
    const notARootfs = refuseImageArchive(container, own, (path) =>
      provenance(['containers', index, ...path]),
    );
    if (notARootfs !== undefined) {
      problems.push(notARootfs);
      continue;
    }
    const owners = new ProblemList(locate);
    takeOwnership(container, own, tree, owners);
    problems.push(...owners.errors);
    warnings.push(...owners.warnings);
    try {
      const inner = { inner: innerView(container, tree) };
      const included = includedLines(container, build);
      const written = await emitContainer(container, target, { ...inner, locate, included });
      const program = written.programFile === undefined ? undefined : tree.lookup(written.programFile);
      problems.push(...(await checkMemory(container, program, included, locate)));
      emitted.push(written);
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  for (const warning of memoryWarnings(
    fitted.map(({ container }) => container),
    profile.emulator.memory,
    placeOf,
  ))
    context.emit({ type: 'warning', step: id, message: formatDiagnostic(warning) });
  const others = checkGivenContainers(build, target.host, (path) => innerView({ rootfs: { path } }, tree));
  problems.push(...others.errors);
  if (problems.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', problems);
  for (const warning of [...warnings, ...others.warnings])
    context.emit({ type: 'warning', step: id, message: formatDiagnostic(warning) });
  await rm(configsDir, { recursive: true, force: true });
  for (const container of emitted) {
    for (const warning of container.warnings) {
      context.emit({ type: 'warning', step: id, message: formatDiagnostic(warning) });
    }
    await putContainer(container, tree, blobs);
    await writeAtomic(join(configsDir, `${container.name}.conf`), container.configText);
  }
  closeContainersDir(
    tree,
    fitted.map(({ container }) => container),
    profile,
  );
  if (emitted.length === 0) await writeAtomic(join(configsDir, '.none'), '');
  const manifestFile = join(context.workDir, 'manifest.json');
  await writeManifest(manifestFile, tree.manifest(), workRoot);
  return { manifestFile, containers: fitted.map(confinedContainer) };
}

/** Only root passes /opt/lxc where the kernel has no user namespaces; a mode of the user's stays. */
function closeContainersDir(
  tree: RootfsTree,
  containers: readonly ContainerDefinition[],
  { rootfs }: BoardProfile,
): void {
  const entry = tree.get(CONTAINERS_DIR);
  if (entry?.type !== 'dir' || rootfs.files.some(({ path }) => path === CONTAINERS_DIR)) return;
  tree.put({ ...entry, mode: entry.mode & containersDirMode(containers) });
}

/** The configuration that lxc-create gives a container made on the device: no network but its own loopback. */
function defaultConfig(lxcVersion: string): string {
  const key = keyFor('network-type', lxcVersion)?.replace('[i]', '0') ?? 'lxc.net.0.type';
  return `# The defaults for containers that lxc-create makes; see lxc.container.conf(5).\n${key} = empty\n`;
}

async function putContainer(container: EmittedContainer, tree: RootfsTree, blobs: BlobStore): Promise<void> {
  for (const entry of container.entries) {
    if (entry.type !== 'file') {
      tree.put(entry);
    } else if (typeof entry.content === 'string') {
      const { content, ...rest } = entry;
      tree.put({ ...rest, ...(await blobs.addBytes(content)) });
    } else {
      const { content, ...rest } = entry;
      const original = tree.lookup(content.from);
      if (original?.type !== 'file')
        throw new Error(`${container.name} copies ${content.from}, which is not a file`);
      const { source, offset, sizeBytes, sha256 } = original;
      tree.put({ ...rest, source, offset, sizeBytes, sha256 });
    }
  }
}

async function textEntry(path: string, text: string, blobs: BlobStore): Promise<RootfsEntry> {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, ...(await blobs.addBytes(text)) };
}

/** Gives the files of a container, its own and those of the board's overlays, their owners on the device. */
function takeOwnership(
  container: ContainerDefinition,
  own: readonly RootfsEntry[],
  tree: RootfsTree,
  problems: ProblemList,
): void {
  for (const entry of own) tree.put(entry);
  const { path, overlay } = container.rootfs;
  for (const top of [path, ...(overlay?.upper === undefined ? [] : [overlay.upper])]) {
    const real = tree.resolve(top) ?? top;
    const entries = tree.entries().filter((one) => one.path === real || one.path.startsWith(`${real}/`));
    const owned = ownedEntries(container, entries, (at) => at.slice(real.length) || '/', problems);
    const kept = new Set(owned.map((one) => one.path));
    for (const one of entries) if (!kept.has(one.path)) tree.remove(one.path);
    for (const entry of owned) tree.put(entry);
  }
}

/** Returns the entries of a root filesystem whose content comes from the host, with their paths on the device. */
async function ownRootfs(
  { rootfs }: ContainerDefinition,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<RootfsEntry[]> {
  return (await openContent(rootfs.from)?.read(blobs, rootfs.path, signal)) ?? [];
}

/** Returns a problem when the user's files are an archive of container images. */
function refuseImageArchive(
  { name, rootfs }: ContainerDefinition,
  own: readonly RootfsEntry[],
  locate: (path: readonly string[]) => Location,
): Diagnostic | undefined {
  const content = openContent(rootfs.from);
  if (content === undefined) return undefined;
  const found = recogniseImageArchive(own.map(({ path }) => path.slice(rootfs.path.length + 1)));
  if (found === undefined) return undefined;
  return {
    location: locate(['rootfs', 'from', ...Object.keys(rootfs.from).slice(0, 1)]),
    message: `${name}: ${basename(content.path)} is ${found.is}, not a root filesystem`,
    help: found.help,
  };
}

/** A container's root filesystem as the container sees it: its own files and those of the board's overlays. */
function innerView({ rootfs }: { readonly rootfs: { readonly path: string } }, tree: RootfsTree): HostRootfs {
  const top = tree.resolve(rootfs.path) ?? rootfs.path;
  return hostRootfsOf(
    tree
      .entries()
      .filter(({ path }) => path.startsWith(`${top}/`))
      .map((entry) => ({ ...entry, path: entry.path.slice(top.length) })),
  );
}
