import { inOut } from '../host/own-folders.ts';
import type { LaidOutRootfs } from './laid-out-rootfs.ts';
import { join, posix } from 'node:path';
import { shippedPath } from '../base/package-root.ts';
import { KitError } from '../base/errors.ts';
import { putAccountFiles, putHomes } from '../accounts/put-accounts.ts';
import { putSshServer } from '../accounts/put-ssh-server.ts';
import { userAccounts } from '../accounts/user-accounts.ts';
import { contractValues } from '../cgroups/cgroup-contract.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { listTree } from '../host/list-tree.ts';
import { extraPath, lxcDirectories } from '../lxc/directories.ts';
import { FIRST_IN_PATH, OWN_TERMINAL, programsInForeground } from '../lxc/foreground-programs.ts';
import { BlobStore } from '../rootfs/blob-store.ts';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import { networkCommands } from '../rootfs/network-commands.ts';
import { readDirectory } from '../rootfs/read-directory.ts';
import { dropSetuid, type DroppedSetid } from '../rootfs/drop-setuid.ts';
import { replaceBashTemplates } from '../rootfs/replace-bash-templates.ts';
import { readSkeleton, tableEntry } from '../rootfs/read-skeleton.ts';
import { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { writeManifest } from '../rootfs/stored-manifest.ts';
import type { BuiltKernel } from './build-kernel.ts';
import type { StagedTree } from './build-busybox.ts';
import type { BuiltLxc } from './build-lxc.ts';
import { asSetting, type Build } from '../opened-board/build.ts';
import { CONTAINERS_DIR, containersDirMode, rootMounts } from './root-mounts.ts';
import { keyFilesOf, readKeysOf, withoutSecrets } from '../opened-board/user-keys.ts';
import { loginWarnings, refuseHomes, refuseShells } from '../board-checks/check-logins.ts';
import { scriptMountWarnings } from '../board-checks/warn-of-script-mounts.ts';

/** The built parts that are laid out in the rootfs. */
export interface BuiltParts {
  readonly kernel: Step<BuiltKernel>;
  readonly busybox: Step<StagedTree>;
  readonly lxc: Step<BuiltLxc>;
  /** Undefined when nothing on the device uses it. */
  readonly iptables: Step<StagedTree> | undefined;
  /** Undefined without `ssh` in the profile. */
  readonly dropbear: Step<StagedTree> | undefined;
}

/** Lays skeleton, BusyBox, LXC, kernel modules, overlays and the profile's files over one another: the rootfs without containers. */
export function layOutRootfs(
  build: Build,
  { kernel, busybox, lxc, iptables, dropbear }: BuiltParts,
): Step<LaidOutRootfs> {
  const { profile } = build.loaded;
  const skeletonDir = shippedPath('rootfs-skeleton');
  const withModules = profile.kernel.modules === 'keep';
  return {
    id: 'lay-out-rootfs',
    title: () => 'Laying out the root filesystem',
    needs: [
      busybox,
      lxc,
      ...(iptables ? [iptables] : []),
      ...(dropbear ? [dropbear] : []),
      ...(withModules ? [kernel] : []),
    ],
    revision: 3,
    weight: 'light',
    inputs: async () => {
      const trees = await Promise.all([
        listTree(skeletonDir, 'rootfs-skeleton'),
        ...profile.rootfs.overlays.map((dir, index) => listTree(dir, `overlay ${index + 1}`)),
      ]);
      const sources = profile.rootfs.files.flatMap((file) =>
        file.type === 'file' && file.source !== undefined ? [[`file ${file.path}`, file.source]] : [],
      );
      return {
        settings: {
          values: asSetting(templateValues(build)),
          containersDirMode: containersDirMode(profile.containers),
          prefix: profile.lxc.prefix,
          logins: asSetting(withoutSecrets(profile)),
          hardening: profile.hardening,
          files: asSetting(profile.rootfs.files.map((file) => ({ ...file, source: undefined }))),
          // lxc-kit sets the skeleton's modes; an overlay's modes are the user's.
          overlays: trees.slice(1).map(({ layout }) => layout),
        },
        files: Object.fromEntries([
          ...trees.flatMap(({ files }) => Object.entries(files)),
          ...sources,
          ...keyFilesOf(profile).map(({ name, file }, index) => [`key ${index + 1}, of ${name}`, file]),
        ]) as Record<string, string>,
      };
    },
    outputs: (result) => [{ path: result.manifestFile }],
    run: (context) => BlobStore.use(join(context.workDir, 'blobs'), (blobs) => layOut(context, blobs)),
  };

  async function layOut(context: StepContext, blobs: BlobStore): Promise<LaidOutRootfs> {
    const tree = new RootfsTree();
    const putAll = (entries: readonly RootfsEntry[]): void => {
      for (const entry of entries) tree.put(entry);
    };
    putAll(await readSkeleton(skeletonDir, templateValues(build), blobs));
    const mode = containersDirMode(profile.containers);
    tree.put({ path: CONTAINERS_DIR, type: 'dir', mode, uid: 0, gid: 0 });
    if (profile.hardening === 'off') tree.remove(HARDENING_SYSCTLS);
    putAll(await readDirectory(context.result(busybox).dir, blobs));
    // BusyBox installs this link for a kernel without init=; nothing here uses it.
    tree.remove('/linuxrc');
    putAll(await readDirectory(context.result(lxc).dir, blobs));
    await replaceBashTemplates(tree, join(skeletonDir, 'lxc-templates'), blobs);
    for (const { path, mode } of context.result(lxc).specialModes) {
      const entry = tree.get(path);
      if (entry !== undefined) tree.put({ ...entry, mode });
    }
    putOwnTerminals(tree, context.result(lxc).version);
    if (iptables !== undefined) putAll(await readDirectory(context.result(iptables).dir, blobs));
    if (dropbear !== undefined) putAll(await readDirectory(context.result(dropbear).dir, blobs));
    const { modulesDir } = withModules ? context.result(kernel) : { modulesDir: undefined };
    if (modulesDir !== undefined) putAll(withoutBuildLinks(await readDirectory(modulesDir, blobs)));
    for (const dropped of dropSetuid(tree))
      context.emit({ type: 'note', step: 'lay-out-rootfs', message: describeDropped(dropped) });
    const accounts = userAccounts(profile.users);
    await putAccountFiles(tree, accounts, blobs);
    refuseHomes(build, tree);
    const keysOf = readKeysOf(profile);
    if (profile.ssh !== undefined) await putSshServer(tree, profile.ssh, keysOf.has('root'), blobs);
    for (const overlay of profile.rootfs.overlays)
      putAll(await readDirectory(overlay, blobs, '', context.signal));
    for (const dropped of dropSetuid(tree))
      context.emit({
        type: 'warning',
        step: 'lay-out-rootfs',
        message: `${describeDropped(dropped)}; to keep it, write in rootfs.files: { path: ${dropped.path}, type: file, mode: "${octal(dropped.mode)}" }`,
      });
    const keptKeys = await putHomes(tree, accounts, keysOf, blobs);
    for (const [index, file] of profile.rootfs.files.entries()) {
      if (file.type !== 'file') tree.put(tableEntry(file));
      else tree.put(await fileEntry(build, index, tree, blobs));
    }
    refuseShells(build, tree);
    for (const message of loginWarnings(build, tree, keptKeys))
      context.emit({ type: 'warning', step: 'lay-out-rootfs', message });
    for (const path of scriptsThatDoNotRun(tree))
      context.emit({
        type: 'warning',
        step: 'lay-out-rootfs',
        message: `${path} is not executable, so /etc/init.d/rcS skips it; run: chmod +x on it in your overlay`,
      });
    for (const message of scriptMountWarnings(build, tree, context.result(lxc).version))
      context.emit({ type: 'warning', step: 'lay-out-rootfs', message });
    const manifestFile = join(context.workDir, 'manifest.json');
    await writeManifest(manifestFile, tree.manifest(), inOut(build.outDir, 'work'));
    return { manifestFile };
  }

  /** Puts links in front of the programs of LXC that would hand over the terminal they are called from. */
  function putOwnTerminals(tree: RootfsTree, lxcVersion: string): void {
    const { bindir } = lxcDirectories(profile.lxc);
    for (const name of programsInForeground(lxcVersion)) {
      const path = `${FIRST_IN_PATH}/${name}`;
      // A program in that folder cannot have a link of its name in front of it.
      if (bindir === FIRST_IN_PATH || tree.get(`${bindir}/${name}`) === undefined) continue;
      const target = posix.relative(FIRST_IN_PATH, OWN_TERMINAL);
      tree.put({ path, type: 'symlink', mode: 0o777, uid: 0, gid: 0, target });
    }
  }
}

/** The settings of `hardening: on`. */
const HARDENING_SYSCTLS = '/etc/sysctl.d/10-hardening.conf';

function describeDropped({ path, mode }: DroppedSetid): string {
  const bits = [mode & 0o4000 ? 'setuid' : [], mode & 0o2000 ? 'setgid' : []].flat().join(' and ');
  return `${path} is in the image without ${bits} (mode ${octal(mode)} before)`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Returns the scripts that rcS would start by their name if they were executable. */
function scriptsThatDoNotRun(tree: RootfsTree): string[] {
  return tree
    .entries()
    .filter(({ path }) => /^\/etc\/init\.d\/S\d\d[^/]*$/.test(path))
    .filter(({ path }) => {
      const script = tree.lookup(path);
      return script?.type === 'file' && (script.mode & 0o111) === 0;
    })
    .map(({ path }) => path)
    .sort();
}

/** Returns the values for the skeleton's templates. */
function templateValues(build: Build): Record<string, unknown> {
  const { profile } = build.loaded;
  return {
    hostname: profile.rootfs.hostname,
    cgroup: profile.cgroup,
    network: networkCommands(profile),
    containerRoots: rootMounts(profile.containers),
    cgroups: contractValues(profile.cgroup),
    lxcBindir: lxcDirectories(profile.lxc).bindir,
    autostart: profile.containers.some(({ autostart }) => autostart !== false),
    consoleShell: profile.login === 'shell',
    consoleLogin: profile.login === 'password',
    extraPath: extraPath(lxcDirectories(profile.lxc))
      .map((directory) => `:${directory}`)
      .join(''),
  };
}

/** Makes an entry of `rootfs.files`: new bytes from the host, or another mode and owner for a file of the rootfs. */
async function fileEntry(
  build: Build,
  index: number,
  tree: RootfsTree,
  blobs: BlobStore,
): Promise<FileEntry> {
  const file = build.loaded.profile.rootfs.files[index];
  if (file?.type !== 'file') throw new Error('not a file');
  const base = {
    path: file.path,
    type: 'file' as const,
    mode: parseInt(file.mode, 8),
    uid: file.uid,
    gid: file.gid,
  };
  if (file.source !== undefined) return { ...base, ...(await blobs.addFile(file.source)) };
  const existing = tree.get(file.path);
  if (existing?.type === 'file') return { ...existing, ...base };
  const { file: profileFile, line } = build.loaded.provenance(['rootfs', 'files', index]);
  throw new KitError(
    'PROFILE_INVALID',
    `${profileFile}:${line} rootfs.files sets the mode of ${file.path}, but no such file is in the root filesystem`,
    {
      hint: 'give its bytes with "source:", or put the file into an overlay',
    },
  );
}

/** Removes the links to the host's build and source trees that modules_install leaves. */
function withoutBuildLinks(entries: readonly RootfsEntry[]): RootfsEntry[] {
  return entries.filter((entry) => entry.type !== 'symlink' || !/\/(?:build|source)$/.test(entry.path));
}
