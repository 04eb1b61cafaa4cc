import { existsSync, readFileSync } from 'node:fs';
import { inOut } from '../host/own-folders.ts';
import { shippedPath } from '../base/package-root.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { SKELETON_FOLDERS } from '../containers/busybox-rootfs.ts';
import type { Step } from '../engine/step.ts';
import { listTree, type ListedTree } from '../host/list-tree.ts';
import { openContent } from '../rootfs/content-kinds.ts';
import type { BuiltLxc } from './build-lxc.ts';
import { confiningSymbols } from '../confinement/measures.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import { asSetting, type Build } from '../opened-board/build.ts';
import type { KernelConfiguration } from './configure-kernel.ts';
import type { EmittedContainers, LaidOutRootfs } from './laid-out-rootfs.ts';

/** Writes one LXC config per container and puts it, with everything it refers to, into the root filesystem. */
export function emitContainers(
  build: Build,
  base: Step<LaidOutRootfs>,
  lxc: Step<BuiltLxc>,
  configured: Step<KernelConfiguration>,
): Step<EmittedContainers> {
  const { profile } = build.loaded;
  const configFile = inOut(build.outDir, 'config', 'kernel.config');
  const configsDir = inOut(build.outDir, 'containers');
  return {
    id: 'emit-containers',
    title: () =>
      `Writing the LXC configs of ${profile.containers.length} container${profile.containers.length === 1 ? '' : 's'}`,
    needs: [base, lxc],
    // Only the symbols that confine containers count.
    after: [configured],
    revision: 8,
    weight: 'light',
    inputs: async () => {
      const roots = await Promise.all(profile.containers.map(listRootfs));
      // The templates of configurations, and the files of containers with their own BusyBox.
      const folders = ['container', ...SKELETON_FOLDERS.map(({ root, folder }) => `${root}/${folder}`)];
      const skeleton = await Promise.all(
        folders.map((folder) =>
          listTree(shippedPath('rootfs-skeleton', folder), `rootfs-skeleton/${folder}`),
        ),
      );
      return {
        settings: {
          cgroup: profile.cgroup,
          bridges: profile.bridges.map(({ name }) => name),
          prefix: profile.lxc.prefix,
          limits: asSetting(profile.defaults.container.limits),
          memory: profile.emulator.memory,
          containers: asSetting(profile.containers.map(withoutPaths)),
          roots: roots.map(({ layout }) => layout),
          kernel: asSetting(confiningConfig(configFile)),
        },
        files: Object.fromEntries([...skeleton, ...roots].flatMap(({ files }) => Object.entries(files))),
      };
    },
    outputs: (result) => [{ path: result.manifestFile }, { path: configsDir }],
    async run(context) {
      const { writeContainers } = await import('./write-containers.ts');
      const symbols = confiningConfig(configFile);
      return writeContainers(build, context, { id: this.id, base, lxc, configured, symbols, configsDir });
    },
  };
}

/** Returns the symbols of a final configuration that confine containers; all are missing without one. */
function confiningConfig(configFile: string): readonly string[] {
  if (!existsSync(configFile)) return [];
  const final = readFinalConfig(readFileSync(configFile, 'utf8'));
  return confiningSymbols().filter((symbol) => final.get(`CONFIG_${symbol}`) === 'y');
}

/** A definition for the fingerprint: the content at its host paths counts, not the paths. */
export function withoutPaths(container: ContainerDefinition): unknown {
  const { from } = container.rootfs;
  return typeof from === 'string'
    ? container
    : { ...container, rootfs: { ...container.rootfs, from: Object.keys(from) } };
}

/** Lists the files on the host that a container's root filesystem is made from. */
async function listRootfs({ name, rootfs }: ContainerDefinition): Promise<ListedTree> {
  return (await openContent(rootfs.from)?.list(`rootfs of ${name}`)) ?? { files: {}, layout: [] };
}
