import { cp, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { isText, mapOf } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import { removeTree } from '../host/remove-tree.ts';
import { walkTree } from '../host/walk-tree.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { unpackDebs } from '../unpack/unpack.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import type { StagedTree } from './build-busybox.ts';
import type { Build } from '../opened-board/build.ts';
import { sourceOf, unpackContext } from '../opened-board/component-source.ts';
import { stripTree } from './strip-tree.ts';

/**
 * The iptables files for `nat` and `forward` of bridges, and for the user's own rules in scripts. The legacy program
 * uses system calls that every kernel has; the nf_tables program is twice as large with its libraries, and old kernels
 * do not support it.
 */
const KEPT: readonly RegExp[] = [
  /^xtables-legacy-multi$/,
  /^lib(?:xtables|ip4tc|ip6tc)\.so\./,
  /^libxt_(?:standard|tcp|udp|addrtype|conntrack|state|comment|mark|multiport|limit)\.so$/,
  /^libxt_(?:NAT|DNAT|SNAT|MASQUERADE|REDIRECT|MARK|LOG|TCPMSS)\.so$/,
  /^libipt_(?:REJECT|icmp)\.so$/,
];

/** The names that the program is called by. */
const NAMES = ['iptables', 'iptables-save', 'iptables-restore'];

/** Takes iptables-legacy from Debian's packages; the C library comes from the same place as for the rest of the device. */
export function unpackIptables(
  build: Build,
  fetched: Step<ResolvedSource | undefined>,
  toolchain: Step<Toolchain>,
): Step<StagedTree> {
  return {
    id: 'unpack-iptables',
    title: (view) => `Unpacking prebuilt iptables ${sourceOf(view, fetched).version ?? ''}`,
    needs: [fetched, toolchain],
    revision: 1,
    weight: 'light',
    shared: true,
    shape: mapOf({ dir: isText }),
    inputs: () => ({ settings: { kept: KEPT.map(String), names: NAMES } }),
    outputs: (result) => [{ path: result.dir }],
    async run(context) {
      const source = sourceOf(context, fetched);
      if (source.form !== 'debs') {
        throw new KitError(
          'STEP_FAILED',
          `lxc-kit does not compile iptables, but ${source.origin} is a source`,
          {
            hint: 'leave out iptables.sources and --source iptables=…: Debian has it compiled',
          },
        );
      }
      const packages = join(context.workDir, 'packages');
      const dir = join(context.workDir, 'target');
      await unpackDebs(source, packages, unpackContext(build, context, 'iptables'));
      for (const { name, path, stat } of await walkTree(packages)) {
        if (stat.isDirectory() || !KEPT.some((kept) => kept.test(basename(name)))) continue;
        await mkdir(dirname(join(dir, name)), { recursive: true });
        await cp(path, join(dir, name), { verbatimSymlinks: true });
      }
      await removeTree(packages);
      for (const name of NAMES) await symlink('xtables-legacy-multi', join(dir, 'usr', 'sbin', name));
      await stripTree(build, context, context.result(toolchain), dir);
      return { dir };
    },
  };
}
