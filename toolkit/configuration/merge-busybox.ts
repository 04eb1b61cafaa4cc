import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPath } from '../base/package-root.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { mergedText, mergeLayers } from '../kconfig/merge-fragments.ts';
import { locateFragment, type FragmentFile } from '../kconfig/read-fragment.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { correctedTree } from '../sources/corrected-tree.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { reproducibleEnvironment, runInStep, type Build } from '../opened-board/build.ts';
import type { ConfiguredTree, ConfigureContext } from './configured-tree.ts';
import { unpackContext } from '../opened-board/component-source.ts';
import { withKeptConf } from './keep-conf.ts';
import { kernelMake } from './merge-kernel.ts';
import { readLayers } from './read-layers.ts';

/**
 * BusyBox's conf has no olddefconfig and asks about every symbol that has no value; an empty answer takes the default.
 * More lines than symbols do no harm.
 */
const EMPTY_ANSWERS = '\n'.repeat(5000);

/** Returns the profile's BusyBox fragments, after the one that the architecture always needs. */
export function busyboxFragments(build: Build): FragmentFile[] {
  const folder = { dir: shippedPath('busybox-config'), shownAs: 'busybox-config' };
  return [build.architecture.busyboxFragment, ...build.loaded.profile.busybox.fragments].map((name) =>
    locateFragment(name, folder, build.displayPath),
  );
}

/** Returns the base file that the profile names; undefined when it names a target of BusyBox's make. */
export function busyboxBaseFile(build: Build): string | undefined {
  const { config } = build.loaded.profile.busybox;
  return config.includes('/') ? config : undefined;
}

/** Makes BusyBox's final .config from its base and fragments, with its own conf. */
export async function mergeBusybox(
  build: Build,
  source: ResolvedSource,
  toolchain: Toolchain,
  context: ConfigureContext,
): Promise<ConfiguredTree> {
  const baseFile = busyboxBaseFile(build);
  const { base: baseLayer, layers } = readLayers(
    busyboxFragments(build),
    baseFile === undefined
      ? undefined
      : {
          file: { file: baseFile, shownAs: build.displayPath(baseFile) },
          target: { program: 'BusyBox' },
        },
    context,
  );
  // The tree that is compiled: a correction may change its Kconfig files.
  const { dir: tree } = await correctedTree(source, unpackContext(build, context, 'busybox'));
  const objDir = join(context.workDir, 'obj');
  const make = kernelMake(build, toolchain, tree, objDir);
  const env = reproducibleEnvironment(build);
  const dotConfig = join(objDir, '.config');
  await runInStep(build, context, ['mkdir', '-p', objDir]);
  const configure = async (merged: string): Promise<string> => {
    await writeAtomic(dotConfig, merged);
    await runInStep(build, context, [...make, 'oldconfig'], { env, input: EMPTY_ANSWERS });
    return existsSync(dotConfig) ? readFileSync(dotConfig, 'utf8') : '';
  };
  const requests = mergeLayers(layers);
  const { base, merged, text } = await withKeptConf(build, { tree, objDir }, context, async () => {
    if (baseFile === undefined)
      await runInStep(build, context, [...make, build.loaded.profile.busybox.config], { env });
    const base = readFileSync(baseFile ?? dotConfig, 'utf8');
    const merged = mergedText(base, requests);
    return { base, merged, text: await configure(merged) };
  });
  return {
    name: 'busybox',
    version: (await versionOfTree('busybox', tree)) ?? source.version,
    tree,
    objDir,
    make,
    unset: 'default',
    base,
    baseLines: baseLayer?.lines ?? [],
    modules: 'keep',
    requests,
    merged,
    text,
    required: [],
    configure,
  };
}
